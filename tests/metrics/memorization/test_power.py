"""What the hard tests say that they would have found, they find."""

import numpy as np
import pandas as pd
import pytest

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
