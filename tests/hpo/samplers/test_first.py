"""Whatever the sampler, a search begins with the defaults of the families that its space names first."""

import pytest

from autogen import registry
from autogen.errors import SpaceError, UnknownNameError
from autogen.hpo.objective import Objective
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Outcome, State

TEXT = """
first = ["c", "a"]
[a.model]
x = { choice = [1, 2, 3], default = 2 }
[b.model]
x = { choice = [1, 2, 3], default = 3 }
[c.model]
x = { choice = [1, 2, 3], default = 1 }
y = { choice = [1, 2], default = 2 }
"""
FIRST = [{"family": "c", "model.x": 1, "model.y": 2}, {"family": "a", "model.x": 2}]


def sampler(name, space, seed=0):
    more = {"objectives": [Objective("one"), Objective("two")]} if name == "parego" else {}
    return registry.get("sampler", name)(space, seed, **more)


@pytest.fixture(params=sorted(registry.BUILT_IN["sampler"]))
def name(request):
    return request.param


@pytest.mark.parametrize("seed", range(3))
def test_the_first_proposals_are_these_defaults_in_their_order(name, seed):
    assert sampler(name, SearchSpace.parse(TEXT), seed).ask(2) == FIRST


def test_a_search_that_goes_on_does_not_begin_again(name):
    made = sampler(name, SearchSpace.parse(TEXT))
    for number, config in enumerate(FIRST):
        made.replay(config)
        made.tell([Outcome(number, State.COMPLETE, float(number))])
    assert not any(config in FIRST for config in made.ask(6))


def test_defaults_that_do_not_have_what_is_fixed_wait(name):
    made = sampler(name, SearchSpace.parse(TEXT))
    assert made.ask(1, fixed={"family": "b"})[0]["family"] == "b"
    assert made.ask(1) == FIRST[:1]


def test_every_config_of_a_grid_is_still_asked_once():
    space = SearchSpace.parse(TEXT)
    asked = sampler("grid", space).ask(100)
    assert len(asked) == space.size() == 12
    assert len({tuple(sorted(config.items())) for config in asked}) == 12


def test_families_that_are_not_searched_are_not_tried_first():
    space = SearchSpace.parse(TEXT).restrict(["b", "a"])
    assert space.first == ("a",)
    assert SearchSpace.parse(space.to_toml()) == space


def test_the_order_is_kept_in_the_text():
    space = SearchSpace.parse(TEXT)
    assert SearchSpace.parse(space.to_toml()) == space
    assert space != SearchSpace.parse(TEXT.replace('["c", "a"]', '["a", "c"]'))


@pytest.mark.parametrize("name", ["tabular", "tabular_tiny"])
def test_searches_of_tables_begin_with_trees(name):
    space = SearchSpace.load(name)
    for kind in ("bayesian", "random"):
        assert sampler(kind, space).ask(1) == [space.default("trees")]


def test_a_first_family_that_is_not_there_is_refused():
    with pytest.raises(UnknownNameError, match="unknown family 'z'"):
        SearchSpace.parse(TEXT.replace('"c"', '"z"'))
    with pytest.raises(SpaceError, match="first: must be a list of families"):
        SearchSpace.parse(TEXT.replace('["c", "a"]', '"c"'))
