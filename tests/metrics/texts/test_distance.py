"""How far texts lie from others."""

import numpy as np
import pytest

from autogen.metrics.texts.distance import TextDistance, _different


@pytest.mark.parametrize("size", [0, 1, 500])
def test_each_code_is_kept_once(size):
    codes = np.random.default_rng(0).integers(0, 300, size).astype(np.uint64)
    assert np.array_equal(_different(codes), np.unique(codes))


def test_a_copy_is_at_no_distance_and_a_stranger_at_all():
    distance = TextDistance(["to be, or not to be", "whether 'tis nobler"])
    (strip,) = distance.strips(["to be, or not to be", "zzzz xxxx"])
    assert strip[0, 0] == pytest.approx(0)
    assert strip[1].tolist() == pytest.approx([1, 1])
