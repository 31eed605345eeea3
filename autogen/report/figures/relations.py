"""Heat map of pairs of columns: association in generated minus in real rows."""

from autogen.report.contents import Relations
from autogen.report.figures.plot import MODEL, RED, Plot, label

#: Most letters of a column's name beside the map; the whole name shows when the pointer is on a cell.
LETTERS = 18
#: End of the colors where all differences are smaller: noise is not drawn in full color.
LEAST = 0.1
#: Most columns that are drawn, those with the largest differences.
MOST_COLUMNS = 30


def heat_map(found: Relations) -> Plot | None:
    """Association in generated minus in real rows, of the columns that differ most.

    Args:
        found: Relations of a table's columns.
    """
    if len(found.columns) < 2:
        return None
    worst = [max(map(abs, row)) for row in found.differences]
    kept = sorted(sorted(range(len(worst)), key=lambda i: -worst[i])[:MOST_COLUMNS])
    names = [found.columns[i] for i in kept]
    cells = [[found.differences[i][j] if i != j else None for j in kept] for i in kept]
    end = max(LEAST, *(abs(cell) for row in cells for cell in row if cell is not None))
    titles = [[f"{label(a)} and {label(b)}" for b in names] for a in names]
    trace = {
        "type": "heatmap",
        "x": list(range(len(names))),
        "y": list(range(len(names))),
        "z": cells,
        "text": titles,
        "hovertemplate": "%{text}: %{z:+.2f}<extra></extra>",
        "zmin": -end,
        "zmax": end,
        "colorscale": [[0, RED], [0.5, "rgba(128,136,148,0.12)"], [1, MODEL]],
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": [-end, -end / 2, 0, end / 2, end],
            "ticktext": [
                f"{-end:+.2f} weaker",
                f"{-end / 2:+.2f}",
                "0",
                f"{end / 2:+.2f}",
                f"{end:+.2f} stronger",
            ],
        },
        "xgap": 1,
        "ygap": 1,
    }
    ticks = {"tickvals": list(range(len(names))), "ticktext": [_short(name) for name in names]}
    axis = ticks | {"showgrid": False}
    caption = (
        "Association of each pair of columns (adjusted mutual information, 0 independent to 1 determined) in "
        "generated rows minus that in real rows. Red: weaker than in real rows; blue: stronger. "
        f"Full color is a difference of {end:.2f}."
    )
    if len(kept) < len(found.columns):
        caption += f" The {len(kept)} of {len(found.columns)} columns that differ most."
    return Plot(
        _title(found),
        caption,
        [trace],
        axis | {"tickangle": -45},
        axis | {"autorange": "reversed"},
        height=170 + 24 * len(names),
    )


def _title(found: Relations) -> str:
    """The most different pair, as a sentence."""
    worst = found.pairs[0]
    gap = worst["synthetic"] - worst["real"]
    if abs(gap) < 0.05:
        return "Every pair of columns is about as strongly associated as in real rows"
    verb = "fell" if gap < 0 else "rose"
    names = " and ".join(worst["columns"])
    return f"{names}: association {verb} from {worst['real']:.2f} to {worst['synthetic']:.2f}"


def _short(name: str) -> str:
    cut = name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
    return str(label(cut))
