"""Detection of the format of numbers in a column of text: what nine tenths of its sampled cells have."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.formats.missing import NUMBER_SHARE
from autogen.data.tables.formats.number_format import (
    MINUS,
    MULTIPLES,
    NumberFormat,
    decimals_of,
    decimals_of_mantissa,
)
from autogen.data.tables.formats.words import zero_of

#: Number of unique cells that are sampled, evenly over those of a column.
SAMPLED_CELLS = 2000
#: Spaces between thousands: plain, no-break and narrow no-break.
_SPACES = (" ", "\u00a0", "\u202f")
#: Separators of thousands and of decimals; the first that fit are taken.
SEPARATORS = (
    *(("", "."), (",", "."), ("", ","), (".", ",")),
    *((apart, point) for apart in ("'", "\u2019", *_SPACES) for point in (".", ",")),
    *(("", "\u066b"), ("\u066c", "\u066b")),  # Arabic
)
#: What stands behind positive and negative numbers instead of signs; letters alone need decimals of money.
_LEDGERS = (
    *(("CR", "DR"), ("Cr", "Dr"), ("cr", "dr"), ("Cr.", "Dr."), ("Haben", "Soll"), ("C", "D"), ("H", "S")),
    *(("", "DR"), ("", "Dr"), ("", "dr"), ("", "Dr."), ("", "CR"), ("", "Cr"), ("", "Cr."), ("", "cr")),
)
_FEW = 0.01
_MONEY = re.compile(r"[.,]\d\d(?!\d)")
#: Dashes that stand for the decimals of whole numbers: ``307,-``, ``5.--``.
_DASHES = re.compile(r"\d([.,:])(-{1,2}|\u2013|\u2014)(?![\d-])")
#: Exponents; Fortran writes D for numbers of double precision.
_EXPONENT = re.compile(r"\d(E|e|[Dd](?=[+-]))([+-]?)(\d{1,3})(?!\d)")
#: What stands after a time of the day, not after a number: ``8.30 Uhr``.
_CLOCK_WORDS = ("Uhr",)
#: What plain numbers do not have: signs, units, separators, brackets.
MARK = r"[^0-9.+\-eE\s]|[0-9]\s[0-9]|[0-9]-\s*$"
_SIGNS = "$€£¥₹₽₩₺₪฿₫₴₦"
_CURRENCY = rf"[A-Z]{{0,3}}\$|[{_SIGNS}]|[A-Z]{{3}}(?=[ \u00a0])|(?:Rs|Rp|Fr|kr)\.?|RM|S/\.?"
#: ``km/h``, ``µg/m³``, ``Mio. €``, ``°C``.
_UNIT = (
    rf"[^\W\d_]{{0,10}}(?:/\d{{0,3}}[^\W\d_]{{1,5}})?[°%‰\u066a²³{_SIGNS}]?[CF]?"
    rf"|(?:Mio|Mrd|Tsd|kr)\.(?:[ \u00a0]?[{_SIGNS}])?|[CD]r\."
)
_CELL = re.compile(
    rf"\(?([+{MINUS}]?)((?:{_CURRENCY})?[ \u00a0]?)\(?([+{MINUS}]?)"
    r"(\d(?:[\d.,'\u2019 \u00a0\u202f\u066b\u066c]{0,40}\d)?)"
    r"(?:[.,:](?:-{1,2}|[\u2013\u2014])|[eE][+-]?\d{1,3}|[dD][+-]\d{1,3})?"
    rf"\)?([ \u00a0]?(?:{_UNIT}))([{MINUS}]?)\)?"
)


#: Units by which numbers of several units are told from codes such as seats (``12A``).
_UNIT_NAMES = """
g kg mg µg t lb lbs oz st m km cm mm µm nm ft in yd mi l L ml mL cl dl gal pt
s ms sec min mins h hr hrs Std Min d w mo yr day days week weeks month months year years hour hours minute
minutes Tage Tag Stunden Minuten Jahre Monate Wochen B kB KB MB GB TB KiB MiB GiB W kW MW
GW Wh kWh MWh V mV kV A mA
Hz kHz MHz GHz Pa hPa kPa MPa bar mbar psi J kJ cal kcal °C °F K mph km/h kn m/s ft/s % ‰ bps ppm ppb
EUR USD GBP CHF JPY CAD AUD INR SEK NOK DKK PLN CZK HUF
"""
_UNITS = frozenset((*_UNIT_NAMES.split(), *_SIGNS))
_MEASURE = re.compile(rf"[+{MINUS}]?({_CURRENCY})?\s?\d[\d.,'\u2019]{{0,30}}\s?((?:{_UNIT})?)[,\s]{{0,2}}")


def several_units(texts: Sequence[str]) -> list[str]:
    """Name the units of texts that are numbers of several ones, the most frequent first; else none.

    Args:
        texts: unique texts.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        if units := unit_of(text, none=True):
            counts.update(units)
            counts["all"] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    usual = [unit for unit, count in ranked if count > _FEW * len(texts) and unit != "all"]
    if counts["all"] < NUMBER_SHARE * len(texts) or len(usual) < len(("kg", "g")):
        return []
    return [unit or "none" for unit in usual]


