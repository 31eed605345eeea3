"""In which direction a generated distribution differs."""

import pytest

from autogen.report.contents import Marginal
from autogen.report.figures.differences import direction
from autogen.report.figures.samples import marginal

PLACES = [1.0, 2.0, 3.0, 4.0, 5.0]
BELL = [0.1, 0.2, 0.4, 0.2, 0.1]


@pytest.mark.parametrize(
    ("fake", "said"),
    [
        (BELL, ""),
        ([0.11, 0.2, 0.4, 0.2, 0.09], ""),
        ([0.0, 0.1, 0.2, 0.4, 0.3], "is too high (mean about 3.9, real about 3)"),
        ([0.3, 0.4, 0.2, 0.1, 0.0], "is too low (mean about 2.1, real about 3)"),
        ([0.35, 0.1, 0.1, 0.1, 0.35], "varies too much"),
        ([0.0, 0.1, 0.8, 0.1, 0.0], "varies too little"),
        ([0.0, 0.4, 0.2, 0.4, 0.0], "has too many values near 2 (40 %, real 20 %)"),
        ([0.15, 0.15, 0.38, 0.18, 0.14], "has too many values near 1 (15 %, real 10 %)"),
        ([0.0, 0.0, 0.0, 0.0, 0.0], ""),
    ],
)
def test_the_direction_of_a_quantity_is_said_by_mean_then_spread_then_the_worst_bin(fake, said):
    assert direction(Marginal("x", PLACES, BELL, fake)) == said


def test_a_category_that_is_too_rare_or_too_frequent_is_named_with_both_shares():
    few = Marginal("city", ["Graz", "Wien"], [0.7, 0.3], [0.2, 0.8])
    assert direction(few) == "has too few of Graz (20 %, real 70 %)"
    many = Marginal("city", ["Graz", "Wien", "L" * 50], [0.5, 0.45, 0.05], [0.4, 0.3, 0.3])
    assert direction(many) == f"has too many of {'L' * 29}… (30 %, real 5 %)"


@pytest.mark.parametrize(
    ("fake", "said"), [([0.0, 0.2, 0.8], "is too late"), ([0.8, 0.2, 0.0], "is too early")]
)
def test_dates_are_too_early_or_too_late(fake, said):
    days = ["2024-01-01T00:00:00", "2024-02-01T00:00:00", "2024-03-01T00:00:00"]
    assert direction(Marginal("signup", days, [0.3, 0.4, 0.3], fake, scale="date")) == said


def test_the_title_of_a_figure_says_the_direction():
    assert marginal(Marginal("city", ["Graz", "Wien"], [0.7, 0.3], [0.2, 0.8])).title == (
        "city has too few of Graz (20 %, real 70 %): 50 % overlap"
    )
    assert marginal(Marginal("x", PLACES, BELL, BELL)).title == "x: 100 % overlap"
