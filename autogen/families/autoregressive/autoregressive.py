"""Autoregressive models: a sample is drawn part by part, each part given those before it.

Images are drawn in raster order by masked convolutions or a transformer, rows of a table column by
column. All of them know the exact density of a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor, nn

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.autoregressive.classes import MOST_CLASSES
from autogen.families.autoregressive.frames import FrameModel
from autogen.families.autoregressive.pixelcnn import PixelCNN
from autogen.families.autoregressive.pixels import PixelModel, Places
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    HasLikelihood,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    fusible,
)
from autogen.families.nets.augmentation.images import check_augmentations, moved
from autogen.families.nets.augmentation.tempo import paced
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.density.any_order import Attending, Summing, TableModel
from autogen.families.nets.density.sequences import Recurrent, RotaryTransformer, SequenceModel
from autogen.families.nets.density.tcn import Convolutional
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.tokens import hide_tokens


@dataclass(frozen=True)
class AutoregressiveModel:
    """Architecture and sampling settings.

    Attributes:
        net: ``transformer``; for images also ``pixelcnn``, for tables also ``mlp``, for texts and music
            also ``gru``, ``lstm`` and ``tcn``.
        width: Features of a pixel, a cell, a token or a frame.
        depth: Blocks.
        heads: Attention heads of a transformer; they divide the width.
        patch: Images: pixels along an edge of a place; 2 makes the trunk 4 times cheaper.
        mixtures: Images: logistics in a pixel's density, where pixels have many levels.
        classes: Images with 2 to 64 classes: whether one is drawn by its class, which can then be asked for.
        parts: Tables: cells that an interval of a continuous column is cut into.
        temperature: Of sampling; below 1 what is likely becomes likelier.
        top_p: Of sampling; only the likeliest values that hold this share together are drawn.
    """

    net: str = "transformer"
    width: int = 64
    depth: int = 3
    heads: int = 4
    patch: int = 1
    mixtures: int = 5
    classes: bool = True
    parts: int = 8
    temperature: float = 1.0
    top_p: float = 1.0


@dataclass(frozen=True)
class AutoregressiveTraining(Training):
    """Training settings of an autoregressive model.

    Attributes:
        dropout: Share of the activations of each block that are zeroed in training.
        shuffled: Tables: share of the training rows whose columns come in a random order instead of
            the table's, in which rows are drawn.
        exchange: Tables: how far apart quantities are that rows of a batch exchange, as a standard
            deviation in intervals of their column; it keeps small tables, whose intervals are wide, from
            being learnt by heart.
        tokens: Texts, music: the most tokens or frames of a step; rows of a batch beyond are passed over.
        token_dropout: Texts, music: share of the tokens or frames before that are hidden in training.
        token_span: How many of these stand together.
        transpose: Music: semitones that a training piece is moved up or down by at most.
        tempo: Music: share of the training pieces that is played at half or at double speed.
        label_smoothing: Tables, texts, notes: share of a code's or a token's label that is spread over all
            that could have come (Szegedy 2016); likelihoods are reported without.
        flip: Images: share that is mirrored left to right in training.
        translate: Images: share of its size that one is shifted by at most in training.
    """

    dropout: float = fusible(0.1)
    shuffled: float = fusible(0.5)
    exchange: float = fusible(1.0)
    tokens: int = 4096
    token_dropout: float = fusible(0.0)
    token_span: int = 1
    transpose: float = fusible(0.0)
    tempo: float = fusible(0.0)
    label_smoothing: float = fusible(0.0)
    flip: float = fusible(0.0)
    translate: float = fusible(0.0)


class Autoregressive(ModelFamily, HasLikelihood, HasConditioning):
    """Products of conditional probabilities, trained by maximum likelihood.

    The likelihood of an image is that of its levels. The likelihood of a row is the probability of
    its codes times the density of its positions inside their intervals, in the table's order.
    """

    model_config = AutoregressiveModel
    training_config = AutoregressiveTraining
    exact = True

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """A ``PixelModel``, a ``TableModel``, a ``SequenceModel`` or a ``FrameModel``.

        Raises:
            SpaceError: a net or an augmentation that this kind of data has not, or heads that do not divide
                the width.
        """
        model: AutoregressiveModel = config.model
        if model.net == "transformer" and model.width % model.heads:
            raise SpaceError(
                f"model.width must be a multiple of model.heads = {model.heads}, not {model.width}"
            )
        check_augmentations(config.training, spec)
        if isinstance(spec, SequenceSpec | FrameSpec):
            return sequence_model(model, spec, config.training.tokens)
        if isinstance(spec, ImageSpec):
            return pixel_model(model, spec)
        return table_model(model, spec, config.training.shuffled > 0)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """One phase: maximum likelihood."""
        return (Phase("likelihood", partial(nats_a_dimension, span=config.training.token_span)),)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n samples."""
        assert isinstance(model, PixelModel | TableModel | SequenceModel | FrameModel)
        return model.sample(n, noise)

    def completes(self, model: nn.Module) -> bool:
        """Sequences of tokens; images with classes; tables, where some rows were trained in other orders."""
        if isinstance(model, PixelModel):
            return model.classes is not None
        return isinstance(model, SequenceModel) or (isinstance(model, TableModel) and model.any_order)

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw what is not known, after what is known."""
        if isinstance(model, SequenceModel):
            return model.sample(len(given["tokens"]), noise, given["tokens"])
        if isinstance(model, PixelModel):
            return model.sample(len(given["label"]), noise, given["label"])
        assert isinstance(model, TableModel)
        return model.complete(given, noise)

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Exact nats of each sample, (B,), of an image without its class; ``noise`` is not used."""
        unlabelled = {name: tensor for name, tensor in batch.items() if name != "label"}
        nats: Tensor = model(unlabelled, Dropout())
        return nats


