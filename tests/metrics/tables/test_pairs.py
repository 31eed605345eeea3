import numpy as np
import pandas as pd
import pytest

from autogen.metrics.tables.pairs import association, compare_pairs
from tests.metrics.makers import codec_of, people


def towns(n: int, seed: int) -> pd.DataFrame:
    """A street determines its town; a number and a colour belong to nothing."""
    rng = np.random.default_rng(seed)
    street = rng.integers(40, size=n)
    return pd.DataFrame(
        {
            "street": [f"street-{one}" for one in street],
            "town": [f"town {one % 5}" for one in street],
            "number": rng.normal(size=n),
            "colour": rng.choice(["red", "green", "blue"], n),
        }
    )


REAL, HOLDOUT = towns(1000, 0), towns(1000, 1)
CODEC = codec_of(REAL)


def test_the_pair_that_was_broken_comes_first():
    broken = HOLDOUT.assign(town=np.random.default_rng(0).permutation(HOLDOUT["town"]))
    found = compare_pairs(REAL, HOLDOUT, broken, CODEC)
    worst = found.pairs[0]
    assert worst.columns == ("street", "town")
    assert worst.real == pytest.approx(1, abs=0.01)
    assert worst.holdout == pytest.approx(1, abs=0.01)
    assert worst.synthetic < 0.1
    assert worst.distance > worst.holdout_distance + 0.3
    assert len(found.pairs) == 6


def test_the_matrix_is_symmetric_and_holds_each_difference():
    broken = HOLDOUT.assign(town=np.random.default_rng(0).permutation(HOLDOUT["town"]))
    found = compare_pairs(REAL, HOLDOUT, broken, CODEC)
    matrix = found.differences()
    assert matrix.shape == (4, 4)
    assert np.array_equal(matrix, matrix.T)
    assert (np.diag(matrix) == 0).all()
    assert matrix[0, 1] == found.pairs[0].synthetic - found.pairs[0].real


def test_unseen_real_rows_differ_by_chance_alone():
    found = compare_pairs(REAL, HOLDOUT, towns(1000, 2), CODEC)
    assert max(pair.excess for pair in found.pairs) < 0.05
    assert all(abs(pair.distance - pair.holdout_distance) < 0.1 for pair in found.pairs)


def test_an_association_is_adjusted_for_chance_and_for_many_values():
    rng = np.random.default_rng(0)
    one, two = rng.integers(80, size=(2, 300))
    assert association(one, two, 80) < 0.15
    assert association(one, one % 6, 6) == pytest.approx(1)
    assert association(one, np.zeros(300, int), 1) == 0


def test_numbers_that_recur_are_associated_by_value_where_that_says_more():
    real, holdout = (f.assign(street=f["street"].str[7:].astype(int)) for f in (REAL, HOLDOUT))
    pairs = {pair.columns: pair for pair in compare_pairs(real, holdout, holdout, codec_of(real)).pairs}
    assert pairs["street", "town"].real == pytest.approx(1, abs=0.01)


def test_missing_cells_are_a_value():
    real, broken = people(600, 0), people(600, 1)
    broken = broken.assign(height=broken["height"].where(broken["insured"]))
    pairs = {pair.columns: pair for pair in compare_pairs(real, people(600, 2), broken, codec_of(real)).pairs}
    assert pairs["height", "insured"].synthetic > pairs["height", "insured"].real + 0.3


@pytest.mark.slow
def test_of_many_columns_the_pairs_that_depend_on_each_other_are_compared():
    rng = np.random.default_rng(0)
    real, holdout = (
        pd.concat([towns(300, seed), pd.DataFrame(rng.normal(size=(300, 117))).add_prefix("x")], axis=1)
        for seed in (0, 1)
    )
    broken = holdout.assign(town=rng.permutation(holdout["town"]))
    found = compare_pairs(real, holdout, broken, codec_of(real))
    assert found.pairs[0].columns == ("street", "town")
    assert len(found.pairs) <= 600
    assert found.differences().shape == (len(found.columns),) * 2
    assert len(found.columns) <= 100
