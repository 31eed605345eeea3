"""What families see of a data set: shapes, levels and vocabularies of its encoded arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

#: What a user's data set holds: a DataFrame, a uint8 array (N, H, W, C), a list of texts ...
Samples = Any
#: Encoded samples, name to array of B rows, as the families train on and sample: see each spec.
Arrays = Mapping[str, np.ndarray]
SplitName = Literal["train", "tune", "select", "test"]


@dataclass(frozen=True)
class ImageSpec:
    """Images as families see them.

    Encoded: ``{"pixels": uint8 (B, C, H, W) in 0..levels-1}``, and ``"label": int64 (B,)`` in
    0..labels-1 where ``labels`` > 0.

    Attributes:
        channels: 1 grey, 3 RGB, 4 RGBA.
        height: In pixels.
        width: In pixels.
        levels: Distinct values a pixel can take; 256, 17 for ``digits``, 2 for binary images.
        labels: Number of classes; 0 where the data has none.
    """

    channels: int
    height: int
    width: int
    levels: int = 256
    labels: int = 0


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a table as families see it: an alphabet of codes, some with a position inside.

    Codes ``0..specials-1`` stand for themselves (a missing cell, a value at which the column has a
    spike). The other ``levels - specials`` codes are the categories of a categorical column, or, in
    ascending order, the values or intervals of a numeric one.

    Attributes:
        name: Of the column.
        levels: Number of codes, at least 1.
        specials: Number of special codes, which come first.
        ordered: Whether the codes after the specials are in ascending order of a quantity.
        continuous: Whether the codes after the specials are intervals, inside of which a cell has a
            position in [0, 1); elsewhere the position is 0.5 and means nothing. Intervals hold about
            equal shares of the training rows.
    """

    name: str
    levels: int
    specials: int = 0
    ordered: bool = False
    continuous: bool = False


@dataclass(frozen=True)
class TableSpec:
    """Rows of a table as families see them.

    Encoded: ``{"codes": int64 (B, D), "positions": float32 (B, D)}`` for the D columns.

    Attributes:
        columns: The columns that are learnt, in the table's order.
    """

    columns: tuple[ColumnSpec, ...]


@dataclass(frozen=True)
class SequenceSpec:
    """Sequences of tokens as families see them: texts, symbolic music.

    Encoded: ``{"tokens": int64 (B, T) in 0..levels-1}``. A document is a row of symbols, then ``end``
    once, then ``pad`` up to T. A row of a stream is a stretch of one long sequence: it begins and ends
    anywhere and has no ``end``; it is full unless its last symbol would not have fitted, where ``pad``
    stands. ``begin`` is in no row: it is what a model is given in place of a token before the first.

    Attributes:
        levels: Size of the vocabulary, special tokens included.
        length: T, the most tokens of a row; of a document ``end`` included.
        stream: Whether rows are stretches of one long sequence rather than documents.
        pad: Stands for no token.
        begin: Stands before a row.
        end: Ends a document.
        unknown: Stands for symbols that the train split lacks; no sample should hold it.
        pitches: Tokens from the first to before the second stand for successive semitones, so that adding
            to them transposes; there are none where both are 0.
    """

    levels: int
    length: int
    stream: bool = False
    pad: int = 0
    begin: int = 1
    end: int = 2
    unknown: int = 3
    pitches: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class FrameSpec:
    """Piano rolls as families see them.

    Encoded: ``{"frames": uint8 (B, T, 1 + keys) in 0..1}``. Cell 0 of a frame is 1 while the piece goes on;
    after its end all cells are 0. The others say which keys sound, from the lowest.

    Attributes:
        keys: K, successive semitones.
        length: T, the most frames of a piece.
        voices: The most keys that sound at once.
    """

    keys: int
    length: int
    voices: int


Spec = ImageSpec | TableSpec | SequenceSpec | FrameSpec
