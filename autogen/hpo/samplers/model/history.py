"""Outcomes of the trials of a family, as targets that a model can be fitted to."""

import math
from dataclasses import dataclass, field

import numpy as np

from autogen.hpo.samplers.model.gaussian_process import Array
from autogen.hpo.trial import Outcome, State

#: Maximum size of a batch ...
MOST = 64
_SHARE = 16  # ... and at most a sixteenth of the pending trials ...
_LESSON = 4  # ... and a fourth of the results, since the first results teach most
_FIRST = 10  # number of first losses whose median is the unit of targets
_FAILED, _PRUNED, _COMPLETE = 0, 1, 2


@dataclass(frozen=True)
class Basis:
    """Knowledge from which one batch of proposals of a family is made, as of its first proposal.

    With many pending trials a proposal is outdated when its result arrives: hundreds of other results came
    in the meantime. So one model proposes a whole batch at hardly more than the cost of one proposal, and
    its last proposal misses only one result in 16. With fewer than 32 pending trials in a family, as with up
    to 32 workers, each proposal is a batch of its own.

    A batch begins where the previous one ends: after as many configs of the family as its size, whatever
    proposed them. So it follows from the order of configs and outcomes, and a study that is resumed in the
    middle of a batch makes the same batch again.

    Attributes:
        number: number of the first proposal.
        asked: number of earlier trials of the family.
        finished: number of them that had ended.
        pending: numbers of the others, in the order of ``ask``.
    """

    number: int
    asked: int
    finished: int
    pending: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of proposals in the batch."""
        return batch_size(len(self.pending), self.finished)


def batch_size(pending: int, finished: int) -> int:
    """Compute the size of a batch for so many pending and finished trials."""
    return max(1, min(pending // _SHARE, finished // _LESSON, MOST))


@dataclass
class History:
    """Trials of one family.

    Attributes:
        asked: number of trials.
        pending: numbers of the trials that have not ended, in the order of ``ask``.
        numbers: numbers of the trials that have ended, in the order of ``tell``.
        complete: losses of the fully trained trials, in that order.
        basis: basis of the batch of the newest trial.
    """

    asked: int = 0
    pending: dict[int, None] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    complete: list[float] = field(default_factory=list)
    basis: Basis | None = None
    _kinds: list[int] = field(default_factory=list)
    _losses: list[float] = field(default_factory=list)
    _shares: list[float] = field(default_factory=list)
    _seconds: list[float] = field(default_factory=list)
    _spent: float = 0.0
    _timed: int = 0

    def ask(self, number: int) -> None:
        """Add a pending trial."""
        self.basis = self.next_basis(number) if self.numbers else None
        self.asked += 1
        self.pending[number] = None

    def next_basis(self, number: int) -> Basis:
        """Find the basis of the proposal with this number: that of the current batch, or a new one."""
        if self.basis is not None and self.asked < self.basis.asked + self.basis.size:
            return self.basis
        return self.new_basis(number)

    def new_basis(self, number: int) -> Basis:
        """Make a basis of everything that is known now."""
        return Basis(number, self.asked, len(self.numbers), tuple(self.pending))

    def tell(self, outcome: Outcome) -> None:
        """Move a pending trial to those that have ended."""
        del self.pending[outcome.number]
        kind = _COMPLETE if outcome.state is State.COMPLETE else _PRUNED
        loss = math.nan if outcome.loss is None else float(outcome.loss)
        if outcome.state in (State.FAILED, State.INFEASIBLE) or not math.isfinite(loss):
            kind = _FAILED
        if kind == _COMPLETE:
            self.complete.append(loss)
        self.numbers.append(outcome.number)
        self._kinds.append(kind)
        self._losses.append(loss)
        self._shares.append(outcome.fidelity)
        self._seconds.append(outcome.seconds)
        self._spent += outcome.seconds
        self._timed += outcome.seconds > 0

    @property
    def mean_seconds(self) -> float:
        """Mean seconds of a trial that has ended; 0 if unknown."""
        return self._spent / self._timed if self._timed else 0.0

    def costs(self, count: int) -> Array:
        """Estimate the seconds of full training of the first ``count`` trials, (N,); 0 where unknown."""
        shares, seconds = np.array(self._shares[:count]), np.array(self._seconds[:count])
        costs: Array = np.divide(seconds, shares, out=np.zeros(len(shares)), where=shares > 0)
        return costs

    def targets(self, count: int | None = None) -> Array:
        """Compute targets of the first ``count`` trials, (N,), in the order of ``numbers``; 0 is the best.

        A target of 1 is the median of the first ten losses, not of all: later losses are better where the
        search went, and the model would only see differences among the best. Beyond 1 targets grow with the
        logarithm, so that a few huge losses do not flatten all others. A pruned trial gets 1 to 2, by its
        rank among the trials pruned at its fidelity; a failed or infeasible trial gets the worst target.
        """
        kinds, losses = np.array(self._kinds[:count]), np.array(self._losses[:count])
        targets = np.ones(len(kinds))
        if (complete := kinds == _COMPLETE).any():
            targets[complete] = spread(losses[complete])
        if (pruned := kinds == _PRUNED).any():
            targets[pruned] = 1.0 + _ranks(losses[pruned], np.array(self._shares[:count])[pruned])
        targets[kinds == _FAILED] = max(2.0, float(targets.max(initial=0.0)))
        return targets


def spread(losses: Array) -> Array:
    """Scale losses, (N,), so that the minimum is 0 and the median of the first ones 1, logarithmic beyond."""
    least = losses.min()
    scale = float(np.median(losses[:_FIRST]) - least) or float(losses.max() - least) or 1.0
    scaled = (losses - least) / scale
    spread: Array = np.where(scaled < 1, scaled, 1 + np.log(np.maximum(scaled, 1)))
    return spread


def _ranks(losses: Array, shares: Array) -> Array:
    """Compute the rank of each loss, (N,), among those of its fidelity, in (0, 1)."""
    ranks = np.empty(len(losses))
    for share in np.unique(shares):
        own = shares == share
        order = np.argsort(np.argsort(losses[own], kind="stable"))
        ranks[own] = (order + 0.5) / own.sum()
    return ranks


def window(targets: Array, most: int) -> list[int]:
    """Choose the indices of at most ``most`` trials to learn from: half the best ones, half the newest."""
    if len(targets) <= most:
        return list(range(len(targets)))
    best: list[int] = np.argsort(targets, kind="stable")[: most // 2].tolist()
    kept = set(best)
    newest = [place for place in range(len(targets) - 1, -1, -1) if place not in kept]
    return sorted([*best, *newest[: most - len(kept)]])
