"""Tables: DataFrames, from ``.csv``, ``.tsv`` (also gzipped), ``.parquet`` or memory.

Pandas is imported when a table is read or a codec is used, not before.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.builtin import TABLE_SETS
from autogen.data.codec import Codec
from autogen.data.declaration import Declaration, Preview
from autogen.data.decoding import without_packing
from autogen.data.federated.capability import HasSketches
from autogen.data.feedback.marks import Marked
from autogen.data.kind import ColumnReading, DataKind, RawData
from autogen.data.private.capability import HasNoisyCodec
from autogen.data.tables.codec import TableCodec
from autogen.errors import DataError
from autogen.privacy.settings import Range


def _file_of(source: str) -> str:
    """Return the path in ``file.db::table``."""
    from autogen.data.tables.sources.database import file_of

    return file_of(source)


def _learned(raw: RawData) -> list[str]:
    """List the columns that are no identifiers."""
    return [form.get("name", "") for form in raw.meta["columns"] if form["kind"] != "identifier"]


def _digests(samples: Any, text: Callable[[Any], str]) -> list[bytes]:
    """Hash each row's cells, each written as a text."""
    import pandas as pd

    texts = []
    for name in samples.columns:
        codes, uniques = pd.factorize(samples[name])
        labels = np.array([*map(text, uniques), "\0"], dtype=object)
        texts.append(labels[codes])
    rows = ("\x1f".join(cells).encode("utf-8", "surrogatepass") for cells in zip(*texts, strict=True))
    return [hashlib.blake2b(row, digest_size=16).digest() for row in rows]


def _plain(value: Any) -> str:
    """Write a cell; a missing cell makes a column of whole numbers one of floats, which changes no number."""
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


def _is_saved_table(path: Path) -> bool:
    """Tell if a folder is a table that Hugging Face saved, and none of texts."""
    if find_spec("pandas") is None:
        return False
    from autogen.data.tables.sources.arrow import column_types, holds_data_set

    return holds_data_set(path) and "text" not in column_types(path)


def _is_zipped_table(path: Path) -> bool:
    """Tell if a zip has one table, and other files beside it that are none."""
    from autogen.data.tables.sources.archive import start_of_member, table_in
    from autogen.data.tables.sources.json_records import SUFFIXES, are_records

    name = without_packing(found := table_in(path)).lower()
    if name.endswith(SUFFIXES):
        return are_records(start_of_member(path, found), name)
    return bool(found)


