"""Autoencoders with discrete codes."""

import math

import pytest
import torch

from autogen.errors import SpaceError
from autogen.families.base import FamilyConfig
from autogen.families.nets.dropout import Dropout
from autogen.families.vae.quantized import Codebooks, QuantizedNet
from autogen.families.vae.vae import VAE, VAEModel, VAETraining
from autogen.testing.families import SPECS, samples_of
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram

SMALL = {"latent": "quantized", "places": 4, "codes": 8, "code_dim": 4, "width": 16, "depth": 1}


def program(name: str, **training: object) -> SoloProgram:
    settings = {"steps": 2, "batch_size": 16} | training
    config = FamilyConfig(VAEModel(**SMALL), VAETraining(**settings))
    return SoloProgram(VAE(), config, SPECS[name], samples_of(SPECS[name]), seed=0)


def batch_of(name: str) -> dict[str, torch.Tensor]:
    return {key: torch.from_numpy(array) for key, array in samples_of(SPECS[name]).items()}


def test_the_nearest_code_of_a_vector_is_its_own():
    books = Codebooks(3, 6, 5)
    codes = torch.randint(6, (10, 3))
    assert torch.equal(books.nearest(books(codes)), codes)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_it_trains_draws_and_is_measured_on_every_kind_of_data(name):
    trained = program(name)
    trained.advance(2)
    one, same = trained.sample(5, 0), trained.sample(5, 0)
    assert all((one[key] == same[key]).all() for key in one)
    with torch.no_grad():
        nats = VAE().log_likelihood(trained.average, batch_of(name), KeyedNoise(0))
    assert torch.isfinite(nats).all()


def test_gradients_pass_the_rounding_and_reach_the_encoder_and_the_books():
    trained = program("grey")
    model = trained.model
    scalars = {name: value for name, value in vars(VAETraining()).items() if not isinstance(value, str)}
    first, second = trained.family.phases(trained.config)
    scalars = scalars | {"commitment": 0.0, "progress": 0.5}
    torch.autograd.backward(first.loss(model, batch_of("grey"), KeyedNoise(0), scalars))
    assert model.encoder.enter.weight.grad.abs().sum() > 0
    assert model.books.vectors.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in model.prior.parameters())
    model.zero_grad()
    torch.autograd.backward(second.loss(model, batch_of("grey"), KeyedNoise(0), scalars))
    assert model.encoder.enter.weight.grad is None
    assert any(parameter.grad is not None for parameter in model.prior.parameters())


@pytest.mark.slow
def test_training_rebuilds_rows_better_and_gives_those_that_differ_other_codes():
    shade = torch.arange(64) % 4
    pixels = (4 * shade[:, None, None, None] + torch.randint(2, (64, 1, 8, 8))).to(torch.uint8)
    config = FamilyConfig(VAEModel(**SMALL), VAETraining(steps=120, batch_size=32, lr=3e-3, dropout=0.0))
    trained = SoloProgram(VAE(), config, SPECS["grey"], {"pixels": pixels.numpy()}, seed=0)

    @torch.no_grad()
    def state() -> tuple[float, float, torch.Tensor]:
        model, batch = trained.model, {"pixels": pixels}
        assert isinstance(model, QuantizedNet)
        codes = model.codes(batch)
        nll = model.nll(model.books(codes), batch, Dropout()).mean()
        return float(nll), float(model.code_nats(codes, Dropout()).mean()), codes

    nll_before, _, _ = state()
    trained.advance(120)
    nll, code_nats, codes = state()
    assert nll < 0.8 * nll_before
    assert code_nats > -4 * math.log(8)
    dark, bright = ({tuple(row) for row in codes[shade == tone].tolist()} for tone in (0, 3))
    assert not dark & bright


def test_an_unknown_latent_is_refused():
    with pytest.raises(SpaceError, match="model.latent must be one of gaussian, quantized"):
        VAE().build(FamilyConfig(VAEModel(latent="other"), VAETraining()), SPECS["grey"])
