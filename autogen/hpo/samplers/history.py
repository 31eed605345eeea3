"""How a family's trials ended, as numbers that a model can be fitted to."""

import math
from dataclasses import dataclass, field

import numpy as np

from autogen.hpo.samplers.gaussian_process import Array
from autogen.hpo.trial import Outcome, State

#: A batch is at most so large ...
MOST = 64
_SHARE = 16  # ... a sixteenth of the pending trials ...
_LESSON = 4  # ... and a fourth of the results, as the first ones teach most
_FIRST = 10
_FAILED, _PRUNED, _COMPLETE = 0, 1, 2


@dataclass(frozen=True)
class Basis:
    """What a batch of proposals of one family is made from: all that was known when the first was asked for.

    Where many trials are pending, a proposal is old when its result comes: hundreds of others have come
    since it was made. So a model is asked once for a batch, which costs hardly more than one proposal,
    and the last of the batch knows one result in 16 less than it would have anyway. With fewer than 32
    pending trials a family, as with up to 32 workers, each proposal is a batch of its own.

    A batch begins where the one before it ends: after as many configs of the family as it is large, however
    they came about. So it follows from the order in which configs were asked and results told, and a
    resumed study that stopped in the middle of a batch makes the same one again.

    Attributes:
        number: Number of the first proposal.
        asked: How many trials of the family there were.
        told: How many of them had ended.
        pending: Numbers of the others, in the order in which they were asked.
    """

    number: int
    asked: int
    told: int
    pending: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many proposals the batch has."""
        return batch_size(len(self.pending), self.told)


def batch_size(pending: int, told: int) -> int:
    """How many proposals to make from what is known, when so many trials are pending and so many told."""
    return max(1, min(pending // _SHARE, told // _LESSON, MOST))


@dataclass
class History:
    """One family's trials.

    Attributes:
        asked: How many there are.
        pending: Numbers of those that have not ended, in the order in which they were asked.
        numbers: Numbers of those that have, in the order in which they were told.
        complete: Losses of those trained to the end, in that order.
        basis: What the newest trial's batch was made from.
    """

    asked: int = 0
    pending: dict[int, None] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    complete: list[float] = field(default_factory=list)
    basis: Basis | None = None
    _kinds: list[int] = field(default_factory=list)
    _losses: list[float] = field(default_factory=list)
    _shares: list[float] = field(default_factory=list)

    def ask(self, number: int) -> None:
        """A trial is pending."""
        self.basis = self.next_basis(number) if self.numbers else None
        self.asked += 1
        self.pending[number] = None

    def next_basis(self, number: int) -> Basis:
        """What the next proposal is made from, which has this number: its batch's basis or a new one."""
        if self.basis is not None and self.asked < self.basis.asked + self.basis.size:
            return self.basis
        return self.new_basis(number)

    def new_basis(self, number: int) -> Basis:
        """What is known now."""
        return Basis(number, self.asked, len(self.numbers), tuple(self.pending))

    def tell(self, outcome: Outcome) -> None:
        """A pending trial has ended."""
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

    def targets(self, count: int | None = None) -> Array:
        """How badly the first ``count`` trials ended, in the order of ``numbers``: the best 0, a usual one 1.

        Usual is the median of the first ten losses, not of all: those get better where the search goes,
        and the model would come to see nothing but the differences among the best. Beyond 1 a target
        grows with the logarithm, so that a few huge losses leave the rest apart. A trial cut short
        counts as no better than a usual one, by its rank among those cut short at its fidelity; a
        failed one, or one that breaks a constraint, as the worst.
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
    """Losses scaled so that the least is 0 and the median of the first 1, logarithmic beyond it."""
    least = losses.min()
    scale = float(np.median(losses[:_FIRST]) - least) or float(losses.max() - least) or 1.0
    scaled = (losses - least) / scale
    spread: Array = np.where(scaled < 1, scaled, 1 + np.log(np.maximum(scaled, 1)))
    return spread


def _ranks(losses: Array, shares: Array) -> Array:
    """Each loss's rank among those with its fidelity, in (0, 1)."""
    ranks = np.empty(len(losses))
    for share in np.unique(shares):
        own = shares == share
        order = np.argsort(np.argsort(losses[own], kind="stable"))
        ranks[own] = (order + 0.5) / own.sum()
    return ranks


def window(targets: Array, most: int) -> list[int]:
    """Places of at most so many trials to learn from: one half the best ones, the other the newest."""
    if len(targets) <= most:
        return list(range(len(targets)))
    best: list[int] = np.argsort(targets, kind="stable")[: most // 2].tolist()
    kept = set(best)
    newest = [place for place in range(len(targets) - 1, -1, -1) if place not in kept]
    return sorted([*best, *newest[: most - len(kept)]])
