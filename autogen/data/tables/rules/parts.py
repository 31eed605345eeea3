"""Modeled columns: an encoder of cells, with codes of their own for rows in which something else holds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import ColumnSpec
from autogen.data.tables.encoders import Categories, ColumnEncoder, Numbers, encoder_from_json, fit_encoder
from autogen.data.tables.reading.column_types import ColumnType


class Part:
    """Modeled column: codes of an encoder, among them ``extra`` special codes after that of missing cells.

    Args:
        name: name of the modeled column.
        encoder: encoder of the cells.
        extra: number of further special codes; the first one means that the column says nothing.
        counts: number of training rows with each code, int64 (levels,); empty if it is never needed.

    Attributes:
        spec: spec of the modeled column.
    """

    def __init__(self, name: str, encoder: ColumnEncoder, extra: int = 0, counts: Any = ()) -> None:
        assert isinstance(encoder, Categories | Numbers)
        self.name, self.encoder, self.extra = name, encoder, extra
        self.first = int(encoder.missing)
        self.counts = np.asarray(counts, dtype=np.int64)
        own = encoder.spec
        self.spec = own if name == own.name and not extra else _extended(own, name, extra)

    @classmethod
    def fit(cls, name: str, form: ColumnType, column: pd.Series, special: np.ndarray, extra: int) -> "Part":
        """Fit the encoder on the training rows without a special code, and count all codes.

        Args:
            name: name of the modeled column.
            form: type of the cells.
            column: N training cells.
            special: number of each row's special code, int64 (N,), -1 for none.
            extra: number of special codes.
        """
        encoder = fit_encoder(form, column[special < 0].reset_index(drop=True))
        return cls(name, encoder, extra).counted(column, special)

    def counted(self, column: pd.Series, special: np.ndarray) -> "Part":
        """Return the same part with the counts of the training rows' codes."""
        codes = self.encode(column, special)[0]
        counts = np.bincount(codes, minlength=self.spec.levels)
        return Part(self.name, self.encoder, self.extra, counts)

    def code_names(self) -> tuple[Any, ...]:
        """Name each code by the value that it stands for."""
        names = self.encoder.code_names()
        extra = [("special", place) for place in range(self.extra)]
        return (*names[: self.first], *extra, *names[self.first :])

    def encode(self, column: pd.Series, special: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Encode N cells, or special codes where there are any, as codes and positions, both (N,)."""
        codes, positions = self.encoder.encode(column)
        codes = np.where(codes >= self.first, codes + self.extra, codes)
        codes = np.where(special >= 0, self.first + special, codes)
        return codes, np.where(special >= 0, np.float32(0.5), positions)

    def decode(self, codes: np.ndarray, positions: np.ndarray) -> tuple[pd.Series, np.ndarray]:
        """Decode codes and positions, (N,): cells, and the number of each row's special code, -1 for none."""
        special = np.where((codes >= self.first) & (codes < self.first + self.extra), codes - self.first, -1)
        own = np.where(codes >= self.first + self.extra, codes - self.extra, codes)
        own = np.where(special >= 0, 0, own)
        return self.encoder.decode(own, positions), special

    def draw(self, n: int, rng: np.random.Generator, present: bool) -> tuple[np.ndarray, np.ndarray]:
        """Draw n codes that say something, at their shares of the training rows; positions are uniform.

        Args:
            n: number of rows.
            rng: source of randomness.
            present: True if no cell may be missing.
        """
        weights = self.counts.astype(float)
        if self.extra:
            weights[self.first] = 0
        if present and self.first:
            weights[0] = 0
        if not weights.sum():
            weights[self.first + self.extra :] = 1
        if not weights.sum():  # the training rows have no cell at all here
            return np.zeros(n, np.int64), np.full(n, 0.5, np.float32)
        codes = rng.choice(len(weights), size=n, p=weights / weights.sum())
        inside = rng.random(n, dtype=np.float32)
        continuous = self.spec.continuous & (codes >= self.spec.specials)
        return codes, np.where(continuous, inside, np.float32(0.5))

    def to_json(self) -> dict[str, Any]:
        """Describe the encoder and the special codes."""
        form = self.encoder.form.to_json()
        about = {"name": self.name, "extra": self.extra, "counts": self.counts.tolist()}
        return about | {"form": form, **self.encoder.to_json()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Part":
        """Rebuild from ``to_json``."""
        encoder = encoder_from_json(ColumnType.from_json(record["form"]), record)
        return cls(record["name"], encoder, record["extra"], record["counts"])


def _extended(own: ColumnSpec, name: str, extra: int) -> ColumnSpec:
    return ColumnSpec(name, own.levels + extra, own.specials + extra, own.ordered, own.continuous)
