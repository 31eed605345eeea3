"""Figures of samples: how each quantity is distributed, generated beside real."""

from autogen.report.contents import Marginal
from autogen.report.plots import GREY, MODEL, Plot, bars


def marginal(entry: Marginal) -> Plot:
    """One distribution, generated bars before real ones."""
    shared = 100 * (1 - entry.difference)
    title = f"{entry.name}: {shared:.0f} % in common"
    traces = [
        bars(entry.places, entry.real, "real", GREY),
        bars(entry.places, entry.fake, "generated", MODEL),
    ]
    x = {"type": "category"} if entry.places and isinstance(entry.places[0], str) else {}
    return Plot(title, "", traces, x, {"title": "share", "tickformat": ".0%", "rangemode": "tozero"}, 220)