def unit_of(text: str, *, none: bool = False) -> set[str]:
    """Name the known units of the numbers that make up a text; empty if they do not, or have no unit.

    Args:
        text: cell of a table.
        none: True to name no unit as an empty text.
    """
    parts = list(_MEASURE.finditer(text.strip()))
    units = {(part[1] or part[2] or "").strip(" \u00a0") for part in parts}
    if not parts or "".join(part[0] for part in parts) != text.strip() or not units - {""} <= _UNITS:
        return set()
    return units if none else units - {""}


def possible_formats(texts: Sequence[str], seen: np.ndarray, point: str = "") -> Iterator[NumberFormat]:
    """List the formats that the numbers among some texts may have, likely ones first, without their details.

    Args:
        texts: unique texts, (U,).
        seen: number of cells with each text, int64 (U,).
        point: the decimal separator, if it is known.
    """
    around: Counter[tuple[str, str]] = Counter()
    for text, count in zip(texts, seen.tolist(), strict=True):
        if cell := _CELL.fullmatch(text.strip()):
            around[cell[2].strip(), cell[5].strip()] += count
    if not around or around.most_common(1)[0][0][1] in _CLOCK_WORDS:
        return
    most = around.most_common(1)[0]
    plain = NumberFormat("str", *most[0], zero=zero_of(texts))
    if most[1] < NUMBER_SHARE * around.total() and (pair := _ledger(around, texts)):
        plain = replace(plain, before=pair[0], after=pair[1], negative=pair[2])
    letters = [after for _, after in around if after in MULTIPLES]
    if letters and most[1] < NUMBER_SHARE * around.total():
        before = max(around, key=lambda pair: around[pair] if pair[1] in ("", *letters) else 0)[0]
        ranked = sorted(set(letters), key=lambda letter: (MULTIPLES[letter], letter))
        plain = NumberFormat("str", before, multiples=" ".join(ranked))
    if powers := _exponent(texts):
        plain = replace(plain, exponent=powers["exponent"])
    used = set("".join(texts))
    for (point_, dash), _ in Counter(found for text in texts for found in _DASHES.findall(text)).most_common(
        1
    ):
        for apart in ("", {",": ".", ".": "'", ":": " "}[point_], *_SPACES):
            yield replace(plain, thousands=apart, point=point_, dash=dash)
    for apart, mark in SEPARATORS:
        if (not apart or apart in used) and (not point or mark == point) and (mark == "." or mark in used):
            yield replace(plain, thousands=apart, point=mark)
            if apart == ",":
                yield replace(plain, thousands=apart, point=mark, indian=True)


def _ledger(around: Counter[tuple[str, str]], texts: Sequence[str]) -> tuple[str, str, str] | None:
    """Find what stands before all numbers, behind positive and behind negative ones in place of signs."""
    for before in {pair[0] for pair in around}:
        for plus, minus in _LEDGERS:
            counts = around[before, plus], around[before, minus]
            if min(counts) == 0 or sum(counts) < NUMBER_SHARE * around.total():
                continue
            money = sum(bool(_MONEY.search(text)) for text in texts)
            if len(minus) > 1 or money >= NUMBER_SHARE * len(texts):
                return before, plus, minus
    return None


def detect_number_format(
    cells: pd.Series, numbers: pd.Series, of_frame: bool = False
) -> tuple[NumberFormat | None, list[str]]:
    """Detect the format of nine tenths of a column's numbers, and note it.

    There is none if pandas reads the cells as numbers by itself, or if the formats are too mixed.

    Args:
        cells: N texts.
        numbers: the N numbers that they were read as, NaN for texts that are none.
        of_frame: True if the texts are those of a frame, which are texts in samples too; default False.
    """
    there = numbers.notna()
    present = cells[there].astype(str)
    codes, uniques = pd.factorize(present.str.strip())
    scientific = _are_scientific(uniques.tolist())
    if not (scientific or any(map(re.compile(MARK).search, uniques)) or _have_plus(uniques.tolist())):
        padded = _padded(cells, uniques.tolist(), np.bincount(codes))
        if padded[0] is not None or not of_frame:
            return padded
    _, first = np.unique(codes, return_index=True)
    looked = np.linspace(0, len(uniques) - 1, min(len(uniques), SAMPLED_CELLS)).astype(int)
    texts = [str(text) for text in uniques[looked]]
    values = numbers[there].iloc[first[looked]].tolist()
    seen = np.bincount(codes)[looked]
    found = [
        _detailed(replace(form, dtype=str(cells.dtype)), texts, values, seen)
        for form in possible_formats(texts, seen)
    ]
    share, best = max(found, key=lambda pair: pair[0], default=(0.0, NumberFormat("str")))
    if share < NUMBER_SHARE:
        return None, [f"Column {cells.name!r} mixes number formats; samples have plain numbers."]
    example = best.format(1234 if numbers.dtype.kind == "i" else 1234.5)
    plain = best.thousands or best.zero or best.point != "."
    plain = "" if (best.measures and not best.exponent) or scientific or plain else " as texts"
    return best, [f"Samples of column {cells.name!r} are written{plain} like {example}."]


