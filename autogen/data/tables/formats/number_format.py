"""Formats of numbers in a column of text: ``$1,200.50``, ``12 %``, ``3,5``, ``1'200``, ``(12.5)``, ``22.5k``.

Reading removes signs, units and separators, so that models and metrics see numbers; the format puts them
back when rows go to a user. A column has a format if at least nine tenths of its sampled cells that are
numbers print back the same in it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

from autogen.data.tables.formats.missing import NUMBER_SHARE
from autogen.data.tables.formats.text_format import TextFormat

#: Number of unique cells that are sampled, evenly over those of a column.
SAMPLED_CELLS = 2000
#: Spaces between thousands: plain, no-break and narrow no-break.
_SPACES = (" ", "\u00a0", "\u202f")
#: Separators of thousands and of decimals; the first that fit are taken.
SEPARATORS = (
    *(("", "."), (",", "."), ("", ","), (".", ",")),
    *((apart, point) for apart in ("'", "\u2019", *_SPACES) for point in (".", ",")),
)
#: What stands after a time of the day, not after a number: ``8.30 Uhr``.
_CLOCK_WORDS = ("Uhr",)
#: The true minus and the hyphen; the latter last, for classes of regular expressions.
MINUS = "\u2212-"
#: What plain numbers do not have: signs, units, separators, brackets.
MARK = r"[^\d.+\-eE\s]|\d\s\d|\d-\s*$"
#: Letters of thousands, millions and thousands of millions.
_MULTIPLES = {"k": 1, "K": 1, "m": 2, "M": 2, "b": 3, "B": 3, "bn": 3, "G": 3}
_SIGNS = "$€£¥₹₽₩₺₪฿₫₴₦"
_CURRENCY = rf"[A-Z]{{0,3}}\$|[{_SIGNS}]|[A-Z]{{3}}(?=[ \u00a0])|(?:Rs|Rp|Fr|kr)\.?|RM|S/\.?"
#: ``km/h``, ``µg/m³``, ``Mio. €``, ``°C``.
_UNIT = (
    rf"[^\W\d_]{{0,10}}(?:/\d{{0,3}}[^\W\d_]{{1,5}})?[°%‰²³{_SIGNS}]?[CF]?"
    rf"|(?:Mio|Mrd|Tsd|kr)\.(?:[ \u00a0]?[{_SIGNS}])?"
)
_CELL = re.compile(
    rf"\(?([+{MINUS}]?)((?:{_CURRENCY})?[ \u00a0]?)([+{MINUS}]?)"
    r"(\d(?:[\d.,'\u2019 \u00a0\u202f]{0,40}\d)?)"
    rf"([ \u00a0]?(?:{_UNIT}))([{MINUS}]?)\)?"
)


@dataclass(frozen=True)
class NumberFormat(TextFormat):
    """Format in which the numbers of a column are written.

    Attributes:
        before: currency or other sign before a number, with its space.
        after: sign or unit after a number, with its space.
        thousands: thousands separator; empty for none.
        point: decimal separator.
        decimals: minimum number of decimals; a number with more keeps them.
        inner: True if a minus comes after ``before``: ``$-5``, not ``-$5``.
        plus: True if positive numbers have a plus.
        minus: the minus sign.
        brackets: True if negative numbers stand in brackets: ``(5)``, not ``-5``.
        trailing: True if a minus comes last, as accounting programs write it: ``5-``, not ``-5``.
        indian: True if digits above the first three are grouped by twos: ``12,34,567``.
        digits: number of digits of whole numbers with leading zeros (``01234``); 0 for none.
        multiples: letters after thousands, millions ..., separated by spaces: ``k M``; empty for none.
        most_decimals: most decimals before such a letter; -1 for any number.
    """

    before: str = ""
    after: str = ""
    thousands: str = ""
    point: str = "."
    decimals: int = 0
    inner: bool = False
    plus: bool = False
    minus: str = "-"
    brackets: bool = False
    trailing: bool = False
    indian: bool = False
    multiples: str = ""
    digits: int = 0
    most_decimals: int = -1

    @property
    def measures(self) -> bool:
        """True if there is a sign, a unit, a plus, brackets or a letter of a multiple."""
        signs = self.plus or self.brackets or self.trailing
        return bool(self.before or self.after or signs or self.multiples)

    def format(self, number: float) -> str:
        """Format one number; the text parses to exactly this number, if ``most_decimals`` do not cut it."""
        size, letter = self.multiple(number)
        least = self.decimals if letter or not self.multiples else 0
        places = least if round(size, least) == size else _decimals(size)
        if letter and 0 <= self.most_decimals < places:
            places = self.most_decimals
        digits = f"{size:,.{places}f}" if places else f"{int(size):,}"
        if self.indian:
            digits = _by_twos(digits)
        if self.digits:
            digits = digits.replace(",", "").zfill(self.digits)
        digits = digits.translate({ord(","): self.thousands, ord("."): self.point})
        sign = self.minus if number < 0 and not self.brackets else "+" if self.plus and number > 0 else ""
        last = sign if self.trailing and number < 0 else ""
        outer, inner = ("", sign) if self.inner else (sign, "")
        outer, inner = ("", "") if last else (outer, inner)
        text = f"{outer}{self.before}{inner}{digits}{letter}{self.after}{last}"
        return f"({text})" if self.brackets and number < 0 else text

    def rounded(self, column: pd.Series) -> pd.Series:
        """Round N drawn numbers to the decimals before a letter: 1,234,567 to ``1.2M``."""
        if self.most_decimals < 0:
            return column
        return self.parse_column(self.format_column(column), str(column.dtype))

    def strip(self, text: str) -> str | None:
        """Strip a text in this format to its plain number, ``1200.50``; ``None`` for another text.

        Spaces, thousands without a separator and the place of the minus may differ.
        """
        found = self._pattern.fullmatch(text)
        if not found or bool(found["open"]) != bool(found["close"]):
            return None
        whole = found["whole"].replace(self.thousands, "") if self.thousands else found["whole"]
        plain = f"{whole}.{found['decimals']}" if found["decimals"] else whole
        if letter := found["letter"]:
            plain = f"{Decimal(plain).scaleb(3 * _MULTIPLES[letter]):f}"
        sign = "-" if found["open"] else found["outer"] or found["inner"] or found["last"]
        return f"{sign}{plain}".translate({ord(MINUS[0]): "-"})

    def multiple(self, number: float) -> tuple[float, str]:
        """Split the size of a number into a factor and the letter of its multiple, if there are such."""
        size, letter = abs(number), ""
        for each in self.multiples.split():
            if abs(number) >= 1000 ** _MULTIPLES[each]:
                size, letter = abs(number) / 1000 ** _MULTIPLES[each], each
        return size, letter

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, after, apart, point = map(
            re.escape, (self.before.strip(), self.after.strip(), self.thousands, self.point)
        )
        # No group of thousands begins with a zero: 0,541 has a decimal comma.
        whole = rf"[1-9]\d{{0,2}}(?:{apart}\d{{3}})+|\d+" if apart else r"\d+"
        if self.indian:
            whole = rf"[1-9]\d?(?:{apart}\d{{2}})*{apart}\d{{3}}|\d+"
        letters = "|".join(self.multiples.split())
        return re.compile(
            rf"\s*(?P<open>\(?)(?P<outer>[+{MINUS}]?){before}\s?(?P<inner>[+{MINUS}]?)(?P<whole>{whole})"
            rf"(?:{point}(?P<decimals>\d+))?(?P<letter>(?:{letters})?)\s?{after}(?P<last>[{MINUS}]?)"
            r"(?P<close>\)?)\s*"
        )


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
    plain = NumberFormat("str", *most[0])
    letters = [after for _, after in around if after in _MULTIPLES]
    if letters and most[1] < NUMBER_SHARE * around.total():
        before = max(around, key=lambda pair: around[pair] if pair[1] in ("", *letters) else 0)[0]
        ranked = sorted(set(letters), key=lambda letter: (_MULTIPLES[letter], letter))
        plain = NumberFormat("str", before, multiples=" ".join(ranked))
    used = set("".join(texts))
    for apart, mark in SEPARATORS:
        if (not apart or apart in used) and (not point or mark == point) and (mark == "." or mark in used):
            yield replace(plain, thousands=apart, point=mark)
            if apart == ",":
                yield replace(plain, thousands=apart, point=mark, indian=True)


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
    if not any(map(re.compile(MARK).search, uniques)) and not _have_plus(uniques.tolist()):
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
    plain = "" if best.measures or best.thousands or best.point != "." else " as texts"
    return best, [f"Samples of column {cells.name!r} are written{plain} like {example}."]


def _have_plus(texts: Sequence[str]) -> bool:
    """Tell if nearly all numbers that are not negative have a plus: ``+120``."""
    positive = [text for text in texts if not text.startswith("-")]
    plus = sum(text.startswith("+") for text in positive)
    return 0 < plus >= NUMBER_SHARE * len(positive)


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
    signs: Counter[str] = Counter()
    shown = np.zeros(len(texts), dtype=int)
    for i, (text, value, count) in enumerate(zip(texts, values, seen.tolist(), strict=True)):
        if cell := _CELL.fullmatch(text):
            outer, before, inner, digits, after, last = cell.groups()
            around[before, after] += count
            places = {"inner": inner, "outer": outer, "brackets": text[0] == "(", "trailing": last}
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
        trailing=signs["trailing"] > ahead,
        minus=MINUS[0] if 2 * signs[MINUS[0]] > ahead + signs["trailing"] else "-",
    )
    sizes = [form.multiple(value) for value in values]
    needed = np.array([_decimals(size) for size, _ in sizes])
    asked = seen * np.array([bool(letter) or not form.multiples for _, letter in sizes])
    decimals = max(np.unique(shown).tolist(), key=lambda few: asked[shown == np.maximum(few, needed)].sum())
    most = int(shown.max(initial=0)) if form.multiples else -1
    form = replace(form, decimals=int(decimals), most_decimals=most)
    same = [form.format(value) == text for text, value in zip(texts, values, strict=True)]
    return float(seen[same].sum() / seen.sum()), form


def _by_twos(digits: str) -> str:
    """Group the digits of a number by twos above the first three: ``1,234,567.5`` to ``12,34,567.5``."""
    whole, point, rest = digits.partition(".")
    whole = whole.replace(",", "")
    high, low = whole[:-3], whole[-3:]
    groups = [high[max(0, end - 2) : end] for end in range(len(high), 0, -2)][::-1]
    return ",".join([*groups, low]) + point + rest


def _decimals(number: float) -> int:
    """Count the digits of a number after its decimal point."""
    if isinstance(number, int):
        return 0
    text = repr(number)
    text = np.format_float_positional(number, trim="-") if "e" in text else text.removesuffix(".0")
    return len(text.partition(".")[2])
