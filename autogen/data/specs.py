"""Specs: the shapes, levels and vocabularies of encoded data, which are all that model families see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

#: Raw samples: a DataFrame of N rows, a uint8 array (N, H, W, C), a list of N texts or pieces of music.
Samples = Any
#: Encoded samples: name to array of B rows, which families train on and sample; see each spec.
Arrays = Mapping[str, np.ndarray]
SplitName = Literal["train", "tune", "select", "test"]


@dataclass(frozen=True)
class ImageSpec:
    """Spec of images.

    Encoded: ``{"pixels": uint8 (B, C, H, W) in 0..levels-1}``, and ``"label": int64 (B,)`` in
    0..labels-1 if ``labels`` > 0.

    Attributes:
        channels: C; 1 for gray, 3 for RGB, 4 for RGBA.
        height: H, in pixels.
        width: W, in pixels.
        levels: V, the number of distinct pixel values; 256, 17 for ``digits``, 2 for binary images.
        labels: number of classes; 0 for data without classes.
    """

    channels: int
    height: int
    width: int
    levels: int = 256
    labels: int = 0


@dataclass(frozen=True)
class ColumnSpec:
    """Spec of one column: a discrete code per cell, and for continuous columns an offset inside of its bin.

    Codes ``0..specials-1`` are special tokens: the missing cell, and values at which the column has a
    spike. The other ``levels - specials`` codes are the categories of a categorical column, or, in
    ascending order, the values or quantile bins of a numeric one.

    Attributes:
        name: name of the column.
        levels: V, the number of codes, at least 1.
        specials: number of special codes, which come first.
        ordered: True if the codes after the specials ascend with a quantity.
        continuous: True if the codes after the specials are quantile bins, which hold about equal shares
            of the training rows. A cell then has a position (offset) in [0, 1) inside of its bin; the
            position of all other cells is 0.5 and carries no information.
    """

    name: str
    levels: int
    specials: int = 0
    ordered: bool = False
    continuous: bool = False


@dataclass(frozen=True)
class TableSpec:
    """Spec of the rows of a table.

    Encoded: ``{"codes": int64 (B, D), "positions": float32 (B, D)}`` for the D columns.

    Attributes:
        columns: modeled columns, in the table's order, (D,).
        target: index of the column that users predict from the others; ``None`` where it is not known.
    """

    columns: tuple[ColumnSpec, ...]
    target: int | None = None


@dataclass(frozen=True)
class SequenceSpec:
    """Spec of token sequences: texts, symbolic music.

    Encoded: ``{"tokens": int64 (B, T) in 0..levels-1}``. A document is a row of symbols, then ``end``
    once, then ``pad`` up to T. A row of a stream is a block of one long sequence: it begins and ends
    anywhere and has no ``end``; it is full, unless its last symbol did not fit and ``pad`` takes its
    place. No row holds ``begin``: models see it in place of a token before the first.

    Attributes:
        levels: V, the size of the vocabulary with its special tokens.
        length: T, the maximum number of tokens in a row; for documents it includes ``end``.
        stream: True if rows are blocks of one long sequence, False if they are documents.
        pad: padding token.
        begin: beginning-of-sequence token.
        end: end-of-document token.
        unknown: token for symbols that the training split lacks; no sample should hold it.
        pitches: half-open range of the tokens of successive semitones, so that adding to them transposes;
            (0, 0) if there are none.
        ticks: for music the ticks of the tokens of durations, of shifts and of bars, which follow the pitches
            in this order, each ascending; empty if there are none.
    """

    levels: int
    length: int
    stream: bool = False
    pad: int = 0
    begin: int = 1
    end: int = 2
    unknown: int = 3
    pitches: tuple[int, int] = (0, 0)
    ticks: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class FrameSpec:
    """Spec of piano rolls.

    Encoded: ``{"frames": uint8 (B, T, 1 + keys) in 0..1}``. Cell 0 of a frame is 1 until the piece ends;
    after its end all cells are 0. The other cells tell which keys sound, from the lowest.

    Attributes:
        keys: number of keys, successive semitones.
        length: T, the maximum number of frames of a piece.
        voices: maximum number of keys that sound at once.
    """

    keys: int
    length: int
    voices: int


Spec = ImageSpec | TableSpec | SequenceSpec | FrameSpec
