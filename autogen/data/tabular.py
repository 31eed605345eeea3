"""Tables: DataFrames, from ``.csv``, ``.tsv`` (also gzipped), ``.parquet`` or memory.

Pandas is imported when a table is read or a codec is used, not before.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.base import Arrays, Codec, DataKind, RawData, TableSpec
from autogen.data.names import TABLE_SETS
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
        from autogen.data.encoders import ColumnEncoder

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
        from autogen.data.encoders import fit_encoder
        from autogen.data.identifiers import Identifiers

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
        from autogen.data.column_types import ColumnType
        from autogen.data.encoders import encoder_from_json
        from autogen.data.identifiers import Identifiers

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


class Tables(DataKind):
    """Rows of a table with columns of many kinds; see ``autogen.data.column_types``."""

    name = "tabular"
    suffixes = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
    unit = "row"
    codec: ClassVar[type[Codec]] = TableCodec
    settings = ("columns", "target")

    def recognises(self, source: Any) -> bool:
        """A built-in name, a DataFrame, or a path with one of the suffixes."""
        if isinstance(source, (str, Path)):
            return str(source) in TABLE_SETS or str(source).lower().endswith(self.suffixes)
        pandas = sys.modules.get("pandas")
        return pandas is not None and isinstance(source, pandas.DataFrame)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read a table and settle its columns."""
        if find_spec("pandas") is None:
            raise DataError("tables need pandas; install it with: pip install pandas")
        from autogen.data.frames import read_table

        return read_table(source, options)

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """The learnt columns of a table, each as the codec's column is."""
        from autogen.data.frames import read_table_like

        assert isinstance(codec, TableCodec)
        return read_table_like(source, codec.encoders)

    def take(self, samples: Any, rows: np.ndarray) -> Any:
        """A DataFrame with a fresh index."""
        return samples.iloc[rows].reset_index(drop=True)

    def concatenate(self, parts: Sequence[Any]) -> Any:
        """A DataFrame with a fresh index."""
        import pandas as pd

        return pd.concat(list(parts), ignore_index=True)

    def digests(self, samples: Any) -> list[bytes]:
        """One of each row's cells, as text."""
        import pandas as pd

        texts = []
        for name in samples.columns:
            codes, uniques = pd.factorize(samples[name])
            spelt = np.array([*(str(value) for value in uniques), "\0"], dtype=object)
            texts.append(spelt[codes])
        rows = ("\x1f".join(cells).encode("utf-8", "surrogatepass") for cells in zip(*texts, strict=True))
        return [hashlib.blake2b(row, digest_size=16).digest() for row in rows]

    def fit(self, raw: RawData, rows: np.ndarray) -> TableCodec:
        """An encoder a column, from the training rows."""
        from autogen.data.column_types import ColumnType

        forms = [ColumnType.from_json(record) for record in raw.meta["columns"]]
        return TableCodec.fit(self.take(raw.samples, rows), forms)

    def save(self, samples: Any, path: Path, codec: Codec | None = None) -> None:
        """Write ``.csv``, ``.tsv`` (also ``.gz``) or ``.parquet``, cells as the codec's data was written."""
        self.save_parts([samples], path, codec)

    def save_parts(self, parts: Iterable[Any], path: Path, codec: Codec | None = None) -> None:
        """The same, one part in memory at a time."""
        from autogen.data.table_files import write_frames

        write_frames(map(codec.spelt, parts) if codec else parts, Path(path))
