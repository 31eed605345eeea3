"""Priors over latent codes: what they are before and after they are fitted."""

import math
from functools import cache

import pytest
import torch

from autogen.errors import Diverged
from autogen.families.base import FamilyConfig
from autogen.families.vae.priors import PRIORS, prior_for
from autogen.families.vae.vae import VAE, VAEModel, VAETraining
from autogen.testing.families import SPECS, samples_of
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram

FITTED = ["gmm", "vamp", "flow"]


def ring(n: int, seed: int) -> torch.Tensor:
    """Codes on a circle of radius 2, with a third number that follows from the second."""
    draw = torch.Generator().manual_seed(seed)
    angle = math.tau * torch.rand(n, generator=draw)
    rough = 0.1 * torch.randn(n, 3, generator=draw)
    return rough + torch.stack([2 * angle.cos(), 2 * angle.sin(), angle.sin() ** 2], 1)


def fitted(name: str, codes: torch.Tensor, seed: int = 0) -> torch.nn.Module:
    prior = prior_for(name, 40, codes.shape[1])
    with torch.no_grad():
        prior.fit(codes, torch.full_like(codes, 0.05), KeyedNoise(seed))
    return prior


@cache
def on_a_ring(name: str) -> torch.nn.Module:
    return fitted(name, ring(1500, 0))


@pytest.mark.parametrize("name", PRIORS)
def test_a_prior_is_standard_normal_until_it_is_fitted(name):
    prior = prior_for(name, 5, 4)
    codes = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    normal = torch.distributions.Normal(0.0, 1.0).log_prob(codes).sum(1)
    torch.testing.assert_close(prior.log_density(codes), normal)
    drawn = prior.sample(4000, KeyedNoise(1))
    torch.testing.assert_close(drawn.T.cov(), torch.eye(4), atol=0.1, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", FITTED)
def test_unseen_codes_are_likelier_under_a_fitted_prior_than_under_one_normal(name):
    train, unseen = ring(1500, 0), ring(500, 1)
    nats = on_a_ring(name).log_density(unseen).mean()
    normal = torch.distributions.MultivariateNormal(train.mean(0), train.T.cov())
    assert nats > normal.log_prob(unseen).mean() + 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", FITTED)
def test_draws_have_the_density_that_is_stated(name):
    prior = on_a_ring(name)
    drawn = prior.sample(20_000, KeyedNoise(3))
    inside = 8.0 * torch.rand(200_000, 3, generator=torch.Generator().manual_seed(4)) - 4.0
    mass = prior.log_density(inside).exp() * 8.0**3
    assert mass.mean() == pytest.approx(1, abs=0.05)
    near = inside[:, 0] > 1
    assert (mass * near).mean() == pytest.approx(float((drawn[:, 0] > 1).float().mean()), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", FITTED)
def test_equal_noise_fits_equal_priors(name):
    one, same, other = (fitted(name, ring(60, 0), seed).state_dict() for seed in (4, 4, 5))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


@pytest.mark.slow
@pytest.mark.parametrize("name", FITTED)
@pytest.mark.parametrize("rows", [1, 2, 15])
@pytest.mark.parametrize("size", [1, 7])
def test_few_rows_and_single_numbers_can_be_fitted(name, rows, size):
    if name == "gmm" and rows == 1:
        pytest.skip("scikit-learn's mixtures need two rows")
    codes = torch.randn(rows, size, generator=torch.Generator().manual_seed(0))
    prior = fitted(name, codes)
    assert torch.isfinite(prior.log_density(prior.sample(5, KeyedNoise(0)))).all()


@pytest.mark.parametrize("name", FITTED)
def test_codes_that_are_not_finite_end_the_trial(name):
    with pytest.raises(Diverged, match="can be fitted to the codes"):
        fitted(name, torch.full((50, 3), math.nan))


def test_exemplars_reach_beyond_themselves_to_the_rows_between():
    prior = fitted("vamp", ring(400, 0))
    assert prior.variances.sqrt().mean() > 0.06  # the posteriors' own is .05
    assert prior.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("prior", PRIORS)
def test_a_vae_draws_and_is_measured_with_every_prior(prior):
    model = VAEModel(latent_dim=3, width=16, depth=1, components=4, prior=prior)
    config = FamilyConfig(model, VAETraining(steps=2, batch_size=16))
    program = SoloProgram(VAE(), config, SPECS["table"], samples_of(SPECS["table"]), seed=0)
    program.advance(2)
    assert len(program.sample(3, 0)["codes"]) == 3
    batch = {name: torch.from_numpy(array[:4]) for name, array in samples_of(SPECS["table"]).items()}
    with torch.no_grad():
        assert torch.isfinite(VAE().log_likelihood(program.average, batch, KeyedNoise(0))).all()
