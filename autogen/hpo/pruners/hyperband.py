"""Hyperband: several brackets of successive halving, which differ in how early they prune."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.halving import check_settings, geometric_rungs, halvings, in_top
from autogen.hpo.pruners.ranking import Ranking


@final
@dataclass(frozen=True)
class HyperbandPruner(Pruner):
    """Hyperband, Li 2016 (https://arxiv.org/abs/1603.06560), each bracket halved asynchronously.

    Bracket s measures its trials first after ``steps / eta^s``; bracket 0 trains all of them to the
    end. A round assigns trials to brackets so that all brackets have about equal budgets.

    Attributes:
        eta: reduction factor, at least 2: one in ``eta`` trials continues after a rung.
        min_share: minimum share of a trial's steps at the first rung, in (0, 1]; it sets the number of
            brackets.
    """

    eta: int = 3
    min_share: float = 0.1

    def __post_init__(self) -> None:
        check_settings("hyperband", self.eta, self.min_share)

    @cached_property
    def round(self) -> tuple[int, ...]:
        """Brackets of the trials of one round, in the order of assignment."""
        last = halvings(self.eta, self.min_share)
        sizes = {s: math.ceil((last + 1) / (s + 1) * self.eta**s) for s in range(last + 1)}
        # Each bracket is spread evenly over the round, so that a study that ends early has used all of them.
        places = [((i + 0.5) / size, -s) for s, size in sizes.items() for i in range(size)]
        return tuple(-s for _, s in sorted(places))

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """List the rungs of the bracket of this trial."""
        return geometric_rungs(steps, self.eta, self.round[number % len(self.round)])

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Tell if the newest loss is among the best 1/eta at this rung of its bracket."""
        return in_top(curve[-1], peers, self.eta)
