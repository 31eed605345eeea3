import dataclasses

from autogen.report.markup import safe
from autogen.report.page.evidence.judging import judging_lines, remarks
from autogen.report.page.page import render
from tests.report import example


def grades(trial, **more):
    judge = {
        "name": "fluency.embedded",
        "metric": "fluency.embedded[minilm-v1]",
        "version": 1,
        "least": 3.0,
        "real": 3.61,
        "unreliable": "",
        "caveats": ["fluency.embedded is not validated against people"],
    }
    mean = {"name": "x", "role": "finalist", "trial": trial, "select": 3.1, "reason": ""}
    return judge | more | {"means": [mean | {"mean": 3.2, "low": 3.0, "high": 3.4}]}


def told(**more):
    page = example.study()
    judging = [grades(page.result.best.trial, **more)]
    return dataclasses.replace(page, result=example.changed(page.result, judging=judging))


def test_the_page_shows_means_with_intervals_and_what_is_not_validated():
    text = render(told())
    for word in (
        "Grades by judges",
        "3.00 to 3.40",
        "real texts",
        "not validated against people",
    ):
        assert word in text


def test_the_page_has_no_such_section_where_no_judge_was_asked_for():
    assert "Grades by judges" not in render(example.study())


def test_a_judge_that_failed_its_check_says_so_first():
    assert remarks(told(unreliable="AUC 0.62 only").result.judging[0])[0] == "UNRELIABLE here: AUC 0.62 only"


def test_the_card_holds_the_delivered_model_alone():
    page = told()
    (line,) = judging_lines(page.result)
    assert line.startswith("- fluency.embedded[minilm-v1]: 3.20 (3.00 to 3.40), real texts 3.61; ")
    other = dataclasses.replace(page.result, best=dataclasses.replace(page.result.best, trial=999))
    assert judging_lines(other) == []


def test_a_mean_that_could_not_be_made_tells_its_reason():
    from autogen.report.page.evidence.judging import judged

    result = told().result
    (judge,) = result.judging
    none = dataclasses.replace(
        judge.means[0], mean=None, low=None, high=None, reason="needs 10 texts <with> a grade"
    )
    result = dataclasses.replace(result, judging=(dataclasses.replace(judge, means=(none,)),))
    assert "needs 10 texts &lt;with&gt; a grade" in safe(judged(result))
