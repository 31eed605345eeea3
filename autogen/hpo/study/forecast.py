"""How long a study will go on after its search, estimated from what its trials took."""

import heapq
from collections.abc import Iterable, Sequence

from autogen.hpo.study.state import TrialRecord

#: A training among others, against the search, where some workers wait or have light trials.
CONTENTION = 1.1
#: A score with its jackknife, against one without; a test for copies, against a score of as many samples.
JACKKNIFED, GATED = 1.5, 1.0
#: Seconds of one model's costs, and of report, card and previews, on a machine with nothing else to do.
DESCRIBING, PUBLISHING = 1.0, 2.0
#: Likewise of the tests for copies and repeats of one contender: at most so many pairs are looked at.
CHECKING = 0.5
#: Finalists that are compared on test, as long as nothing is known of their scores on select.
NEAR = 3


class Forecast:
    """Estimates the finals, and trainings on fresh seeds.

    Args:
        baselines: How many baselines are scored as well.
        workers: Workers that share the evaluations.
        slowness: By how much this machine is slower than one with nothing else to do.
    """

    def __init__(self, baselines: int, workers: int, slowness: float = 1.0) -> None:
        self.baselines = baselines
        self.workers = max(1, workers)
        self.slowness = slowness

    def finals(self, finalists: Sequence[TrialRecord], draws: int) -> float:
        """Wall-clock from the end of the search to that of the study, where nothing is trained again.

        Args:
            finalists: Finalists, each scored on select; the costliest of them count for test.
            draws: Sampling seeds of each contender on either split.
        """
        scores = [scoring_seconds(trial) for trial in finalists]
        mean = sum(scores) / max(1, len(scores))
        select = [JACKKNIFED * score for score in scores for _ in range(draws)]
        select += [(JACKKNIFED * draws + 1) * mean] * self.baselines
        return makespan(select, self.workers) + self.reading(sorted(scores, reverse=True)[:NEAR], draws)

    def reading(self, scores: Sequence[float], draws: int) -> float:
        """Wall-clock from the ranking on select to the end of the study.

        Args:
            scores: Seconds of a score of each finalist that is compared on test.
            draws: Sampling seeds of each contender.
        """
        mean = sum(scores) / max(1, len(scores))
        checking = self.slowness * CHECKING
        gates = [checking + (GATED + 1) * draws * score for score in [*scores, *[mean] * self.baselines]]
        test = [JACKKNIFED * score for score in scores for _ in range(draws)]
        test += [JACKKNIFED * draws * mean] * self.baselines + [JACKKNIFED * mean]
        fixed = self.slowness * (DESCRIBING + PUBLISHING)
        return makespan(gates, self.workers) + makespan(test, self.workers) + fixed

    def retraining(self, finalists: Sequence[TrialRecord], seeds: int) -> float:
        """Wall-clock of training configs again on fresh seeds and scoring what comes of it.

        Args:
            finalists: The configs' trials.
            seeds: Fresh seeds of each.
        """
        slower = CONTENTION if self.workers > 1 else 1.0
        trained = [slower * trial.curve[-1].train_seconds for trial in finalists for _ in range(seeds)]
        return makespan(trained, self.workers) + self.finals(finalists, seeds)

    def fitting(
        self, finalists: Sequence[TrialRecord], seconds: float | None, draws: int
    ) -> list[TrialRecord]:
        """As many finalists, in their order, as there is time for; the first whatever the time.

        Args:
            finalists: All that are wanted.
            seconds: Seconds that are left; ``None`` for no limit.
            draws: Sampling seeds of each contender.
        """
        count = len(finalists)
        while count > 1 and seconds is not None and self.finals(finalists[:count], draws) > seconds:
            count -= 1
        return list(finalists[:count])


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
