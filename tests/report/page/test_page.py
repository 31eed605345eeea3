import dataclasses
import re
from html.parser import HTMLParser

import pytest

from autogen.report.contents import Progress, ReportData, Rows
from autogen.report.figures.plot import packed_library
from autogen.report.markup import duration
from autogen.report.page.page import render
from autogen.report.result import Result
from tests.report.example import changed, example, measured, page_text, study, table_rows

EVIL = "<script>alert('x')</script>"
VOID = {"meta", "img", "br", "path", "rect", "link", "input", "hr"}


def body(page: ReportData) -> str:
    """The page without the source of plotly.js, its spaces at which no line ends as plain ones."""
    text = page_text(page)
    return text[text.index("</head>") :]


class Balance(HTMLParser):
    """Checks that every element is closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def with_text(value, text):
    """The same plain data with a text put into every free string."""
    fixed = {"verdict", "direction", "state", "role"}
    if isinstance(value, dict):
        made = {k: v if k in fixed else with_text(v, text) for k, v in value.items()}
        return {(f"{k}{text}" if "." in k else k): v for k, v in made.items()}
    if isinstance(value, (list, tuple)):
        return [with_text(item, text) for item in value]
    return f"{value}{text}" if isinstance(value, str) else value


@pytest.mark.parametrize("verdict", ["winner", "tie", "baseline"])
def test_the_verdict_is_the_headline(verdict):
    page = study(verdict)
    heading = re.search(r"<h1>(.*?)</h1>", body(page))[1]
    assert {"winner": "is the winner", "tie": "is tied with", "baseline": "No model"}[verdict] in heading


def test_elements_are_closed_in_order():
    parser = Balance()
    parser.feed("<html><head>" + body(study()))
    assert parser.open == []


def test_nothing_is_loaded_from_elsewhere():
    text = body(study())
    assert not re.search(r"<link|<iframe|@import|src=\"(?!data:)|href=\"(?!#)", text)
    assert not re.search(r"https?://", text.replace("http://www.w3.org/", ""))


def test_every_section_has_a_link_at_the_top_and_every_link_a_section():
    text = body(study())
    sections = re.findall(r'<section id="([^"]*)"><h2>', text)
    assert len(sections) > 5
    assert re.findall(r'<a href="#([^"]*)">', text) == sections


def test_the_answer_of_an_update_stands_at_the_top():
    page = study()
    start = {"source": "runs/may", "used": True, "tune": {}, "trials": {}}
    text = body(dataclasses.replace(page, result=changed(page.result, start=start)))
    assert "The model was trained from the weights of runs/may." in text[: text.index("<h2>")]


def test_plotly_is_there_once():
    assert render(study()).count(packed_library()) == 1


def hostile_result(result):
    """A result whose texts are all hostile, but for those that can only be one of a few words."""
    made = with_text(result.to_json(), EVIL)
    made["objective"]["direction"] = "minimize"
    return Result.from_json(made)


def test_no_text_of_the_users_becomes_markup():
    page = study()
    hostile = ReportData(
        data=EVIL,
        objective=page.objective,
        result=hostile_result(page.result),
        trials=with_text(page.trials, EVIL),
        notes=[EVIL],
        real=dataclasses.replace(table_rows(0), header=(EVIL,) * 5),
        fake=dataclasses.replace(table_rows(0), rows=[(EVIL,) * 5]),
        provenance={EVIL: EVIL},
    )
    text = render(hostile)
    assert "alert(&#x27;x&#x27;)" in text
    assert "<script>alert" not in text


def test_images_are_shown_from_within_the_page_the_first_ones_at_the_top():
    first, rest = body(study()).split("<h2>", 1)
    assert (
        first.count('<img src="data:image/png;base64,') == rest.count('<img src="data:image/png;base64,') == 2
    )


def test_no_real_samples_stand_at_the_top_where_the_page_shows_none():
    page = dataclasses.replace(study(), shows_real=False)
    first = body(page).partition("<h2>")[0]
    assert re.findall(r'alt="(\w+) samples, the first ones"', first) == ["Generated"]


def test_the_top_has_the_first_rows_of_a_table_and_the_first_columns():
    wide = Rows([f"c{i}" for i in range(20)], [[f"r{row}c{i}" for i in range(20)] for row in range(9)])
    page = dataclasses.replace(study(), fake=wide, real=wide)
    strip = body(page).partition('class="strip"')[2].partition("</figure>")[0]
    assert re.findall(r"r\dc\d+", strip) == [f"r{row}c{i}" for row in range(3) for i in range(8)]


def test_a_piece_of_music_at_the_top_can_be_played():
    page = example("music")
    first = body(page).partition("<h2>")[0]
    assert "Play Generated" in first
    assert "Play Real" in first


def test_rows_are_shown_as_tables():
    text = body(dataclasses.replace(study(), real=table_rows(0), fake=table_rows(1.25)))
    assert "hours_per_week" in text
    assert "31.2" in text
    assert "<img" not in text


def test_failures_are_told_with_reason_and_number():
    text = body(study())
    assert "loss of phase critic is not finite at step 61" in text
    assert "9, 26, 43" in text


def test_a_model_that_copies_is_marked_at_the_top():
    page = study()
    gate = {"share": 0.91, "p_value": 1e-12, "passed": False}
    text = body(dataclasses.replace(page, result=changed(page.result, memorisation=gate, grade="not usable")))
    top = text[: text.index("<h2>")]
    assert 'class="bad">Not usable</span>' in top
    assert "copies its training data" in top


def test_the_color_at_the_top_is_that_of_the_grade_whatever_the_verdict():
    page = study("tie")
    for grade, mood in (
        ("close to real", "good"),
        ("usable", "good"),
        ("weak", "fair"),
        ("not usable", "bad"),
    ):
        text = body(dataclasses.replace(page, result=changed(page.result, grade=grade)))
        assert f'<h1><span class="{mood}">{grade.capitalize()}</span>: trial 35' in text
        assert '<span class="pill">tie</span>' in text
    assert '<span class="pill fair">tie</span>' in body(
        dataclasses.replace(page, result=changed(page.result, grade=""))
    )


def test_warnings_stand_at_the_top():
    text = body(study())
    assert "3 of 60 trials failed" in text[: text.index("<h2>")]


def test_four_warnings_show_in_their_order_and_the_others_are_folded():
    page = study()
    warned = [f"warning {i}" for i in range(6)]
    aside = body(dataclasses.replace(page, result=changed(page.result, warnings=warned)))
    aside = aside.partition("<aside>")[2].partition("</aside>")[0]
    shown, _, rest = aside.partition("<details>")
    assert re.findall(r"Warning \d", shown) == [f"Warning {i}" for i in range(4)]
    assert "<summary>2 more warnings</summary>" in rest
    assert re.findall(r"Warning \d", rest) == ["Warning 4", "Warning 5"]


def test_a_tie_names_the_tied_models_below_its_short_title():
    header = body(study("tie")).partition("<h2>")[0]
    assert "A tie: trial 35 (autoregressive) and trial 51 (VAE) are not shown to differ." in header


def test_a_study_of_one_trial_with_nothing_to_compare_still_has_a_page():
    page = study()
    first = next(trial for trial in page.trials if trial["state"] == "complete")
    none = dict.fromkeys(("low", "high", "calibrated", "calibrated_low", "calibrated_high"))
    alone = {"finalists": [], "baselines": [], "memorisation": None, "warnings": [], "optimism": None}
    result = changed(page.result, **alone, test=page.result.to_json()["test"] | none)
    text = body(ReportData(data="tiny", objective=page.objective, result=result, trials=[first]))
    assert "is the winner" in text
    assert "Not tested." in text
    assert "Samples beside" not in text


def test_a_large_study_makes_a_page_that_opens():
    text = body(study(trials=5000))
    assert "The first 1,000 of 5,000 trials" in text
    assert len(text) < 3_000_000


@pytest.mark.parametrize(
    ("seconds", "said"), [(47.6, "48 s"), (725, "12 min 5 s"), (60, "1 min"), (12_000, "3 h 20 min")]
)
def test_times_are_told_as_a_person_would(seconds, said):
    assert duration(seconds) == said


def test_a_stopped_study_says_how_far_it_had_come_and_how_to_go_on():
    stopped = Progress(False, "compare", 31.0, 90.0, confirmed=4, planned=15, resume="autogen resume RUN")
    text = body(dataclasses.replace(study(), result=None, progress=stopped))
    assert "It had trained 4 of 15 finalists on fresh seeds when it stopped" in text
    assert "<code>autogen resume RUN</code>" in text
    assert "0 infeasible" not in text
    assert "No reason was recorded: its process ended after 31 s of a budget of 1 min 30 s" in text


def test_a_stopped_study_says_how_to_look_at_samples_of_its_best_trial():
    stopped = Progress(False, "search", 31.0, 90.0, resume="autogen resume RUN")
    page = dataclasses.replace(study(), result=None, progress=stopped, run="my run", file="samples.png")
    shown = re.sub(r"</?span[^>]*>", "", body(page))
    assert "<code>autogen sample &#x27;my run&#x27; -n 100 -o samples.png</code>" in shown
    running = dataclasses.replace(page, progress=dataclasses.replace(stopped, running=True))
    assert "autogen sample" not in body(running)
    untrained = dataclasses.replace(page, trials=[one | {"state": "pruned"} for one in page.trials])
    assert "autogen sample" not in body(untrained)


def test_no_line_ends_between_a_number_and_its_percent_sign():
    text = render(study())
    assert "95\u00a0% interval" in text
    assert not re.search("[0-9] %", text[text.index("</head>") : text.index("<script")])


def test_a_stopped_study_gives_the_reason_that_its_journal_has():
    stopped = Progress(False, "search", 31.0, 90.0, resume="autogen resume RUN", why="the disk <b> is full")
    text = body(dataclasses.replace(study(), result=None, progress=stopped))
    assert "Reason: the disk &lt;b&gt; is full. Resume it with" in text
    assert "No reason was recorded" not in text


@pytest.mark.parametrize("what", ["diagnostics", "costs"])
def test_figures_of_a_model_that_is_not_returned_are_said_to_be_such(what):
    section = {"diagnostics": "Finalists and baselines on test data", "costs": "Trade-offs"}[what]
    result = study("baseline").result
    result = changed(result, **measured(result.to_json()))
    best = {"trial": None, "family": "pixelwise KDE", "config": {}}

    def first_line(result):
        shown = body(dataclasses.replace(study("baseline"), result=result))
        return re.sub("<[^>]*>", "", shown.split(f">{section}</h2>")[1].partition("</p>")[0]).strip()

    line = f"The {what} below are of trial 35 (autoregressive), trial 51 (VAE) and trial"
    assert first_line(changed(result, best=best)).startswith(line)
    assert first_line(changed(result, best=best)).endswith("the baseline pixelwise KDE is.")
    assert "not returned" not in first_line(result)


@pytest.mark.parametrize("kind", ["image", "text", "music"])
@pytest.mark.parametrize("verdict", ["winner", "tie", "baseline", "unrivaled"])
def test_what_has_no_rows_is_not_told_of_rows(kind, verdict):
    page = example(kind)
    made = page.result.to_json()
    gate = made["memorisation"] | {"holdout": 241}
    first, *rest = made["finalists"]
    # Cleared of a suspicion, with an interval in the raw score: whatever has words on samples and on chance.
    finalists = [first | {"suspected": True, "memorisation": gate}, *rest]
    shown = dataclasses.replace(page, result=changed(page.result, verdict=verdict, finalists=finalists))
    words = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", body(shown), flags=re.DOTALL)
    drawn = re.findall(r'"y": \[("[^\]]*)\]', body(shown))
    assert "real data" in " ".join(drawn)
    assert "241 unseen real ones" in words
    told = " ".join([words, *drawn]).replace("--no-real-rows", "")
    assert re.findall(r".{40}\brows?\b.{20}", told, flags=re.IGNORECASE) == []
