"""Formats of dates that no list has, read off the texts token by token: ``5. Juli 2023, 10.25 Uhr``."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autogen.data.tables.formats.months import ENGLISH

#: Sign that stands for a weekday of any language.
WEEKDAY = "\0"
_TOKEN = re.compile(rf"{WEEKDAY}|\d+|[^\W\d_]+|(?:_|[^\w{WEEKDAY}])+")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Words that stand for a directive, with it; ordinals stand behind the day, which prints them.
_WORDS = (
    (frozenset(_DAYS), "%A"),
    (frozenset(day[:3] for day in _DAYS), "%a"),
    (frozenset(("AM", "PM")), "%p"),
    (frozenset(("am", "pm")), "%P"),
    (frozenset(("st", "nd", "rd", "th")), ""),
)
#: Share of the texts that are built alike; years that are likely.
_ALIKE, _FIRST_YEAR, _LAST_YEAR = 0.8, 1800, 2199
_YEAR, _TWO, _THREE, _MOST_DIGITS = 4, 2, 3, 9
_MONTH, _DAY, _HOUR, _SIXTY, _OF_YEAR = (1, 12), (1, 31), (0, 23), (0, 59), (1, 366)


@dataclass(frozen=True)
class _Column:
    """Tokens at one place of the texts."""

    place: int
    texts: tuple[str, ...]

    @property
    def constant(self) -> bool:
        return len(set(self.texts)) == 1

    @property
    def widths(self) -> set[int]:
        return {len(text) for text in self.texts}

    def within(self, ends: tuple[int, int]) -> bool:
        """Tell if all numbers lie between two ends."""
        return all(ends[0] <= int(text) <= ends[1] for text in self.texts)

    def directive(self, letter: str) -> str:
        """Name a directive, with a sign for numbers without leading zeros."""
        return f"%-{letter}" if 1 in self.widths else f"%{letter}"


def inferred_formats(texts: Sequence[str]) -> Iterator[str]:
    """List formats that some texts may have: a year of four digits, a day and a time in any order and frame.

    Args:
        texts: some unique texts, built alike if they are dates, with English names of months.
    """
    columns = _columns(texts)
    digits = [column for column in columns if column.texts[0].isdecimal()]
    words = _word_roles(columns)
    if not digits or words is None:
        return
    for number, year in enumerate(digits):
        if year.widths != {_YEAR} or not year.within((_FIRST_YEAR, _LAST_YEAR)):
            continue
        for chosen in _dates_around(digits, number, "%b" in words.values() or "%B" in words.values()):
            rest = _time_beside(digits, sorted(chosen))
            if _numbers_quarters(columns, digits, chosen):
                continue
            for time in _times(rest, columns, bool({"%p", "%P"} & set(words.values()))):
                roles = {digits[place].place: role for place, role in chosen.items()} | time | words
                yield from _written(columns, roles)


def _columns(texts: Sequence[str]) -> list[_Column]:
    """Split the texts that are built like most into columns of tokens; none if too few are alike."""
    rows = [_TOKEN.findall(text) for text in texts]
    masks = [tuple(_mask(token) for token in row) for row in rows]
    if not masks:
        return []
    mask, count = Counter(masks).most_common(1)[0]
    if count < _ALIKE * len(texts):
        return []
    alike = [row for row, own in zip(rows, masks, strict=True) if own == mask]
    return [_Column(place, column) for place, column in enumerate(zip(*alike, strict=True))]


def _mask(token: str) -> str:
    return "9" if token.isdecimal() else "a" if token.isalpha() else token if token.strip() else " "


def _word_roles(columns: Sequence[_Column]) -> dict[int, str] | None:
    """Name the directive of each column of words; ``None`` if one has words that belong to no date."""
    long, short = frozenset(ENGLISH), frozenset(name[:3] for name in ENGLISH)
    names = ((long, "%B"), (short, "%b"))
    roles: dict[int, str] = {}
    for column in columns:
        seen = set(column.texts)
        if seen == {WEEKDAY}:
            roles[column.place] = "%a"
        if not column.texts[0].isalpha():
            continue
        role = next((role for known, role in (*names, *_WORDS) if seen <= known), None)
        if role is not None and role not in roles.values():
            roles[column.place] = role
        elif len(seen) > 1:
            return None
    return roles


def _dates_around(digits: Sequence[_Column], year: int, named: bool) -> Iterator[dict[int, str]]:
    """List the roles of the numbers of a day beside a year; places are those among the numbers."""
    orders = (
        [((1, "d"),), ((-1, "d"),)]
        if named
        else [((1, "m"), (2, "d")), ((-2, "d"), (-1, "m")), ((-2, "m"), (-1, "d")), ((1, "d"), (2, "m"))]
    )
    if named and year == len(digits) - 1 > 1 and digits[0].within(_DAY) and max(digits[0].widths) <= _TWO:
        yield {0: digits[0].directive("d"), year: "%Y"}
    ends = {"m": _MONTH, "d": _DAY, "j": _OF_YEAR}
    for order in (*orders, *(() if named else (((1, "j"),),))):
        places = {year + step: letter for step, letter in order}
        if min(places) < 0 or max(places) >= len(digits):
            continue
        found = [(digits[place], letter) for place, letter in places.items()]
        if all(
            one.within(ends[letter]) and (max(one.widths) <= _TWO or one.widths == {_THREE})
            for one, letter in found
        ) and all((one.widths == {_THREE}) == (letter == "j") for one, letter in found):
            yield {year: "%Y"} | {
                place: "%j" if letter == "j" else digits[place].directive(letter)
                for place, letter in places.items()
            }
    if not named and year + 2 == len(digits) and digits[-1].within(_MONTH):
        yield {year: "%Y", year + 1: digits[-1].directive("m")}


def _numbers_quarters(
    columns: Sequence[_Column], digits: Sequence[_Column], chosen: Mapping[int, str]
) -> bool:
    """Tell if what looks like a month is a quarter, half or term: ``2019-Q3``; months may follow an ``M``."""
    if len(chosen) > 2 or "%-m" not in chosen.values():
        return False
    month = next(digits[place] for place, role in chosen.items() if role == "%-m")
    before = columns[month.place - 1].texts[0] if month.place else ""
    return month.widths == {1} and before.isalpha() and before.isascii() and before not in ("M", "m")


def _time_beside(digits: Sequence[_Column], day: Sequence[int]) -> Sequence[_Column]:
    """Choose the numbers of a time: those inside of the day's, behind them, or before."""
    first, last = day[0], day[-1]
    if last - first >= len(day):
        return digits[first + 1 : last]
    return digits[:first] if first else digits[last + 1 :]


