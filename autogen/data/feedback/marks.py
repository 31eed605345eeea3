"""Marks of users on samples: 0 for a rejected one, 1 for a kept one, a share between, a weight above."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.specs import Samples
from autogen.errors import DataError, did_you_mean

#: Names of the column with the marks, unless the user gives another one.
NAMES = ("keep", "feedback", "weight")
#: Largest mark; sums of larger ones would lose the smaller.
LARGEST = 1e6
_PLAIN = re.compile(r"[a-z0-9+.-]+")
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


@dataclass(frozen=True)
class Marked:
    """Samples with the marks of users.

    Attributes:
        samples: N raw samples, generated or real.
        marks: float64 (N,): 0 for a rejected sample, 1 for a kept one; a number between counts as partly
            rejected, and one above 1 as a kept one; a training row of the data weighs so much.
        notes: Decisions of reading, one sentence each.
    """

    samples: Samples
    marks: np.ndarray
    notes: tuple[str, ...] = ()


def column_of(names: Sequence[str], known: Sequence[str], wanted: str, source: str) -> str:
    """Find the column that holds the marks.

    Args:
        names: Columns of the file.
        known: Columns of the data, which hold no marks unless the user says so.
        wanted: Name that the user gives; empty for one of ``NAMES``.
        source: Name of the file, for errors.

    Raises:
        DataError: there is no such column, or more than one that may be meant.
    """
    if wanted:
        if wanted not in names:
            raise DataError(
                f"{source} has no column {wanted!r}; it has {_shown(names)}.{did_you_mean(wanted, names)}"
            )
        return wanted
    found = [name for name in names if name.strip().lower() in NAMES and name not in known]
    if len(found) == 1:
        return found[0]
    what = f"several columns of marks ({_shown(found)})" if found else f"no column {' or '.join(NAMES)}"
    raise DataError(
        f"{source} has {what}; it has {_shown(names)}. Name the column with 0 for rejected and 1 for kept: "
        "--feedback-column NAME."
    )


def numbers_of(cells: Sequence[Any], column: str, source: str) -> np.ndarray:
    """Read marks: numbers from 0 up, ``true`` and ``false``, ``yes`` and ``no``; float64 (N,).

    Raises:
        DataError: a cell is empty, no number, negative or above ``LARGEST``.
    """
    found = np.array([_number(cell) for cell in cells], np.float64)
    for bad, why in (
        (np.isnan(found), "is no number"),
        (found > LARGEST, f"is above {LARGEST:.0f}"),
        (found < 0, "is negative"),
    ):
        if bad.any():
            place = int(bad.argmax())
            shown = str(cells[place]).strip()
            empty = shown in ("", "None", "nan", "NaN", "<NA>")
            raise DataError(
                f"{source}: the mark {f'{shown!r:.40} ' * (not empty)}of row {place + 1} in column "
                f"{column!r} {'is missing' if empty else why} ({int(bad.sum())} of {len(found)} such); write "
                "0 for a rejected row and 1, or a weight, for a kept one."
            )
    return found


def _number(cell: Any) -> float:
    """Read one mark; NaN for what is none."""
    text = str(cell).strip().lower()
    try:
        # Python reads 1_0 as 10, and digits of other scripts; nobody who marks samples means these
        return _WORDS[text] if text in _WORDS else float(text) if _PLAIN.fullmatch(text) else float("nan")
    except ValueError:
        return float("nan")


def _shown(names: Sequence[str]) -> str:
    return ", ".join(map(str, names[:12])) + (" ..." if len(names) > 12 else "")
