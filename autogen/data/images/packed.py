"""Encoded image files in a parquet file or a saved data set of Hugging Face: bytes, or records with bytes."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.tables.sources.arrow import first_rows, holds_data_set, read_data_set
from autogen.documents import parse_json
from autogen.errors import DataError, reason

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
_LABELS = ("label", "labels", "class", "target", "y", "fine_label", "category")


class PackedImages:
    """Names and bytes of the images of a parquet file or a data set, with the interface of ``ImageFolder``.

    Args:
        path: parquet file, or folder of a saved data set.

    Raises:
        DataError: the file cannot be read, or has no column of images.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.links: set[str] = set()
        column = _image_column(path)
        if column is None:
            raise DataError(f"{path} has no column of image files (bytes, or a record with bytes).")
        table = read_data_set(path)[0] if path.is_dir() else _read_parquet(path)
        cells = table.column(column).to_pylist()
        self._contents = [cell.get("bytes") if isinstance(cell, dict) else cell for cell in cells]
        self.column = column
        self._table = table

    def names(self) -> Iterator[str]:
        """List a name for each row that holds an image."""
        return (f"{i:08d}" for i, content in enumerate(self._contents) if content)

    def bytes_of(self, name: str) -> bytes:
        """Return the content of an image file."""
        return bytes(self._contents[int(name)] or b"")

    def close(self) -> None:
        """Close nothing."""

    def labels(self, names: list[str]) -> tuple[np.ndarray | None, list[str]]:
        """Find the classes of some images, (N,) of texts or int64, and their names if the file tells them."""
        others = [name for name in self._table.column_names if name != self.column]
        known = [name for name in _LABELS if name in others]
        if not known and len(others) == 1:
            known = others
        for name in known:
            values = np.array(self._table.column(name).to_pylist(), dtype=object)[[int(i) for i in names]]
            if all(isinstance(value, (int, str)) for value in values):
                return values, _class_names(self._table.schema, name)
        return None, []


def holds_packed_images(path: Path) -> bool:
    """Tell if a parquet file or a saved data set has a column of encoded images; reads its first rows."""
    there = path.is_file() or holds_data_set(path)
    return find_spec("pyarrow") is not None and there and _image_column(path) is not None


def _read_parquet(path: Path) -> Any:
    from pyarrow import ArrowException, parquet

    try:
        return parquet.read_table(path)
    except (OSError, ValueError, ArrowException) as error:
        raise DataError(f"{path} cannot be read as parquet: {reason(error)}.") from error


def _image_column(path: Path) -> str | None:
    """Find the first column whose cells are image files."""
    import pyarrow as pa
    from pyarrow import parquet

    if path.is_dir():
        first = first_rows(path)
        names = [] if first is None else [name for name, _ in _packed_fields(first.schema)]
        return next(
            (name for name in names if _are_images(first.column(name).slice(0, 16).to_pylist())), None
        )
    try:
        with parquet.ParquetFile(path) as file:
            for name, column in _packed_fields(file.schema_arrow):
                batch = next(file.iter_batches(16, columns=[column]), None)
                if batch is not None and _are_images(batch.column(0).to_pylist()):
                    return name
    except (OSError, ValueError, pa.ArrowException):
        return None
    return None


def _packed_fields(schema: Any) -> Iterator[tuple[str, str]]:
    """List the columns that may hold image files, and the column of their bytes."""
    import pyarrow as pa

    for field in schema:
        if pa.types.is_struct(field.type) and "bytes" in {inner.name for inner in field.type}:
            yield str(field.name), f"{field.name}.bytes"
        elif pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            yield str(field.name), str(field.name)


def _are_images(cells: list[Any]) -> bool:
    found = [cell.get("bytes") if isinstance(cell, dict) else cell for cell in cells]
    return any(isinstance(cell, bytes) and cell.startswith(_SIGNATURES) for cell in found)


def _class_names(schema: Any, column: str) -> list[str]:
    """Read the names of classes that Hugging Face stores beside the schema; empty if there are none."""
    try:
        about = parse_json((schema.metadata or {}).get(b"huggingface", b"{}"))
        names = about["info"]["features"][column]["names"]
        return [str(name) for name in names]
    except (ValueError, KeyError, TypeError):
        return []