def _times(rest: Sequence[_Column], columns: Sequence[_Column], half: bool) -> Iterator[dict[int, str]]:
    """List the roles of the numbers of a time of the day; constant numbers at the end may be literal."""
    most = len(rest)
    least = next((i + 1 for i in reversed(range(most)) if not rest[i].constant), 0)
    for count in range(most, least - 1, -1):
        some = rest[:count]
        if count > len("HMSf") or not all(one.within(_SIXTY) for one in some[1:3]):
            continue
        if some and (not some[0].within((1, 12) if half else _HOUR) or max(some[0].widths) > _TWO):
            continue
        if any(one.widths != {_TWO} for one in some[1:3]):
            continue
        roles = [one.directive("I" if half else "H") for one in some[:1]] + ["%M", "%S"][: max(0, count - 1)]
        if count == len("HMSf"):
            size = max(some[-1].widths)
            before = columns[some[-1].place - 1].texts[0]
            if before not in (".", ",") or some[-1].widths != {size} or size > _MOST_DIGITS:
                continue
            roles.append(f"%{size}f")
        yield {one.place: role for one, role in zip(some, roles, strict=True)}


def _written(columns: Sequence[_Column], roles: dict[int, str]) -> Iterator[str]:
    """Write a format of the roles and of the signs and words between them."""
    text = ""
    for column in columns:
        role = roles.get(column.place)
        after = roles.get(column.place + 1, "")
        if role == "" and text.endswith(("%d", "%-d")):
            text = text[: text.rindex("%")] + "%O"
        elif role:
            text += role
        elif column.constant:
            text += column.texts[0]
        elif after == "%-d" and {len(one) for one in column.texts} == {1, _TWO}:
            text += " "
            roles = roles | {column.place + 1: "%_d"}
        else:
            return
    literal = re.sub(r"%(-|_|\d)?[A-Za-z]", "", text)
    if "%" not in literal and not text.startswith(("<", "{")):
        yield text
