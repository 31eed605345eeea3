"""Cells of a text file to columns of numbers, booleans or text.

Cells are missing by the rules of ``pandas.read_csv`` (``NA``, ``null`` ...). A column is numeric if all
other cells are finite numbers in one format, or at least nine tenths of them; the rest then counts as
missing. Dashes do so however frequent they are. The same holds for truth values, unless another text beside
them is frequent enough to be a value. Leading zeros in more than a hundredth of the cells, or in numbers that
all have the same four or more digits, mark codes (``007``); integers beyond 64 bits are no quantities. Such
columns stay text.
"""

import re
from collections import Counter

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import as_dtype
from autogen.data.tables.formats.date_format import COMPACT_DIGITS, compact_date_format
from autogen.data.tables.formats.detect import TRUTH_WORDS, are_plain
from autogen.data.tables.formats.durations import detect_durations
from autogen.data.tables.formats.missing import MISSING, NO_NUMBER, NUMBER_SHARE, are_dashes
from autogen.data.tables.formats.number_detection import possible_formats, unit_of
from autogen.data.tables.formats.number_format import NumberFormat
from autogen.errors import DataError, agreed

#: Digits from which on numbers of one length with a leading zero are codes; characters of a cell in a note.
_CODE_DIGITS, _SHOWN = 4, 40
_TRUE_FALSE = frozenset(word for pair in TRUTH_WORDS for word in pair)
_INTEGER = r"\s*[+-]?\d+\s*"
_LEADING_ZERO = r"\s*[+-]?0\d+\s*"
_DIGIT = re.compile(r"\d")
#: Different texts up to which a column of Python's texts is faster than one of Arrow's.
_FEW = 5000
#: Number of different texts from which on numbers with a sign or unit are quantities, not categories.
MANY_SPELLINGS = 21
#: Different numbers that a column has beside dashes if these stand for missing ones.
_FEWEST_NUMBERS = 2
#: Share of the cells above which one other text beside truth values is a value of its own, and above which
#: whole numbers with leading zeros are codes.
RARE = 0.01


def typed(cells: pd.Series, forced: str | None = None, point: str = "") -> tuple[pd.Series, list[str]]:
    """Convert text cells to numbers or booleans if they hold such values.

    Args:
        cells: N strings, NaN if the row ended early.
        forced: kind of the column that the user wants, or ``None``.
        point: decimal separator, if the user names it.

    Returns:
        N cells of dtype int64, Int64, float64, bool, boolean or text; and notes.

    Raises:
        DataError: the user wants numbers and no cell is a number.
    """
    codes, uniques = pd.factorize(cells)
    texts = pd.Series(list(map(str, uniques)), dtype=object if len(uniques) <= _FEW else "str")
    counts = pd.Series(np.bincount(codes[codes >= 0], minlength=len(texts)), dtype=int)
    known = np.array([text.strip() not in MISSING for text in texts], dtype=bool)
    notes = _missing_notes(str(cells.name), texts[~known], counts[~known]) if not known.all() else []
    present = texts[known] if not known.all() else texts
    if present.empty:
        return pd.Series(np.nan, index=cells.index, name=cells.name), [*notes, _empty(str(cells.name))]
    if (plain_ones := _all_plain(present, forced, point)) is not None:
        plain, nullable = ("int64", "Int64") if plain_ones.dtype.kind == "i" else ("float64", "float64")
        return _spread(plain_ones, codes, cells, plain, nullable), notes
    if forced in (None, "boolean") and (truth := _truth(present, counts)) is not None:
        notes += _odd_notes(present.drop(truth.index), counts, str(cells.name), "truth value")
        return _spread(truth, codes, cells, "bool", "boolean"), notes
    numbers: pd.Series | None = None
    found: list[str] = []
    if forced not in ("datetime", "boolean", "text") and (forced or any(map(_DIGIT.search, present))):
        numbers, found = _numbers(present, counts, str(cells.name), forced, point)
        if numbers is None and forced is None and (without := _without_told(present)) is not None:
            again, more = _numbers(without, counts, str(cells.name), forced, point)
            if again is not None or _have_one_sign(without, counts, point):
                told = _odd_notes(present.drop(without.index), counts, str(cells.name), "number")
                numbers, found = again, [*more, *told]
                present = without
    if numbers is None and len(present) == len(texts):
        return cells, notes + found
    if numbers is None:
        hidden = np.append(~texts.index.isin(present.index), True)[codes]
        return cells.mask(pd.Series(hidden, index=cells.index)), notes + found
    whole = numbers.dtype.kind == "i"
    plain, nullable = ("int64", "Int64") if whole else ("float64", "float64")
    return _spread(numbers, codes, cells, plain, nullable), notes + found


