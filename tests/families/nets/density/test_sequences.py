"""Families on texts: exact probabilities, cached sampling, rows that keep the spec, learning."""

import itertools

import numpy as np
import pytest
import torch

from autogen.data.open import open_data
from autogen.data.specs import SequenceSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.nets.density import sequences
from autogen.families.nets.density.tcn import CausalBlock
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io import tokens as token_layers
from autogen.families.nets.io.tokens import SoftTokens, TokenHead, TokenInput, hide_tokens, terminated
from autogen.metrics.texts.reverse_ngram import ReverseNGram
from autogen.registry import get
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram, build_model
from tests.data.texts.makers import words

TINY = SequenceSpec(levels=6, length=3)
STREAM = SequenceSpec(levels=6, length=3, stream=True)
NETS = ("transformer", "gru", "lstm", "tcn")
FAMILIES = {
    "autoregressive": {"model.width": 16, "model.depth": 1},
    "vae": {"model.width": 16, "model.latent_dim": 4, "model.depth": 1},
    "gan": {"model.width": 16, "model.critic_width": 16, "model.depth": 1, "model.critic_depth": 1},
}


def built(spec, family="autoregressive", **settings):
    chosen = get("family", family)()
    config = parse_config(chosen, {"family": family, **FAMILIES[family], **settings})
    return chosen, build_model(chosen, config, spec, seed=0).eval()


