"""Strands to tokens and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, SequenceSpec

BASES = "ACGT"
#: Tokens below stand for no base: pad, begin, end, unknown.
SPECIALS = 4


class DnaCodec(Codec):
    """A token a base, then ``end``; nothing is lost but what is longer than ``length - 1``.

    Args:
        length: T, the most tokens of a row.
    """

    kind = "dna"
    spec: SequenceSpec

    def __init__(self, length: int) -> None:
        self.spec = SequenceSpec(SPECIALS + len(BASES), length)

    def encode(self, samples: Sequence[str]) -> Arrays:
        """``{"tokens": int64 (N, T)}``."""
        rows = np.full((len(samples), self.spec.length), self.spec.pad, dtype=np.int64)
        for row, strand in zip(rows, samples, strict=True):
            tokens = [SPECIALS + BASES.index(base) for base in strand[: self.spec.length - 1]]
            row[: len(tokens) + 1] = [*tokens, self.spec.end]
        return {"tokens": rows}

    def decode(self, arrays: Arrays, seed: int = 0) -> list[str]:
        """N strands: the bases of each row."""
        rows = np.asarray(arrays["tokens"])
        return ["".join(BASES[token - SPECIALS] for token in row if token >= SPECIALS) for row in rows]

    def to_json(self) -> dict[str, Any]:
        """The length."""
        return {"kind": self.kind, "length": self.spec.length}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "DnaCodec":
        """Rebuild from ``to_json``."""
        return cls(record["length"])
