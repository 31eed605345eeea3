"""Tables of a benchmark: one row for each cell, and means with intervals for each model and data set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.benchmarking import events
from autogen.benchmarking.cells import Cell, Role, Scored
from autogen.hpo.objective import Objective
from autogen.hpo.trial import State
from autogen.metrics.calibration import calibrated, floor_of, noise_of
from autogen.report.hard_tests import LEVEL, TOLERATED, copies_cell
from autogen.training.worker.efficiency import Efficiency
from autogen.verdict.statistics import Interval, interval, interval_of_rows

#: Columns of results.csv.
COLUMNS = (
    "data", "kind", "model", "role", "family", "rows", "steps", "seed", "metric", "score", "calibrated",
    "share", "passed", "seconds", "parameters", "latency_ms", "throughput", "memory_mb", "state", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """Scale of the normalized scores on a data set.

    Attributes:
        kind: Registered name of the kind of data.
        objective: Name, version and direction of the metric.
        floor: Mean score of the best trivial baseline; NaN if unknown.
        ceiling: Score of real rows; NaN if unknown.
        noise: Difference of floor and ceiling that chance alone explains.
    """

    kind: str
    objective: Objective
    floor: float = float("nan")
    ceiling: float = float("nan")
    noise: float = 0.0

    def place(self, score: float) -> float | None:
        """Normalize a score: 0 at the floor, 1 at the ceiling; ``None`` without a scale."""
        return calibrated(score, self.floor, self.ceiling, self.objective.direction, self.noise)


@dataclass(frozen=True)
class Entry:
    """Cell with its result.

    Attributes:
        cell: Cell of the benchmark.
        state: ``complete``, ``failed`` or ``waiting``.
        scored: Scores of a complete cell, else ``None``.
        reason: Reason of a failure, else empty.
        cost: Efficiency of the model; ``None`` if it was not measured.
    """

    cell: Cell
    state: str
    scored: Scored | None = None
    reason: str = ""
    cost: Efficiency | None = None


@dataclass(frozen=True)
class Mean:
    """Mean over the seeds of one model on one data set, for one share of rows and steps.

    Attributes:
        data: Name of the data set.
        kind: Registered name of the kind of data.
        model: Name of the model or baseline.
        role: Source of the samples.
        rows: Share of the train rows.
        steps: Share of the steps.
        seeds: Number of complete cells.
        failed: Number of failed cells.
        score: Mean score with its 95 % interval; ``None`` without a complete cell.
        calibrated: Normalized mean, and lower and upper end of its interval; ``None`` without a scale.
        share: Mean share of samples that are nearer to train rows than to unseen ones.
        copies: Outcome of the memorization test for a table, with the number that decided, or ``repeats``
            for a model that only the diversity test refused; empty without a complete cell.
        passed: Number of cells that passed the memorization and diversity tests.
        seconds: Mean seconds of training.
        cost: Efficiency of the model; ``None`` if it was not measured.
    """

    data: str
    kind: str
    model: str
    role: Role
    rows: float
    steps: float
    seeds: int
    failed: int
    score: Interval | None
    calibrated: tuple[float, float, float] | None
    share: float | None
    copies: str
    passed: int
    seconds: float | None
    cost: Efficiency | None

    @property
    def full(self) -> bool:
        """True for a training on all rows for all steps."""
        return self.rows == self.steps == 1.0

    @property
    def refused(self) -> bool:
        """True if the memorization or the diversity test refused the model on most seeds."""
        return 2 * self.passed < self.seeds


def entries_of(
    cells: Sequence[Cell], ends: Mapping[str, events.End], costs: Mapping[int, Efficiency]
) -> list[Entry]:
    """Combine the cells with their ends and costs from the journal."""
    measured = {}
    for cell in cells:
        end = ends.get(cell.key)
        if end and end.n in costs:
            measured[cell.data, cell.model] = costs[end.n]
    found = []
    for cell in cells:
        end = ends.get(cell.key)
        cost = measured.get((cell.data, cell.model))
        if end is None:
            found.append(Entry(cell, "waiting"))
        else:
            found.append(Entry(cell, end.state, end.scored, end.why, cost))
    return found


def scale_of(entries: Iterable[Entry], kind: str, objective: Objective) -> Scale:
    """Floor and ceiling of a data set: the best trivial baseline's mean score, and that of real rows."""
    trivial: dict[str, list[Scored]] = {}
    ceiling = float("nan")
    for entry in entries:
        if entry.scored and entry.cell.role is Role.REAL:
            ceiling = entry.scored.score
        elif entry.scored and entry.cell.trivial:
            trivial.setdefault(entry.cell.model, []).append(entry.scored)
    if not trivial:
        return Scale(kind, objective, ceiling=ceiling)
    means = {float(np.mean([one.score for one in done])): done for done in trivial.values()}
    floor = floor_of(means, objective.direction)
    first = means[floor][0]  # the interval comes from rows: seeds are too few
    found = interval_of_rows(first.score, np.array(first.replicates))
    return Scale(kind, objective, floor, ceiling, noise_of(found.low, found.high))


