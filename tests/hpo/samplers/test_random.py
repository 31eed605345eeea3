import numpy as np
import pytest

from autogen.errors import SpaceError
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import Float, Int, SearchSpace
from tests.lines import lines_of

SPACE = SearchSpace({"a": {"x": Float(0.0, 1.0), "y": Int(1, 10)}, "b": {"z": Float(1e-3, 1.0, log=True)}})


def test_draws_are_uniform():
    drawn = [config["x"] for config in RandomSampler(SPACE, 0).ask(3000, fixed={"family": "a"})]
    assert np.histogram(drawn, bins=5, range=(0, 1))[0] / 3000 == pytest.approx([0.2] * 5, abs=0.03)


@pytest.mark.slow
def test_the_last_configs_of_a_large_finite_space_are_found():
    space = SearchSpace({"a": {"x": Int(1, 2000)}})
    assert sorted(one["x"] for one in RandomSampler(space, 0).ask(5000)) == list(range(1, 2001))


def test_impossible_fixed_values_are_refused():
    with pytest.raises(SpaceError, match="z is no parameter of a"):
        RandomSampler(SPACE, 0).ask(1, fixed={"family": "a", "z": 0.1})


def test_a_proposal_takes_little_work_and_no_more_after_thousands_of_others():
    sampler = RandomSampler(SPACE, 0)
    first = lines_of(lambda: sampler.ask(500)) / 500
    assert first < 200
    sampler.ask(3000)
    assert lines_of(lambda: sampler.ask(500)) / 500 == pytest.approx(first, rel=0.05)