def _all_plain(present: pd.Series, forced: str | None, point: str) -> pd.Series | None:
    """Convert texts to int64 or float64 if all are numbers that no reader could take for anything else."""
    if forced not in (None, "continuous", "integer") or point == ",":
        return None
    if not are_plain(present) or (forced is None and _may_be_compact(present)):
        return None
    return pd.to_numeric(present).astype(float if any("." in text for text in present) else "int64")


def _without_told(present: pd.Series) -> pd.Series | None:
    """Leave out texts that say that a number is missing; ``None`` without any, or if too few are left.

    Beside few texts only dashes and errors of spreadsheets say so: others may be answers (``unknown``).
    """
    told = present.str.strip().str.casefold().isin(NO_NUMBER)
    if (~told).sum() < MANY_SPELLINGS:
        told = are_dashes(present)
    return present[~told] if told.any() and (~told).sum() >= _FEWEST_NUMBERS else None


def _have_one_sign(texts: pd.Series, counts: pd.Series, point: str) -> bool:
    """Tell if all texts are numbers with the same sign or unit: too few for a quantity, but no words."""
    known = texts.tolist()
    forms = possible_formats(known, counts[texts.index].to_numpy(), point)
    return any(all(form.strip(text) is not None for text in known) for form in forms)


def _missing_notes(name: str, texts: pd.Series, counts: pd.Series) -> list[str]:
    """Note texts that count as missing, since they may be values after all."""
    written = texts[texts.str.strip() != ""]
    if written.empty:
        return []
    shown = ", ".join(repr(cell) for cell in written)
    count = counts[written.index].sum()
    cells, verb = agreed(count, "cell", "cells"), agreed(count, "counts", "count")
    return [f"{count} {cells} of column {name!r} with {shown} {verb} as missing."]


def _empty(name: str) -> str:
    return f"All cells of column {name!r} are missing."


def _truth_words(texts: pd.Series, counts: pd.Series) -> tuple[str, str] | None:
    """Find the pair of truth values that nine tenths of the cells have; ``None`` if there is none.

    Args:
        texts: unique texts, none missing.
        counts: number of cells with each text.
    """
    if not _TRUE_FALSE.intersection(texts):
        return None
    total = counts[texts.index].sum()
    for words in TRUTH_WORDS:
        inside = texts.isin(words)
        if not inside.any():
            continue
        odd = counts[texts.index[~inside & ~are_dashes(texts)]]
        if inside.all() or (
            inside.sum() == len(words)
            and odd.sum() <= (1 - NUMBER_SHARE) * total
            and max(odd, default=0) <= rare(total)
        ):
            return words
    return None


def _truth(present: pd.Series, counts: pd.Series) -> pd.Series | None:
    """Convert texts to booleans if they are truth values as pandas reads them; else ``None``."""
    if (words := _truth_words(present, counts)) is None:
        return None
    return present[present.isin(words)] == words[0]


