"""How long a study will go on after its search, foretold from what its trials took."""

import heapq
from collections.abc import Iterable, Sequence

from autogen.hpo.study.state import TrialRecord

#: What a training takes among others, against the search, where some workers wait or have light trials.
CONTENTION = 1.1
#: What the scores on test take, with jackknives and the search for copies, against those on select.
ON_TEST = 1.6
#: Seconds a finalist's costs and diagnostics take, and the writing of report and samples.
DESCRIBING, PUBLISHING = 1.25, 2.5
#: Times a score that both take on top: samples are drawn again, and looked at by other measures.
ANEW = 2.0


class Forecast:
    """Foretells confirmation and test.

    Args:
        seeds: Fresh seeds of each finalist.
        baselines: How many baselines are scored as often.
    """

    def __init__(self, seeds: int, baselines: int) -> None:
        self.seeds = seeds
        self.baselines = baselines

    def seconds(self, finalists: Sequence[TrialRecord], workers: int) -> float:
        """Wall-clock from the end of the search to that of the study.

        Args:
            finalists: To be confirmed.
            workers: That share the trainings and scorings.
        """
        spent = [(trial.curve[-1].train_seconds, scoring_seconds(trial)) for trial in finalists]
        return self._seconds(spent, workers)

    def alone(self, training: float, scoring: float, workers: int) -> float:
        """The same for one finalist, by the seconds of its training and its score."""
        return self._seconds([(training, scoring)], workers)

    def _seconds(self, finalists: Sequence[tuple[float, float]], workers: int) -> float:
        workers = max(1, workers)
        slower = CONTENTION if workers > 1 else 1.0
        scores = [score for _, score in finalists]
        trainings = [slower * training + score for training, score in finalists]
        each = sum(scores) / max(1, len(scores))
        scoring = self.seeds * (sum(scores) + self.baselines * each)
        # who has no training left scores for select
        shared = (self.seeds * sum(trainings) + scoring) / workers
        confirming = max(makespan(trainings * self.seeds, workers), shared)
        describing = DESCRIBING * len(finalists) + PUBLISHING
        describing += ANEW * (sum(scores) + max(scores, default=0.0))
        return confirming + ON_TEST * scoring / workers + describing

    def fitting(
        self, finalists: Sequence[TrialRecord], workers: int, seconds: float | None
    ) -> list[TrialRecord]:
        """The leader, and of the others, the better first, those that there is time for.

        Args:
            finalists: The best first.
            workers: As for ``seconds``.
            seconds: That are left; ``None`` for no limit.
        """
        if seconds is None:
            return list(finalists)
        chosen = list(finalists[:1])
        for trial in finalists[1:]:
            if self.seconds([*chosen, trial], workers) <= seconds:
                chosen.append(trial)
        return chosen


def scoring_seconds(trial: TrialRecord) -> float:
    """Seconds of sampling and scoring at a complete trial's last rung, on all rows."""
    before = trial.curve[-2].eval_seconds if len(trial.curve) > 1 else 0.0
    return trial.curve[-1].eval_seconds - before


def makespan(seconds: Iterable[float], workers: int) -> float:
    """When so many workers have done all tasks, each taking the longest that is left."""
    free = [0.0] * workers
    for task in sorted(seconds, reverse=True):
        heapq.heapreplace(free, free[0] + task)
    return max(free)
