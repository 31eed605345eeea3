"""Rows of a table to codes and positions and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, TableSpec
from autogen.errors import DataError


class TableCodec(Codec):
    """Cells to codes and positions, and back, column by column.

    Given back exactly: categories, truth values, whole numbers and decimals of few different
    values, all values that many rows share. Lost: values that the train part does not have, the
    three outermost rows of a column of many values, digits beyond a float32 position inside an
    interval (about 1e-7 of its width, none on a lattice), identifiers (made afresh).

    ``to_json`` names every category and every value of columns with few different ones, rare ones
    too, since a generator has to be able to make them; of columns with many it holds quantiles, the
    outermost ones blurred. A column whose rare values must not be told should be dropped.

    Args:
        columns: Encoders (learnt) and identifiers (made), in the table's order.
    """

    kind = "tabular"
    spec: TableSpec

    def __init__(self, columns: Sequence[Any]) -> None:
        from autogen.data.tables.encoders import ColumnEncoder

        self.columns = tuple(columns)
        self.encoders = tuple(column for column in columns if isinstance(column, ColumnEncoder))
        self.spec = TableSpec(tuple(encoder.spec for encoder in self.encoders))

    @classmethod
    def fit(cls, frame: Any, forms: Sequence[Any]) -> "TableCodec":
        """Fit an encoder a column on the train rows.

        Args:
            frame: DataFrame of the train rows.
            forms: ``ColumnType`` of each column.
        """
        from autogen.data.tables.encoders import fit_encoder
        from autogen.data.tables.identifiers import Identifiers

        fits = {"identifier": Identifiers.fit}
        return cls([fits.get(form.kind, fit_encoder)(form, frame[form.name]) for form in forms])

    @property
    def categorical(self) -> tuple[bool, ...]:
        """Whether each learnt column holds categories or truth values, not quantities."""
        return tuple(encoder.form.nominal for encoder in self.encoders)

    def encode(self, samples: Any) -> Arrays:
        """``{"codes": int64 (N, D), "positions": float32 (N, D)}``."""
        self._refuse_other_columns(samples)
        samples = self.plain(samples)
        shape = len(samples), len(self.encoders)
        codes, positions = np.empty(shape, np.int64), np.empty(shape, np.float32)
        for i, encoder in enumerate(self.encoders):
            codes[:, i], positions[:, i] = encoder.encode(samples[encoder.form.name])
        return {"codes": codes, "positions": positions}

    def decode(self, arrays: Arrays, seed: int = 0) -> Any:
        """A DataFrame with the columns and dtypes of the data; plain numbers where it has spelt ones."""
        import pandas as pd

        codes, positions = np.asarray(arrays["codes"]), np.asarray(arrays["positions"])
        assert (codes >= 0).all()
        assert (codes < [column.levels for column in self.spec.columns]).all()
        place = {encoder.form.name: i for i, encoder in enumerate(self.encoders)}
        found = {}
        for column in self.columns:
            name = column.form.name
            if name in place:
                i = place[name]
                found[name] = column.decode(codes[:, i], positions[:, i])
            else:
                found[name] = column.make(np.arange(len(codes)), len(codes), seed)
        return pd.DataFrame(found)

    def numbered(self, samples: Any, first: int, total: int, seed: int = 0) -> Any:
        """Rows whose identifiers differ from those of all other blocks of the draw."""
        fresh = {
            column.form.name: column.make(np.arange(first, first + len(samples)), total, seed)
            for column in self.columns
            if column not in self.encoders
        }
        return samples.assign(**fresh) if fresh else samples

    def features(self, samples: Any) -> np.ndarray:
        """Learnt columns as numbers, float64 (N, D): quantities, or indices of categories; NaN if missing.

        Dates count seconds (or their unit); a category that the train part does not have is one more
        than the last index.
        """
        self._refuse_other_columns(samples)
        samples = self.plain(samples)
        return np.column_stack([encoder.feature(samples[encoder.form.name]) for encoder in self.encoders])

    def spelt(self, samples: Any) -> Any:
        """Numbers of columns that were written with signs or separators as texts like the data's."""
        from pandas.api.types import is_numeric_dtype

        written = {
            form.name: form.spelling.write(samples[form.name])
            for form in self._written(samples)
            if is_numeric_dtype(samples[form.name].dtype)
        }
        return samples.assign(**written) if written else samples

    def plain(self, samples: Any) -> Any:
        """Texts of such columns as numbers, those of other ones as they are.

        Raises:
            DataError: a text of such a column is no number.
        """
        from pandas.api.types import infer_dtype

        read = {}
        for form in self._written(samples):
            if infer_dtype(samples[form.name]) == "string":
                try:
                    read[form.name] = form.spelling.read(samples[form.name], form.dtype)
                except (ValueError, TypeError) as error:
                    like = form.spelling.text(1234)
                    raise DataError(f"column {form.name!r} holds numbers like {like}: {error}.") from error
        return samples.assign(**read) if read else samples

    def _written(self, samples: Any) -> list[Any]:
        """Forms of the columns that are written with signs or separators."""
        forms = [column.form for column in self.columns]
        return [form for form in forms if form.spelling and form.name in samples]

    def to_json(self) -> dict[str, Any]:
        """Form and encoder of each column."""
        records = [{"form": column.form.to_json(), **column.to_json()} for column in self.columns]
        return {"kind": self.kind, "columns": records}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "TableCodec":
        """Rebuild from ``to_json``."""
        from autogen.data.tables.encoders import encoder_from_json
        from autogen.data.tables.identifiers import Identifiers
        from autogen.data.tables.reading.column_types import ColumnType

        columns = []
        for entry in record["columns"]:
            form = ColumnType.from_json(entry["form"])
            rebuild = Identifiers.from_json if form.kind == "identifier" else encoder_from_json
            columns.append(rebuild(form, entry))
        return cls(columns)

    def _refuse_other_columns(self, samples: Any) -> None:
        absent = [encoder.form.name for encoder in self.encoders if encoder.form.name not in samples]
        if absent:
            raise DataError(
                f"a table with the columns of the training data was expected; {absent[0]!r} is missing."
            )
