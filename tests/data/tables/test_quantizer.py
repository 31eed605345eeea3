import json

import numpy as np
import pytest

from autogen.data.tables.quantizer import QuantileBins, SignificantDigits, find_decimal_grid, find_rounding

RNG = np.random.default_rng(0)
COLUMNS = {
    "normal": RNG.normal(size=3000),
    "heavy tail": RNG.lognormal(3, 2, 3000),
    "two decimals": np.round(RNG.gamma(2, 30, 3000), 2),
    "whole": RNG.integers(0, 5000, 3000).astype(float),
    "multiples of 25": 25.0 * RNG.integers(0, 400, 3000),
    "offset grid": 3.5 + 7.0 * RNG.integers(0, 400, 3000),
    "heaped": np.where(RNG.random(3000) < 0.5, 10.0 * RNG.integers(0, 60, 3000), RNG.integers(0, 600, 3000)),
    "irregular": RNG.choice(np.cumsum(RNG.integers(1, 1000, 150)).astype(float), 3000),
    "few rows": RNG.normal(size=25),
    "negative": -np.round(RNG.lognormal(5, 1, 800), 1),
    "tiny": RNG.normal(size=500) * 1e-12,
    "huge": np.rint(RNG.normal(size=500) * 1e14),
    "one": np.full(30, 7.0),
}


@pytest.fixture(params=sorted(COLUMNS))
def numbers(request):
    return COLUMNS[request.param]


def central(numbers):
    """All but the three outermost rows at either end, whose knots are blurred."""
    return np.sort(numbers)[3:-3]


def test_numbers_come_back(numbers):
    kept = central(numbers)
    fitted = QuantileBins.fit(numbers)
    back = fitted.numbers(*fitted.locate(kept))
    np.testing.assert_allclose(back, kept, rtol=1e-6, atol=1e-6 * np.ptp(numbers))
    np.testing.assert_array_equal(fitted.locate(back)[0], fitted.locate(kept)[0])


@pytest.mark.parametrize("name", ["two decimals", "whole", "multiples of 25", "offset grid", "heaped"])
def test_numbers_on_a_decimal_grid_come_back_exactly(name):
    kept = central(COLUMNS[name])
    fitted = QuantileBins.fit(COLUMNS[name])
    np.testing.assert_array_equal(fitted.numbers(*fitted.locate(kept)), kept)


@pytest.mark.parametrize("name", ["two decimals", "whole", "multiples of 25", "offset grid", "heaped"])
def test_anything_generated_lies_on_the_grid(name):
    numbers = COLUMNS[name]
    fitted = QuantileBins.fit(numbers)
    made = fitted.numbers(RNG.integers(0, fitted.count, 5000), RNG.random(5000).astype(np.float32))
    grid = find_decimal_grid(np.unique(numbers))
    np.testing.assert_array_equal(grid.round(made), made)
    assert set(np.round(made[:100] % 1, 2)) <= set(np.round(numbers % 1, 2)) | set(np.arange(100) / 100)


def test_values_that_many_rows_share_are_generated_exactly():
    numbers = COLUMNS["irregular"]
    fitted = QuantileBins.fit(numbers)
    made = fitted.numbers(RNG.integers(0, fitted.count, 5000), RNG.random(5000).astype(np.float32))
    assert np.isin(made, numbers).mean() > 0.99


def test_nothing_is_generated_outside_of_the_training_range(numbers):
    fitted = QuantileBins.fit(numbers)
    every = np.repeat(np.arange(fitted.count), 50)
    made = fitted.numbers(every, np.tile(np.linspace(0, 1, 50, dtype=np.float32), fitted.count))
    assert made.min() >= numbers.min()
    assert made.max() <= numbers.max()


def test_numbers_grow_with_bin_and_position(numbers):
    fitted = QuantileBins.fit(numbers)
    every = np.repeat(np.arange(fitted.count), 50)
    made = fitted.numbers(every, np.tile(np.linspace(0, 1, 50, dtype=np.float32), fitted.count))
    assert (np.diff(made) >= 0).all()


@pytest.mark.parametrize("name", ["normal", "heavy tail", "whole", "two decimals"])
def test_bins_hold_about_equal_shares(name):
    bins, _ = QuantileBins.fit(COLUMNS[name]).locate(COLUMNS[name])
    counts = np.bincount(bins)
    assert len(counts) >= 95
    assert counts.max() < 2 * len(bins) / len(counts)


