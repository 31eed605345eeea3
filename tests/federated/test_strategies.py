"""Strategies: pure functions whose steps follow from the formulas of their papers."""

import numpy as np
import pytest
import torch

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.data.tables.kind import Tables
from autogen.errors import SpaceError
from autogen.federated.config import Rounds, local, rounds_of, space_for
from autogen.federated.local import global_model, learned
from autogen.federated.strategies import ServerState, Update, advance, correction, mean_of


def state(**memory):
    weights = {"a": torch.tensor([1.0, 2.0])}
    return ServerState(0, weights, weights, memory)


def update(owner, rows, *delta, control=None):
    given = {} if control is None else {"a": torch.tensor(control)}
    return Update(owner, rows, {"a": torch.tensor(delta)}, given)


def test_updates_are_averaged_by_rows_in_whatever_order():
    updates = [update("b", 30, 4.0, 0.0), update("a", 10, 0.0, 8.0)]
    assert mean_of(updates)["a"].tolist() == [3.0, 2.0]
    assert torch.equal(mean_of(updates)["a"], mean_of(updates[::-1])["a"])


@pytest.mark.parametrize("strategy", ["fedavg", "fedprox", "scaffold"])
def test_the_server_takes_the_mean_update_times_its_rate(strategy):
    after = advance(Rounds(strategy, server_rate=0.5), state(), [update("a", 10, 2.0, -2.0)], 0.0)
    assert after.weights["a"].tolist() == [2.0, 1.0]
    assert after.round == 1


def test_adam_takes_a_step_of_its_rate_in_the_direction_of_the_update():
    rounds = Rounds("fedadam", adaptive_rate=0.01)
    after = advance(rounds, state(), [update("a", 1, 0.3, -0.3)], 0.0)
    second = 0.99 * 1e-6 + 0.01 * 0.09
    step = 0.01 * 0.1 * 0.3 / (second**0.5 + 1e-3)
    assert torch.allclose(after.weights["a"], torch.tensor([1 + step, 2 - step]))


def test_yogi_lets_its_second_moment_fall_by_no_more_than_the_square():
    before = state(**{"square.a": torch.tensor([1.0, 1.0])})
    after = advance(Rounds("fedyogi"), before, [update("a", 1, 0.5, 0.5)], 0.0)
    adam = advance(Rounds("fedadam"), before, [update("a", 1, 0.5, 0.5)], 0.0)
    assert torch.allclose(after.memory["square.a"], torch.tensor(1 - 0.01 * 0.25))
    assert (after.memory["square.a"] > adam.memory["square.a"]).all()


def test_corrections_of_all_owners_are_zero_on_the_mean():
    updates = [update("a", 10, 0.0, 0.0, control=[1.0, 2.0]), update("b", 30, 0.0, 0.0, control=[5.0, -2.0])]
    after = advance(Rounds("scaffold"), state(), updates, 0.0)
    rows = {"a": 10, "b": 30}
    found = {owner: correction(after, owner, rows)["a"] for owner in rows}
    assert found["a"].tolist() == [3.0, -3.0]
    assert torch.allclose((10 * found["a"] + 30 * found["b"]), torch.zeros(2))


def test_the_average_follows_the_weights():
    after = advance(Rounds(), state(), [update("a", 1, 1.0, 1.0)], 0.9)
    assert torch.allclose(after.average["a"], after.weights["a"] - 0.1)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"federated.strategy": "sgd"}, "federated.strategy is one of"),
        ({"federated.local_steps": 0}, "federated.local_steps is a whole number from 1"),
        ({"federated.participation": 0.0}, "federated.participation is above 0"),
        ({"federated.server_rate": float("nan")}, "federated.server_rate is from 0 to 100"),
        ({"federated.rate": 1.0}, "federated.rate is not a setting"),
    ],
)
def test_a_wrong_setting_is_one_line(setting, said):
    with pytest.raises(SpaceError, match=said):
        rounds_of(setting)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"family": "gan"}, "gan cannot be trained by several owners"),
        ({"family": "trees", "model.parts": 2}, "model.parts > 1 cuts intervals by single rows"),
        ({"family": "vae", "model.prior": "gmm"}, "model.prior = 'gmm' is fitted on training rows"),
        ({"family": "autoregressive", "training.rank_swap": 1.0}, "swaps cells between rows"),
    ],
)
def test_what_learns_from_rows_without_gradients_is_refused(config, said):
    with pytest.raises(SpaceError, match=said):
        local(config)


@pytest.mark.parametrize("family", ["autoregressive", "vae", "trees"])
def test_every_point_of_the_shipped_space_can_be_trained_by_several_owners(family):
    space = space_for(Tables())
    rng = np.random.default_rng(0)
    spec = TableSpec((ColumnSpec("a", 3), ColumnSpec("b", 12, 1, ordered=True, continuous=True)))
    for config in [space.default(family), *(space.sample(rng, {"family": family}) for _ in range(20))]:
        known, settings, rounds = local(config)
        local_steps = 1 if family == "trees" else rounds.local_steps
        assert settings.training.steps == config["training.steps"] * local_steps
        assert learned(global_model(known, settings, spec, 0))
