"""Texts that count as missing, by the rules of ``pandas.read_csv`` or in a column of other values."""

from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | frozenset(("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))
#: Errors of spreadsheets and dashes: they say that a value is missing where all others are numbers, truth
#: values or steps of a scale, however few or frequent these are.
DASHES = frozenset(
    ("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "-", "--", "---", "\u2013", "\u2014")
)
#: Texts, in lower case, that say so beside many different numbers: "not available" in some languages, too.
NO_NUMBER = DASHES | frozenset(
    (
        *("?", ".", "..", "...", "n.a.", "n. a.", "n.d.", "n/d", "nd", "k.a.", "k. a.", "s.d.", "tbd"),
        *("unknown", "missing"),
    )
)
#: Share of the cells that must be numbers (dates, truth values ...) to make a column one of these.
NUMBER_SHARE = 0.9
#: Words for missing that are kept of a column, the frequent ones, and their longest.
_WORDS, _LONGEST = 20, 40


def missing_words(cells: pd.Series, column: pd.Series) -> tuple[str, ...]:
    """List the texts that were read as missing although pandas reads them as texts, the frequent ones first.

    Args:
        cells: N cells as they were given.
        column: the same cells as they were read.
    """
    hidden = cells.notna().to_numpy() & column.isna().to_numpy()
    if not hidden.any():
        return ()
    texts = (cell.strip() for cell in cells[hidden] if isinstance(cell, str))
    words = Counter(text for text in texts if text not in MISSING and len(text) <= _LONGEST)
    return tuple(word for word, _ in words.most_common(_WORDS))


def are_dashes(texts: pd.Series) -> pd.Series:
    """Tell which of N texts are dashes or errors of spreadsheets, bool (N,)."""
    return texts.str.strip().str.casefold().isin(DASHES)


def is_missing(cell: object, words: Collection[str]) -> bool:
    """Tell if a cell is a text that counts as missing, or is one of the column's words for it."""
    return isinstance(cell, str) and ((text := cell.strip()) in MISSING or text in words)


def without_words(column: pd.Series, words: Collection[str], values: Collection[object] = ()) -> pd.Series:
    """Mark texts that count as missing as missing.

    Args:
        column: N cells.
        words: the column's own words for missing.
        values: texts that are values of the column, whatever they mean elsewhere.
    """
    found = np.array([is_missing(cell, words) and cell not in values for cell in column], dtype=bool)
    return column.mask(pd.Series(found, index=column.index)) if found.any() else column
