"""Mean scores with confidence intervals for each system."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from autogen.judging.criteria import Item, Judgement
from autogen.judging.embedded.texts import words

RESAMPLES = 2000


def mean_scores(name: str, items: Sequence[Item], found: Sequence[Judgement], seed: int = 0) -> pd.DataFrame:
    """Average a score over all items and over those of each system.

    Intervals are 95 % percentile bootstraps over questions: answers to one question stay together.
    The mean number of words is given too, since all kinds of judges tend to prefer long answers.

    Args:
        name: name of the metric.
        items: judged items, (N,).
        found: judgements of the items, (N,).
        seed: random seed of the bootstrap.

    Returns:
        Columns metric, system, n, mean, low, high, skipped, missing, words.
    """
    systems = sorted({item.system for item in items} - {""})
    rows = [_row(name, "all", list(range(len(items))), items, found, seed)]
    for system in systems:
        places = [at for at, item in enumerate(items) if item.system == system]
        rows.append(_row(name, system, places, items, found, seed))
    return pd.DataFrame(rows)


def interval(values: np.ndarray, groups: Sequence[str], seed: int = 0) -> tuple[float, float]:
    """Compute the 95 % interval of a mean by resampling whole groups; NaN for fewer than two groups.

    Args:
        values: float64 (N,).
        groups: group of each value, (N,).
        seed: random seed of the bootstrap.
    """
    _, place = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    sums, counts = np.bincount(place, values), np.bincount(place)
    if len(counts) < 2:
        return float("nan"), float("nan")
    picks = np.random.default_rng(seed).integers(0, len(counts), (RESAMPLES, len(counts)))
    low, high = np.quantile(sums[picks].sum(1) / counts[picks].sum(1), [0.025, 0.975])
    return float(low), float(high)


def _row(
    name: str, system: str, places: list[int], items: Sequence[Item], found: Sequence[Judgement], seed: int
) -> dict[str, object]:
    scored = [at for at in places if found[at].score is not None]
    values = np.array([found[at].score for at in scored], dtype=float)
    groups = [items[at].question or str(at) for at in scored]
    low, high = interval(values, groups, seed) if scored else (float("nan"), float("nan"))
    counts = {status: sum(found[at].status == status for at in places) for status in ("skipped", "missing")}
    length = float(np.mean([len(words(items[at].answer)) for at in places]))
    mean = float(values.mean()) if scored else float("nan")
    head = {"metric": name, "system": system, "n": len(scored), "mean": mean, "low": low, "high": high}
    return head | counts | {"words": length}
