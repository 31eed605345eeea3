"""Straight paths: how they are followed, when nets are trained, which noise belongs to which data."""

import math

import pytest
import torch

from autogen.errors import SpaceError
from autogen.families.flow.paths import check_solver, follow, logit_normal_times, paired
from autogen.training.noise import KeyedNoise


@pytest.mark.parametrize("solver", ["euler", "midpoint", "heun"])
def test_a_straight_path_is_followed_exactly_in_one_step(solver):
    end, start = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.5, 0.5]])
    assert torch.allclose(follow(lambda *_: end - start, start, solver, 1), end)


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("midpoint", 2)])
def test_twice_the_steps_divide_the_error_by_the_order_of_the_solver(solver, order):
    exact = math.e
    errors = [abs(float(follow(lambda x, _: x, torch.ones(1), solver, steps)) - exact) for steps in (16, 32)]
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.1)


def test_heun_is_nearer_than_euler_and_never_asks_for_the_velocity_at_the_end():
    asked = []

    def velocity(x, time):
        asked.append(time)
        return x

    near, far = (float(follow(velocity, torch.ones(1), solver, 16)) for solver in ("heun", "euler"))
    assert abs(near - math.e) < abs(far - math.e) / 2
    assert max(asked) < 1


def test_the_logits_of_times_have_the_mean_and_the_spread_asked_for():
    logits = torch.logit(logit_normal_times(512, KeyedNoise(0), 0.7, 1.3))
    assert float(logits.mean()) == pytest.approx(0.7, abs=0.05)
    assert float(logits.std()) == pytest.approx(1.3, abs=0.1)


def test_pairs_of_a_batch_cross_less_than_chance_and_use_most_of_the_noise():
    noise = KeyedNoise(0)
    start, end = noise.normal(64, 2), 2 * noise.normal(64, 2)
    own = paired(start, end, noise)
    apart = (end - start[own]).square().sum(1).mean()
    assert apart < 0.5 * (end - start).square().sum(1).mean()
    assert len(own.unique()) > 40


def test_noise_is_paired_within_groups_and_says_nothing_about_the_group():
    noise, groups = KeyedNoise(0), torch.arange(128) % 2
    start = noise.normal(128, 2)
    end = noise.normal(128, 2) + 8 * groups[:, None]
    own = paired(start, end, noise, groups)
    assert torch.equal(groups[own], groups)
    assert float(start[own][groups == 1].mean()) == pytest.approx(0, abs=0.25)
    assert float(start[paired(start, end, noise)][groups == 1].mean()) > 0.4
    apart = (end - start[own]).square().sum(1).mean()
    assert apart < (end - start).square().sum(1).mean()


def test_an_unknown_solver_is_refused():
    with pytest.raises(SpaceError, match=r"model\.solver must be one of euler, midpoint, heun, not 'rk9'"):
        check_solver("rk9")
