"""The direction in which a generated distribution differs from the real one, in words."""

from collections.abc import Sequence
from math import sqrt

from autogen.report.contents import Marginal
from autogen.report.scores import number

#: Least total variation distance that is worth words.
NOTABLE = 0.05
#: Shift of the mean in real standard deviations, and ratio of standard deviations, from which on a shift or
#: a spread is what differs most.
SHIFT, SPREAD = 0.25, 1.25
#: Most letters of a category's name.
_LETTERS = 30


def direction(entry: Marginal) -> str:
    """Say how a distribution differs: ``is too high``, ``varies too little``, ``has too few of Graz``.

    Empty for a difference that is not worth words.
    """
    if entry.difference < NOTABLE:
        return ""
    if entry.scale != "date" and any(isinstance(place, str) for place in entry.places):
        return _categories(entry)
    dates = entry.scale == "date"
    # Dates have no numbers here; their bins are equally wide.
    places = [float(i) if dates else float(str(place)) for i, place in enumerate(entry.places)]
    real, fake = (_moments(places, shares) for shares in (entry.real, entry.fake))
    if real is None or fake is None:
        return ""
    shift = fake[0] - real[0]
    if real[1] > 0 and abs(shift) > SHIFT * real[1]:
        if dates:
            return "is too late" if shift > 0 else "is too early"
        means = f" (mean about {number(fake[0])}, real about {number(real[0])})"
        return f"is too {'high' if shift > 0 else 'low'}{means}"
    if fake[1] > SPREAD * real[1]:
        return "varies too much"
    if real[1] > SPREAD * fake[1]:
        return "varies too little"
    return _bins(entry)


def _categories(entry: Marginal) -> str:
    """The category whose share differs most, with both shares."""
    worst = _worst(entry)
    name = str(entry.places[worst])
    name = name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
    return f"{_much(entry, worst)} of {name} ({_shares(entry, worst)})"


def _bins(entry: Marginal) -> str:
    """The bin whose share differs most: neither the mean nor the spread says what is wrong."""
    worst = _worst(entry)
    place = entry.places[worst]
    near = str(place)[:10] if isinstance(place, str) else number(place)
    return f"{_much(entry, worst)} values near {near} ({_shares(entry, worst)})"


def _worst(entry: Marginal) -> int:
    gaps = [round(abs(a - b), 6) for a, b in zip(entry.real, entry.fake, strict=True)]
    return gaps.index(max(gaps))


def _much(entry: Marginal, i: int) -> str:
    return "has too few" if entry.fake[i] < entry.real[i] else "has too many"


def _shares(entry: Marginal, i: int) -> str:
    return f"{100 * entry.fake[i]:.0f} %, real {100 * entry.real[i]:.0f} %"


def _moments(places: Sequence[float], shares: Sequence[float]) -> tuple[float, float] | None:
    """Mean and standard deviation of values at the middles of bins; ``None`` without any share."""
    total = sum(shares)
    if not total:
        return None
    mean = sum(place * share for place, share in zip(places, shares, strict=True)) / total
    spread = sum((place - mean) ** 2 * share for place, share in zip(places, shares, strict=True)) / total
    return mean, sqrt(spread)
