import pytest

from autogen.errors import SpaceError
from autogen.hpo.samplers.grid import GridSampler
from autogen.hpo.space import Choice, Float, Int, SearchSpace
from autogen.hpo.trial import config_key

SPACE = SearchSpace({"a": {"x": Int(1, 50), "y": Int(1, 50)}, "b": {"z": Choice(("p", "q"))}})


def test_the_number_of_points_is_known_before_the_start():
    assert GridSampler(SPACE).points == SPACE.size() == 2502


def test_a_grid_with_a_continuous_parameter_is_refused_with_the_cure():
    space = SearchSpace({"a": {"x": Float(0.0, 1.0), "y": Int(0, 1)}, "b": {"u": Float(0.1, 1.0, log=True)}})
    with pytest.raises(SpaceError, match=r"but a\.x, b\.u have infinitely many; give a step"):
        GridSampler(space)


def test_a_grid_above_the_limit_is_refused_unless_a_budget_caps_it():
    with pytest.raises(SpaceError, match="may have 2,000 points, but this one has 2,502; set a budget"):
        GridSampler(SPACE, limit=2000)
    assert len(GridSampler(SPACE, limit=2000, capped=True).ask(10)) == 10


def test_a_grid_cut_short_has_points_in_all_corners():
    asked = GridSampler(SPACE, capped=True).ask(60, fixed={"family": "a"})
    quarters = {(one["x"] > 25, one["y"] > 25) for one in asked}
    assert len(quarters) == 4
    assert len({one["x"] for one in asked}) > 25


def test_asking_goes_on_after_a_resume_where_it_stopped():
    whole = GridSampler(SPACE, 1).ask(3000)
    resumed = GridSampler(SPACE, 1)
    for config in whole[:1500]:
        resumed.replay(config)
    assert whole[:1500] + resumed.ask(3000) == whole


def test_configs_asked_by_another_rule_are_not_asked_again():
    sampler = GridSampler(SPACE)
    for x in range(1, 51):
        sampler.replay({"family": "a", "x": x, "y": 7})
    rest = sampler.ask(3000)
    assert len(rest) == 2452
    assert len({config_key(one) for one in sampler.asked}) == 2502


def test_a_grid_of_a_billion_points_is_asked_at_once():
    space = SearchSpace({"a": {f"x{i}": Int(1, 1000) for i in range(3)}})
    assert len({config_key(one) for one in GridSampler(space, capped=True).ask(200)}) == 200
