import numpy as np
import pytest

from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.tables.authenticity import authenticity
from tests.metrics.makers import codec_of, people


def test_authenticity_is_its_definition():
    train, made = people(60, 0), people(40, 1)
    codec = codec_of(train)
    within, across = (np.concatenate(list(distance_to(train, codec).strips(side))) for side in (train, made))
    expected = []
    for apart in across:
        near = int(apart.argmin())
        expected.append(np.delete(within[near], near).min() < apart[near])
    assert 0.2 < np.mean(expected) < 0.9
    assert authenticity(made, train, codec) == pytest.approx(np.mean(expected))


def test_copies_are_not_authentic_and_real_rows_are_as_real_rows_are():
    train, unseen, other = (people(300, seed) for seed in range(3))
    codec = codec_of(train)
    real = [authenticity(rows, train, codec) for rows in (unseen, other)]
    assert authenticity(train, train, codec) == 0
    assert real[0] == pytest.approx(real[1], abs=0.12)
    assert min(real) > 0.3
