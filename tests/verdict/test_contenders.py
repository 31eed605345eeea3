import pytest

from autogen.errors import RunError
from autogen.verdict.contenders import Entry, Measured, Ranked, grade, with_scores
from autogen.verdict.statistics import Interval


def test_finalists_of_which_none_could_be_scored_end_the_study_in_one_line():
    failed = Ranked(Entry("trial 3", "finalist"), excluded="could not be scored: the loss is nan")
    fine = Ranked(Entry("trial 4", "finalist"), Measured(scores=[0.5], replicates=[[0.5]]))
    assert with_scores([failed, fine]) == [fine]
    with pytest.raises(RunError, match=r"scored \(trial 3: could not be scored: the loss is nan\)"):
        with_scores([failed])


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        (0.9, "close to real"),
        (0.89, "usable"),
        (0.5, "usable"),
        (0.49, "weak"),
        (0.01, "weak"),
        (0.0, "not usable"),
        (-float("inf"), ""),
    ],
)
def test_a_grade_goes_by_the_lower_end_of_the_normalized_score(low, expected):
    assert grade(Interval(0.95, low, 1.2, 0.0)) == expected


def test_without_a_scale_there_is_no_grade():
    assert grade(None) == ""