def _numbers(
    present: pd.Series, counts: pd.Series, name: str, forced: str | None, point: str
) -> tuple[pd.Series | None, list[str]]:
    """Convert texts to int64 or float64; ``None`` if the column is text; and notes."""
    asked = forced in ("continuous", "integer")
    plain, notes = _plain_numbers(present, counts, name, point)
    found = pd.to_numeric(plain, errors="coerce").astype(float)
    numbers = found.replace([np.inf, -np.inf], np.nan)
    read = numbers.dropna()
    if asked and read.empty:
        raise DataError(
            f"column {name!r} cannot be {forced}: none of its cells is a number. Choose another kind for it."
        )
    if forced is None and (compact := _compact(plain, numbers)):
        return None, [f"Column {name!r} holds dates in digits alone ({compact})."]
    if not asked and (reason := "text" if read.empty else _why_text(plain, found, counts)):
        return None, [f"Column {name!r} {reason}."] if reason != "text" else []
    if not asked and (codes := plain.str.fullmatch(_LEADING_ZERO)).any():
        read = read[~codes[read.index]]
    notes += _odd_notes(present.drop(read.index), counts, name, "finite number")
    whole = plain[read.index].str.fullmatch(_INTEGER).all() and read.abs().max() < 2.0**63
    return (plain[read.index].map(int).astype("int64") if whole else read), notes


def _compact(plain: pd.Series, numbers: pd.Series) -> str:
    """Find the format of numbers that are dates, such as 20240131; empty if they are none."""
    few = len(numbers.dropna()) < MANY_SPELLINGS
    return "" if few or not _may_be_compact(plain) else compact_date_format(plain)


def _may_be_compact(texts: pd.Series) -> bool:
    """Tell if nine tenths of many texts are as long as dates in digits alone."""
    digits = sum(len(text) in COMPACT_DIGITS for text in texts)
    return len(texts) >= MANY_SPELLINGS and digits >= NUMBER_SHARE * len(texts)


def _odd_notes(odd: pd.Series, counts: pd.Series, name: str, what: str) -> list[str]:
    """Note cells that count as missing since they are unlike all others."""
    if odd.empty:
        return []
    shown = ", ".join(repr(cell[:_SHOWN]) for cell in odd[:3]) + (" ..." if len(odd) > 3 else "")
    unread = counts[odd.index].sum()
    if unread > rare(int(counts.sum())) and (unit := _other_unit(odd)):
        return [
            f"Warning: {unread} cells of column {name!r} have another unit than the rest, such as {unit} "
            f"({shown}), and count as missing. Write all in one unit."
        ]
    return [
        f"{unread} {agreed(unread, 'cell', 'cells')} of column {name!r} "
        f"{agreed(unread, f'is no {what}', f'are no {what}s')} ({shown}) and "
        f"{agreed(unread, 'counts', 'count')} as missing."
    ]


def _other_unit(odd: pd.Series) -> str:
    """Name the unit that most odd cells among numbers have; empty if they have none."""
    units = Counter(unit for cell in odd for unit in sorted(unit_of(cell)))
    unit, count = max(units.items(), key=lambda item: item[1], default=("", 0))
    return unit if 2 * count > len(odd) else ""


def _plain_numbers(
    present: pd.Series, counts: pd.Series, name: str, point: str
) -> tuple[pd.Series, list[str]]:
    """Strip signs, units and separators if more cells are numbers then; and note what was stripped."""
    found = pd.to_numeric(present, errors="coerce")
    plain = 0 if point == "," else counts[present.index[found.notna()]].sum()
    best, most = present, plain
    chosen: NumberFormat | None = None
    if plain == counts[present.index].sum():
        return present, []
    texts, seen = present.tolist(), counts[present.index].to_numpy()
    if plain < (1 - NUMBER_SHARE) * seen.sum() and (durations := detect_durations(texts, seen, "str")):
        bare = present.map(durations.strip)
        return bare.fillna(""), [f"Durations of column {name!r} are read as seconds."]
    for form in possible_formats(texts, seen, point):
        if (form.before or form.after) and len(present) < MANY_SPELLINGS:
            continue
        bare = present.map(form.strip)
        read = counts[present.index[bare.notna()]].sum()
        # A few cells more are no reason to take the comma between thousands for a decimal one.
        if read > (most if chosen is None else most + RARE * counts[present.index].sum()):
            best, most, chosen = bare.fillna(""), read, form
    if chosen is None or most < NUMBER_SHARE * counts[present.index].sum():
        return present, []
    return best, _format_notes(chosen, name)


