"""What the hard tests say that they would have found, they find."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autogen.metrics.memorization import gate
from autogen.metrics.memorization.gate import memorisation
from autogen.metrics.memorization.power import copied_share_found, distinct_found
from tests.metrics.makers import codec_of, people


def test_more_samples_and_more_unseen_rows_find_fewer_copies():
    found = [
        copied_share_found(sizes, 0.05, 1.0, 0.01, 0.05)
        for sizes in ((35, 108, 35), (100, 300, 100), (1000, 3000, 1000))
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.3
    assert 0.05 < found[2] < 0.1


def test_many_close_real_rows_and_hidden_copies_take_power():
    sizes = (200, 600, 200)
    clear = copied_share_found(sizes, 0.0, 1.0, 0.01, 0.05)
    assert clear < copied_share_found(sizes, 0.3, 1.0, 0.01, 0.05)
    assert clear < copied_share_found(sizes, 0.0, 0.5, 0.01, 0.05)


@pytest.mark.parametrize(
    ("sizes", "copied"), [((10, 10, 10), 0.3), ((200, 600, 200), 0.0), ((10, 1000, 10), 1)]
)
def test_where_copies_would_not_be_found_none_are_promised(sizes, copied):
    assert copied_share_found(sizes, 0.1, copied, 0.01, 0.05) is None


def test_as_few_samples_as_a_tolerated_share_are_never_promised():
    assert copied_share_found((1000, 3000, 1000), 0.0, 1.0, 0.01, 0.05) > 0.05
    assert copied_share_found((1000, 3000, 1000), 0.0, 1.0, 0.01, 0.15) > 0.15


@pytest.mark.slow
@pytest.mark.parametrize("rows", [200, 500])
def test_the_share_of_copies_that_would_be_found_is_found_with_a_power_of_eight_tenths(rows, monkeypatch):
    monkeypatch.setattr(gate, "RELABELLINGS", 399)
    frame = people(rows, 0)
    codec, rng = codec_of(frame), np.random.default_rng(0)
    refused, promised = {1.0: 0, 0.4: 0}, []
    for seed in range(60):
        order = rng.permutation(rows)
        fake, unseen, train = (frame.iloc[part] for part in np.split(order, [rows // 5, 2 * rows // 5]))
        share = memorisation(fake, train, unseen, codec, seed).found_from
        promised.append(share)
        for part in refused:
            copies = round(part * share * len(fake))
            mixed = pd.concat([train.iloc[:copies], fake.iloc[copies:]], ignore_index=True)
            refused[part] += not memorisation(mixed, train, unseen, codec, seed).passed
    assert refused[1.0] >= 40
    assert refused[0.4] <= 30
    assert 0.05 < np.median(promised) < 0.9


def test_more_samples_find_more_different_ones():
    assert (
        10
        < distinct_found(30, 0, 0.002, 0.1)
        < distinct_found(100, 0, 0.002, 0.1)
        < distinct_found(400, 0, 0.002, 0.1)
    )


def test_real_repeats_take_power():
    assert (
        distinct_found(100, 60, 0.002, 0.1)
        < distinct_found(100, 20, 0.002, 0.1)
        < distinct_found(100, 0, 0.002, 0.1)
    )
    assert distinct_found(100, 99, 0.002, 0.1) == 0


def least_copies(samples: int, trained: int, unseen: int, tolerated: float) -> int:
    """Copies of random rows that are refused where nothing else looks like a copy, counted plainly."""
    for copies in range(1, samples + 1):
        rows = round(trained * (1 - np.exp(-copies / trained)))  # copies of one row count once
        if comb(trained, rows) / comb(trained + unseen, rows) < 0.01 and copies > tolerated * samples:
            return copies
    raise AssertionError("none is refused")


@pytest.mark.parametrize("sizes", [(200, 600, 200), (1000, 600, 200), (300, 60, 60), (100, 900, 50)])
def test_where_no_real_row_is_close_to_another_the_least_number_of_copies_follows_from_counting(sizes):
    copies = least_copies(*sizes, 0.05)
    assert copied_share_found(sizes, 0.0, 1.0, 0.01, 0.05) == copies / sizes[0]


def test_of_hidden_copies_so_many_more_are_needed_that_eight_in_ten_times_enough_are_seen():
    # 11 of 200 must be seen; of each copy that has a chance of a half.
    sizes = (200, 20_000, 20_000)
    found = copied_share_found(sizes, 0.0, 0.5, 0.01, 0.05) * 200
    power = [stats.binom.sf(10, copies, 0.5) for copies in (found - 2, found + 1)]
    assert power[0] < 0.8 < power[1]


@pytest.mark.parametrize(("samples", "real", "tolerated"), [(100, 0, 0.1), (400, 0, 0.1), (400, 10, 0.1)])
def test_so_many_different_samples_repeat_themselves_often_enough_eight_times_in_ten(
    samples, real, tolerated
):
    different = distinct_found(samples, real, 0.002, tolerated)
    rng = np.random.default_rng(0)
    draws = rng.integers(different, size=(4000, samples))
    repeats = samples - np.array([len(np.unique(draw)) for draw in draws])
    chance = stats.norm.ppf(1 - 0.002) * np.sqrt(repeats.mean() / 2 + real)
    assert np.mean(repeats - real > max(tolerated * samples, chance)) == pytest.approx(0.8, abs=0.06)


def test_what_looks_like_a_copy_of_unseen_rows_is_taken_from_the_share_that_is_found():
    # A fifth of honest samples look like copies, of either side, so that the tolerated share decides.
    found = copied_share_found((1000, 20_000, 20_000), 0.2, 1.0, 0.01, 0.3)
    assert 0.3 < found < 0.33
