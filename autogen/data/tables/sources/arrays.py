"""Tables that come as arrays, as lists of rows, or as data sets of scikit-learn's loaders."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.images.arrays import array_types, holds_images_in_arrays, is_table, load_arrays
from autogen.errors import DataError, agreed


def in_memory(source: Any) -> Any:
    """Make a DataFrame of what is a table in memory, and a list of a column of texts.

    Args:
        source: Anything with ``to_pandas()`` (Arrow, polars, ``datasets``), a Series or array (N,) of texts,
            a structured array (N,), an array (N, D), a list of lists; other things stay as they are.

    Raises:
        DataError: it is a pair of samples and labels, a list of arrays, a data set with pictures or sounds,
            or a column of texts of which some are missing, or ``of_matrix`` refuses it.
    """
    if hasattr(source, "to_pandas"):
        _refuse_media(source)
        source = source.to_pandas()
    if isinstance(source, np.ndarray) and source.ndim == 1 and source.dtype.names:
        return pd.DataFrame(source)
    if isinstance(source, pd.Series | pd.Index) or (isinstance(source, np.ndarray) and source.ndim == 1):
        return _texts(source)
    if isinstance(source, list | tuple):
        _refuse_several(source)
    return of_matrix(source) if is_matrix(source) else source


def _texts(column: Any) -> Any:
    """A column of texts as a list; others as they are. Raises ``DataError`` if a text is missing."""
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return column
    if missing := int(pd.isna(column).sum()):
        raise DataError(
            f"{missing} of {len(column)} texts {agreed(missing, 'is', 'are')} missing; give the others "
            "alone: data.dropna()"
        )
    return column.tolist()


def _refuse_media(source: Any) -> None:
    """Refuse pictures and sounds in columns of a data set of Hugging Face: in pandas they are bytes."""
    for name, feature in dict(getattr(source, "features", None) or {}).items():
        if type(feature).__name__ in ("Image", "Audio", "Video"):
            raise DataError(
                f"column {name!r} of the data set holds {type(feature).__name__.lower()}s; "
                "save_to_disk(FOLDER) writes pictures as a folder that autogen reads: give FOLDER"
            )


def _refuse_several(source: Any) -> None:
    """Refuse samples with their labels, and arrays that are not stacked, with what to give instead."""
    shape = _shape(source[0]) if len(source) else ()
    if len(shape) < 2:
        return
    if len(source) == 2 and (_shape(source[1]) or [0])[0] == shape[0]:
        with_labels = (
            'with the labels as one more column: X.assign(target=y), and target="target"; or call '
            "autogen.Generator().fit(X, y)"
        )
        raise DataError(
            "data is a pair of samples and labels; give "
            + (f"one table, {with_labels}" if len(shape) == 2 else "the samples alone: no labels are learned")
        )
    raise DataError(
        f"data is a list of {len(source)} arrays, the first of shape {shape}; give one array, such as "
        "np.stack(data) for images of one size"
    )


def _shape(one: Any) -> tuple[int, ...]:
    """Shape of an array, a table or a tensor, or (N,) of a list; () of others."""
    if isinstance(one, list | tuple):
        return (len(one),)
    return tuple(getattr(one, "shape", ()))


def holds_matrix(path: Path) -> bool:
    """Tell if a ``.npy`` or ``.npz`` holds a table: an array (N, D) or records (N,), and no images."""
    return bool(array_types(path)) and not holds_images_in_arrays(path)


def read_matrix(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read the table of a ``.npy`` or ``.npz``; other arrays (N,) are columns of their names.

    Raises:
        DataError: the file cannot be read, or has no array (N, D), or several.
    """
    arrays = load_arrays(path)
    tables = [name for name, one in arrays.items() if is_table(one.shape, one.dtype)]
    if len(tables) != 1:
        raise DataError(f"{path} holds {len(tables)} arrays (N, D), of which a table is made; give one.")
    name, table = tables[0], arrays[tables[0]]
    frame = pd.DataFrame(table) if table.dtype.names else of_matrix(table)
    lengths = (len(frame),), (len(frame), 1)
    beside = [key for key, one in arrays.items() if key != name and one.shape in lengths]
    for key in beside:
        frame[key] = arrays[key].reshape(-1)
    left = [key for key in arrays if key != name and key not in beside]
    notes = [f"The array {table.shape} was read as a table."]
    return frame, notes + ([f"Arrays of other sizes were left out: {', '.join(left[:5])}."] if left else [])


def is_matrix(source: Any) -> bool:
    """Tell if something is an array, or a list of lists, of rows and columns."""
    if isinstance(source, np.ndarray):
        return source.ndim == 2
    return (
        isinstance(source, list | tuple) and bool(source) and isinstance(source[0], list | tuple | np.ndarray)
    )


def of_matrix(source: Any) -> pd.DataFrame:
    """Make a table of rows and columns; the columns are ``x0``, ``x1`` and so on.

    Args:
        source: Array (N, D), or list of N lists of D cells.

    Raises:
        DataError: rows are of different lengths or no rows of cells, there is no column, or numbers are
            complex.
    """
    try:
        shape = np.shape(source)
    except ValueError:
        shape = ()
    if len(shape) != 2:
        raise DataError("the rows of a table must be lists of cells, all of the same length")
    if not shape[1]:
        raise DataError(f"the table has 0 feature(s) (shape={shape}) while a minimum of 1 is required.")
    if np.iscomplexobj(source):
        raise DataError("the table has complex numbers. Complex data not supported; give two real columns")
    return pd.DataFrame(source, columns=names_of(shape[1]))


def names_of(columns: int) -> list[str]:
    """Names of the columns of a table that has none."""
    return [f"x{place}" for place in range(columns)]


def of_bunch(bunch: Any) -> Any:
    """Take the images, or make a table of the features and the target, of a Bunch of scikit-learn."""
    frame = getattr(bunch, "frame", None)
    if frame is not None:
        return frame
    if hasattr(bunch, "images"):
        return np.asarray(bunch.images)
    data = np.asarray(bunch.data)
    if data.ndim != 2:
        return bunch
    names = getattr(bunch, "feature_names", None)
    made = pd.DataFrame(
        data, columns=[f"x{i}" for i in range(data.shape[1])] if names is None else list(names)
    )
    target = getattr(bunch, "target", None)
    if target is not None and np.ndim(target) == 1:
        labels = getattr(bunch, "target_names", None)
        coded = labels is not None and np.asarray(target).dtype.kind in "iu" and len(labels) > np.max(target)
        made["target"] = np.asarray(labels)[target] if coded else target
    return made
