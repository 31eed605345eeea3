import math

import pytest

from autogen.metrics.calibration import calibrated, floor_of, noise_of


@pytest.mark.parametrize(
    ("score", "expected"), [(0.8, 0.0), (0.0, 1.0), (0.2, 0.75), (1.0, -0.25), (-0.08, 1.1)]
)
def test_the_floor_is_zero_and_the_ceiling_one(score, expected):
    assert calibrated(score, floor=0.8, ceiling=0.0) == pytest.approx(expected)


def test_a_metric_to_be_maximised_reads_alike():
    assert calibrated(0.7, floor=0.4, ceiling=0.8, direction="maximize") == pytest.approx(0.75)


@pytest.mark.parametrize("ceiling", [0.5, 0.6, math.nan, math.inf])
def test_a_metric_that_does_not_tell_real_from_trivial_calibrates_nothing(ceiling):
    assert calibrated(0.5, floor=0.5, ceiling=ceiling) is None


def test_a_ceiling_above_the_floor_is_only_right_for_maximising():
    assert calibrated(0.5, floor=0.4, ceiling=0.8) is None
    assert calibrated(0.5, floor=0.8, ceiling=0.4, direction="maximize") is None


def test_a_score_that_is_no_number_stays_none():
    assert calibrated(math.nan, floor=0.8, ceiling=0.0) is None


def test_the_floor_is_the_best_of_the_trivial():
    assert floor_of([0.9, 0.5]) == 0.5
    assert floor_of([0.9, 0.5], "maximize") == 0.9


def test_there_is_no_scale_where_chance_explains_what_lies_between_floor_and_ceiling():
    noise = noise_of(0.3, 0.5)
    assert noise == pytest.approx(0.1414, abs=1e-4)
    assert calibrated(0.35, floor=0.4, ceiling=0.3, noise=noise) is None
    assert calibrated(0.35, floor=0.4, ceiling=0.2, noise=noise) == pytest.approx(0.25)
    assert noise_of(-math.inf, math.inf) == 0.0
