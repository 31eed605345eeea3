"""Smoothed labels: what the loss becomes, and that likelihoods stay what they are."""

import math

import pytest
import torch

from autogen.families.autoregressive.autoregressive import Autoregressive, nats_a_dimension
from autogen.families.base import FamilyConfig
from autogen.families.gan.gan import LOSSES
from autogen.families.nets.smoothing import smoothed_nats
from autogen.testing.families import SPECS, samples_of
from autogen.training.noise import KeyedNoise

OFF = {"dropout": 0.0, "shuffled": 0.0, "rank_swap": 0.0, "token_dropout": 0.0, "transpose": 0.0}


def test_the_smoothed_loss_is_the_cross_entropy_of_a_spread_label():
    logits, chosen = torch.randn(6, 5), torch.randint(5, (6,))
    expected = -torch.nn.functional.cross_entropy(logits, chosen, label_smoothing=0.2, reduction="none")
    torch.testing.assert_close(smoothed_nats(logits, chosen, 0.2), expected)


def test_what_cannot_come_gets_no_share_of_the_label():
    logits, chosen = torch.randn(6, 5), torch.randint(3, (6,))
    barred = logits + torch.tensor([0, 0, 0, -1e9, -1e9])
    allowed = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0])
    torch.testing.assert_close(
        smoothed_nats(barred, chosen, 0.2, allowed), smoothed_nats(logits[:, :3], chosen, 0.2)
    )


@pytest.mark.parametrize("name", ["table", "notes"])
def test_smoothing_changes_the_loss_and_not_the_likelihood(name):
    family, spec = Autoregressive(), SPECS[name]
    model_config = family.model_config(width=16, depth=1)
    batch = {key: torch.from_numpy(array) for key, array in samples_of(spec).items()}
    losses, nats = [], []
    for smoothing in (0.0, 0.3):
        torch.manual_seed(0)
        training = family.training_config(label_smoothing=smoothing)
        model = family.build(FamilyConfig(model_config, training), spec)
        for parameter in model.parameters():
            parameter.data.add_(0.3 * torch.randn_like(parameter))
        losses.append(nats_a_dimension(model, batch, KeyedNoise(0), OFF | {"label_smoothing": smoothing}))
        nats.append(family.log_likelihood(model, batch, KeyedNoise(0)))
    assert torch.isfinite(losses[1])
    assert losses[0] != losses[1]
    assert torch.equal(*nats)


def test_a_critic_with_smoothed_labels_gains_nothing_beyond_its_share():
    real = torch.tensor(math.log(0.9 / 0.1), requires_grad=True)
    loss = LOSSES["logistic"].critic(real, torch.tensor(-2.0), 0.1)
    (slope,) = torch.autograd.grad(loss, real)
    assert slope == pytest.approx(0, abs=1e-6)


def test_only_the_labels_of_real_samples_are_smoothed():
    made = torch.tensor([-3.0, 0.5, 4.0])
    even = [LOSSES["logistic"].critic(torch.zeros(3), made, smoothing) for smoothing in (0.0, 0.2)]
    torch.testing.assert_close(*even)
