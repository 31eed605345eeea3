"""The page in a real browser: drawn, quiet, no wider than its screen, and true to result.json."""

import dataclasses
import re
from itertools import pairwise

import pytest

from autogen.report.contents import Progress, Rows
from autogen.report.page.page import render
from autogen.report.scores import between, mean_of, number
from tests.report.chromium import Chromium, needed
from tests.report.example import KINDS, example, study

pytestmark = [pytest.mark.slow, needed]

RUNNING = Progress(True, "search", 31.0, 90.0, about="digits: image", resume="autogen resume runs/digits-1")

#: Elements with text whose contrast with what is behind them (WCAG 2.2, 1.4.3) is less than asked for.
CONTRAST = """(least) => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = rgb(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] > 0.9) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const poor = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const pair = [rgb(element.closest("svg") ? style.fill : style.color), behind(element)].map(light);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < least) poor.add(`${element.tagName} ${element.getAttribute("class")}: ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


def shown_as(kind):
    """What is shown of a kind of data, or of a study that still runs."""
    running = dataclasses.replace(study(), result=None, progress=RUNNING)
    # A long path, as that of a run often is, must not widen the page.
    run = "/home/somebody/projects/a-customer-of-ours/generated/runs/digits-2"
    return running if kind == "running" else dataclasses.replace(example(kind), run=run)


@pytest.fixture(scope="module", params=[*KINDS, "running"])
def page(request, browser, tmp_path_factory):
    """What is shown; the browser shows it, all folds open."""
    shown = shown_as(request.param)
    path = tmp_path_factory.mktemp("page") / "report.html"
    # A page that loads itself again would do so in the middle of a test.
    path.write_text(re.sub(r'<meta http-equiv="refresh"[^>]*>', "", render(shown)))
    browser.open(path, 400)
    browser.unfold()
    return shown


def test_every_figure_is_drawn_and_nothing_is_complained_of(browser, page):
    count = browser.ask("document.querySelectorAll('.drawing').length")
    assert count > 2
    assert browser.ask("document.querySelectorAll('.drawing[data-drawn] .main-svg').length") >= count
    assert browser.ask(
        "[...document.querySelectorAll('.drawing')].every("
        "(d) => d.querySelector("
        "'.scatterlayer .trace, .barlayer .trace, .boxlayer .trace, .heatmaplayer .hm'))"
    )
    assert browser.complaints == []


@pytest.mark.parametrize("width", [400, 1000, 1600])
def test_nothing_is_wider_than_the_screen(browser, page, width):
    browser.resize(width)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    figures = "[...document.querySelectorAll('.main-svg')].map((figure) => figure.clientWidth)"
    assert browser.ask(f"Math.max(...{figures})") < width


def test_a_table_has_the_color_of_its_box_where_it_ends(browser, page):
    """Its covers at both ends are drawn in that color: another one shows as a band."""
    bands = """[...document.querySelectorAll('.scroll:not(.tune *)')].filter((table) => {
      const box = table.closest('.normalized, aside') || document.body;
      return !getComputedStyle(table).backgroundImage.includes(getComputedStyle(box).backgroundColor);
    }).length"""
    for scheme in ("light", "dark"):
        browser.shade(scheme)
        assert browser.ask(bands) == 0


def test_first_columns_of_rows_are_as_wide_as_their_cells_on_a_phone(browser, page):
    browser.resize(400)
    cells = browser.ask(
        "[...document.querySelectorAll('.strip .rows table')].filter((t) => t.rows[0].cells.length > 1)"
        ".map((t) => [t.rows[0].cells[0].offsetWidth, t.rows[0].cells[1].offsetWidth])"
    )
    table = isinstance(page.fake, Rows) and len(page.fake.header) > 1
    assert bool(cells) == table
    assert all(first < 120 for first, _ in cells)


def test_numbers_on_the_page_are_those_of_the_result(browser, page):
    if page.result is None:
        pytest.skip("a running study has no result")
    text = browser.ask("document.body.innerText")
    assert mean_of(page.result.test) in text
    assert between(page.result.test) in text
    for entry in [*page.result.finalists, *page.result.baselines]:
        assert mean_of(entry) in text
        if entry.p_value is not None and entry.p_value >= 0.001:
            assert f"{entry.p_value:.2g}" in text
    best = min(trial["score"] for trial in page.trials if trial["score"] is not None)
    assert number(best) in text


def test_headings_leave_no_level_out_and_pictures_have_words(browser, page):
    levels = browser.ask("[...document.querySelectorAll('h1, h2, h3, h4')].map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert browser.ask(
        "[...document.querySelectorAll('img, [role=img]')].every("
        "(p) => (p.alt || p.getAttribute('aria-label') || '').length > 3)"
    )


def test_music_plays_and_stops(browser, page):
    button = "document.querySelector('.tune button')"
    if not browser.ask(f"!!{button}"):
        pytest.skip("there is no music on this page")
    states = []
    for _ in range(2):
        browser.ask(f"{button}.click()")
        states.append(browser.ask(f"{button}.textContent"))
    assert states == ["Stop", "Play"]
    link = browser.ask("document.querySelector('.tune a').href")
    assert link.startswith("data:audio/midi;base64,TVRoZA")
    assert browser.complaints == []


def test_light_and_dark_differ_in_the_figures_too(browser, page):
    def colors(scheme):
        browser.shade(scheme)
        return browser.ask(
            "[document.body, document.querySelector('.drawing .xtick text')].map("
            "(e, i) => getComputedStyle(e)[i ? 'fill' : 'backgroundColor'])"
        )

    assert all(a != b for a, b in zip(colors("light"), colors("dark"), strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser, page, scheme):
    browser.shade(scheme)
    assert browser.ask(f"({CONTRAST})(4.5)") == []


def test_on_paper_no_table_is_cut_off(browser, page):
    browser.resize(720)
    browser.paper()
    cut = browser.ask(
        "[...document.querySelectorAll('.scroll')].filter((s) => s.offsetParent && !s.closest('.tune'))"
        ".filter((s) => s.scrollWidth > s.clientWidth + 1).map((s) => s.ariaLabel)"
    )
    browser.shade("light")
    assert cut == []
