import itertools
import math
import re
import tracemalloc

import numpy as np
import pytest

from autogen.errors import SpaceError, UnknownNameError
from autogen.hpo.space import Choice, Float, Int, SearchSpace
from autogen.hpo.trial import config_key
from tests.lines import lines_of

PRIORS = SearchSpace.parse(
    """
    [vae.model]
    components = { int = [1, 3], when = { prior = ["gmm", "vamp"] } }
    prior = { choice = ["normal", "gmm", "vamp"], default = "gmm" }
    tied = { choice = [true, false], when = { components = [2, 3] } }
    [vae.training]
    lr = { float = [1e-5, 1e-1], log = true, factor = 10, default = 1e-3 }
    batch_size = 128
    [gan.training]
    penalty = { float = [0.0, 1.0], step = 0.5 }
    """,
    origin="priors.toml",
)


def brute_force() -> set[str]:
    """All configs of PRIORS, by loops."""
    found = []
    for prior, components, tied, power in itertools.product(
        ("normal", "gmm", "vamp"), (1, 2, 3), (True, False), range(-5, 0)
    ):
        config = {"family": "vae", "model.prior": prior, "training.batch_size": 128}
        config["training.lr"] = float(f"1e{power}")
        if prior != "normal":
            config["model.components"] = components
            if components > 1:
                config["model.tied"] = tied
        found.append(config)
    found += [{"family": "gan", "training.penalty": value} for value in (0.0, 0.5, 1.0)]
    return {config_key(config) for config in found}


def test_the_grid_is_every_config_once():
    keys = [config_key(config) for config in PRIORS.grid()]
    assert set(keys) == brute_force()
    assert len(keys) == len(set(keys)) == PRIORS.size() == 58


def test_random_configs_are_those_of_the_grid():
    rng = np.random.default_rng(0)
    assert {config_key(PRIORS.sample(rng)) for _ in range(6000)} == brute_force()


def test_families_are_equally_likely_whatever_their_size():
    rng = np.random.default_rng(0)
    drawn = [PRIORS.sample(rng)["family"] for _ in range(4000)]
    assert drawn.count("gan") / 4000 == pytest.approx(0.5, abs=0.03)


def test_a_drawn_config_does_not_depend_on_the_size_of_other_domains():
    narrow = SearchSpace({"a": {"x": Float(0, 1), "y": Int(1, 2)}})
    wide = SearchSpace({"a": {"x": Float(0, 1), "y": Int(1, 2000)}})
    draw = [space.sample(np.random.default_rng(4))["x"] for space in (narrow, wide)]
    assert draw[0] == draw[1]


def test_the_defaults_are_a_config_of_active_parameters():
    assert PRIORS.default("vae") == {
        "family": "vae",
        "model.prior": "gmm",
        "model.components": 2,
        "model.tied": True,
        "training.lr": 1e-3,
        "training.batch_size": 128,
    }
    PRIORS.validate(PRIORS.default("vae"))


def test_active_parameters_follow_a_chain_of_conditions():
    assert "model.tied" in PRIORS.active({"family": "vae", "model.prior": "vamp", "model.components": 3})
    assert "model.tied" not in PRIORS.active({"family": "vae", "model.prior": "vamp", "model.components": 1})
    assert "model.tied" not in PRIORS.active(
        {"family": "vae", "model.prior": "normal", "model.components": 3}
    )


GOOD = PRIORS.default("vae")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            GOOD | {"training.lr": 0.5},
            "training.lr must lie in [1e-05, 0.1] by factors of 10.0, but the config has 0.5",
        ),
        (GOOD | {"training.lr": 2e-3}, "but the config has 0.002"),
        (GOOD | {"training.batch_size": 64}, "training.batch_size must be 128, but the config has 64"),
        (GOOD | {"zzz": 1}, "zzz is no parameter of vae; there are model.prior"),
        (GOOD | {"training.lrr": 1}, "training.lrr is no parameter of vae; did you mean 'training.lr'?"),
        (
            GOOD | {"model.prior": "normal"},
            "model.components is active only if model.prior is 'gmm' or 'vamp'",
        ),
        ({k: v for k, v in GOOD.items() if k != "training.lr"}, "but the config lacks it"),
        ({"training.lr": 1e-3}, "a config must have a family (vae, gan), but it has none"),
    ],
)
def test_a_config_outside_the_space_is_refused_with_the_key_and_the_cure(config, message: str):
    with pytest.raises(SpaceError) as caught:
        PRIORS.validate(config)
    assert message in str(caught.value)
    assert "have a family" in message or "Correct priors.toml or the config." in str(caught.value)


