"""The door to plotly: a figure with its texts and its style, for the page and for Python."""

import base64
import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from statistics import quantiles
from textwrap import wrap
from typing import Any
from zlib import crc32

from autogen.hpo.objective import Objective

#: Colors that differ on white and on black, also for most color-blind readers.
COLORS = {
    "vae": "#3b82d6",
    "gan": "#d9702b",
    "autoregressive": "#2a9d78",
    "trees": "#8a6d3b",
    "mixture": "#8e5bb5",
    "markov": "#4a90a4",
    "flow": "#c2557a",
}
OTHERS = ("#a66bd3", "#c94f7c", "#8a8f3c")
GRAY = "#7f8894"
FAINT = "rgba(128,136,148,0.6)"
CLEAR = "rgba(0,0,0,0)"
#: Tick format of a logarithmic axis: two digits, no powers of ten.
DIGITS = ".2~r"

RED = "#cc4b3c"
MODEL = "#3b82d6"

#: A trace as plotly.js takes it.
Trace = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """A figure with its title and caption.

    It has no background, so it fits a light and a dark page; the page's style sheet colors text and grid.

    Attributes:
        title: Main finding, as a sentence.
        caption: Explanation of the figure; may be empty.
        traces: Traces of plotly.
        x: Settings of the horizontal axis.
        y: Settings of the vertical axis.
        height: Height in pixels; default 340.
        more: Further settings of plotly's layout.
    """

    title: str
    caption: str
    traces: Sequence[Trace]
    x: dict[str, Any] = field(default_factory=dict)
    y: dict[str, Any] = field(default_factory=dict)
    height: int = 340
    more: dict[str, Any] = field(default_factory=dict)

    def layout(self) -> dict[str, Any]:
        """Layout as plotly.js takes it."""
        shared = {"automargin": True, "zeroline": False, "gridcolor": FAINT, "fixedrange": True}
        return {
            "template": "none",
            "autosize": True,
            "height": self.height,
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
            "font": {"family": "system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 12},
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
            "hovermode": "closest",
            "xaxis": shared | _axis(self.x),
            "yaxis": shared | _axis(self.y),
            "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        } | self.more

    def figure(self) -> Any:
        """Make a ``plotly.graph_objects.Figure`` with the title above it."""
        from plotly.graph_objects import Figure

        made = Figure({"data": [_plain(trace) for trace in self.traces], "layout": self.layout()})
        words = wrap(escape(self.title), 90)
        return made.update_layout(
            title={"text": "<br>".join(words), "x": 0, "xref": "paper", "font": {"size": 15}},
            margin={"t": 60 + 18 * len(words), "l": 60, "r": 20, "b": 50},
            template="plotly_white",
        )

    def to_json(self) -> str:
        """Convert to JSON that is safe inside a script element."""
        figure = {"data": [_plain(trace) for trace in self.traces], "layout": self.layout()}
        return json.dumps(figure, allow_nan=False).replace("<", "\\u003c")


def _axis(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of an axis with the title as a dict, as plotly takes it."""
    title = settings.get("title")
    return settings | {"title": {"text": title, "standoff": 10}} if isinstance(title, str) else settings


def _plain(trace: Trace) -> Trace:
    """Replace numbers that JSON does not have by ``None``, which is drawn as a gap."""
    return {name: _finite(value) for name, value in trace.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return _plain(value)
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value


@cache
def packed_library() -> str:
    """Source of plotly.js, gzip in base64: a third of its size; any browser since 2023 unpacks it."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def color_of(family: str) -> str:
    """Color of a family, the same in all figures and reports."""
    return COLORS.get(family) or OTHERS[crc32(family.encode()) % len(OTHERS)]


def dots(x: Sequence[Any], y: Sequence[Any], name: str = "", **marker: Any) -> Trace:
    """Points; a name puts them into the legend."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [label(value) for value in x],
        "y": [label(value) for value in y],
        "name": escape(name),
        "showlegend": bool(name),
        "marker": {"size": 7} | marker,
    }


def lines(
    paths: Sequence[Sequence[tuple[Any, Any]]], name: str, color: str, width: float = 1.6, dash: str = "solid"
) -> Trace:
    """Many lines as one trace, so that thousands of trials are a handful of traces."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [label(value) for path in paths for value in (*(x for x, _ in path), None)],
        "y": [value for path in paths for value in (*(y for _, y in path), None)],
        "name": escape(name),
        "line": {"color": color, "width": width, "dash": dash},
        "marker": {"size": 4},
        "opacity": 0.8,
    }


def bars(x: Sequence[Any], y: Sequence[Any], name: str, shade: str, **more: Any) -> Trace:
    """Bars; a name puts them into the legend."""
    return {
        "type": "bar",
        "x": [label(value) for value in x],
        "y": [label(value) for value in y],
        "name": escape(name),
        "showlegend": bool(name),
        "marker": {"color": shade},
    } | more


def label(value: Any) -> Any:
    """Escape a text for plotly, which reads tags in it; anything else stays as it is."""
    return escape(value) if isinstance(value, str) else value


def score_axis(objective: Objective) -> str:
    """Title of an axis of scores."""
    better = "lower" if objective.direction == "minimize" else "higher"
    return f"{escape(objective.name)}<br>{better} is better"


def scale(values: Sequence[float]) -> dict[str, Any]:
    """Settings of an axis: logarithmic for positive values that differ by a factor above 8.

    The lowest tenth does not count: a score near zero, maybe by chance, would flatten the others.
    """
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 10], ordered[-1]
    if ordered[0] <= 0 or high <= 8 * low:
        return {"type": "linear"}
    return {"type": "log", "tickformat": DIGITS, "dtick": "D2" if high < 30 * ordered[0] else 1}


def frame(scores: Sequence[float], objective: Objective) -> tuple[dict[str, Any], str]:
    """Make an axis of scores on which a few very bad ones do not flatten all others.

    Returns:
        Settings of the axis, and a sentence for the caption if scores lie outside the frame.
    """
    axis: dict[str, Any] = {"title": score_axis(objective)} | scale(scores)
    losses = sorted(objective.loss(score) for score in scores)
    cut = quantiles(losses, n=10)[-1] if len(losses) > 9 else losses[-1]
    reach = cut - losses[0]
    beyond = sum(loss > cut + reach for loss in losses)
    if axis["type"] == "log" or not beyond or not reach:
        return axis, ""
    ends = sorted([objective.loss(losses[0] - 0.05 * reach), objective.loss(cut + reach)])
    verb = "measurement lies" if beyond == 1 else "measurements lie"
    return axis | {"range": ends}, f" {beyond} much worse {verb} outside the frame."
