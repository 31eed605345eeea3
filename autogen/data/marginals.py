"""Histograms of one column, real beside generated, as shares per bin or category."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Record = dict[str, Any]

#: Most bins of a numeric column, and most categories by name before the others are merged.
BINS, CATEGORIES = 20, 12
#: Category of cells without a value.
MISSING = "(missing)"


def binned(name: str, real: np.ndarray, fake: np.ndarray) -> Record:
    """Count values in equal bins over the middle 98 % of the real values.

    What lies up to a bin beyond is in the first or the last of these bins. What lies further out has a bin of
    its own on either side, if there is any: in an end bin it would pass for real values that are there.

    Args:
        name: name of the column.
        real: float64 (N,), finite.
        fake: float64 (M,), finite.
    """
    low, high = np.quantile(real, [0.01, 0.99]) if len(real) else (0.0, 1.0)
    # Twice the cube root of the number of rows: more bins would mostly show noise (Rice rule).
    bins = min(BINS, max(4, round(2 * len(real) ** (1 / 3))))
    if high <= low:
        bins, margin = 1, 1e-3 * max(1e-3, abs(low))
        low, high = low - margin, low + margin
    edges, width = np.linspace(low, high, bins + 1, retstep=True)
    cuts = np.concatenate([[low - width], edges[1:-1], [high + width]])
    middles = np.linspace(low - 1.5 * width, high + 1.5 * width, bins + 4)[[0, *range(2, bins + 2), -1]]
    counts = [np.bincount(np.searchsorted(cuts, part, "right"), minlength=bins + 2) for part in (real, fake)]
    shown = [0 < i <= bins or any(part[i] for part in counts) for i in range(bins + 2)]
    places = [round(float(x), 9) for x in middles[shown]]
    return {"name": name, "places": places} | _shares(*(part[shown] for part in counts))


def dated(name: str, real: np.ndarray, fake: np.ndarray) -> Record:
    """Count dates in equal bins of time, as ``binned`` does; the middles of the bins are ISO dates.

    Args:
        name: name of the column.
        real: datetime64[s] (N,).
        fake: datetime64[s] (M,).
    """
    record = binned(name, *(side.astype(np.int64).astype(float) for side in (real, fake)))
    middles = [str(np.datetime64(round(second), "s")) for second in record["places"]]
    return record | {"places": middles, "scale": "date"}


def counted(name: str, real: Sequence[str], fake: Sequence[str]) -> Record:
    """Count the most frequent categories, numbers in ascending order, and merge all others."""
    names, counts = np.unique(np.array(real, dtype=object), return_counts=True)
    ordered = [str(names[i]) for i in np.argsort(-counts, kind="stable")][:CATEGORIES]
    ordered = _by_size(ordered)
    other = len(names) > CATEGORIES or not set(fake) <= set(ordered)
    parts = [[sum(cell == place for cell in column) for place in ordered] for column in (real, fake)]
    if other:
        parts = [[*part, len(column) - sum(part)] for part, column in zip(parts, (real, fake), strict=True)]
    places = [*ordered, *(["others"] if other else [])]
    return {"name": name, "places": places} | _shares(*map(np.array, parts))


def _by_size(names: list[str]) -> list[str]:
    """Sort names that are numbers, missing last; keep the given order if any name is no number."""
    try:
        return sorted(names, key=lambda name: float("inf") if name == MISSING else float(name))
    except ValueError:
        return names


def _shares(real: np.ndarray, fake: np.ndarray) -> Record:
    pair = {"real": real, "fake": fake}
    return {
        name: [round(float(count), 6) for count in counts / max(1, counts.sum())]
        for name, counts in pair.items()
    }
