"""The page of a benchmark: complete, true to its figures, self-contained, drawn in a browser."""

import re

import pytest

from autogen.benchmarking.figures import critical_differences, scaling
from autogen.benchmarking.page import render
from autogen.report.schema import Interval
from autogen.report.scores import mean_of
from tests.benchmarking.makers import entry, frame, large, outcome
from tests.report.chromium import Chromium, needed

ABOUT = {"versions": {"autogen": "0.1.0"}, "written": "2026-01-01"}
FIGURES = ("ranks", "quality", "latency", "memory", "training", "scaling-rows", "scaling-steps")


@pytest.fixture(scope="module")
def shown():
    return large()


@pytest.fixture(scope="module")
def page(shown):
    return render(shown, ABOUT)


def test_every_figure_has_its_place(page):
    assert all(f'id="{name}"' in page for name in FIGURES)


def test_nothing_is_loaded_from_elsewhere(page):
    own = re.sub(r'<script type="text/plain" id="plotly">.*?</script>', "", page)
    assert not re.search(r'(src|href)="(?!data:)', own)
    assert "http://" not in own
    assert "https://" not in own


def test_names_are_escaped(page):
    assert "set <0>" not in page
    assert "set &lt;0&gt;" in page


def test_means_and_ranks_stand_on_the_page(shown, page):
    for mean in shown.means:
        if mean.full and mean.calibrated:
            assert f"{mean.calibrated[0]:.2f}" in page
            assert mean_of(Interval(mean=mean.score.mean, low=mean.score.low, high=mean.score.high)) in page
    for name, mean in zip(shown.ranks.names, shown.ranks.means, strict=True):
        assert f"{name} {mean:.2f}" in page
    assert f"chi-square {shown.ranks.statistic:.2f}" in page


def test_what_failed_and_what_is_absent_is_said(page):
    assert "the score is nan at step 3" in page
    assert "away: there is no away.csv." in page


def test_too_few_data_sets_are_said_to_be_too_few():
    entries = [*frame("a"), *(entry("a", model, 0.3) for model in ("vae", "gan"))]
    page = render(outcome(entries), ABOUT)
    assert "There is no test of ranks. 1 data set is too few" in page
    assert 'id="ranks"' not in page


def test_a_benchmark_without_a_finished_cell_has_a_page():
    assert "No model" in render(outcome([*frame("a")], models=()), ABOUT)


def test_the_diagram_draws_each_model_at_its_mean_rank_and_each_clique(shown):
    ranks = shown.ranks
    traces = critical_differences(ranks).traces
    assert {trace["x"][0] for trace in traces if trace["mode"] == "lines"} >= set(ranks.means)
    thick = [trace for trace in traces if trace.get("line", {}).get("width") == 5]
    assert len(thick) == len(ranks.cliques) > 0
    assert "critical difference" in str(traces)


def test_scaling_joins_the_means_of_each_share(shown):
    plot = scaling(shown, "steps")
    thick = next(trace for trace in plot.traces if trace["name"] == "gan")
    assert thick["x"][:2] == [0.25, 1.0]
    assert thick["y"][1] - thick["y"][0] == pytest.approx(0.3)
    assert scaling(outcome([*frame("a"), entry("a", "vae", 0.2)]), "steps") is None


@pytest.mark.slow
@needed
def test_a_browser_draws_it_without_complaint_at_any_width(page, tmp_path):
    path = tmp_path / "benchmark.html"
    path.write_text(page)
    with Chromium(tmp_path) as browser:
        browser.open(path)
        browser.unfold()
        assert browser.ask("document.querySelectorAll('.drawing[data-drawn] .main-svg').length") >= len(
            FIGURES
        )
        assert browser.complaints == []
        for width in (400, 1000, 1600):
            browser.resize(width)
            assert browser.ask("document.documentElement.scrollWidth") <= width
