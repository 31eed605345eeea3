"""Marks on samples that are files: a table with the name of each, relative to its folder, and its mark."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from autogen.data.decoding import decoded, refuse_foreign
from autogen.data.feedback.marks import Marked, column_of, numbers_of
from autogen.data.specs import Samples
from autogen.data.tables.sources.delimited import read_records
from autogen.errors import DataError, reason
from autogen.files import read_file

#: Column with the names of the files.
FILE = "file"


def read_named_files(
    source: str,
    column: str,
    read: Callable[[Path], Samples],
    concatenate: Callable[[Sequence[Samples]], Samples],
) -> Marked:
    """Read the files that a ``.csv`` names, each with its mark.

    Args:
        source: Path of the table.
        column: Column with the marks; empty for the usual names.
        read: Reads the samples of one file.
        concatenate: Joins samples.

    Raises:
        DataError: the table has no column ``file``, or a file is not there or cannot be read.
    """
    try:
        text = read_file(Path(source), links=True)
    except OSError as error:
        raise DataError(f"{source} cannot be read: {reason(error)}; give a .csv with {FILE},keep.") from error
    refuse_foreign(text, source, table=True)
    rows = read_records(decoded(text, source)[0], Path(source))
    names = (
        [name for name in rows[0] if name is not None] if rows else []
    )  # cells beyond the header have none
    files = next((name for name in names if name.strip().lower() == FILE), None)
    if files is None:
        raise DataError(
            f"{source} has no column {FILE!r}; marks on such samples are a .csv with the name of each "
            f"file and its mark: {FILE},keep."
        )
    marked = column_of(names, (), column, source)
    marks = numbers_of([row[marked] for row in rows], marked, source)
    parts, repeats = [], []
    for row in rows:
        path = Path(source).parent / str(row[files])
        if not _is_file(path):
            named = f"{row[files]!r:.200}"
            raise DataError(f"{source} names the file {named}, which is not in {Path(source).parent}.")
        parts.append(read(path))
        repeats.append(len(parts[-1]))
    return Marked(concatenate(parts), np.repeat(marks, repeats))


def _is_file(path: Path) -> bool:
    """Tell if there is a file; there is none of a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
