"""Figures of samples: the distribution of each quantity, generated beside real."""

from collections.abc import Sequence
from typing import Any

from autogen.report.contents import Marginal
from autogen.report.figures.differences import direction
from autogen.report.figures.plot import GRAY, MODEL, Plot, bars, label

#: Most letters of a category's name under its bars; the whole name shows when the pointer is on them.
LETTERS = 14


def marginal(entry: Marginal) -> Plot:
    """One distribution, with generated bars beside real ones."""
    shared = 100 * (1 - entry.difference)
    title = f"{entry.name}: {shared:.0f} % overlap"
    if how := direction(entry):
        title = f"{entry.name} {how}: {shared:.0f} % overlap"
    caption = ""
    if entry.missing:
        real, fake = entry.missing
        caption = f"Missing: {real:.0%} of real cells, {fake:.0%} of generated ones.".replace("%", " %")
    traces = [
        bars(entry.places, entry.real, "real", GRAY),
        bars(entry.places, entry.fake, "generated", MODEL),
    ]
    y = {"title": "share", "tickformat": ".0%", "rangemode": "tozero"}
    return Plot(title, caption, traces, _axis(entry), y, 220)


def _axis(entry: Marginal) -> dict[str, Any]:
    """The horizontal axis: of time, of categories or of numbers."""
    if entry.scale == "date":
        days = {str(place)[:10] for place in entry.places}
        return {"type": "date"} | ({"tickformat": "%H:%M"} if len(days) == 1 else {})
    named = any(isinstance(place, str) for place in entry.places)
    return _categories([str(place) for place in entry.places]) if named else {}


def _categories(names: Sequence[str]) -> dict[str, Any]:
    """An axis of categories, with long names cut to leave room for the bars."""
    short = [name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…" for name in names]
    ticks = [[label(name) for name in column] for column in (names, short)]
    return {"type": "category", "tickvals": ticks[0], "ticktext": ticks[1]}