class Tables(DataKind, HasNoisyCodec, HasSketches):
    """Rows of a table with columns of many kinds; see ``autogen.data.tables.reading.column_types``."""

    name = "tabular"
    suffixes = (
        ".csv",
        ".csv.gz",
        ".tsv",
        ".tsv.gz",
        ".parquet",
        ".feather",
        ".arrow",
        ".xlsx",
        ".xlsm",
        ".db",
        ".sqlite",
        ".sqlite3",
        ".jsonl",
        ".ndjson",
        ".json",
    )
    also = (".jsonl.gz", ".json.gz", ".geojson", ".zip", ".bz2", ".xz", ".zst", ".txt", ".txt.gz")
    unit = "row"
    written = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
    codec: ClassVar[type[Codec]] = TableCodec
    settings = (
        *("columns", "target", "group", "time", "rules", "encoding", "delimiter", "header", "decimal"),
        *("sheet", "split"),
    )
    private_space = "tabular_private"
    federated_space = "tabular"
    declaration = Declaration(
        metric="c2st",
        features="rows",
        marked="autogen.metrics.tables.features:RelatedRows",
        spaces=("tabular", "tabular_tiny"),
        baselines={
            "train_copy": "autogen.families.baselines.base:TrainCopy",
            "marginals": "autogen.families.baselines.tables:ColumnMarginals",
            "gaussian_copula": "autogen.families.baselines.tables:GaussianCopula",
            "smote": "autogen.families.baselines.tables:Smote",
        },
        distance="autogen.metrics.tables.distance:TableDistance",
        evidence={"authenticity": "autogen.metrics.tables.authenticity:authenticity"},
        preview=Preview(".csv", 8, 4, marginals="autogen.data.tables.preview:column_marginals"),
        relations="autogen.metrics.tables.relations:find_relations",
        drift="autogen.metrics.tables.drift:column_shifts",
        found_rules="autogen.metrics.tables.offered:found_rules",
        plural="rows",
        file="samples.csv",
        limits="Identifiers are made up, rows are drawn independently of each other, and rules between "
        "columns that are not binding (--rule) are imitated, not kept.",
    )

    def recognizes(self, source: Any) -> bool:
        """A built-in name, a DataFrame, or a path with one of the suffixes."""
        if isinstance(source, (str, Path)):
            lower = without_packing(str(source).lower())
            if lower.endswith((".jsonl", ".ndjson", ".json", ".geojson")):
                from autogen.data.tables.sources.json_records import holds_records

                return find_spec("pandas") is not None and holds_records(Path(source))
            if lower.endswith(".zip"):
                return find_spec("pandas") is not None and _is_zipped_table(Path(source))
            if lower.endswith((".npy", ".npz")):
                from autogen.data.tables.sources.arrays import holds_matrix

                return find_spec("pandas") is not None and holds_matrix(Path(source))
            if Path(source).is_dir():
                return _is_saved_table(Path(source))
            return str(source) in TABLE_SETS or _file_of(lower).endswith(self.suffixes)
        pandas = sys.modules.get("pandas")
        return pandas is not None and isinstance(source, pandas.DataFrame)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read a table and settle its columns."""
        if find_spec("pandas") is None:
            raise DataError("tables need pandas; install it with: pip install pandas")
        from autogen.data.tables.reading.frames import read_table

        return read_table(source, options)

    def read_all(self, sources: Sequence[Any], options: Mapping[str, Any]) -> RawData:
        """Read tables of the same columns as one, so that a column has one type in all of them."""
        from autogen.data.tables.reading.frames import read_tables

        return read_tables(sources, options)

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """The modeled columns of a table, each as the codec's column is."""
        from autogen.data.tables.reading.frames import read_table_like

        assert isinstance(codec, TableCodec)
        made_up = [column.form.name for column in codec.columns if column not in codec.encoders]
        return read_table_like(source, codec.encoders, {**options, "made_up": made_up})

    def read_marked(self, source: str, column: str, codec: Codec, options: Mapping[str, Any]) -> Marked:
        """A table with the columns of the data and one of marks, whatever its separators and encoding are."""
        from autogen.data.tables.reading.frames import read_marked_table

        assert isinstance(codec, TableCodec)
        names = [one.form.name for one in codec.columns]
        made_up = [one.form.name for one in codec.columns if one not in codec.encoders]
        known = {"reference": options.get("reference", "the data"), "made_up": made_up}
        known["left_out"] = options.get("left_out", ())
        return read_marked_table(source, column, codec.encoders, known, names)

    def marked_digests(self, samples: Any, codec: Codec) -> list[bytes]:
        """One of each row's modeled cells, in the order of their names; 5 and 5.0 are one number."""
        assert isinstance(codec, TableCodec)
        return _digests(samples[sorted(one.form.name for one in codec.encoders)], _plain)

    def take(self, samples: Any, rows: np.ndarray) -> Any:
        """A DataFrame with a fresh index."""
        return samples.iloc[rows].reset_index(drop=True)

    def concatenate(self, parts: Sequence[Any]) -> Any:
        """A DataFrame with a fresh index."""
        import pandas as pd

        return pd.concat(list(parts), ignore_index=True)

    def digests(self, samples: Any) -> list[bytes]:
        """One of each row's cells, as text."""
        return _digests(samples, str)

    def equal_digests(self, raw: RawData) -> list[bytes]:
        """One of each row's cells, identifiers left out: they tell equal rows apart, and are not learned."""
        return self.digests(raw.samples[_learned(raw)])

    def known_digests(self, raw: RawData) -> list[bytes]:
        """One of each row's learned cells, in the order of their names; 5 and 5.0 are one number."""
        return _digests(raw.samples[sorted(_learned(raw))], _plain)

    def fit(self, raw: RawData, rows: np.ndarray) -> TableCodec:
        """An encoder a column, from the training rows, and columns that are derived by rules."""
        from autogen.data.tables.reading.column_types import ColumnType
        from autogen.data.tables.rules.parse import BindingRule

        forms = [ColumnType.from_json(record) for record in raw.meta["columns"]]
        rules = [BindingRule.from_json(record) for record in raw.meta.get("rules", ())]
        target = str(raw.meta.get("target") or "")
        return TableCodec.fit(self.take(raw.samples, rows), forms, rules, raw.samples, target)

    def histograms(self, raw: RawData, ranges: Mapping[str, Range]) -> tuple[int, int]:
        """One a learned column, those of categories with values that are not known before."""
        from autogen.data.tables.private.counting import check_columns
        from autogen.data.tables.reading.column_types import ColumnType

        forms = [ColumnType.from_json(record) for record in raw.meta["columns"]]
        check_columns(forms, ranges)
        return len(forms), sum(form.nominal for form in forms)

    def count(
        self, raw: RawData, rows: np.ndarray, ranges: Mapping[str, Range], scale: float, threshold: float
    ) -> dict[str, Any]:
        """The noisy histogram of each column."""
        from autogen.data.tables.private.counting import count_column
        from autogen.data.tables.reading.column_types import ColumnType

        frame = self.take(raw.samples, rows)
        forms = [ColumnType.from_json(record) for record in raw.meta["columns"]]
        columns = [
            count_column(form, frame[form.name], ranges.get(form.name), scale, threshold) for form in forms
        ]
        return {"columns": columns, "rows": len(rows), "target": str(raw.meta.get("target") or "")}

    def lost_values(self, raw: RawData, record: Mapping[str, Any]) -> list[str]:
        """Columns of which categories are left out."""
        from autogen.data.tables.private.counting import lost_categories

        return lost_categories(record["columns"], raw.samples)

    def noisy_codec(self, record: Mapping[str, Any]) -> TableCodec:
        """An encoder a column, from its noisy histogram."""
        from autogen.data.tables.private.codec import codec_of_counts

        return codec_of_counts(record["columns"], record["rows"], record["target"])

    def sketch(self, raw: RawData, rows: np.ndarray, threshold: int) -> dict[str, Any]:
        """One a column; identifiers are left out, since nothing is learned of them."""
        from autogen.data.tables.federated.sketches import sketch_table

        return sketch_table(raw.meta, self.take(raw.samples, rows), threshold)

    def merged_codec(self, sketches: Mapping[str, Mapping[str, Any]]) -> TableCodec:
        """An encoder a column, from its sketches."""
        from autogen.data.tables.federated.merge import merged_codec

        return merged_codec(sketches)

    def earlier_options(self, codec: Codec) -> dict[str, Any]:
        """The same kinds of columns, and the same target."""
        from autogen.data.tables.extended import kinds_of

        assert isinstance(codec, TableCodec)
        target = {"target": codec.target} if codec.target else {}
        return {"columns": kinds_of(codec), **target}

    def fit_from(self, raw: RawData, rows: np.ndarray, earlier: Codec) -> TableCodec:
        """The earlier codes of each column, and those of new values in the training rows."""
        from autogen.data.tables.extended import extended

        assert isinstance(earlier, TableCodec)
        return extended(earlier, self.fit(raw, rows), self.take(raw.samples, rows))

    def round_trip(self, raw: RawData, rows: np.ndarray, codec: Codec) -> list[str]:
        """Each learned column on its own, and the target beside each other column."""
        from autogen.data.tables.leaks import leak_notes
        from autogen.data.tables.round_trip import round_trip_notes

        assert isinstance(codec, TableCodec)
        train = self.take(raw.samples, rows)
        return [*round_trip_notes(codec, train), *leak_notes(codec, train)]

    def readings(self, raw: RawData, rows: np.ndarray, codec: Codec) -> list[ColumnReading]:
        """Each column of the source, those that are left out too."""
        from autogen.data.tables.round_trip import column_readings

        assert isinstance(codec, TableCodec)
        return column_readings(codec, self.take(raw.samples, rows), raw.meta["left_out"], raw.samples)

    def save(self, samples: Any, path: Path, codec: Codec | None = None) -> None:
        """Write ``.csv``, ``.tsv`` (also ``.gz``) or ``.parquet``, cells as the codec's data was written."""
        self.save_parts([samples], path, codec)

    def save_parts(self, parts: Iterable[Any], path: Path, codec: Codec | None = None) -> None:
        """The same, one part in memory at a time."""
        from autogen.data.tables.sources.files import write_frames

        write_frames(map(codec.to_original_format, parts) if codec else parts, Path(path))
