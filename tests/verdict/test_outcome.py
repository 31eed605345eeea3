import numpy as np
import pytest

from autogen.verdict.outcome import Scale, grade
from autogen.verdict.statistics import Interval, Scores


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


def test_there_is_room_between_floor_and_ceiling_only_beyond_chance():
    def drawn(loss, noise, draws):
        rows = loss + noise * np.random.default_rng(draws).normal(size=20)
        return Scores(np.full(draws, loss), np.tile(rows, (draws, 1)))

    assert Scale(drawn(2.0, 0.01, 3), drawn(0.5, 0.01, 1)).room == pytest.approx(1.5)
    assert Scale(drawn(2.0, 1.0, 3), drawn(0.5, 1.0, 1)).room == 0.0
    assert Scale(drawn(0.5, 0.01, 3), drawn(2.0, 0.01, 1)).room == 0.0
