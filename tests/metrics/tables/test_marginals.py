import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autogen.metrics.tables.marginals import column_shapes, pair_trends
from tests.metrics.makers import codec_of, people


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
