"""What a search has found at which second, counted from the start of its process."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autogen.hpo.objective import Objective
from autogen.hpo.trial import Measurement


@dataclass
class Trace:
    """Log of a running search: its first measurement, and each fully trained trial.

    Attributes:
        objective: Objective that orients scores.
        clock: Function that gives the seconds since the start.
        path: File of the lines; ``None`` to keep them in memory only.
        ready: Second at which the first trial began to train; infinite before it was measured.
        trials: Trials that were measured at all.
        lines: The lines.
    """

    objective: Objective
    clock: Callable[[], float]
    path: Path | None = None
    ready: float = math.inf
    trials: set[object] = field(default_factory=set)
    lines: list[Mapping[str, Any]] = field(default_factory=list)

    def measured(self, trial: object, spent: float) -> None:
        """Note a measurement.

        Args:
            trial: Number or name of the trial.
            spent: Seconds that it has trained and was evaluated.
        """
        if not self.trials:
            self.ready = self.clock() - spent
            self._write({"ready": round(self.ready, 3)})
        self.trials.add(trial)

    def complete(self, score: float, family: str) -> None:
        """Note a trial that ended at its last rung."""
        line = {"t": round(self.clock(), 3), "loss": self.objective.loss(score), "family": family}
        self._write(line | {"trials": len(self.trials)})

    def _write(self, line: Mapping[str, Any]) -> None:
        self.lines.append(line)
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps(line) + "\n")


def spent(measured: Measurement) -> float:
    """Seconds that a trial has trained and was evaluated."""
    return measured.train_seconds + measured.eval_seconds


@dataclass(frozen=True)
class Run:
    """What one search found.

    Attributes:
        set: Name of the set.
        seed: Seed of split and search.
        side: Name of the search.
        seconds: Seconds that it had.
        ready: Second at which its first trial began to train; ``seconds`` if none was measured.
        times: Second at which each fully trained trial ended, ascending.
        losses: Their losses; lower is better.
        families: Their families.
        trials: Trials that were measured at all.
    """

    set: str
    seed: int
    side: str
    seconds: float
    ready: float
    times: tuple[float, ...]
    losses: tuple[float, ...]
    families: tuple[str, ...]
    trials: int

    @classmethod
    def of(cls, lines: Sequence[Mapping[str, Any]], name: str, seed: int, side: str, seconds: float) -> "Run":
        """Make a run of the lines of a trace."""
        rows = [line for line in lines if "loss" in line]
        ready = next((line["ready"] for line in lines if "ready" in line), seconds)
        times, losses, families = (tuple(row[key] for row in rows) for key in ("t", "loss", "family"))
        trials = max((row["trials"] for row in rows), default=0)
        return cls(name, seed, side, seconds, ready, times, losses, families, trials)

    def best(self, second: float) -> float:
        """Least loss of what was fully trained by a second; infinite for nothing."""
        found = [loss for at, loss in zip(self.times, self.losses, strict=True) if at <= second]
        return min(found, default=math.inf)

    def reaches(self, loss: float) -> float:
        """Second at which a fully trained trial was first as good; infinite for never."""
        found = [at for at, own in zip(self.times, self.losses, strict=True) if own <= loss]
        return min(found, default=math.inf)
