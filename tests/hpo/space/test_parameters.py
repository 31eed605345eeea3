import math

import numpy as np
import pytest

from autogen.errors import SpaceError
from autogen.hpo.space import Choice, Constant, Float, Int, Parameter

UNITS = np.linspace(0, math.nextafter(1.0, 0.0), 2001)
DOMAINS = [
    Float(-2.0, 3.0),
    Float(1e-5, 1e-1, log=True),
    Float(0.0, 1.0, step=0.1),
    Float(1e-4, 1.0, log=True, factor=10.0),
    Int(-3, 4),
    Int(8, 128, log=True),
    Int(0, 10, step=5),
    Int(8, 128, log=True, factor=2),
    Int(64, 256, log=True, step=32),
    Float(0.5, 4.0, log=True, step=0.5),
    Choice(("a", 1.5, True)),
    Constant(3),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_every_number_in_the_unit_interval_stands_for_a_value_of_the_domain(domain: Parameter):
    assert all(domain.contains(domain.from_unit(float(unit))) for unit in UNITS)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_a_value_goes_to_the_unit_interval_and_back(domain: Parameter):
    for unit in UNITS:
        value = domain.from_unit(float(unit))
        back = domain.from_unit(domain.to_unit(value))
        assert back == value if isinstance(value, str | bool) else math.isclose(back, value, abs_tol=1e-12)


@pytest.mark.parametrize("domain", [one for one in DOMAINS if one.count < math.inf], ids=str)
def test_random_values_reach_all_values_of_a_finite_domain(domain: Parameter):
    listed = [domain.value_at(index) for index in range(int(domain.count))]
    rng = np.random.default_rng(0)
    assert {domain.sample(rng) for _ in range(4000)} == set(listed)
    assert all(domain.contains(value) for value in listed)


@pytest.mark.parametrize(
    "domain", [Int(1, 4), Int(0, 30, step=10), Float(0.0, 0.3, step=0.1), Choice(("a", "b", "c"))]
)
def test_values_of_a_finite_domain_are_equally_likely(domain: Parameter):
    rng = np.random.default_rng(1)
    drawn = [domain.sample(rng) for _ in range(8000)]
    shares = [drawn.count(domain.value_at(index)) / 8000 for index in range(int(domain.count))]
    assert shares == pytest.approx([1 / domain.count] * int(domain.count), abs=0.02)


def test_a_logarithmic_range_has_as_many_values_in_each_decade():
    rng = np.random.default_rng(2)
    drawn = np.array([Float(1e-4, 1.0, log=True).sample(rng) for _ in range(8000)])
    assert np.histogram(np.log10(drawn), bins=4, range=(-4, 0))[0] / 8000 == pytest.approx(
        [0.25] * 4, abs=0.02
    )


def test_both_ends_of_a_logarithmic_whole_range_get_their_share():
    rng = np.random.default_rng(3)
    drawn = [Int(1, 3, log=True).sample(rng) for _ in range(8000)]
    expected = np.diff(np.log([0.5, 1.5, 2.5, 3.5])) / math.log(7)
    assert [drawn.count(value) / 8000 for value in (1, 2, 3)] == pytest.approx(expected.tolist(), abs=0.02)


def test_steps_are_exact_decimals():
    tenths = Float(0.0, 1.0, step=0.1)
    assert [tenths.value_at(index) for index in range(11)] == [
        0.0,
        0.1,
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
        1.0,
    ]
    assert not tenths.contains(0.25)


def test_a_step_of_a_logarithmic_range_is_a_distance_all_the_same():
    widths = Int(64, 256, log=True, step=64)
    assert [widths.value_at(index) for index in range(4)] == [64, 128, 192, 256]
    rng = np.random.default_rng(5)
    drawn = [widths.sample(rng) for _ in range(8000)]
    expected = np.diff(np.log([32, 96, 160, 224, 288])) / math.log(9)
    assert [drawn.count(value) / 8000 for value in (64, 128, 192, 256)] == pytest.approx(expected, abs=0.02)


def test_a_factor_is_the_ratio_of_neighbors():
    rates = Float(1e-4, 1e-1, log=True, factor=10)
    assert [rates.value_at(index) for index in range(4)] == [1e-4, 1e-3, 1e-2, 1e-1]
    widths = Int(8, 64, log=True, factor=2)
    assert [widths.value_at(index) for index in range(4)] == [8, 16, 32, 64]


def test_a_missing_default_is_the_middle_or_the_first():
    assert Float(0.0, 1.0).initial == 0.5
    assert Float(1e-4, 1e-2, log=True).initial == pytest.approx(1e-3)
    assert Int(1, 100, log=True).initial == 10
    assert Int(0, 40, step=10).initial == 20
    assert Choice(("b", "a")).initial == "b"


def test_truth_values_are_not_numbers():
    assert not Int(0, 1).contains(True)
    assert not Choice((0, 1)).contains(True)
    assert not Choice((True, False)).contains(1)
    assert Choice((0, 1)).contains(1)


def test_a_whole_number_may_stand_for_a_real_one_but_not_the_reverse():
    assert Float(0.0, 2.0).contains(1)
    assert not Int(0, 2).contains(1.0)


def test_nothing_but_finite_numbers_lies_in_a_range():
    assert not any(Float(0.0, 1.0).contains(value) for value in (math.nan, math.inf, "0.5", None))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Float(1.0, 0.0), "low must be below high, but they are 1.0 and 0.0"),
        (lambda: Float(0.0, math.inf), "high must be a finite number, but it is inf"),
        (lambda: Float("a", 1.0), "low must be a finite number, but it is 'a'"),
        (lambda: Float(0.0, 1.0, log=True), "low must be above 0 with log, but it is 0.0"),
        (lambda: Float(0.0, 1.0, log="yes"), "log must be true or false, but it is 'yes'"),
        (lambda: Float(0.0, 1.0, step=0.0), "step must be above 0, but it is 0.0"),
        (
            lambda: Float(0.0, 1.0, step=0.3),
            "high must lie a whole number of steps from low, but 1.0 does not",
        ),
        (
            lambda: Int(8, 64, log=True, factor=1),
            "factor must be above 1, with log and without step, but it is 1",
        ),
        (lambda: Int(8, 64, factor=2), "factor must be above 1, with log and without step, but it is 2"),
        (lambda: Int(8, 64, log=True, factor=2, step=2), "without step, but it is 2"),
        (
            lambda: Int(8, 65, log=True, factor=2),
            "whole number of factors from low, but 65 does not; use 64",
        ),
        (lambda: Int(0, 1.5), "high must be a whole number, but it is 1.5"),
        (lambda: Int(0, 2**60), "high must lie within ±2**53"),
        (lambda: Int(1, 8, default=9), "default must lie in [1, 8], but it is 9"),
        (lambda: Choice(()), "choice must be a list of at least one value"),
        (lambda: Choice("ab"), "choice must be a list of at least one value, but it is 'ab'"),
        (lambda: Choice((1, 1)), "choice must list each value once"),
        (lambda: Choice(("a", "b"), default="c"), "default must be one of 'a', 'b', but it is 'c'"),
        (lambda: Constant([1]), "a value must be a number, a string, true or false, but it is [1]"),
        (lambda: Constant(math.nan), "a value must be finite, but it is nan"),
    ],
)
def test_a_wrong_domain_says_what_was_expected_and_what_came(make, message: str):
    with pytest.raises(SpaceError) as caught:
        make()
    assert message in str(caught.value)
