"""A model that starts from another one takes over its weights by name, and by code where the data differs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from autogen.data.specs import ColumnSpec, FrameSpec, ImageSpec, SequenceSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.autoregressive.autoregressive import Autoregressive
from autogen.families.base import parse_config
from autogen.families.flow.flow import Flow
from autogen.families.flow.images import ImageFlow
from autogen.families.flow.rows import RowFlow
from autogen.families.gan.gan import GAN
from autogen.families.nets.dropout import Dropout
from autogen.families.vae.vae import VAE
from autogen.training.initial import InitialWeights, freeze, take_over
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram, build_model, settings_of

LETTERS = ("<pad>", "<begin>", "<end>", "<unknown>", *"abcdef")
TEXT = (SequenceSpec(len(LETTERS), 6), (("tokens", LETTERS),))
SIZES = (("missing",), ("value", "S"), ("value", "M"), ("value", "L"))
COLORS = (("value", "blue"), ("value", "red"), ("value", "green"))
BINS = (("missing",), ("value", 0.0), *(("bin", float(k), k + 1.0) for k in range(4)))
TABLE = (
    TableSpec(
        (
            ColumnSpec("size", 4, 1, ordered=True),
            ColumnSpec("color", 3),
            ColumnSpec("price", 6, 2, ordered=True, continuous=True),
        )
    ),
    (("size", SIZES), ("color", COLORS), ("price", BINS)),
)
IMAGE = (ImageSpec(1, 8, 8, 17, 3), (("classes", ("cat", "dog", "owl")),))
FRAMES = (FrameSpec(12, 6, 3), ())
SETTINGS = {"model.width": 16, "model.depth": 1, "training.steps": 4, "training.batch_size": 4}


def configured(family, **more):
    return parse_config(family, {"family": "any"} | SETTINGS | more)


def weights(model, data):
    return InitialWeights({name: t.numpy().copy() for name, t in model.state_dict().items()}, *data)


def started(family, config, earlier, data, seed=1):
    """A model for ``data`` that starts from one for ``earlier``; both, and what was taken over."""
    first, second = build_model(family, config, earlier[0], 0), build_model(family, config, data[0], seed)
    for parameter in first.parameters():
        if not parameter.any():  # what starts at zero would hide the layers before it
            torch.nn.init.normal_(parameter, std=0.1)
    taken = take_over(
        second, weights(first, earlier), *data, lambda spec: build_model(family, config, spec, 0)
    )
    return first.eval(), second.eval(), taken


def reordered(data):
    """The same data with the codes in another order, and the new code of each old one, by part."""
    spec, names = data
    rng, orders, renamed = np.random.default_rng(0), [], []
    for place, (part, codes) in enumerate(names):
        kept = 4 if isinstance(spec, SequenceSpec) else 0  # the special tokens have fixed numbers
        if isinstance(spec, TableSpec) and (spec.columns[place].ordered or spec.columns[place].specials):
            kept = len(codes)
        order = np.append(np.arange(kept), kept + rng.permutation(len(codes) - kept))
        orders.append(order.argsort())
        renamed.append((part, tuple(codes[index] for index in order)))
    return (spec, tuple(renamed)), orders


def rows(spec):
    """A batch of four rows."""
    draw = np.random.default_rng(1)
    if isinstance(spec, SequenceSpec):
        return {"tokens": np.column_stack([draw.integers(4, spec.levels, (4, 5)), np.full(4, spec.end)])}
    if isinstance(spec, FrameSpec):
        return {
            "frames": np.ones((4, spec.length, 1 + spec.keys), np.uint8) * (draw.random((4, 1, 13)) < 0.2)
        }
    if isinstance(spec, ImageSpec):
        pixels = draw.integers(0, spec.levels, (4, spec.channels, spec.height, spec.width)).astype(np.uint8)
        return {"pixels": pixels, "label": draw.integers(0, spec.labels, 4)}
    codes = np.column_stack([draw.integers(0, column.levels, 4) for column in spec.columns])
    bins = [column.continuous for column in spec.columns] & (codes >= [c.specials for c in spec.columns])
    return {"codes": codes, "positions": np.where(bins, 0.25, 0.5).astype(np.float32)}


def renumbered(batch, orders):
    """The batch with each code replaced by its new one."""
    moved = dict(batch)
    if "tokens" in batch:
        moved["tokens"] = orders[0][batch["tokens"]]
    if "label" in batch:
        moved["label"] = orders[0][batch["label"]]
    if "codes" in batch:
        columns = zip(orders, batch["codes"].T, strict=True)
        moved["codes"] = np.column_stack([order[column] for order, column in columns])
    return moved


def tensors(batch):
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in batch.items()}


def outputs(family, config, model, batch):
    """What a model says of rows: their likelihood, a critic's logits, or a flow's velocities."""
    noise, half = KeyedNoise(0).at(1), torch.full((4,), 0.5)
    with torch.no_grad():
        if isinstance(model, ImageFlow):
            given = tensors(batch)
            return model(model.stem(given), half, given["label"], Dropout())
        if isinstance(model, RowFlow):
            given, known = tensors(batch), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]).repeat(2, 1)
            logits, velocities = model(model.numbers(given), half, known, Dropout())
            places = model.layout.places(given["codes"])
            return torch.cat([model.log_prob(logits).gather(1, places), velocities], 1)
        if isinstance(family, GAN):
            scalars = settings_of(config.training)
            return model.logits(model.pack(model.real(tensors(batch), noise, scalars), noise, scalars))
        return family.log_likelihood(model, tensors(batch), noise)


CASES = [
    (Autoregressive(), {"model.net": "transformer", "model.heads": 2}, TEXT),
    (Autoregressive(), {"model.net": "gru"}, TEXT),
    (Autoregressive(), {"model.net": "transformer", "model.heads": 2}, TABLE),
    (Autoregressive(), {"model.net": "mlp"}, TABLE),
    (Autoregressive(), {"model.net": "transformer", "model.heads": 2, "model.patch": 2}, IMAGE),
    (Autoregressive(), {"model.net": "pixelcnn", "model.patch": 2}, IMAGE),
    (VAE(), {"model.net": "mlp", "model.prior": "normal"}, TEXT),
    (VAE(), {"model.net": "conv", "model.channels": 4, "model.prior": "normal"}, TEXT),
    (VAE(), {"model.prior": "normal"}, TABLE),
    (VAE(), {"model.latent": "quantized", "model.places": 4, "model.codes": 8}, TABLE),
    (GAN(), {"model.net": "gru", "model.channels": 4}, TEXT),
    (GAN(), {"model.net": "mlp"}, TEXT),
    (GAN(), {"model.pac": 2}, TABLE),
    (GAN(), {"training.loss": "hinge"}, TABLE),
    (Flow(), {"model.heads": 2}, TEXT),
    (Flow(), {"model.heads": 2}, IMAGE),
    (Flow(), {}, TABLE),
]


@pytest.mark.parametrize(("family", "settings", "data"), CASES, ids=lambda one: type(one).__name__)
def test_codes_in_another_order_make_no_difference(family, settings, data):
    config, (moved, orders) = configured(family, **settings), reordered(data)
    first, second, taken = started(family, config, data, moved)
    assert (taken.parts, taken.fresh, taken.unused) == ({}, (), ())
    batch = rows(data[0])
    expected = outputs(family, config, first, batch)
    assert torch.allclose(
        outputs(family, config, second, renumbered(batch, orders)), expected, atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize(("family", "settings", "data"), CASES, ids=lambda one: type(one).__name__)
def test_new_codes_leave_the_other_ones_as_they_were(family, settings, data):
    spec, names = data
    longer = tuple((part, (*codes, ("value", "new"))) for part, codes in names)
    if isinstance(spec, TableSpec):
        spec = replace(spec, columns=tuple(replace(one, levels=one.levels + 1) for one in spec.columns))
    elif isinstance(spec, SequenceSpec):
        spec = replace(spec, levels=spec.levels + 1)
    else:
        spec = replace(spec, labels=spec.labels + 1)
    _, _, taken = started(family, configured(family, **settings), data, (spec, longer))
    assert taken.parts
    assert (taken.fresh, taken.unused) == ((), ())


def test_frames_have_no_codes_and_are_taken_over_whole():
    family = Autoregressive()
    config = configured(family, **{"model.net": "gru"})
    first, second, taken = started(family, config, FRAMES, (FrameSpec(12, 9, 3), ()))
    assert not taken.fresh
    batch = rows(FRAMES[0])
    assert torch.equal(outputs(family, config, first, batch), outputs(family, config, second, batch))


def test_places_of_longer_texts_are_matched_from_the_first_one_on():
    config = configured(VAE(), **{"model.net": "mlp"})
    longer = (replace(TEXT[0], length=8), TEXT[1])
    first, second, taken = started(VAE(), config, TEXT, longer)
    assert taken.parts["encoder.enter.weight"] == 6 / 8
    before, now = (model.encoder.enter.weight.reshape(16, len(LETTERS), -1) for model in (first, second))
    assert torch.equal(before, now[:, :, :6])


def test_another_size_of_images_keeps_what_does_not_depend_on_it():
    config = configured(VAE(), **{"model.net": "mlp"})
    _, _, taken = started(VAE(), config, IMAGE, (replace(IMAGE[0], height=10), IMAGE[1]))
    assert {"encoder.enter.weight", "decoder.leave.weight"} <= {*taken.fresh}
    assert "encoder.leave.weight" in taken.whole
    assert "new here: " in taken.describe()


@pytest.mark.parametrize(("share", "layers"), [(0.0, 0), (0.5, 2), (0.99, 3)])
def test_freezing_begins_at_the_critic_s_side_of_the_data_and_leaves_a_layer(share, layers):
    config = configured(GAN(), **{"model.critic_depth": 3})
    _, second, taken = started(GAN(), config, IMAGE, IMAGE)
    frozen = freeze(GAN(), second, taken, share)
    assert {name.rpartition(".")[0] for name in frozen} == set(
        ["critic.enter", "critic.layers.layers.0", "critic.layers.layers.1"][:layers]
    )
    assert all(
        parameter.requires_grad == (name not in frozen) for name, parameter in second.named_parameters()
    )


@pytest.mark.parametrize(
    ("net", "data", "frozen"),
    [
        ("transformer", TEXT, ["tokens", "trunk.transformer.blocks.0.attention.inward"]),
        ("transformer", FRAMES, ["enter", "trunk.transformer.blocks.0.attention.inward"]),
        ("transformer", TABLE, ["enter", "time.inward"]),
        ("transformer", IMAGE, ["net.enter", "time.inward"]),
        ("unet", IMAGE, ["net.enter", "time.inward"]),
    ],
)
def test_freezing_a_flow_begins_where_the_data_come_in(net, data, frozen):
    config = configured(Flow(), **{"model.heads": 2, "model.net": net, "model.channels": 16})
    _, second, taken = started(Flow(), config, data, data)
    names = [name.rpartition(".")[0] for name in freeze(Flow(), second, taken, 0.99)]
    assert [name for name in dict.fromkeys(names) if "norm" not in name][:2] == frozen


def test_layers_with_new_codes_are_never_frozen():
    longer = (replace(TEXT[0], levels=11), (("tokens", (*LETTERS, "g")),))
    family = Autoregressive()
    _, second, taken = started(family, configured(family, **{"model.net": "gru"}), TEXT, longer)
    assert "tokens.weight" not in freeze(family, second, taken, 0.99)


def program(**settings):
    family = Autoregressive()
    config = configured(family, **{"model.net": "gru", "training.start": "earlier"} | settings)
    first = build_model(family, config, TEXT[0], 7)
    return first, SoloProgram(
        family, config, TEXT[0], rows(TEXT[0]), 1, initial=(weights(first, TEXT), TEXT[1])
    )


def test_training_starts_from_the_earlier_weights_and_leaves_frozen_ones_alone():
    first, started = program(**{"training.freeze": 0.5})
    assert torch.equal(first.tokens.weight, started.model.tokens.weight)
    started.advance(2)
    same = [
        torch.equal(before, now)
        for before, now in zip(first.parameters(), started.model.parameters(), strict=True)
    ]
    assert 0 < sum(same) < len(same)


def test_a_smaller_lr_scale_moves_the_weights_less():
    moved = []
    for scale in (1.0, 0.01):
        first, started = program(**{"training.lr_scale": scale})
        started.advance(1)
        moved.append((first.tokens.weight - started.model.tokens.weight).detach().abs().max().item())
    assert moved[1] < 0.1 * moved[0]


@pytest.mark.parametrize(
    ("settings", "match"),
    [({"training.start": "later"}, "fresh or earlier"), ({"training.freeze": 1.0}, r"\[0, 1\)")],
)
def test_a_start_that_is_none_is_refused(settings, match):
    with pytest.raises(SpaceError, match=match):
        program(**settings)


def test_an_earlier_start_without_an_earlier_model_is_refused():
    config = configured(Autoregressive(), **{"model.net": "gru", "training.start": "earlier"})
    with pytest.raises(SpaceError, match="--init-from"):
        SoloProgram(Autoregressive(), config, TEXT[0], rows(TEXT[0]), 1)
