"""Images drawn by their class."""

import numpy as np
import pytest
import torch

from autogen.data.specs import ImageSpec
from autogen.families.autoregressive.autoregressive import (
    Autoregressive,
    AutoregressiveModel,
    AutoregressiveTraining,
)
from autogen.families.base import FamilyConfig
from autogen.families.nets.dropout import Dropout
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram

SPEC = ImageSpec(1, 4, 4, 8, labels=3)
NETS = ["pixelcnn", "transformer"]


def shaded(n: int) -> dict[str, np.ndarray]:
    """Class 0 (half of them) is dark, 1 is middling, 2 is bright."""
    draw = np.random.default_rng(0)
    label = draw.choice(3, n, p=[0.5, 0.25, 0.25])
    pixels = 3 * label[:, None, None, None] + draw.integers(0, 2, (n, 1, 4, 4))
    return {"pixels": pixels.astype(np.uint8), "label": label.astype(np.int64)}


def built(net: str, spec: ImageSpec = SPEC, **settings: object) -> torch.nn.Module:
    torch.manual_seed(0)
    model = AutoregressiveModel(net=net, width=16, depth=1, heads=2, patch=2, **settings)
    made = Autoregressive().build(FamilyConfig(model, AutoregressiveTraining()), spec)
    for parameter in made.parameters():
        parameter.data.add_(0.2 * torch.randn_like(parameter))
    return made.eval().requires_grad_(False)


@pytest.mark.parametrize("net", NETS)
def test_the_likelihood_of_an_image_is_summed_over_its_classes(net):
    model, family = built(net), Autoregressive()
    pixels = torch.from_numpy(shaded(5)["pixels"])
    joint = [model({"pixels": pixels, "label": torch.full((5,), y)}, Dropout()) for y in range(3)]
    batch = {"pixels": pixels, "label": torch.zeros(5, dtype=torch.int64)}
    torch.testing.assert_close(
        family.log_likelihood(model, batch, KeyedNoise(0)), torch.stack(joint).logsumexp(0)
    )


@pytest.mark.parametrize("net", NETS)
def test_probabilities_of_all_images_and_classes_sum_to_one(net):
    model = built(net, ImageSpec(1, 2, 2, 3, labels=2))
    images = torch.cartesian_prod(*[torch.arange(3)] * 4).view(-1, 1, 2, 2)
    nats = model({"pixels": images.to(torch.uint8)}, Dropout())
    assert nats.exp().sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("net", NETS)
def test_an_image_of_a_class_that_was_asked_for_looks_like_it(net):
    family = Autoregressive()
    model = AutoregressiveModel(net=net, width=16, depth=1, heads=2, patch=2)
    training = AutoregressiveTraining(steps=60, batch_size=32, lr=2e-2, optimizer="adamw", dropout=0.0)
    program = SoloProgram(family, FamilyConfig(model, training), SPEC, shaded(200), seed=0)
    program.advance(60)
    assert family.supports_completion(program.model)
    for label in range(3):
        given = {"label": torch.full((20,), label)}
        with torch.no_grad():
            drawn = family.complete(program.model, given, KeyedNoise(1))["pixels"]
        assert drawn.float().mean() == pytest.approx(3 * label + 0.5, abs=0.4)
    free = program.sample(200, seed=0)["pixels"].mean((1, 2, 3))
    assert (free < 1.5).mean() == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(("labels", "classes"), [(0, True), (1, True), (65, True), (3, False)])
def test_without_classes_to_tell_apart_none_can_be_asked_for(labels, classes):
    model = built("pixelcnn", ImageSpec(1, 4, 4, 8, labels=labels), classes=classes)
    assert not Autoregressive().supports_completion(model)
    batch = {"pixels": torch.zeros(2, 1, 4, 4, dtype=torch.uint8), "label": torch.zeros(2, dtype=torch.int64)}
    assert torch.isfinite(model(batch, Dropout())).all()
