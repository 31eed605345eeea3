import time

import numpy as np
import pytest

from autogen.errors import SpaceError
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import Float, Int, SearchSpace

SPACE = SearchSpace({"a": {"x": Float(0.0, 1.0), "y": Int(1, 10)}, "b": {"z": Float(1e-3, 1.0, log=True)}})


def test_draws_are_uniform():
    drawn = [config["x"] for config in RandomSampler(SPACE, 0).ask(3000, fixed={"family": "a"})]
    assert np.histogram(drawn, bins=5, range=(0, 1))[0] / 3000 == pytest.approx([0.2] * 5, abs=0.03)


def test_the_last_configs_of_a_large_finite_space_are_found():
    space = SearchSpace({"a": {"x": Int(1, 2000)}})
    assert sorted(one["x"] for one in RandomSampler(space, 0).ask(5000)) == list(range(1, 2001))


def test_impossible_fixed_values_are_refused():
    with pytest.raises(SpaceError, match="z is no parameter of a"):
        RandomSampler(SPACE, 0).ask(1, fixed={"family": "a", "z": 0.1})


def test_asking_takes_far_less_than_a_tenth_of_a_millisecond_of_work():
    sampler = RandomSampler(SPACE, 0)
    start = time.process_time()
    sampler.ask(2000)
    assert (time.process_time() - start) / 2000 < 1e-4