def _format_notes(form: NumberFormat, name: str) -> list[str]:
    """Note what was stripped from numbers."""
    notes = [f"The sign {sign} of column {name!r} was removed." for sign in (form.before, form.after) if sign]
    kind = {",": "commas", ".": "points", "'": "apostrophes", "\u2019": "apostrophes"}.get(
        form.thousands, "spaces"
    )
    if form.thousands and form.point == ",":
        notes.append(
            f"Thousands separators ({kind}) of column {name!r} were removed, decimal commas read as points."
        )
    elif form.thousands:
        notes.append(f"Thousands separators ({kind}) of column {name!r} were removed.")
    elif form.point == ",":
        notes.append(f"Decimal commas of column {name!r} were read as points.")
    if form.negative:
        notes.append(f"{form.negative} of column {name!r} is read as a minus.")
    if form.dash:
        notes.append(f"{form.point}{form.dash} of column {name!r} is read as no decimals.")
    if form.zero:
        notes.append(
            f"Digits {form.zero} to {chr(ord(form.zero) + 9)} of column {name!r} are read as 0 to 9."
        )
    if form.multiples:
        notes.append(f"Multiples ({form.multiples}) of column {name!r} were multiplied out.")
    return notes


def _why_text(present: pd.Series, numbers: pd.Series, counts: pd.Series) -> str:
    """Tell why a column is not numeric; empty if it is."""
    cells = counts[present.index]
    total, unread = cells.sum(), cells[present.index[numbers.isna()]].sum()
    if unread > (1 - NUMBER_SHARE) * total:
        mixed = f"mixes numbers ({total - unread} cells) with text ({unread}) and is kept as text"
        return mixed if 2 * unread < total else "text"
    if _are_codes(present[numbers.notna()], counts):
        return "has whole numbers with leading zeros and is kept as text"
    if numbers[present.str.fullmatch(_INTEGER)].abs().max() >= 2.0**63:
        return "has whole numbers beyond 64 bits and is kept as text"
    return ""


def _are_codes(numbers: pd.Series, counts: pd.Series) -> bool:
    """Tell if leading zeros make numbers codes: many, or few among numbers of one length."""
    zeros = numbers[numbers.str.fullmatch(_LEADING_ZERO)]
    if zeros.empty:
        return False
    lengths = counts[numbers.index].groupby(numbers.str.len()).sum()
    length = lengths.index.to_numpy()[lengths.argmax()]
    alike = length >= _CODE_DIGITS and lengths.max() >= NUMBER_SHARE * lengths.sum()
    if alike and ((zeros.str.len() == length) & (zeros.str.strip("0") != "")).any():
        return True
    return bool(counts[zeros.index].sum() > rare(int(counts[numbers.index].sum())))


def rare(cells: float) -> float:
    """Compute the number of odd cells that say nothing about a column: a hundredth, or one of many."""
    return max(RARE * cells, float(cells >= MANY_SPELLINGS))


def _spread(values: pd.Series, codes: np.ndarray, cells: pd.Series, plain: str, nullable: str) -> pd.Series:
    """Expand the values of unique texts to all cells; the dtype is nullable only if cells are missing.

    Args:
        values: value of each unique text that has one, indexed by the number of the text.
        codes: number of each cell's text, int64 (N,), -1 for none.
        cells: column that gives name and index, N cells.
        plain: dtype of a column without missing cells.
        nullable: dtype of a column with missing cells.
    """
    place = np.full(int(codes.max(initial=-1)) + 2, -1)
    place[values.index.to_numpy()] = np.arange(len(values))
    found = place[codes]
    missing = found < 0
    chosen = values.to_numpy()[np.maximum(found, 0)]
    if not missing.any():
        return as_dtype(pd.Series(chosen, index=cells.index, name=cells.name), plain)
    filled = as_dtype(pd.Series(chosen, index=cells.index, name=cells.name), nullable)
    return filled.mask(pd.Series(missing, index=cells.index))