def test_an_unknown_family_gets_the_nearest_name():
    with pytest.raises(
        UnknownNameError, match=r"unknown family 'gann' in priors.toml; .*Did you mean 'gan'\?"
    ):
        PRIORS.restrict(["gann"])
    with pytest.raises(UnknownNameError):
        PRIORS.validate({"family": "flow"})


def test_a_restricted_space_has_the_named_families_only():
    part = PRIORS.restrict(["gan"])
    assert part.families == ("gan",)
    assert part.size() == 3


def test_a_space_without_families_is_refused():
    with pytest.raises(SpaceError, match="at least one family"):
        PRIORS.restrict([])
    with pytest.raises(SpaceError, match="at least one family"):
        SearchSpace({})


def test_fixed_values_narrow_the_space_to_the_configs_that_have_them():
    for fixed in (
        {"model.prior": "gmm"},
        {"model.tied": False},
        {"model.components": 2, "training.lr": 1e-2},
    ):
        wanted = {config_key(one) for one in PRIORS.grid() if fixed.items() <= one.items()}
        assert {config_key(one) for one in PRIORS.given(fixed).grid()} == wanted
        rng = np.random.default_rng(0)
        assert {config_key(PRIORS.sample(rng, fixed)) for _ in range(2000)} == wanted


def test_fixed_values_that_exclude_each_other_are_refused():
    with pytest.raises(SpaceError, match="model.prior must"):
        PRIORS.given({"model.prior": "normal", "model.components": 2})
    with pytest.raises(SpaceError, match="training.lr must lie in"):
        PRIORS.given({"family": "vae", "training.lr": 7.0})


def test_a_whole_number_fixed_for_a_real_parameter_becomes_real():
    config = PRIORS.sample(np.random.default_rng(0), {"family": "gan", "training.penalty": 1})
    assert type(config["training.penalty"]) is float


def test_the_size_of_a_space_with_a_continuous_parameter_is_infinite():
    space = SearchSpace({"a": {"x": Float(0.0, 1.0), "y": Int(0, 3)}, "b": {"z": 1}})
    assert space.size() == math.inf
    assert space.continuous() == ("a.x",)
    with pytest.raises(SpaceError, match=r"but a\.x has infinitely many; give a step"):
        space.grid()


def test_a_huge_grid_takes_neither_time_nor_memory():
    space = SearchSpace({"a": {f"x{i}": Int(1, 10**6) for i in range(5)} | {"c": Choice(("p", "q"))}})
    assert space.size() == 2 * 10**30
    taken = []

    def take():
        taken.extend([*itertools.islice(space.grid(), 100), space.grid_at(10**30 + 17)])

    assert lines_of(take) / 101 < 250
    tracemalloc.start()
    take()
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()
    assert len({config_key(one) for one in taken}) == 101


def test_sizes_too_large_for_a_float_are_no_trouble():
    wide = {f"x{i}": Int(1, 2**50) for i in range(30)}
    assert SearchSpace({"a": wide}).size() == 2**1500
    assert (
        SearchSpace({"a": wide, "b": {"x": Float(0, 1)}, "c": wide | {"y": Float(0, 1)}}).size() == math.inf
    )


def test_many_independent_conditions_are_counted_without_going_through_all_shapes():
    parameters = {}
    for i in range(40):
        parameters[f"s{i}"] = Choice((0, 1))
        parameters[f"x{i}"] = Int(1, 3, when={f"s{i}": 1})
    assert SearchSpace({"a": parameters}).size() == 4**40


def test_a_condition_may_name_a_sibling_or_a_full_key():
    space = SearchSpace(
        {"a": {"m.x": Choice((0, 1)), "m.y": Int(0, 1, when={"x": 1}), "t.z": Int(0, 1, when={"m.y": 0})}}
    )
    assert space.size() == 4


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"m.x": Int(0, 1, when={"y": 1})}, "a.m.x: when names y, which is no parameter; there are m.x"),
        (
            {"x": Int(0, 1, when={"y": 1}), "y": Int(0, 1, when={"x": 1})},
            "must not form a cycle, but got x -> y -> x",
        ),
        ({"x": Int(0, 1, when={"y": 5}), "y": Int(0, 1)}, "x: when says y = 5, but it must lie in [0, 1]"),
        ({"x": Int(0, 1, when={"y": []}), "y": Int(0, 1)}, "when must list at least one value of y"),
        ({"x": Int(0, 1, when={"y": 0.5}), "y": Float(0, 1)}, "but y has infinitely many"),
        ({"x": Int(0, 1, when={"y": 5}), "y": Int(0, 5000)}, "at most 1000 values, but y has 5001"),
        ({"family": "vae"}, "family: must not be a parameter"),
    ],
)
def test_a_wrong_condition_is_refused(parameters, message: str):
    with pytest.raises(SpaceError) as caught:
        SearchSpace({"a": parameters})
    assert message in str(caught.value)


