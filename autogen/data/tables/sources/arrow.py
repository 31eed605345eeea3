"""Arrow files to tables: parquet, feather, IPC streams, and data sets that Hugging Face saved to a folder."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autogen.errors import DataError, reason

SUFFIXES = (".parquet", ".feather", ".arrow")
#: Files that stand beside the Arrow files of a saved data set, or of several splits.
_MARKS = ("dataset_info.json", "state.json", "dataset_dict.json")


def read_arrow(path: Path) -> Any:
    """Read a parquet, feather or Arrow file as a DataFrame.

    Raises:
        DataError: pyarrow is missing, or the file cannot be read.
    """
    need_pyarrow(path)
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is no regular file; give a file, not a folder, a device or a pipe.")
    import pyarrow as pa
    from pyarrow import feather, parquet

    try:
        if path.suffix.lower() == ".parquet":
            with path.open("rb") as file:  # of a path, the names of its folders would be columns
                found = parquet.read_table(file)
        else:
            try:
                found = feather.read_table(path)
            except pa.ArrowInvalid:
                found = _stream(path)
        found.validate(full=True)  # texts that are no UTF-8 raise where they are looked at
        return found.to_pandas()
    except Exception as error:  # what pandas noted in the file is read by Python, which raises anything
        kind = "parquet" if path.suffix.lower() == ".parquet" else "an Arrow file"
        raise DataError(f"{path} cannot be read as {kind}: {reason(error)}.") from error


def read_data_set(path: Path, split: Any = None) -> tuple[Any, list[str]]:
    """Read a folder that Hugging Face saved as an Arrow table, and notes.

    Args:
        path: folder of the data set.
        split: name of a split; ``train`` or the first one by default.

    Raises:
        DataError: pyarrow is missing, there is no such split, or a file cannot be read.
    """
    need_pyarrow(path)
    import pyarrow as pa

    files, notes = _files_of(path, split)
    try:
        table = pa.concat_tables([_stream(file) for file in files])
        table.validate(full=True)
        return table, notes
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read as Arrow files: {reason(error)}.") from error


def frame_of(table: Any, path: Path) -> Any:
    """Convert an Arrow table of a file to a DataFrame. Raises ``DataError`` for damaged notes of pandas."""
    try:
        return table.to_pandas()
    except Exception as error:  # as above
        raise DataError(f"{path} cannot be read as Arrow files: {reason(error)}.") from error


def need_pyarrow(path: Path) -> None:
    """Raise ``DataError`` if pyarrow is missing, without which parquet cannot be read or written."""
    if find_spec("pyarrow") is None:
        raise DataError(f"{path} needs pyarrow; install it with: pip install pyarrow")


def holds_data_set(path: Path) -> bool:
    """Tell if a folder is a data set that Hugging Face saved."""
    if not path.is_dir() or find_spec("pyarrow") is None:
        return False
    return any((path / mark).is_file() for mark in _MARKS) and bool(_splits(path))


def column_types(path: Path) -> dict[str, str]:
    """Name the Arrow type of each column of a saved data set; empty if it cannot be read."""
    first = first_rows(path)
    return {} if first is None else {field.name: str(field.type) for field in first.schema}


def first_rows(path: Path) -> Any:
    """Read the first batch of rows of a saved data set; ``None`` if it cannot be read."""
    import pyarrow as pa

    try:
        with _files_of(path, None)[0][0].open("rb") as file:
            return pa.ipc.open_stream(file).read_next_batch()
    except (DataError, OSError, ValueError, StopIteration, pa.ArrowException):
        return None


def _stream(path: Path) -> Any:
    """Read an IPC stream, as ``datasets`` writes them."""
    import pyarrow as pa

    with path.open("rb") as file:
        return pa.ipc.open_stream(file).read_all()


def _files_of(path: Path, split: Any) -> tuple[Sequence[Path], list[str]]:
    """List the Arrow files of a split of a data set, and note which split it is."""
    splits = _splits(path)
    if not splits:
        raise DataError(f"{path} holds no .arrow files; expected a data set that save_to_disk wrote.")
    if split is not None and split not in splits:
        raise DataError(f"{path} has no split {split!r}; it has {', '.join(splits)}.")
    name = split if split is not None else "train" if "train" in splits else next(iter(splits))
    others = [other for other in splits if other != name]
    note = (
        f"The split {name!r} was read, not {', '.join(map(repr, others))}; --option split=... reads another."
    )
    return splits[name], [note] if others else []


def _splits(path: Path) -> dict[str, list[Path]]:
    """Find the Arrow files of each split; a data set without splits is one without a name."""
    folders = [path, *sorted(folder for folder in path.iterdir() if folder.is_dir())]
    found = {folder.name: sorted(folder.glob("*.arrow")) for folder in folders}
    return {name: files for name, files in found.items() if files}
