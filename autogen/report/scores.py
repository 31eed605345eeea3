"""Scores as texts, and the grades of normalized scores."""

from collections.abc import Mapping
from math import floor, log10
from typing import Literal

from autogen.report.schema import Interval, Scores

Grade = Literal["close to real", "usable", "weak", "not usable"]

#: Grades by the least lower end of the normalized score's interval, the best first; see docs/verdict.md.
GRADES: Mapping[Grade, float] = {"close to real": 0.9, "usable": 0.5, "weak": 0.0}
#: Grade below all of these, and at the last bound itself: a model has to be better than trivial.
LOWEST: Grade = "not usable"


def grade_of(low: float) -> Grade:
    """Grade a model by the lower end of its normalized score's interval."""
    for grade, bound in GRADES.items():
        if low > bound or (low == bound and bound > 0):
            return grade
    return LOWEST


def number(value: float | None) -> str:
    """Format a number to three significant digits, with thousands in full; a dash for ``None``."""
    if value is None:
        return "–"
    # The rounding error of a sum that should be zero.
    if abs(value) < 1e-12:
        return "0"
    return f"{float(f'{value:.3g}'):,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"


def chance(p_value: float | None) -> str:
    """Format a p-value; a dash for ``None``."""
    if p_value is None:
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def mean_of(entry: Interval) -> str:
    """Format a mean to the digits that its interval supports."""
    digits = _digits(entry)
    return number(entry.mean) if digits is None else _rounded(entry.mean, digits)


def between(entry: Interval) -> str:
    """Format an interval to two digits of its half width."""
    digits = _digits(entry)
    if digits is None:
        return "no interval"
    return f"{_rounded(entry.low, digits)} to {_rounded(entry.high, digits)}"


def _rounded(value: float | None, digits: int) -> str:
    """Format a number with so many decimals; a rounded zero has no sign, ``None`` is a dash."""
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def _digits(entry: Interval) -> int | None:
    """Number of decimals to print; ``None`` without an interval, or if it has no width."""
    if entry.low is None or entry.high is None or entry.high <= entry.low:
        return None
    digits = 1 - floor(log10((entry.high - entry.low) / 2))
    largest = max(abs(entry.low), abs(entry.high))
    # A tiny interval, as of a score at the end of its range, is no reason for ten digits.
    return max(0, min(digits, 3 - floor(log10(largest))))


def normalized(entry: Scores) -> str:
    """Format a normalized score with its interval; a dash without one."""
    place, low, high = entry.calibrated, entry.calibrated_low, entry.calibrated_high
    if place is None or low is None or high is None:
        return "–" if place is None else f"{place:.2f}"
    # Two decimals would show a small score as 0; one that chance explains is shown as 0.
    digits = 2 if abs(place) >= 0.005 or low <= 0 <= high else min(6, -floor(log10(abs(place))))
    return f"{_rounded(place, digits)} ({_rounded(low, digits)} to {_rounded(high, digits)})"


def about(entry: Scores) -> str:
    """Format a normalized score for the page: ``about 0`` or ``below 0`` for one below 0, a dash for none.

    A score below 0 says no more than that the samples are no better than the best trivial baseline, and a
    negative number on a scale from 0 to 1 reads like a fault.
    """
    place, high = entry.calibrated, entry.calibrated_high
    if place is None:
        return "–"
    if place >= 0:
        return f"{place:.2f}"
    return "below 0" if high is None or high < 0 else "about 0"


def end_of(end: float) -> str:
    """Format an end of a normalized score's interval for the page."""
    return "below 0" if end < 0 else f"{end:.2f}"
