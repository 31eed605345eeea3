"""A figure on the page, with its finding as heading."""

from autogen.report.figures.plot import Plot
from autogen.report.markup import Content, Markup, tag


def drawn(plot: Plot | None, name: str) -> Content:
    """A figure with heading and caption, which the page's script draws; ``None`` without a figure."""
    if plot is None:
        return None
    data = Markup(f'<script type="application/json">{plot.to_json()}</script>')
    place = tag("div", id=name, style=f"height:{plot.height}px", role="img", aria_label=plot.title)
    caption = tag("p", plot.caption, class_="caption") if plot.caption else None
    return tag("figure", tag("h3", plot.title), tag("div", data, place, class_="drawing"), caption,
               class_="plot")  # fmt: skip
