"""Gaussian mixtures on principal components: what they learn, draw, keep and refuse."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from autogen.data.open import open_data
from autogen.data.specs import ImageSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.baselines.images import PcaGaussian
from autogen.families.mixture.mixture import Mixture
from autogen.metrics.lookup import metric_for
from autogen.training.grown import GrownProgram
from autogen.training.noise import KeyedNoise


def program(arrays, spec, steps=9, seed=0, **settings):
    family = Mixture()
    config = {"family": "mixture", "training.steps": steps}
    config |= {f"model.{name}": value for name, value in settings.items() if name != "ridge"}
    config |= {"training.ridge": settings["ridge"]} if "ridge" in settings else {}
    made = GrownProgram(family, parse_config(family, config), spec, arrays, seed)
    made.advance(steps)
    return made


def two_kinds(n, labels=0):
    """Dark images of class 0 and bright ones of class 1, 8 by 8, and their spec."""
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=n)
    pixels = np.clip(60 + 120 * label[:, None, None, None] + 10 * rng.normal(size=(n, 1, 8, 8)), 0, 255)
    arrays = {"pixels": pixels.round().astype(np.uint8)} | ({"label": label} if labels else {})
    return arrays, ImageSpec(1, 8, 8, 256, labels)


def test_it_draws_both_kinds_of_two_and_nothing_between():
    arrays, spec = two_kinds(600)
    means = program(arrays, spec, clusters=2).sample(400, 0)["pixels"].mean(axis=(1, 2, 3))
    assert np.all((np.abs(means - 60) < 20) | (np.abs(means - 180) < 20))
    assert 0.35 < np.mean(means > 120) < 0.65


def test_images_of_a_class_are_drawn_without_rejection():
    arrays, spec = two_kinds(600, labels=2)
    made = program(arrays, spec, clusters=2)
    given = {"label": torch.tensor([0] * 50 + [1] * 50)}
    assert made.family.supports_completion(made.average)
    drawn = made.family.complete(made.average, given, KeyedNoise(1).at(0, 0))["pixels"].float()
    bright = drawn.mean(dim=(1, 2, 3)) > 120
    assert torch.equal(bright, given["label"] == 1)
    without, plain = two_kinds(100)
    assert not made.family.supports_completion(program(without, plain, steps=1).average)


@pytest.mark.slow
def test_on_digits_it_is_nearer_to_real_ones_than_one_gaussian():
    data = open_data("digits")
    metric = metric_for("kd", "image")
    reference = metric.prepare_with(data.split("select"), data.codec, data.split("train"))
    made = program(data.encoded("train"), data.codec.spec, components=40, clusters=20)
    mixture = data.codec.decode(made.sample(len(data.split("select")), 0))
    gaussian = PcaGaussian()
    gaussian.fit(data.split("train"), data.codec)
    plain = gaussian.sample(len(data.split("select")), np.random.default_rng(0))
    assert metric.score(reference, mixture) < metric.score(reference, plain) / 2


@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_each_step_raises_the_likelihood(covariance):
    arrays, spec = two_kinds(300)
    found = []
    for steps in (1, 2, 4, 8):
        model = program(
            arrays, spec, steps=steps, components=3, clusters=4, covariance=covariance, ridge=1e-6
        ).average
        scores = ((torch.from_numpy(arrays["pixels"]).flatten(1) - model.center) @ model.axes.T).double()
        covariances = (model.roots @ model.roots.transpose(1, 2)).double().numpy()
        weights, means = model.weights.double().numpy(), model.means.double().numpy()
        densities = [
            weight * stats.multivariate_normal(mean, covariance_of).pdf(scores.numpy())
            for weight, mean, covariance_of in zip(weights, means, covariances, strict=True)
        ]
        found.append(float(np.log(np.sum(densities, axis=0)).mean()))
    assert found == sorted(found)
    assert found[-1] > found[0]
    if covariance == "diag":
        assert torch.equal(model.roots, torch.diag_embed(model.roots.diagonal(dim1=1, dim2=2)))


def test_a_stopped_mixture_goes_on_to_the_same_numbers():
    arrays, spec = two_kinds(200)
    whole, part = program(arrays, spec, steps=4, clusters=3), program(arrays, spec, steps=2, clusters=3)
    later = program(arrays, spec, steps=0, clusters=3)
    later.restore(part.state(), 2)
    later.advance(4)
    assert all(torch.equal(later.state()[name], tensor) for name, tensor in whole.state().items())


def test_few_images_make_few_gaussians_and_no_error():
    arrays, spec = two_kinds(12)
    made = program(arrays, spec, clusters=50, components=60)
    assert len(made.average.weights) == 2
    assert made.sample(3, 0)["pixels"].shape == (3, 1, 8, 8)


def test_weights_that_do_not_fit_together_are_refused():
    arrays, spec = two_kinds(100)
    made = program(arrays, spec, steps=1, clusters=3)
    for name, wrong in (("weights", torch.ones(7)), ("center", torch.full((64,), torch.nan))):
        fresh = program(arrays, spec, steps=0)
        with pytest.raises(RuntimeError, match="shape|finite"):
            fresh.restore(made.state() | {name: wrong}, 1)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"clusters": 0}, "model.clusters must be at least 1"),
        ({"covariance": "round"}, "one of full, diag"),
        ({"ridge": 0.0}, "training.ridge must be above 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, why):
    arrays, spec = two_kinds(50)
    with pytest.raises(SpaceError, match=why):
        program(arrays, spec, **settings)


def test_a_table_is_refused():
    config = parse_config(Mixture(), {"family": "mixture"})
    with pytest.raises(SpaceError, match="models images"):
        Mixture().build(replace(config), TableSpec(()))
