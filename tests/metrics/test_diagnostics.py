import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autogen.errors import MetricError
from autogen.metrics.diagnostics import column_shapes, neighbourhoods, pair_trends
from tests.metrics.makers import codec_of, people


def test_neighbourhoods_are_what_loops_over_pairs_find():
    rng = np.random.default_rng(0)
    real, fake, k = rng.normal(size=(25, 3)), rng.normal(0.5, 1.2, size=(30, 3)), 4

    def reach(rows, i):
        return sorted(np.linalg.norm(rows[i] - row) for row in rows)[k]

    inside = np.array([[np.linalg.norm(r - f) <= reach(real, i) for f in fake] for i, r in enumerate(real)])
    around = np.array([[np.linalg.norm(r - f) <= reach(fake, j) for j, f in enumerate(fake)] for r in real])
    found = neighbourhoods(real, fake, k)
    assert found.precision == pytest.approx(np.mean(inside.any(axis=0)))
    assert found.recall == pytest.approx(np.mean(around.any(axis=1)))
    assert found.density == pytest.approx(inside.sum() / (30 * k))
    assert found.coverage == pytest.approx(np.mean(inside.any(axis=1)))


def test_lost_modes_cost_recall_and_junk_costs_precision():
    rng = np.random.default_rng(0)
    real = np.concatenate([rng.normal(size=(100, 2)), rng.normal(20, 1, size=(100, 2))])
    half, junk = rng.normal(size=(200, 2)), rng.uniform(-200, 200, size=(200, 2))
    assert neighbourhoods(real, half).recall < 0.6 < 0.9 < neighbourhoods(real, half).precision
    assert neighbourhoods(real, junk).precision < 0.1


def test_too_few_samples_have_no_neighbourhoods():
    with pytest.raises(MetricError, match="neighbourhoods of 5 need more samples; got 5 real, 9 generated"):
        neighbourhoods(np.zeros((5, 2)), np.zeros((9, 2)))


def test_shapes_are_complements_of_known_distances():
    real, fake = people(300, 0), people(200, 1).assign(age=lambda frame: frame["age"] + 10)
    found = column_shapes(real, fake, codec_of(real))
    assert found["age"] == pytest.approx(1 - stats.ks_2samp(real["age"], fake["age"]).statistic)
    shares = pd.DataFrame(
        {side: f["town"].value_counts(normalize=True) for side, f in (("a", real), ("b", fake))}
    )
    assert found["town"] == pytest.approx(1 - (shares["a"] - shares["b"]).abs().sum() / 2)
    assert list(found) == list(real.columns)
    filled = [frame["height"].fillna(-1e9) for frame in (real, fake)]
    assert found["height"] == pytest.approx(1 - stats.ks_2samp(*filled).statistic)


def test_equal_tables_are_alike_in_every_column_and_pair():
    real = people(100, 0)
    assert set(column_shapes(real, real, codec_of(real)).values()) == {1.0}
    assert set(pair_trends(real, real, codec_of(real)).values()) == {1.0}


def test_untied_columns_show_in_pairs_and_not_in_shapes():
    real = people(2000, 0)
    untied = real.assign(age=real["age"].to_numpy()[::-1])
    codec = codec_of(real)
    assert column_shapes(real, untied, codec)["age"] == 1
    assert pair_trends(real, untied, codec)["age", "height"] < 0.8
    assert pair_trends(real, untied, codec)["height", "town"] == 1
    assert len(pair_trends(real, untied, codec)) == 6


def test_one_outlier_moves_no_bin():
    """Bins of both sides together would put all other rows into one."""
    real, fake = people(500, 0), people(500, 1)
    outlier = fake.assign(age=np.where(np.arange(500) == 0, 10**6, fake["age"]))
    codec = codec_of(real)
    one, two = (pair_trends(real, frame, codec)["age", "town"] for frame in (fake, outlier))
    assert two == pytest.approx(one, abs=0.005)


def test_categories_that_no_real_row_has_are_a_cell_of_their_own():
    real = people(100, 0)
    abroad = real.assign(town="Lima")
    assert column_shapes(real, abroad, codec_of(real))["town"] == 0
    assert pair_trends(real, abroad, codec_of(real))["town", "insured"] == 0
