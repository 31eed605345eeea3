"""Flows of images: both nets, classes, guidance, and any size."""

import numpy as np
import pytest
import torch

from autogen.data.specs import ImageSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.flow.flow import Flow
from autogen.families.flow.patches import Patches
from autogen.families.flow.unet import UNet
from autogen.families.nets.dropout import Dropout
from autogen.training.lookup import program_for
from autogen.training.noise import KeyedNoise
from autogen.training.solo import settings_of


def program(steps=120, height=8, **settings):
    """Dark images of class 0 and, twice as often, bright ones of class 1, learned."""
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], [60, 120])
    pixels = 3 + 10 * label[:, None, None, None] + rng.integers(0, 3, (180, 1, height, 8))
    config = {"family": "flow", "model.width": 32, "model.depth": 1, "model.channels": 16, "model.patch": 4}
    config |= {"training.steps": max(1, steps), "training.batch_size": 32, "training.lr": 5e-3}
    config |= {f"model.{name}": value for name, value in settings.items()}
    config |= {"training.ema": 0.97, "model.sampling_steps": 6}
    made = program_for(
        Flow(),
        parse_config(Flow(), config),
        ImageSpec(1, height, 8, 17, 2),
        {"pixels": pixels.astype(np.uint8), "label": label},
        0,
    )
    made.advance(steps)
    made.weights()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("net", ["transformer", "unet"])
def test_classes_are_drawn_by_their_frequency_and_on_demand(net):
    made = program(net=net)
    bright = made.sample(400, 0)["pixels"].mean(axis=(1, 2, 3)) > 8
    assert np.mean(bright) == pytest.approx(2 / 3, abs=0.1)
    given = {"label": torch.tensor([0] * 40 + [1] * 40)}
    drawn = Flow().complete(made.average, given, KeyedNoise(1))["pixels"].float().mean((1, 2, 3)) > 8
    assert torch.equal(drawn, given["label"] == 1)


def test_guidance_moves_samples_only_where_it_differs_from_one():
    plain, guided = program(3), program(3, guidance=3.0)
    label = torch.ones(4, dtype=torch.int64)
    x = KeyedNoise(0).normal(4, 1, 8, 8)
    with torch.no_grad():
        time, none = torch.full((4,), 0.5), torch.zeros(4)
        own = plain.average(x, time, label, Dropout())
        free = plain.average(x, time, torch.full_like(label, 2), Dropout())
        assert torch.equal(plain.average.guided(x, time, none, label), own)
        assert torch.allclose(guided.average.guided(x, time, none, label), free + 3 * (own - free), atol=1e-5)


def test_models_without_classes_cannot_be_asked_for_one():
    assert not Flow().supports_completion(program(0, classes=False).average)


def test_transport_leaves_the_noise_of_a_class_as_it_is_in_sampling():
    made = program(0, transport=True)
    label = torch.arange(256) % 2
    pixels = (16 * label[:, None, None, None]).expand(256, 1, 8, 8).to(torch.uint8)
    starts = []
    made.model.net.register_forward_pre_hook(lambda _, inputs: starts.append(inputs[0]))
    scalars = settings_of(made.config.training) | {"time_mean": -100.0}  # at time 0 there is noise alone
    made.model.loss({"pixels": pixels, "label": label}, KeyedNoise(0), scalars)
    assert starts[0][label == 1].mean().abs() < 0.02


def test_images_are_cut_into_patches_and_joined_again_at_any_size():
    images = torch.rand(2, 3, 7, 9)
    patches = Patches((3, 7, 9), 4)
    planes = patches.cut(images)
    assert planes.shape == (2, 48, 2, 3)
    assert torch.equal(patches.join(planes), images)


@pytest.mark.parametrize("net", ["transformer", "unet"])
def test_an_untrained_net_moves_noise_by_the_linear_guess_alone(net):
    model = program(0, height=13, net=net, patch=1).average
    x = KeyedNoise(0).normal(2, 1, 13, 8)
    assert not model.rest(x, torch.full((2,), 0.3), torch.zeros(2, dtype=torch.int64), Dropout()).any()


@pytest.mark.parametrize(("channels", "groups"), [(10, 1), (20, 1), (32, 2), (40, 2), (48, 3), (64, 4)])
def test_a_unet_of_any_channels_normalizes_them_in_equal_groups(channels, groups):
    net = UNet((1, 8, 8), 1, channels, 1, 4)
    assert net.norm.num_groups == groups
    assert net(torch.zeros(1, 1, 8, 8), torch.zeros(1, 4), Dropout()).shape == (1, 1, 8, 8)


def test_unknown_nets_and_unfit_heads_are_refused():
    with pytest.raises(SpaceError, match=r"model\.net must be one of transformer, unet"):
        program(0, net="pixelcnn")
    with pytest.raises(SpaceError, match=r"model\.width must be a multiple of model\.heads = 5"):
        program(0, heads=5)
