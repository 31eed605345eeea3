"""Generated samples beside real ones, and distributions of their quantities."""

from collections.abc import Collection, Sequence

from autogen.errors import agreed
from autogen.report.contents import Preview, ReportData, Rows
from autogen.report.figures.samples import marginal
from autogen.report.markup import Content, Markup, cell, folded, picture, table, tag
from autogen.report.page.figure import drawn
from autogen.report.page.music import tune, tunes

#: Number of distributions that show at once; the rest is folded.
MARGINALS = 6
#: Rows or texts, and columns, of the strip at the top of the page.
STRIP_ROWS, STRIP_COLUMNS = 3, 8


def strip(page: ReportData) -> Content:
    """A few generated samples, beside real ones where the page shows these; ``None`` without any."""
    shown = [("Generated", page.fake)]
    if page.shows_real and not _is_table(page.fake):
        shown.append(("Real", page.real))
    hidden = {one.name for one in page.columns if one.fate != "learned"}
    figures = [_first(name, preview, hidden) for name, preview in shown if preview]
    if not figures:
        return None
    return tag("div", *figures, class_=f"strip {'pair' if len(figures) > 1 else ''}".strip())


def _first(name: str, preview: Preview, hidden: Collection[str]) -> Markup:
    """The first images, the first rows without some columns, the first texts, or the first piece."""
    caption = tag("figcaption", name)
    if isinstance(preview, bytes):
        return tag("figure", caption, picture(preview, f"{name} samples, the first ones"))
    if isinstance(preview, tuple):
        return tune(name, preview[0])
    learned = [i for i, column in enumerate(preview.header) if column not in hidden]
    places = (learned or range(len(preview.header)))[:STRIP_COLUMNS]
    rows = [[cell(row[i]) for i in places if i < len(row)] for row in preview.rows[:STRIP_ROWS]]
    header = [preview.header[i] for i in places] if len(preview.header) > 1 else ()
    return tag("figure", caption, table(header, rows), class_="rows")


def _is_table(preview: Preview | None) -> bool:
    return isinstance(preview, Rows) and len(preview.header) > 1


def samples(page: ReportData) -> list[Content]:
    """Images, texts and music side by side, rows one above the other; then distributions."""
    shown = [("Generated", page.fake), ("Real, from the test split", page.real)]
    figures = [_preview(name, preview) for name, preview in shown if preview is not None]
    return [
        tag("div", *figures, class_="rows" if _is_table(page.fake) else "pair") if figures else None,
        *_marginals(page),
    ]


def _marginals(page: ReportData) -> list[Content]:
    """Distributions, the most different ones first."""
    plots = [marginal(entry) for entry in sorted(page.marginals, key=lambda entry: -entry.difference)]
    figures = [drawn(plot, f"marginal-{i}") for i, plot in enumerate(plots)]
    if not figures:
        return []
    tabular = page.relations is not None or bool(page.columns)
    what = "column" if tabular else "measured quantity"
    about = (
        f"The distribution of each {what}, of generated samples beside unseen real ones; the most different "
        "ones come first."
    )
    if tabular:
        about += (
            " Columns can agree one by one although their relations are lost. Identifiers and personal data "
            "are not shown: samples get new values."
        )
    more = _grid(figures[MARGINALS:])
    hidden = len(figures) - MARGINALS
    rest = agreed(hidden, "One more distribution", f"The other {hidden} distributions")
    return [tag("p", about), _grid(figures[:MARGINALS]), folded(rest, more)]


def _grid(figures: Sequence[Content]) -> Content:
    return tag("div", *figures, class_="grid") if figures else None


def _preview(name: str, preview: Preview) -> Markup:
    if isinstance(preview, bytes):
        return tag("figure", picture(preview, f"{name} samples"), tag("figcaption", name))
    if isinstance(preview, tuple):
        return tag("div", tunes(name.partition(",")[0], preview))
    rows = [[cell(value) for value in row] for row in preview.rows]
    header = preview.header if len(preview.header) > 1 else ()
    return tag("figure", tag("figcaption", name), table(header, rows))
