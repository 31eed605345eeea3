"""Autoregressive models: a sample is drawn part by part, each part given those before it.

Images are drawn in raster order by a PixelCNN or a transformer, rows of a table column by column, texts and
music token by token or frame by frame. All of them have an exact likelihood.
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
from autogen.families.autoregressive.pixels import PatchTransformer, PixelModel
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    HasLikelihood,
    HasRowLosses,
    IsDataParallel,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    bounded,
    fusible,
)
from autogen.families.nets.augmentation.images import check_augmentations, flipped_and_shifted
from autogen.families.nets.augmentation.tempo import time_stretched
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.density.any_order import NadeTrunk, TableModel, TransformerTrunk
from autogen.families.nets.density.sequences import Recurrent, RotaryTransformer, SequenceModel
from autogen.families.nets.density.tcn import Convolutional
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.tokens import hide_tokens
from autogen.families.nets.shards import shard


@dataclass(frozen=True)
class AutoregressiveModel:
    """Architecture and sampling settings.

    Attributes:
        net: ``transformer``; for images also ``pixelcnn``, for tables also ``mlp``, for texts and music
            also ``gru``, ``lstm`` and ``tcn``.
        width: Features of a pixel, a cell, a token or a frame.
        depth: Number of blocks.
        heads: Attention heads of a transformer; they must divide the width.
        patch: Images: edge of a patch, in pixels; 2 makes the trunk 4 times cheaper.
        mixtures: Images with many levels: logistics in a pixel's distribution.
        classes: Images with 2 to 64 classes: whether the model is class-conditional.
        parts: Tables: equal parts of a quantile bin; the position inside a bin is predicted as one of them.
        temperature: Sampling temperature; below 1 the likely becomes likelier.
        top_p: Nucleus of sampling: only the likeliest values that hold this share together are drawn.
    """

    net: str = "transformer"
    width: int = 64
    depth: int = 3
    heads: int = bounded(4, 1, 1024)
    patch: int = 1
    mixtures: int = bounded(5, 1, 1000)
    classes: bool = True
    parts: int = 8
    temperature: float = bounded(1.0, 0, 1000)
    top_p: float = bounded(1.0, 1e-6, 1)


@dataclass(frozen=True)
class AutoregressiveTraining(Training):
    """Training settings of an autoregressive model.

    Attributes:
        dropout: Dropout rate of each block.
        shuffled: Tables: share of the training rows whose columns come in a random order instead of
            the table's, which is the order of sampling.
        rank_swap: Tables: rank swapping of quantities between the rows of a batch (Moore 1996). Standard
            deviation of a swap, in bins of the column. It keeps small tables, whose bins are wide, from being
            memorized.
        tokens: Texts, music: maximum number of tokens or frames in a step; the batch's last rows are skipped.
        token_dropout: Texts, music: share of the previous tokens or frames hidden in training.
        token_span: Length of a hidden span, in tokens or frames.
        transpose: Music: largest transposition of a training piece, in semitones.
        time_stretch: Music: share of the training pieces played at half or double speed.
        label_smoothing: Tables, texts, notes: share of a code's or token's label that is spread over all
            possible ones (Szegedy 2016); likelihoods are computed without.
        flip: Images: share of the training images mirrored left to right.
        translate: Images: largest shift in training, as a share of the image's size.
    """

    dropout: float = fusible(0.1)
    shuffled: float = fusible(0.5)
    rank_swap: float = fusible(1.0)
    tokens: int = 4096
    token_dropout: float = fusible(0.0)
    token_span: int = 1
    transpose: float = fusible(0.0)
    time_stretch: float = fusible(0.0)
    label_smoothing: float = fusible(0.0)
    flip: float = fusible(0.0)
    translate: float = fusible(0.0)


class Autoregressive(ModelFamily, HasLikelihood, HasConditioning, HasRowLosses, IsDataParallel):
    """Products of conditional probabilities, trained by maximum likelihood.

    The likelihood of an image is that of its levels. The likelihood of a table row is the probability of its
    bin ids times the density of its in-bin offsets, in the table's order of columns.
    """

    model_config = AutoregressiveModel
    training_config = AutoregressiveTraining
    data_side = ("tokens.", "enter.", "cells.", "trunk.", "")
    exact = True

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build a ``PixelModel``, ``TableModel``, ``SequenceModel`` or ``FrameModel``, as the data needs.

        Raises:
            SpaceError: a net or an augmentation that this kind of data does not have, or heads that do not
                divide the width.
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
        """Return one phase: maximum likelihood."""
        return (Phase("likelihood", partial(nats_a_dimension, span=config.training.token_span)),)

    def why_not_by_row(self, config: FamilyConfig) -> str:
        """Name the setting that mixes rows: rank swapping."""
        return "training.rank_swap swaps cells between rows" if config.training.rank_swap > 0 else ""

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n samples, encoded: name to (n, ...), as the data's spec describes them."""
        assert isinstance(model, PixelModel | TableModel | SequenceModel | FrameModel)
        return model.sample(n, noise)

    def supports_completion(self, model: nn.Module) -> bool:
        """Tell whether parts of a sample can be given.

        True for openings of texts and music, class-conditional images, and tables if some rows were trained
        in other orders.
        """
        if isinstance(model, PixelModel):
            return model.classes is not None
        return not isinstance(model, TableModel) or model.any_order

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw the unknown part of each sample, name to (B, ...); see ``HasConditioning.complete``."""
        if isinstance(model, SequenceModel):
            return model.sample(len(given["tokens"]), noise, given["tokens"])
        if isinstance(model, FrameModel):
            return model.sample(len(given["frames"]), noise, given["frames"])
        if isinstance(model, PixelModel):
            return model.sample(len(given["label"]), noise, given["label"])
        assert isinstance(model, TableModel)
        return model.complete(given, noise)

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Compute the exact log-likelihood of each sample, of images without their class, in nats: (B,)."""
        unlabelled = {name: tensor for name, tensor in batch.items() if name != "label"}
        nats: Tensor = model(unlabelled, Dropout())
        return nats


