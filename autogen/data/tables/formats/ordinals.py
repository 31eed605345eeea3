"""Order of ordinal categories: steps of a known scale, ranges of numbers, or an order that the user gives."""

import re
from collections.abc import Sequence
from typing import Any

from autogen.errors import DataError

#: Separator of the categories in an order that a user gives.
BELOW = " < "
#: Known scales, ascending; words at one step are synonyms, of which a column may use one.
_SCALES = (
    "very low|lowest; low; medium|moderate|normal|average|middle|mid; high; very high|highest; extreme",
    "xxs; xs|extra small; s|small; m|medium|mid; l|large; xl|extra large; xxl|2xl; xxxl|3xl; 4xl; 5xl",
    "tiny; small; medium|mid; large|big; huge",
    "never; rarely|seldom; sometimes|occasionally; often|frequently|usually; always",
    "strongly disagree; disagree; neutral|neither agree nor disagree|undecided; agree; strongly agree",
    "very dissatisfied; dissatisfied; neutral; satisfied; very satisfied",
    "very unlikely; unlikely; neutral|possible; likely; very likely; certain",
    "very poor|very bad; poor|bad; fair|average|ok|okay; good; very good; excellent|outstanding; perfect",
    "fair; good; very good; premium; ideal",
    "none; minimal; mild|slight|minor; moderate; severe|serious|major; critical; fatal",
    "beginner|novice; intermediate; advanced; expert",
    "junior; mid|middle; senior; lead; principal",
    "bronze; silver; gold; platinum; diamond",
    "primary|elementary; secondary; tertiary",
    "freshman; sophomore; junior; senior",
    "no education; primary; lower secondary; upper secondary; high school; bachelor|bachelors|bachelor's; "
    "master|masters|master's; phd|doctorate",
    "infant; child; teen|teenager|adolescent; young adult; adult; senior|elderly",
    "first; second; third; fourth; fifth; sixth; seventh; eighth; ninth; tenth",
    "jan|january; feb|february; mar|march; apr|april; may; jun|june; jul|july; aug|august; "
    "sep|sept|september; oct|october; nov|november; dec|december",
    "mon|monday; tue|tues|tuesday; wed|wednesday; thu|thur|thurs|thursday; fri|friday; "
    "sat|saturday; sun|sunday",
)
_STEPS = tuple(
    {word: step for step, words in enumerate(scale.split("; ")) for word in words.split("|")}
    for scale in _SCALES
)
FEWEST = 3
_NUMBER = r"[$€£]?\s?(\d[\d,]*(?:\.\d+)?)\s?([kKmM%]?)\s*(?:years?|yrs?)?"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|to|\.\.)\s*{_NUMBER}")
_UP_TO = re.compile(rf"(?:<=?|≤|under|below|less than|up to|fewer than)\s*{_NUMBER}", re.IGNORECASE)
_FROM = re.compile(rf"(?:>=?|≥|over|above|more than|at least)\s*{_NUMBER}", re.IGNORECASE)
_AND_MORE = re.compile(rf"{_NUMBER}\s*(?:\+|(?:and|or) (?:over|more|above|older|up))", re.IGNORECASE)
_ALONE = re.compile(_NUMBER)
_TIMES = {"": 1.0, "%": 1.0, "k": 1e3, "m": 1e6}


def order_of(values: Sequence[str]) -> tuple[str, ...]:
    """Sort texts that are steps of one scale or ranges of numbers; empty if they are neither.

    Args:
        values: unique categories.
    """
    if len(values) < FEWEST:
        return ()
    words = [" ".join(re.split(r"[\s_-]+", value.casefold().strip())) for value in values]
    for steps in _STEPS:
        places = [steps.get(word, -1) for word in words]
        if min(places) >= 0 and len(set(places)) == len(places):
            return _ascending(values, places)
    ranges = [_place(value.strip()) for value in values]
    if None in ranges or len(set(ranges)) < len(ranges):
        return ()
    several = sum(bool(_RANGE.fullmatch(value.strip())) for value in values)
    return _ascending(values, ranges) if 2 * several >= len(values) else ()


def given_order(values: Sequence[Any], order: str, name: str) -> tuple[Any, ...]:
    """Sort categories by the order that a user gives, ``S < M < L``.

    Args:
        values: unique categories.
        order: texts of the categories, ascending, separated by ``BELOW``.
        name: name of the column.

    Raises:
        DataError: the order lacks a category, or names one twice.
    """
    by_text = {str(value).strip(): value for value in values}
    steps = [step.strip() for step in order.split(BELOW)]
    if absent := [value for value in by_text if value not in steps]:
        raise DataError(
            f"the order {order!r} of column {name!r} lacks "
            f"{', '.join(map(repr, absent[:5]))}{' ...' if len(absent) > 5 else ''}; name every value once."
        )
    if len(set(steps)) < len(steps):
        raise DataError(f"the order {order!r} of column {name!r} names a value twice; name every value once.")
    return tuple(by_text[step] for step in steps if step in by_text)


def _place(text: str) -> tuple[float, float] | None:
    """Parse a range, an open range or a number to a sort key; ``None`` for any other text."""
    if found := _UP_TO.fullmatch(text):
        return _number(*found.groups()), -1.0
    if found := _RANGE.fullmatch(text):
        low, low_unit, high, high_unit = found.groups()
        return _number(low, low_unit or high_unit), _number(high, high_unit)
    if found := _FROM.fullmatch(text) or _AND_MORE.fullmatch(text):
        return _number(*found.groups()), float("inf")
    if found := _ALONE.fullmatch(text):
        return _number(*found.groups()), 0.0
    return None


def _number(digits: str, unit: str) -> float:
    return float(digits.replace(",", "")) * _TIMES[unit.lower()]


def _ascending(values: Sequence[str], places: Sequence[Any]) -> tuple[str, ...]:
    return tuple(value for _, value in sorted(zip(places, values, strict=True)))
