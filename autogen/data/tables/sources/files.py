"""Frames to files in chunks: only one chunk of a table is in memory, however long the table is."""

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pandas as pd

from autogen.data.tables.sources.arrow import need_pyarrow
from autogen.errors import DataError, reason
from autogen.files import replacing

PIECE_ROWS = 65_536


def write_frames(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """Write frames with the same columns one after the other; the suffix chooses the format.

    The file gets its name when it is complete.

    Args:
        frames: parts of the table, in order.
        path: file to write: ``.csv``, ``.csv.gz``, ``.tsv``, ``.tsv.gz`` or ``.parquet``.

    Raises:
        DataError: the suffix is another one, or the file cannot be written.
    """
    lower = path.name.lower()
    if not lower.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")):
        raise DataError(f"a table needs a file name with .csv, .csv.gz, .tsv or .parquet; got {path.name!r}.")
    if lower.endswith(".parquet"):
        need_pyarrow(path)
    write = _write_parquet if lower.endswith(".parquet") else _write_text
    try:
        with replacing(path) as part:
            write(pieces(frames), part, lower)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {reason(error)}.") from error


def pieces(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Cut rows into frames of ``PIECE_ROWS``, so that files do not depend on the blocks of the draw."""
    waiting: list[pd.DataFrame] = []
    held = 0
    for frame in frames:
        waiting.append(frame)
        held += len(frame)
        while held >= PIECE_ROWS:
            whole = pd.concat(waiting, ignore_index=True)
            yield whole.iloc[:PIECE_ROWS]
            waiting = [whole.iloc[PIECE_ROWS:]]
            held -= PIECE_ROWS
    if held or waiting:
        yield pd.concat(waiting, ignore_index=True)


def _write_text(frames: Iterator[pd.DataFrame], path: Path, name: str) -> None:
    separator = "\t" if ".tsv" in name else ","
    with _text(path, name.endswith(".gz")) as file:
        for number, frame in enumerate(frames):
            frame.to_csv(file, index=False, header=number == 0, sep=separator, lineterminator="\n")


@contextmanager
def _text(path: Path, zipped: bool) -> Iterator[IO[str]]:
    """Open a file for text; gzip gets no date, so that equal rows give equal bytes."""
    with path.open("wb") as raw:
        packed: Any = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if zipped else raw
        with io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
            yield file


def _write_parquet(frames: Iterator[pd.DataFrame], path: Path, name: str) -> None:  # noqa: ARG001 - as text
    from pyarrow import parquet

    tables = arrow_tables(frames)
    first = next(tables)
    with parquet.ParquetWriter(path, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)


def arrow_tables(frames: Iterable[pd.DataFrame]) -> Iterator[Any]:
    """Convert frames with the same columns to Arrow tables of one schema.

    A column whose cells are all missing in the first frame is one of texts.
    """
    import pyarrow as pa

    schema, unknown = None, []
    for frame in frames:
        if schema is None:
            schema = pa.Schema.from_pandas(frame, preserve_index=False)
            unknown = [field for field in schema if pa.types.is_null(field.type)]
            for field in unknown:
                place = schema.get_field_index(field.name)
                schema = schema.set(place, field.with_type(pa.string()))
        texts = {field.name: frame[field.name].map(str, na_action="ignore") for field in unknown}
        yield pa.Table.from_pandas(frame.assign(**texts), schema, preserve_index=False)