def test_a_parameter_may_be_declared_before_the_one_it_depends_on():
    assert list(PRIORS.branch("vae"))[:2] == ["model.prior", "model.components"]


@pytest.mark.parametrize(
    ("seconds", "families"), [(None, ["a", "b"]), (60, ["a", "b"]), (59.9, ["a"]), (0, ["a"])]
)
def test_families_that_need_more_seconds_are_left_out(seconds, families):
    space = SearchSpace.parse("least_seconds = { b = 60 }\n[a.m]\nx = 1\n[b.m]\nx = 1")
    assert list(space.within(seconds).families) == families


def test_a_space_in_which_all_families_need_more_seconds_keeps_them():
    space = SearchSpace({"a": {"m.x": 1}}, least_seconds={"a": 60})
    assert space.within(1).families == ("a",)


def test_seconds_of_an_unknown_family_are_refused():
    with pytest.raises(UnknownNameError, match="unknown family 'c'"):
        SearchSpace({"a": {"m.x": 1}}, least_seconds={"c": 60})


def test_the_least_seconds_survive_writing():
    space = SearchSpace({"a": {"m.x": 1}, "b": {"m.x": 1}}, least_seconds={"b": 60})
    assert SearchSpace.parse(space.to_toml()).least_seconds == {"b": 60}


PORTFOLIO = """
first = ["b"]
[a.model]
width = { int = [1, 9], default = 3 }
deep = { choice = [true, false], default = false }
rate = { float = [0.1, 1.0], default = 0.5, when = { deep = true } }
[b]
x = { int = [0, 9], default = 0 }
[[portfolio]]
family = "a"
model = { deep = true, width = 7 }
[[portfolio]]
family = "b"
x = 4
"""


def test_a_portfolio_is_completed_by_defaults_and_survives_writing():
    space = SearchSpace.parse(PORTFOLIO)
    assert space.portfolio == (
        {"family": "a", "model.width": 7, "model.deep": True, "model.rate": 0.5},
        {"family": "b", "x": 4},
    )
    again = SearchSpace.parse(space.to_toml())
    assert again == space
    assert again.to_toml() == space.to_toml()


def test_a_narrower_space_keeps_the_part_of_the_portfolio_that_lies_in_it():
    space = SearchSpace.parse(PORTFOLIO)
    assert [one["family"] for one in space.restrict(["b"]).portfolio] == ["b"]
    assert space.given({"family": "a", "model.width": 7}).portfolio == (space.portfolio[0],)
    assert space.given({"family": "a", "model.width": 8}).portfolio == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('[[portfolio]]\nfamily = "c"', "s.toml: portfolio[2]: unknown family 'c'"),
        (
            '[[portfolio]]\nfamily = "b"\nx = 12',
            "s.toml: portfolio[2]: x must lie in [0, 9], but the config has 12",
        ),
        ('[[portfolio]]\nfamily = "b"\ny = 1', "s.toml: portfolio[2]: y is no parameter of b"),
        (
            '[[portfolio]]\nfamily = "a"\nmodel = { rate = 0.2 }',
            "s.toml: portfolio[2]: model.rate is active only if model.deep is True",
        ),
        ("[[portfolio]]\nx = 1", "s.toml: portfolio[2]: must have a family, but it is {'x': 1}"),
        ('[[portfolio]]\nfamily = "b"\nx = [1]', "s.toml: portfolio[2].x: must be a value, but it is [1]"),
    ],
)
def test_a_portfolio_outside_of_the_space_is_refused_by_its_place(given: str, message: str):
    with pytest.raises(SpaceError, match=re.escape(message)):
        SearchSpace.parse(f"{PORTFOLIO}\n{given}", origin="s.toml")


def test_a_family_called_portfolio_is_refused():
    with pytest.raises(SpaceError, match=re.escape("portfolio: must be tables, [[portfolio]], but it is ")):
        SearchSpace.parse("[portfolio.model]\nx = 1")