def nats_a_dimension(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Mean negative log-likelihood of a pixel, a cell, a token or a frame."""
    drop = Dropout(noise, scalars["dropout"])
    if isinstance(model, SequenceModel | FrameModel):
        batch = paced(batch, noise, scalars.get("tempo", 0.0))
    if isinstance(model, SequenceModel):
        played = transposed(batch, model.spec, noise, scalars["transpose"])
        shown = hide_tokens(played, noise, scalars["token_dropout"], span)
        return -model.nats_a_token(shown, drop, scalars["label_smoothing"])
    if isinstance(model, FrameModel):
        played = transposed(batch, model.spec, noise, scalars["transpose"])
        return -model.nats_a_frame(hide_tokens(played, noise, scalars["token_dropout"], span), drop)
    if "pixels" in batch:
        nats: Tensor = model(moved(batch, noise, scalars), drop) / batch["pixels"][0].numel()
    else:
        settings = scalars["shuffled"], scalars["exchange"], scalars["label_smoothing"]
        nats = model(batch, drop, noise, *settings) / batch["codes"].shape[1]
    return -nats.mean()


def pixel_model(model: AutoregressiveModel, spec: ImageSpec) -> PixelModel:
    """The model of images that the settings name."""
    _check("net", model.net, ("pixelcnn", "transformer"))

    def trunk(inputs: int, size: tuple[int, int]) -> Any:
        if model.net == "pixelcnn":
            return PixelCNN(inputs, model.width, model.depth, size)
        return Places(inputs, model.width, model.depth, model.heads, size)

    labels = spec.labels if model.classes and 2 <= spec.labels <= MOST_CLASSES else 0
    sampling = model.temperature, model.top_p
    return PixelModel(spec, trunk, model.width, model.patch, model.mixtures, *sampling, labels)


def sequence_model(
    model: AutoregressiveModel, spec: SequenceSpec | FrameSpec, tokens: int
) -> SequenceModel | FrameModel:
    """The model of sequences of tokens or frames that the settings name."""
    _check("net", model.net, ("gru", "lstm", "tcn", "transformer"))
    trunk: RotaryTransformer | Recurrent | Convolutional
    if model.net == "transformer":
        trunk = RotaryTransformer(model.width, model.depth, model.heads, spec.length)
    elif model.net == "tcn":
        trunk = Convolutional(model.width, model.depth)
    else:
        trunk = Recurrent(model.width, model.depth, model.net)
    rows = max(1, tokens // spec.length)
    sampling = model.temperature, model.top_p
    if isinstance(spec, FrameSpec):
        return FrameModel(spec, trunk, model.width, rows, *sampling)
    return SequenceModel(spec, trunk, model.width, rows, *sampling)


def table_model(model: AutoregressiveModel, spec: TableSpec, any_order: bool) -> TableModel:
    """The model of rows that the settings name."""
    _check("net", model.net, ("mlp", "transformer"))
    trunk: Attending | Summing = Summing(model.width, model.depth)
    if model.net == "transformer":
        trunk = Attending(model.width, model.depth, model.heads)
    shape = model.width, model.parts
    return TableModel(spec, trunk, *shape, model.temperature, model.top_p, any_order)


def _check(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SpaceError(
            f"model.{name} must be one of {', '.join(choices)} for this kind of data, not {value!r}"
        )
