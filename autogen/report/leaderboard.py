"""The leaderboard: one row for each trial, complete trials first, the best on top."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.hpo.objective import Direction, Objective
from autogen.hpo.study.state import out_of_time

#: A trial as the report reads it; ``autogen.report.contents.ReportData`` lists the keys.
Trial = Mapping[str, Any]
Row = dict[str, Any]

#: What follows the reason of a suspicion that the memorization test of the finals did not confirm.
NOT_CONFIRMED = "; the memorization test at the end did not confirm that"
#: Order of the states; within a state trials are sorted by their last score, complete ones that are still
#: suspected of copying last.
ORDER = {"complete": 0, "infeasible": 1, "pruned": 2, "running": 3, "failed": 4}


def last_score(trial: Trial) -> float | None:
    """Newest score of a trial, at any fidelity; ``None`` without a measurement."""
    if trial["score"] is not None:
        return float(trial["score"])
    return float(trial["curve"][-1][1]) if trial["curve"] else None


def suspected(trial: Trial | Row) -> bool:
    """Tell if a complete trial is still suspected of copying; it ranks behind all others."""
    return str(trial["state"]) == "complete" and bool(trial["reason"]) and not cleared(trial)


def cleared(trial: Trial | Row) -> bool:
    """Tell if the finals did not confirm what the search suspected a complete trial of."""
    return str(trial["state"]) == "complete" and str(trial["reason"]).endswith(NOT_CONFIRMED)


def shown_state(trial: Trial) -> str:
    """State of a trial for people: ``out of time`` for a pruned trial that the budget stopped."""
    pruned = trial["state"] == "pruned"
    return "out of time" if pruned and out_of_time(trial["reason"]) else str(trial["state"])


def leaderboard(trials: Iterable[Trial], direction: Direction) -> list[Row]:
    """Make rows with the same columns for all trials, the best first.

    Args:
        trials: Trials in any order.
        direction: Direction of the objective.

    Returns:
        Rows with ``rank`` (complete trials only, else empty), ``trial``, ``family``, ``state``,
        ``score`` (at full fidelity, else empty), ``last_score``, ``steps``, ``seconds``, ``reason``,
        and a column for each parameter of any trial, empty for trials without it.
    """
    objective = Objective("", direction=direction)

    def key(trial: Trial) -> tuple[int, bool, float, int]:
        score, state = last_score(trial), trial["state"]
        loss = float("inf") if score is None else objective.loss(score)
        return ORDER[state], suspected(trial), loss, trial["number"]

    ordered = sorted(trials, key=key)
    parameters = sorted({name for trial in ordered for name in trial["config"]} - {"family"})
    return [_row(rank, trial, parameters) for rank, trial in enumerate(ordered, start=1)]


def to_csv(rows: Sequence[Row]) -> str:
    """Convert rows to CSV with a header; empty for no rows."""
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def from_csv(path: Path) -> Any:
    """Read a leaderboard as a DataFrame of nullable dtypes."""
    import pandas as pd

    texts = dict.fromkeys(("family", "state", "reason"), "string")
    return pd.read_csv(path, dtype=texts, dtype_backend="numpy_nullable")


def _row(rank: int, trial: Trial, parameters: Sequence[str]) -> Row:
    complete = trial["state"] == "complete"
    return {
        "rank": rank if complete else None,
        "trial": trial["number"],
        "family": trial["family"],
        "state": str(trial["state"]),
        "score": trial["score"] if complete else None,
        "last_score": last_score(trial),
        "steps": trial["curve"][-1][0] if trial["curve"] else 0,
        "seconds": round(trial["seconds"], 2),
        "reason": trial["reason"],
    } | {name: trial["config"].get(name) for name in parameters}