@pytest.mark.parametrize("name", ["normal", "heavy tail", "whole", "two decimals"])
def test_positions_are_uniform_on_the_training_rows(name):
    _, position = QuantileBins.fit(COLUMNS[name]).locate(COLUMNS[name])
    assert position.dtype == np.float32
    assert 0 <= position.min() <= position.max() < 1
    ranks = (np.arange(len(position)) + 0.5) / len(position)
    assert np.abs(np.sort(position) - ranks).max() < 0.06


@pytest.mark.parametrize("name", ["normal", "heavy tail", "heaped", "irregular", "negative"])
def test_codes_and_uniform_positions_give_the_distribution_back(name):
    numbers = COLUMNS[name]
    fitted = QuantileBins.fit(numbers)
    bins, _ = fitted.locate(np.tile(numbers, 5))
    made = fitted.numbers(bins, np.random.default_rng(1).random(len(bins)).astype(np.float32))
    grid = np.unique(numbers)
    real = np.searchsorted(np.sort(numbers), grid, side="right") / len(numbers)
    fake = np.searchsorted(np.sort(made), grid, side="right") / len(made)
    assert np.abs(real - fake).max() < 0.01


def test_a_heavy_tail_keeps_its_shape():
    numbers = COLUMNS["heavy tail"]
    fitted = QuantileBins.fit(numbers)
    top = np.full(200_000, fitted.count - 1)
    made = fitted.numbers(top, np.random.default_rng(2).random(len(top)).astype(np.float32))
    real = numbers[fitted.locate(numbers)[0] == fitted.count - 1]
    shares = (0.25, 0.5, 0.75, 0.9)
    quantiles = [np.log(np.quantile(some, shares)) for some in (made, real)]
    np.testing.assert_allclose(*quantiles, atol=0.25)


def test_nobodys_extreme_is_stored():
    numbers = np.append(COLUMNS["normal"], [1234.5, -777.25])
    stored = json.dumps(QuantileBins.fit(numbers).to_json())
    assert "1234.5" not in stored
    assert "-777.25" not in stored


def test_gaps_of_the_data_stay_empty():
    numbers = np.concatenate([RNG.normal(0, 1, 500), RNG.normal(1000, 1, 500)])
    fitted = QuantileBins.fit(numbers)
    every = np.repeat(np.arange(fitted.count), 100)
    made = fitted.numbers(every, np.tile(np.linspace(0, 1, 100, dtype=np.float32), fitted.count))
    assert ((made > 20) & (made < 980)).mean() < 0.012


def test_numbers_outside_of_training_take_the_nearest_end(numbers):
    fitted = QuantileBins.fit(numbers)
    bins, position = fitted.locate(np.array([-1e300, 1e300]))
    assert bins.tolist() == [0, fitted.count - 1]
    assert (fitted.numbers(bins, position) <= numbers.max()).all()


def test_bins_survive_json(numbers):
    fitted = QuantileBins.fit(numbers)
    again = QuantileBins.from_json(json.loads(json.dumps(fitted.to_json())))
    np.testing.assert_array_equal(again.edges(), fitted.edges())
    position = RNG.random(100).astype(np.float32)
    bins = RNG.integers(0, fitted.count, 100)
    np.testing.assert_array_equal(again.numbers(bins, position), fitted.numbers(bins, position))


def test_a_decimal_grid_needs_few_decimals():
    assert find_decimal_grid(np.array([0.1, 0.25])).decimals == 2
    assert find_decimal_grid(np.unique(RNG.normal(size=50))) is None
    assert find_decimal_grid(np.array([5.0, 20.0, 35.0])).step == 15


def test_a_decimal_grid_of_single_precision_is_found():
    numbers = np.unique(np.round(RNG.random(50), 2).astype(np.float32)).astype(float)
    assert find_decimal_grid(numbers) is None
    assert find_decimal_grid(numbers, single=True).decimals == 2


def test_numbers_too_small_for_a_decimal_grid_keep_their_significant_digits():
    numbers = np.array([float(f"{value:.2e}") for value in 1e-9 * RNG.normal(size=200)])
    assert find_rounding(np.unique(numbers)) == SignificantDigits(3)
    fitted = QuantileBins.fit(numbers)
    again = QuantileBins.from_json(fitted.to_json())
    made = again.numbers(*again.locate(numbers))
    assert all(float(f"{value:.2e}") == value for value in made)
    assert find_rounding(np.unique(RNG.normal(size=50))) is None
