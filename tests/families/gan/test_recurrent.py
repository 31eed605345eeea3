"""A GAN with a recurrent generator: differentiable draws, likelihood and critic, rows that keep the spec."""

import pytest
import torch

from autogen.data.specs import SequenceSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.gan.gan import GAN
from autogen.families.nets.io.heads import input_projection_for
from autogen.testing.families import SPECS, samples_of
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram, build_model

DOCUMENTS, STREAM = SequenceSpec(9, 8), SequenceSpec(9, 8, stream=True)
SMALL = {
    "model.net": "gru",
    "model.width": 16,
    "model.depth": 1,
    "model.channels": 4,
    "model.critic_depth": 1,
}


def config(**settings):
    return parse_config(GAN(), {"family": "gan", **SMALL, **settings})


def built(spec, **settings):
    return build_model(GAN(), config(**settings), spec, seed=0)


def program(spec=SPECS["notes"], **settings):
    return SoloProgram(GAN(), config(**settings), spec, samples_of(spec), seed=0)


def weights(trained, part):
    return [p.detach().clone() for name, p in trained.model.named_parameters() if name.startswith(part)]


def changed(before, after):
    return any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


@torch.no_grad()
@pytest.mark.parametrize("spec", [DOCUMENTS, STREAM], ids=["documents", "stream"])
@pytest.mark.parametrize("net", ["gru", "lstm"])
def test_samples_keep_the_spec(net, spec):
    rows = GAN().sample(built(spec, **{"model.net": net}).eval(), 200, KeyedNoise(0))["tokens"]
    assert rows.shape == (200, 8)
    assert not ((rows == spec.begin) | (rows == spec.unknown)).any()
    assert (rows >= 4).all() if spec.stream else ((rows == spec.end).sum(1) == 1).all()


def test_written_tokens_are_one_hots_up_to_the_end_and_let_gradients_through():
    model = built(DOCUMENTS)
    real = model.generator.real(torch.tensor([[4, 5, 2, 0, 0, 0, 0, 0]] * 50))
    made = model.fake_like(real, KeyedNoise(0))
    assert made.shape == real.shape == (50, 9, 1, 8)
    tokens = made[:, :, 0].argmax(1)
    over = ((tokens == DOCUMENTS.end) & (made[:, :, 0].sum(1) > 0.5)).int().cumsum(1)
    written = made[:, :, 0].sum(1)
    assert torch.allclose(written[:, 1:], (1 - over[:, :-1]).float(), atol=1e-5)
    (made * torch.randn(made.shape)).sum().backward()
    assert model.generator.model.tokens.weight.grad.abs().sum() > 0


def test_blocks_are_written_as_long_as_the_real_ones():
    model = built(STREAM)
    real = model.generator.real(torch.tensor([[4, 5, 6, 0, 0, 0, 0, 0], [4] * 8]))
    made = model.fake_like(real, KeyedNoise(0)).detach()
    assert torch.allclose(made.sum(1), real.sum(1), atol=1e-5)


def test_the_critic_reads_no_more_tokens_than_it_may():
    model = built(DOCUMENTS, **{"model.window": 4, "training.tokens": 12})
    real = model.generator.real(torch.full((16, 8), 4))
    assert real.shape == (3, 9, 1, 4)
    assert model.logits(model.fake_like(real, KeyedNoise(0))).shape == (3,)


@pytest.mark.slow
def test_the_critic_comes_in_after_the_pretraining():
    trained = program(**{"training.steps": 10, "training.pretraining": 0.5})
    critic, generator = weights(trained, "critic."), weights(trained, "generator.")
    trained.advance(5)
    assert not changed(critic, weights(trained, "critic."))
    assert changed(generator, weights(trained, "generator."))
    trained.advance(6)
    assert changed(critic, weights(trained, "critic."))


@pytest.mark.slow
def test_after_the_pretraining_the_generator_learns_from_the_critic_too():
    alone, both = (program(**{"training.steps": 4, "training.pretraining": share}) for share in (1.0, 0.5))
    for trained in (alone, both):
        trained.advance(2)
    assert not changed(weights(alone, "generator."), weights(both, "generator."))
    for trained in (alone, both):
        trained.advance(4)
    assert changed(weights(alone, "generator."), weights(both, "generator."))


@pytest.mark.parametrize("loss", ["r3gan", "logistic", "hinge", "wgan"])
def test_every_loss_trains_it(loss):
    trained = program(
        **{"training.steps": 2, "training.pretraining": 0.0, "training.loss": loss, "model.pac": 2}
    )
    trained.advance(2)
    assert len(trained.sample(3, 0)["tokens"]) == 3


def test_interrupted_training_continues_to_the_same_numbers():
    whole, first, second = (program(**{"training.steps": 6, "training.pretraining": 0.5}) for _ in range(3))
    whole.advance(6)
    first.advance(4)
    second.restore(first.state(), 4)
    second.advance(6)
    assert not changed(weights(whole, ""), weights(second, ""))


@pytest.mark.parametrize("spec", ["grey", "table", "frames"])
def test_only_sequences_of_tokens_are_written(spec):
    with pytest.raises(SpaceError, match="texts and notes"):
        built(SPECS[spec])


def test_many_tokens_come_to_an_encoder_as_vectors():
    stem = input_projection_for(SequenceSpec(2000, 6))
    assert stem.shape == (32, 1, 6)
    planes = stem({"tokens": torch.tensor([[700, 1999, 4, 2, 0, 0]])})
    assert planes.shape == (1, 32, 1, 6)
    assert (planes[..., 4:] == 0).all()
    assert planes[..., :4].abs().sum() > 0
