"""Which rows of a pool samples are nearest to, and relabelings of the pool."""

from math import comb

import numpy as np
import pandas as pd
import pytest

from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.memorization.neighbors import neighbors, owners, relabeled
from tests.metrics.makers import codec_of


def line(places) -> pd.DataFrame:
    return pd.DataFrame({"x": np.asarray(places, dtype=float)})


POOL = line(np.arange(0, 100, 2) + 0.5)


def found(places, trained: int = 25):
    """Neighbors of numbers among ranks: rows of the pool are a fiftieth apart."""
    return neighbors(line(places), distance_to(POOL, codec_of(POOL)), trained)


def test_a_sample_less_than_half_as_far_from_a_row_as_from_any_other_is_close():
    pool = line(np.repeat(np.arange(10), 10) * 1000 + np.tile(np.arange(10), 10) ** 2 + 0.5)
    distance = distance_to(pool, codec_of(pool))
    own = np.arange(100)
    apart = np.concatenate(list(distance.strips(pool)))
    apart[own, own] = np.inf
    least, second = np.sort(apart, axis=1)[:, :2].T
    seen = neighbors(pool, distance, 50, own)
    assert seen.is_close.tolist() == (least < 0.5 * second).tolist()
    assert seen.close.sum() == seen.is_close.sum()


@pytest.mark.parametrize(("least", "close"), [(0.30, True), (0.45, True), (0.55, False)])
def test_half_as_far_is_the_limit(least, close, monkeypatch):
    distance = distance_to(POOL, codec_of(POOL))
    strip = np.ones((1, 50))
    strip[0, 3] = least
    monkeypatch.setattr(distance, "strips_with_part", lambda _samples: iter([(strip, None)]))
    seen = neighbors(POOL, distance, 25)
    assert seen.is_close.tolist() == [close]
    assert seen.close[3] == close


def test_a_hit_is_shared_by_rows_that_are_equally_near():
    pool = pd.concat([POOL, POOL], ignore_index=True)
    seen = neighbors(line([0.5, 40.5]), distance_to(pool, codec_of(pool)), 50)
    assert seen.hits.sum() == 2
    assert seen.hits[[0, 50, 20, 70]].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert not seen.close.any()


def test_rows_of_the_pool_are_no_neighbors_of_themselves():
    seen = neighbors(POOL, distance_to(POOL, codec_of(POOL)), 25, np.arange(50))
    assert (seen.records.dcr > 0).all()
    assert seen.hits[0] < 1.01


def test_records_are_of_the_training_rows_alone():
    seen = found([99.0, 0.5])
    assert seen.records.dcr[0] == pytest.approx((50 - 24.5) / 50, abs=0.02)
    assert seen.records.dcr[1] == 0
    assert seen.records.nndr[1] == 0


def test_the_p_value_of_hits_on_training_rows_alone_is_the_hypergeometric_one():
    hits = np.zeros(40)
    hits[:6] = 1
    found, p_value = relabeled(lambda own, other: own - other, hits, 30, 0.0, 0, 20_000)
    assert found == 6
    assert p_value == pytest.approx(comb(30, 6) / comb(40, 6), abs=0.01)


def test_rows_with_one_owner_have_one_label():
    """Six hits on one group of equal rows are as likely on train as the group is."""
    hits = np.zeros(40)
    hits[:6] = 1
    owner = np.maximum(np.arange(40) - 5, 0)
    _, p_value = relabeled(lambda own, other: own - other, hits, 30, 0.0, 0, 20_000, owner)
    assert p_value == pytest.approx(25 / 35, abs=0.015)


def test_equal_rows_belong_together_only_where_the_split_kept_them_together():
    frame = pd.DataFrame({"x": [1.5, 1.5, 2.5, 3.5, 4.5, 4.5]})
    codec = codec_of(pd.DataFrame({"x": np.arange(50) / 4}))
    together = owners(frame, 3, codec)
    assert together[0] == together[1]
    assert together[4] == together[5]
    assert len(set(together)) == 4
    apart = owners(pd.concat([frame, frame.iloc[:1]], ignore_index=True), 3, codec)
    assert apart.tolist() == list(range(7))


def test_where_training_rows_repeat_more_a_share_of_half_is_no_sign_of_copying():
    rng = np.random.default_rng(0)
    owner = np.concatenate([np.repeat(np.arange(200), 3), np.arange(200, 500)])  # 600 trained, 300 unseen

    def share(on_train: float, on_unseen: float) -> float:
        return on_train / (on_train + on_unseen)

    p_values = [relabeled(share, rng.random(len(owner)), 600, 0.0, seed, 200, owner)[1] for seed in range(60)]
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.12)