def nats_a_dimension(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Compute the mean negative log-likelihood of a pixel, a cell, a token or a frame, in nats: a scalar.

    Args:
        model: A model that ``Autoregressive.build`` returned.
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        scalars: Training settings.
        span: Length of a hidden span of tokens.
    """
    drop = Dropout(noise, scalars["dropout"])
    if isinstance(model, SequenceModel | FrameModel):
        batch = time_stretched(batch, noise, scalars.get("time_stretch", 0.0))
    if isinstance(model, SequenceModel):
        played = transposed(batch, model.spec, noise, scalars["transpose"])
        shown = hide_tokens(played, noise, scalars["token_dropout"], span)
        return -model.nats_a_token(shown, drop, scalars["label_smoothing"])
    if isinstance(model, FrameModel):
        played = transposed(batch, model.spec, noise, scalars["transpose"])
        return -model.nats_a_frame(hide_tokens(played, noise, scalars["token_dropout"], span), drop)
    if "pixels" in batch:
        seen = shard(flipped_and_shifted(batch, noise, scalars), noise)
        nats: Tensor = model(seen, drop) / batch["pixels"][0].numel()
    else:
        settings = scalars["shuffled"], scalars["rank_swap"], scalars["label_smoothing"]
        nats = model(batch, drop, noise, *settings) / batch["codes"].shape[1]
    return -nats.mean()


def pixel_model(model: AutoregressiveModel, spec: ImageSpec) -> PixelModel:
    """Build the model of images that the settings name."""
    _check("net", model.net, ("pixelcnn", "transformer"))

    def trunk(inputs: int, size: tuple[int, int]) -> Any:
        if model.net == "pixelcnn":
            return PixelCNN(inputs, model.width, model.depth, size)
        return PatchTransformer(inputs, model.width, model.depth, model.heads, size)

    labels = spec.labels if model.classes and 2 <= spec.labels <= MOST_CLASSES else 0
    sampling = model.temperature, model.top_p
    return PixelModel(spec, trunk, model.width, model.patch, model.mixtures, *sampling, labels)


def sequence_model(
    model: AutoregressiveModel, spec: SequenceSpec | FrameSpec, tokens: int
) -> SequenceModel | FrameModel:
    """Build the model of token or frame sequences that the settings name.

    Args:
        model: Architecture and sampling settings.
        spec: Spec of the sequences.
        tokens: Maximum number of tokens or frames in a training step.
    """
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
    """Build the model of table rows that the settings name."""
    _check("net", model.net, ("mlp", "transformer"))
    trunk: TransformerTrunk | NadeTrunk = NadeTrunk(model.width, model.depth)
    if model.net == "transformer":
        trunk = TransformerTrunk(model.width, model.depth, model.heads)
    shape = model.width, model.parts
    return TableModel(spec, trunk, *shape, model.temperature, model.top_p, any_order)


def _check(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SpaceError(
            f"model.{name} must be one of {', '.join(choices)} for this kind of data, not {value!r}"
        )