def _have_plus(texts: Sequence[str]) -> bool:
    """Tell if nearly all numbers that are not negative have a plus: ``+120``."""
    positive = [text for text in texts if not text.startswith("-")]
    plus = sum(text.startswith("+") for text in positive)
    return 0 < plus >= NUMBER_SHARE * len(positive)


def _are_scientific(texts: Sequence[str]) -> bool:
    """Tell if nearly all numbers have an exponent that Python does not print: ``3.10E+02``, not ``1e+16``."""
    powers = [text for text in texts if _EXPONENT.search(text)]
    if not powers or len(powers) < NUMBER_SHARE * len(texts):
        return False
    own = sum(text == repr(float(text)) for text in powers if re.search(MARK, text) is None)
    return own < NUMBER_SHARE * len(powers)


def _padded(
    cells: pd.Series, uniques: Sequence[str], seen: np.ndarray
) -> tuple[NumberFormat | None, list[str]]:
    """Detect whole numbers of one length with leading zeros, as zip codes that were named ``integer``."""
    if not any(re.fullmatch(r"0\d+", text) for text in uniques):
        return None, []
    sizes = np.array([len(text) * text.isdecimal() for text in uniques])
    counts = np.bincount(sizes, weights=seen)
    digits = int(counts.argmax())
    if not digits or counts[digits] < NUMBER_SHARE * seen.sum():
        return None, []
    best = NumberFormat(str(cells.dtype), digits=digits)
    return best, [f"Samples of column {cells.name!r} have {digits} digits, with leading zeros."]


def _detailed(
    form: NumberFormat, texts: list[str], values: list[float], seen: np.ndarray
) -> tuple[float, NumberFormat]:
    """Find spaces, signs and decimals of a format, and the share of cells that print the same in it."""
    around: Counter[tuple[str, str]] = Counter()
    others: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    shown = np.zeros(len(texts), dtype=int)
    for i, (text, value, count) in enumerate(zip(texts, values, seen.tolist(), strict=True)):
        if cell := _CELL.fullmatch(text):
            outer, before, inner, digits, after, last = cell.groups()
            if form.negative and after.strip() == form.negative:
                others[after] += count
            else:
                around[before, after] += count
            places = {"inner": inner, "outer": outer, "brackets": "(" in text, "trailing": last}
            signs["within"] += count if "(" in text and (text[0], text[-1]) != ("(", ")") else 0
            signs["exponent"] += count if _EXPONENT.search(text) else 0
            signs[next((place for place, there in places.items() if there), "")] += count
            signs["plus" if "+" in (outer, inner) else "bare"] += count if value > 0 else 0
            signs[MINUS[0]] += count if MINUS[0] in (outer, inner, last) else 0
            shown[i] = len(digits.partition(form.point)[2])
    spaced = [pair for pair, _ in around.most_common() if pair[0].strip() == form.before]
    before, after = next(
        (pair for pair in spaced if pair[1].strip() == form.after), (form.before, form.after)
    )
    ahead = signs["inner"] + signs["outer"]
    form = replace(
        form,
        before=before,
        after=after,
        inner=signs["inner"] > signs["outer"],
        plus=signs["plus"] > signs["bare"],
        brackets=signs["brackets"] > ahead,
        within=2 * signs["within"] > signs["brackets"],
        negative=next((after for after, _ in others.most_common(1)), form.negative),
        **({"exponent": ""} if signs["exponent"] < NUMBER_SHARE * seen.sum() else _exponent(texts)),
        trailing=signs["trailing"] > ahead,
        minus=MINUS[0] if 2 * signs[MINUS[0]] > ahead + signs["trailing"] else "-",
    )
    sizes = [form.multiple(value) for value in values]
    needed = np.array([decimals_of(size) for size, _ in sizes])
    asked = seen * np.array([bool(letter) or not form.multiples for _, letter in sizes])
    if form.dash:
        asked = asked * np.array([form.dash not in text for text in texts])
    if form.exponent:
        needed = np.array([decimals_of_mantissa(size) for size, _ in sizes])
    decimals = max(np.unique(shown).tolist(), key=lambda few: asked[shown == np.maximum(few, needed)].sum())
    most = int(shown.max(initial=0)) if form.multiples or form.exponent else -1
    form = replace(form, decimals=int(decimals), most_decimals=most)
    same = [form.format(value) == text for text, value in zip(texts, values, strict=True)]
    return float(seen[same].sum() / seen.sum()), form


def _exponent(texts: Sequence[str]) -> dict[str, Any]:
    """Find the letter, the fewest digits and the plus of the exponents of most texts; empty without any."""
    found = [match.groups() for text in texts if (match := _EXPONENT.search(text))]
    if not found:
        return {}
    letters = Counter(letter for letter, _, _ in found)
    signs = Counter(sign for _, sign, _ in found if sign != "-")
    return {
        "exponent": letters.most_common(1)[0][0],
        "power_digits": min(len(digits) for _, _, digits in found),
        "power_plus": not signs or signs.most_common(1)[0][0] == "+",
    }
