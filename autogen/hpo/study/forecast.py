"""Estimate of the seconds that a study takes after its search, from what its trials took."""

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from autogen.hpo.study.state import TrialRecord

#: Seconds of a training on fresh seeds over those of the same training in the search. All workers train then,
#: while in the search some wait or have light trials.
CONTENTION = 1.1
#: Seconds of a score with its jackknife over those of a score without.
JACKKNIFED = 1.2
#: Seconds of the cost measurement of one model, and of report, card and previews, on an idle machine.
DESCRIBING, PUBLISHING = 1.0, 2.0
#: Least seconds of the memorization and the diversity test of one contender on an idle machine, and of
#: measuring the real rows for them in each worker; and how many times as long as the search's own test for
#: copies they take, which compares fewer pairs.
CHECKING, CHECKS = 1.0, 2.5
#: Seconds of fitting a baseline on an idle machine.
FITTING = 0.5
#: Finalists that are compared on test, before their scores on select are known.
NEAR = 3
#: Where time is short: finalists that are compared on test, and baselines, the floor and the best.
SHORT = 2


@dataclass(frozen=True)
class Extent:
    """How much the finals measure.

    Attributes:
        select: Number of sampling seeds of each finalist on select; of a baseline it is 1.
        test: Number of sampling seeds of each contender on test.
        short: True if only the ``SHORT`` best finalists are tested, and the baselines that the verdict rests
            on.
    """

    select: int
    test: int
    short: bool = False


class Forecast:
    """Cost model of the finals and of trainings on fresh seeds.

    A score takes what it took in the search. Baselines take what the cheapest finalist takes, since drawing
    from them is array work.

    Args:
        baselines: Number of baselines, which are scored as well.
        workers: Number of workers that share the evaluations.
        slowness: Wall-clock over processor time of this machine, 1 if it is idle; default 1.
        early: Rows of a score at the last rung over those of one before it; default 1.
    """

    def __init__(self, baselines: int, workers: int, slowness: float = 1.0, early: float = 1.0) -> None:
        self.baselines = baselines
        self.workers = max(1, workers)
        self.slowness = slowness
        self.early = early

    def finals(self, finalists: Sequence[TrialRecord], extent: Extent) -> float:
        """Estimate the wall-clock seconds from the end of the search to the end of the study; no retraining.

        Args:
            finalists: Finalists; all are scored on select, the costliest ones on test too.
            extent: How much is measured.
        """
        scores = [self.scoring_seconds(trial) for trial in finalists]
        baseline = self.slowness * FITTING + JACKKNIFED * min(scores, default=0.0)
        select = [JACKKNIFED * score for score in scores for _ in range(extent.select)]
        select += [baseline] * self.baselines
        near = sorted(scores, reverse=True)[: SHORT if extent.short else NEAR]
        checks = [trial.check for trial in finalists if trial.check]
        checking = max(self.slowness * CHECKING, CHECKS * median(checks) if checks else 0.0)
        return makespan(select, self.workers) + self.reading(near, extent, checking)

    def shortest(self, finalists: Sequence[TrialRecord], extent: Extent, most: float) -> float:
        """Estimate the seconds of the finals of the first finalist alone, at most ``most``; 0 without any."""
        return min(most, self.finals(finalists[:1], extent)) if finalists else 0.0

    def reading(self, scores: Sequence[float], extent: Extent, checking: float) -> float:
        """Estimate the wall-clock seconds from the ranking on select to the end of the study.

        Args:
            scores: Seconds of a score of each finalist that is compared on test.
            extent: How much is measured.
            checking: Seconds of the hard tests of one contender.
        """
        cheapest = min(scores, default=0.0)
        baselines = min(SHORT, self.baselines) if extent.short else self.baselines
        # The tests draw a finalist's samples anew: at most what drawing and scoring them takes.
        tests = [checking + extent.test * score for score in scores] + [checking] * baselines
        tests += [checking] * self.workers  # the real rows, in each worker
        test = [JACKKNIFED * score for score in scores for _ in range(extent.test)]
        test += [JACKKNIFED * cheapest] * (extent.test * baselines + 1)  # real rows last
        fixed = self.slowness * (DESCRIBING + PUBLISHING)
        if extent.short:  # no worker waits between them
            return makespan([*tests, *test], self.workers) + fixed
        return makespan(tests, self.workers) + makespan(test, self.workers) + fixed

    def retraining(self, finalists: Sequence[TrialRecord], seeds: int) -> float:
        """Estimate the wall-clock seconds of training configs on fresh seeds and comparing the models.

        Args:
            finalists: Trials whose configs are trained again.
            seeds: Number of fresh seeds of each.
        """
        slower = CONTENTION if self.workers > 1 else 1.0
        trained = [slower * trial.curve[-1].train_seconds for trial in finalists for _ in range(seeds)]
        return makespan(trained, self.workers) + self.finals(finalists, Extent(seeds, seeds))

    def scoring_seconds(self, trial: TrialRecord) -> float:
        """Estimate the seconds of sampling and scoring as many rows as tune has, from a trial's last rung."""
        before = trial.curve[-2].eval_seconds if len(trial.curve) > 1 else 0.0
        last = trial.curve[-1]
        return (last.eval_seconds - before) * (1.0 if last.step >= trial.task.steps else self.early)

    def fitting(
        self, finalists: Sequence[TrialRecord], seconds: float | None, extent: Extent, spare: float = 0.0
    ) -> list[TrialRecord]:
        """Select as many finalists, in their order, as there is time for; at least the first one.

        Args:
            finalists: Trials to be compared, the most important first.
            seconds: Seconds left; ``None`` for no limit.
            extent: How much is measured.
            spare: Seconds by which further finalists may prolong the finals of the first one, though there
                is no time for any; default none.
        """
        count, limit = len(finalists), math.inf
        if seconds is not None:
            limit = max(seconds, self.finals(finalists[:1], extent) + spare)
        while count > 1 and self.finals(finalists[:count], extent) > limit:
            count -= 1
        return list(finalists[:count])


def makespan(seconds: Iterable[float], workers: int) -> float:
    """Seconds until the workers have done all tasks, if each takes the longest one that is left.

    Args:
        seconds: Seconds of each task.
        workers: Number of workers, at least 1.
    """
    free = [0.0] * workers
    for task in sorted(seconds, reverse=True):
        heapq.heapreplace(free, free[0] + task)
    return max(free)
