import math

import numpy as np
import pytest

from autogen.hpo.samplers.model.encoding import Encoding, at_random, neighbors
from autogen.hpo.space import Choice, Constant, Float, Int, SearchSpace

SPACE = SearchSpace(
    {
        "a": {
            "kind": Choice(("p", "q", "r")),
            "size": Choice((16, 32, 64)),
            "depth": Int(1, 4, when={"kind": "q"}),
            "rate": Float(1e-4, 1.0, log=True),
            "rows": Constant(128),
        }
    }
)
BRANCH = SPACE.branch("a")


def test_choices_of_ascending_numbers_are_numbers_and_others_one_column_a_value():
    encoding = Encoding(BRANCH)
    assert encoding.groups.tolist() == [0, 0, 0, 1, 2, 3]
    rows = encoding.rows([{"family": "a", "kind": "q", "size": 64, "depth": 1, "rate": 1e-2, "rows": 128}])
    assert rows[0] == pytest.approx([0, math.sqrt(0.5), 0, 5 / 6, 1 / 8, 0.5])


def test_two_values_of_a_choice_lie_at_distance_1():
    rows = Encoding(BRANCH).rows([{"kind": "p"}, {"kind": "r"}])
    assert np.linalg.norm(rows[0] - rows[1]) == pytest.approx(1.0)


def test_inactive_parameters_set_no_configs_apart():
    rows = Encoding(BRANCH).rows(
        [{"kind": "p", "size": 16, "rate": 0.1}, {"kind": "r", "size": 16, "rate": 0.1}]
    )
    assert rows[0, 4] == rows[1, 4] == 0.5


def test_random_configs_and_neighbors_are_points_of_the_branch():
    rng = np.random.default_rng(0)
    for config in [*at_random(BRANCH, 100, rng), *neighbors(BRANCH, BRANCH.default(), 100, rng)]:
        SPACE.validate(config)


def test_neighbors_are_nearer_than_random_configs():
    rng, encoding, start = np.random.default_rng(0), Encoding(BRANCH), BRANCH.default()
    here = encoding.rows([start])

    def distance(configs):
        return float(np.median(np.linalg.norm(encoding.rows(configs) - here, axis=1)))

    assert distance(neighbors(BRANCH, start, 200, rng)) < 0.7 * distance(at_random(BRANCH, 200, rng))


def test_neighbors_of_a_config_outside_a_narrowed_branch_lie_inside():
    narrowed = SPACE.given({"kind": "q", "size": 64})
    outside = {"family": "a", "kind": "p", "size": 16, "rate": 0.1, "rows": 128}
    for config in neighbors(narrowed.branch("a"), outside, 50, np.random.default_rng(0)):
        SPACE.validate(config)
        assert config["kind"] == "q"
        assert config["size"] == 64
