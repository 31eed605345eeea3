import numpy as np
import pytest

from autogen.metrics.tables.two_sample.background import Background
from autogen.metrics.tables.two_sample.conditionals import MOST_PREDICTED, Conditionals
from autogen.metrics.tables.two_sample.plausibility import Plausibility
from autogen.metrics.tables.two_sample.screening import likely_dependent, never_larger
from tests.lines import lines_of

DRAW = np.random.default_rng(0)


def wide(columns: int, rows: int = 600) -> np.ndarray:
    """Independent numbers; column 3 is below column 7, and column 5 follows from column 90."""
    found = DRAW.normal(size=(rows, columns))
    found[:, 7] = found[:, 3] + DRAW.exponential(size=rows)
    found[:, 5] = found[:, 90] ** 2
    return found


def test_the_dependent_pairs_of_many_columns_are_found_by_screening():
    codes = np.floor(wide(150) * 4).astype(np.int64)
    assert {(3, 7), (5, 90)} <= likely_dependent(codes, 10)
    assert len(likely_dependent(codes, 10)) == 10


def test_screening_for_ordered_columns_finds_what_comparing_each_pair_finds():
    numbers = wide(100, 60)
    numbers[DRAW.random(numbers.shape) < 0.1] = np.nan
    brute = []
    for a, b in ((a, b) for a in range(100) for b in range(100) if a != b):
        both = numbers[~np.isnan(numbers[:, a]) & ~np.isnan(numbers[:, b])]
        if len(both) >= 20 and (both[:, a] <= both[:, b]).mean() >= 0.98:
            brute.append((a, b))
    assert list(never_larger(numbers, 20, 0.98)) == brute
    assert (3, 7) in brute


def test_broken_pairs_of_wide_tables_are_seen():
    features = wide(150, 800)
    known = Plausibility.fit(features, [False] * 150, ["number"] * 150)
    assert (3, 7) in known.ordered
    assert {3, 5, 7, 90} <= set(known.columns)


@pytest.mark.slow
def test_of_many_columns_those_that_depend_on_others_are_predicted():
    known = Conditionals.fit(wide(130, 100), [False] * 130, [5, 129])
    predicted = [place for place, _ in known.columns]
    assert len(predicted) == MOST_PREDICTED
    assert {5, 129} <= set(predicted)


def test_the_same_background_is_learned_once():
    features, kinds = wide(91, 40), [False] * 91
    first = Background.fit(features, kinds, ["number"] * 91)
    assert Background.fit(features.copy(), kinds, ["number"] * 91) is first
    assert Background.fit(features + 1, kinds, ["number"] * 91) is not first


@pytest.mark.slow
def test_the_work_of_screening_pairs_grows_with_the_columns_and_not_with_the_pairs():
    few, many = (
        lines_of(lambda count=count: Plausibility.fit(wide(count, 60), [False] * count, ["number"] * count))
        for count in (120, 480)
    )
    assert many < 8 * few  # 16 times as many pairs
