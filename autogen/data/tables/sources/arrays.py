"""Tables that come as arrays, or as lists of rows, without names of their columns."""

from typing import Any

import numpy as np
import pandas as pd

from autogen.errors import DataError


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