def means_of(entries: Iterable[Entry], scales: Mapping[str, Scale]) -> list[Mean]:
    """Average the cells of each model, data set and share, in the order of the cells."""
    together: dict[tuple[str, str, float, float], list[Entry]] = {}
    for entry in entries:
        cell = entry.cell
        if cell.role is not Role.REAL:
            together.setdefault((cell.data, cell.model, cell.rows, cell.steps), []).append(entry)
    return [_mean(group, scales[key[0]]) for key, group in together.items()]


def rows_of(entries: Iterable[Entry], scales: Mapping[str, Scale]) -> list[dict[str, Any]]:
    """Build the lines of results.csv, one for each cell; an empty field means that there is no value."""
    lines = []
    for entry in entries:
        cell, scored, scale = entry.cell, entry.scored, scales[entry.cell.data]
        line: dict[str, object] = {
            "data": cell.data,
            "kind": scale.kind,
            "model": cell.model,
            "role": str(cell.role),
            "family": cell.config["family"] if cell.role is Role.MODEL else "",
            "rows": cell.rows,
            "steps": cell.steps,
            "seed": cell.seed,
            "metric": scale.objective.name,
            "state": entry.state,
            "reason": entry.reason,
        }
        if cost := entry.cost:
            line |= {"parameters": cost.parameters, "latency_ms": cost.latency_ms}
            line |= {"throughput": cost.throughput_per_s, "memory_mb": cost.peak_memory_mb}
        if scored:
            line |= {"score": scored.score, "calibrated": scale.place(scored.score), "share": scored.share}
            line |= {"passed": None if cell.role is Role.REAL else scored.passed, "seconds": scored.seconds}
        lines.append({name: line.get(name) for name in COLUMNS})
    return lines


def _mean(group: Sequence[Entry], scale: Scale) -> Mean:
    cell = group[0].cell
    done = [entry.scored for entry in group if entry.scored]
    score = _interval(done) if done else None
    return Mean(
        data=cell.data,
        kind=scale.kind,
        model=cell.model,
        role=cell.role,
        rows=cell.rows,
        steps=cell.steps,
        seeds=len(done),
        failed=sum(entry.state not in ("waiting", State.COMPLETE) for entry in group),
        score=score,
        calibrated=_calibrated(score, scale) if score else None,
        share=float(np.mean([scored.share for scored in done])) if done else None,
        copies=_copies(done),
        passed=sum(scored.passed for scored in done),
        seconds=float(np.mean([scored.seconds for scored in done])) if done else None,
        cost=next((entry.cost for entry in group if entry.cost), None),
    )


def _copies(done: Sequence[Scored]) -> str:
    """Outcome of the memorization test on most seeds, in the medians of the seeds that decided."""
    refused = [scored for scored in done if not scored.passed]
    if not done or 2 * len(refused) <= len(done):
        return f"no ({np.mean([scored.share for scored in done]):.2f})" if done else ""
    share, p_value, copied = (
        float(np.median([getattr(one, name) for one in refused])) for name in ("share", "p_value", "copied")
    )
    if p_value >= LEVEL and copied <= TOLERATED:
        return f"no ({share:.2f}), repeats"
    return copies_cell(False, share, p_value, copied)


def _interval(done: Sequence[Scored]) -> Interval:
    """Compute the interval over seeds and rows; over rows alone with one seed."""
    replicates = np.array([scored.replicates for scored in done])
    if len(done) == 1:
        return interval_of_rows(done[0].score, replicates[0])
    return interval(np.array([scored.score for scored in done]), replicates)


def _calibrated(score: Interval, scale: Scale) -> tuple[float, float, float] | None:
    """Normalize the mean and both ends of an interval; ``None`` without a scale."""
    mean, *ends = (scale.place(value) for value in (score.mean, score.low, score.high))
    found = sorted(end for end in ends if end is not None)
    return None if mean is None or len(found) < 2 else (mean, found[0], found[1])
