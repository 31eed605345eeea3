"""A figure on the page, under a heading that says what there is to see."""

from autogen.report.figures.plot import Plot
from autogen.report.markup import Content, Markup, tag


def drawn(plot: Plot | None, name: str) -> Content:
    """A figure with its heading and caption; the page's script draws it."""
    if plot is None:
        return None
    data = Markup(f'<script type="application/json">{plot.to_json()}</script>')
    place = tag("div", id=name, style=f"height:{plot.height}px", role="img", aria_label=plot.title)
    caption = tag("p", plot.caption, class_="caption") if plot.caption else None
    return tag("figure", tag("h3", plot.title), tag("div", data, place, class_="drawing"), caption,
               class_="plot")  # fmt: skip
