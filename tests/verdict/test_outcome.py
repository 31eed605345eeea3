import pytest

from autogen.verdict.outcome import grade
from autogen.verdict.statistics import Interval


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