def shaken(model):
    """The model with its zero-initialised weights moved, so that everything has a say."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def all_rows(spec):
    """Every row that the spec allows, unknown tokens included."""
    symbols = range(spec.unknown, spec.levels)
    if spec.stream:
        return torch.tensor(list(itertools.product(symbols, repeat=spec.length)))
    rows = []
    for size in range(spec.length):
        rest = [spec.end] + [spec.pad] * (spec.length - size - 1)
        rows += [[*row, *rest] for row in itertools.product(symbols, repeat=size)]
    return torch.tensor(rows)


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_probabilities_of_all_blocks_add_up_to_one(net):
    model = shaken(built(STREAM, **{"model.net": net})[1])
    nats = model({"tokens": all_rows(STREAM)}, Dropout())
    assert nats.logsumexp(0).item() == pytest.approx(0, abs=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_documents_that_stop_in_time_have_the_probability_of_stopping_in_time(net):
    model = shaken(built(TINY, **{"model.net": net})[1])
    mass = model({"tokens": all_rows(TINY)}, Dropout()).exp().sum()
    full = torch.tensor(list(itertools.product(range(3, 6), repeat=3)))
    rest = model({"tokens": full}, Dropout()).exp().sum()
    assert (mass + rest).item() == pytest.approx(1, abs=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_steps_with_a_memory_agree_with_all_places_at_once(net):
    spec = SequenceSpec(levels=9, length=7)
    model = shaken(built(spec, **{"model.net": net, "model.depth": 2})[1])
    x = torch.randn(4, 7, 16, generator=torch.Generator().manual_seed(0))
    whole, state = model.trunk(x, Dropout()), model.trunk.start(4, 7)
    for t in range(7):
        features, state = model.trunk.step(x[:, t], state, t)
        assert torch.allclose(features, whole[:, t], atol=1e-5)


@torch.no_grad()
def test_a_transformer_knows_where_tokens_stand():
    model = shaken(built(SequenceSpec(levels=9, length=4))[1])
    swapped = model({"tokens": torch.tensor([[4, 5, 6, 2], [5, 4, 6, 2]])}, Dropout())
    assert swapped[0] != swapped[1]


@torch.no_grad()
def test_samples_come_as_often_as_their_probability_says():
    family, model = built(STREAM)
    model = shaken(model)
    model.drawable[STREAM.unknown] = 0.0
    drawn = family.sample(model, 20_000, KeyedNoise(0))["tokens"]
    rows = all_rows(STREAM)
    expected = model({"tokens": rows}, Dropout()).exp()
    found = (drawn[:, None] == rows).all(2).float().mean(0)
    assert torch.allclose(found, expected, atol=0.015)


@torch.no_grad()
@pytest.mark.parametrize(
    "spec", [SequenceSpec(9, 8), SequenceSpec(9, 8, stream=True)], ids=["text", "stream"]
)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("net", ["mlp", "conv"])
def test_samples_keep_the_spec(family, net, spec):
    settings = {} if family == "autoregressive" else {"model.net": net}
    chosen, model = built(spec, family, **settings)
    rows = chosen.sample(shaken(model), 200, KeyedNoise(0))["tokens"]
    assert rows.shape == (200, 8)
    assert rows.dtype == torch.int64
    assert not ((rows == spec.begin) | (rows == spec.unknown)).any()
    if spec.stream:
        assert (rows >= 4).all()
    else:
        assert torch.equal(terminated(rows, spec), rows)
        assert ((rows == spec.end).sum(1) == 1).all()


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_going_on_with_what_was_drawn_draws_the_rest_again(net):
    spec = SequenceSpec(levels=9, length=12)
    family, model = built(spec, **{"model.net": net, "model.depth": 2})
    drawn = family.sample(shaken(model), 40, KeyedNoise(0))["tokens"]
    ends = (drawn == spec.end).int().argmax(1)
    known = torch.arange(12) < torch.minimum(ends, torch.arange(40) % 5)[:, None]
    given = torch.where(known, drawn, spec.pad)
    assert torch.equal(family.complete(model, {"tokens": given}, KeyedNoise(0))["tokens"], drawn)
    other = family.complete(model, {"tokens": given}, KeyedNoise(1))["tokens"]
    assert torch.equal(other[known], drawn[known])
    assert not torch.equal(other, drawn)


@torch.no_grad()
def test_a_convolution_takes_one_product_a_step_and_gives_what_the_whole_gives():
    block, x, seen = shaken(CausalBlock(16, dilation=4)), torch.randn(5, 30, 16), [torch.zeros(5, 16)] * 16
    whole, kernel = block(x, Dropout()), block.kernel()
    assert kernel.shape == (16, 5 * 16)
    block.conv.forward = None  # a step does without
    for t in range(30):
        found, seen = block.step(x[:, t], kernel, seen)
        assert torch.allclose(found, whole[:, t], atol=1e-5)


def to_the_last_place(monkeypatch, module):
    """Have rows that have ended drawn on with the others."""
    monkeypatch.setattr(module, "unfinished_rows", lambda _: None)


class Counting:
    """A trunk's or a reader's step that counts the rows it is given."""

    def __init__(self, step):
        self.step, self.rows = step, []

    def __call__(self, x, *state):
        self.rows.append(len(x))
        return self.step(x, *state)


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_rows_that_have_ended_are_left_behind_and_the_others_drawn_alike(net, monkeypatch):
    _, model = built(SequenceSpec(levels=9, length=40), **{"model.net": net, "model.depth": 2})
    shaken(model).tokens.weight.mul_(0.3)  # so that any token may come, the end among them
    model.trunk.step = counting = Counting(model.trunk.step)
    drawn = model.sample(200, KeyedNoise(0))["tokens"]
    lengths = (drawn != 0).sum(1)
    assert lengths.max() > 1.5 * lengths.float().mean()
    assert sum(counting.rows) < 0.7 * 200 * len(counting.rows)
    assert min(counting.rows) >= 8
    to_the_last_place(monkeypatch, sequences)
    assert torch.equal(model.sample(200, KeyedNoise(0))["tokens"], drawn)
    assert counting.rows[-40:] == [200] * 40


@torch.no_grad()
def test_a_decoder_leaves_ended_rows_behind_and_draws_the_others_alike(monkeypatch):
    head, outputs = shaken(TokenHead(SequenceSpec(levels=9, length=40))), torch.randn(200, 32, 1, 40)
    head.reader.forward = counting = Counting(head.reader.forward)
    drawn = head.sample(outputs, KeyedNoise(0))["tokens"]
    assert sum(counting.rows) < 0.7 * 200 * 40
    to_the_last_place(monkeypatch, token_layers)
    assert torch.equal(head.sample(outputs, KeyedNoise(0))["tokens"], drawn)
    assert counting.rows[-40:] == [200] * 40


def test_rows_end_where_they_first_stop():
    rows = torch.tensor([[4, 2, 5, 2], [0, 4, 4, 4], [4, 5, 4, 5]])
    assert terminated(rows, SequenceSpec(6, 4)).tolist() == [[4, 2, 0, 0], [2, 0, 0, 0], [4, 5, 4, 2]]


def test_only_sequences_are_hidden_and_at_their_rate():
    tokens = torch.full((200, 50), 5)
    given = hide_tokens({"tokens": tokens}, KeyedNoise(0), 0.3)["given"]
    assert (given == SequenceSpec.unknown).float().mean().item() == pytest.approx(0.3, abs=0.02)
    table = {"codes": tokens}
    assert hide_tokens(table, KeyedNoise(0), 0.3) is table


def test_stretches_are_hidden_at_the_same_rate_at_every_place():
    tokens = torch.full((3000, 20), 5)
    hidden = hide_tokens({"tokens": tokens}, KeyedNoise(0), 0.3, 4)["given"] == SequenceSpec.unknown
    assert hidden.float().mean(0).tolist() == pytest.approx([0.3] * 20, abs=0.04)
    inside = hidden[:, 1:-1] & ~hidden[:, :-2] & ~hidden[:, 2:]
    assert not inside.any()
    frames = hide_tokens({"frames": torch.ones(3000, 20, 2)}, KeyedNoise(0), 0.3, 4)["given"]
    assert torch.equal(frames[..., 0] == 0, hidden)
    assert torch.equal(frames[..., 0], frames[..., 1])


def test_a_decoder_reads_only_what_came_before():
    head = TokenHead(SequenceSpec(9, 4))
    outputs = torch.randn(1, *head.shape)
    tokens = torch.tensor([[4, 5, 6, 2]])
    other = torch.tensor([[4, 5, 6, 7]])
    nll = [head.nll(outputs, {"tokens": tokens, "given": given}) for given in (tokens, other)]
    assert torch.equal(*nll)


def test_generated_and_real_one_hots_look_alike_and_let_gradients_through():
    spec = SequenceSpec(9, 4)
    outputs = torch.randn(5, 9, 1, 4, requires_grad=True)
    soft = SoftTokens(spec, 1.0)(outputs, KeyedNoise(0))
    real = TokenInput(spec)({"tokens": torch.tensor([[4, 5, 2, 0]])})
    assert real.shape[1:] == soft.shape[1:]
    assert torch.allclose(soft.sum(1), torch.ones(5, 1, 4))
    assert torch.allclose(soft.max(1).values, torch.ones(5, 1, 4))
    (soft * torch.randn(soft.shape)).sum().backward()
    assert outputs.grad.abs().sum() > 0


def test_a_step_looks_at_no_more_tokens_than_it_may():
    spec = SequenceSpec(9, 8, stream=True)
    _, model = built(spec, **{"training.tokens": 16})
    tokens = torch.randint(4, 9, (10, 8), generator=torch.Generator().manual_seed(0))
    whole = model.nats_a_token({"tokens": tokens}, Dropout())
    assert whole == model.nats_a_token({"tokens": tokens[:2]}, Dropout())


@torch.no_grad()
@pytest.mark.parametrize("net", NETS)
def test_hidden_tokens_are_still_predicted(net):
    model = shaken(built(SequenceSpec(9, 4), **{"model.net": net})[1])
    tokens = torch.tensor([[4, 5, 6, 2]])
    hidden = torch.full_like(tokens, SequenceSpec.unknown)
    seen, unseen = (
        model({"tokens": target, "given": hidden}, Dropout()) for target in (tokens, tokens.flip(1))
    )
    assert seen != model({"tokens": tokens}, Dropout())
    assert seen != unseen


def test_a_net_that_texts_do_not_have_is_refused():
    with pytest.raises(SpaceError, match="gru, lstm, tcn, transformer"):
        built(TINY, **{"model.net": "pixelcnn"})


LEARNT = {
    "autoregressive": {"model.net": "gru", "model.width": 48, "training.lr": 5e-3},
    "vae": {"model.width": 48, "model.latent_dim": 8, "training.lr": 5e-3, "training.beta": 0.3},
    "gan": {
        "model.net": "gru",
        "model.width": 48,
        "model.channels": 8,
        "model.window": 12,
        "training.lr": 5e-3,
        "training.pretraining": 0.9,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_training_beats_independent_characters(family):
    data = open_data(words(2000))
    chosen = get("family", family)()
    settings = {"training.steps": 200, "training.batch_size": 32, **FAMILIES[family], **LEARNT[family]}
    config = parse_config(chosen, {"family": family, **settings})
    program = SoloProgram(chosen, config, data.codec.spec, data.encoded("train"), seed=0)
    program.advance(200)
    size = len(data.rows["tune"])
    fake = data.codec.decode(program.sample(size, seed=0))
    metric = ReverseNGram()
    reference = metric.prepare(data.split("tune"), data.codec)
    rng = np.random.default_rng(0)
    letters = [char for text in data.split("train") for char in text]
    alone = ["".join(rng.choice(letters, size=len(text))) for text in data.split("train")[:size]]
    assert metric.score(reference, fake) < metric.score(reference, alone) - 0.1
