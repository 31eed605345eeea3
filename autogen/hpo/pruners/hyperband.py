"""Hyperband: several halvings side by side, from the eager to the patient."""

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

    Bracket s measures its trials first after ``steps / eta^s``; bracket 0 trains them all to the
    end. A round deals out as many trials to each bracket as give all brackets about equal budgets.

    Attributes:
        eta: One in ``eta`` trials goes on from a rung.
        min_share: Share of a trial's steps before which none is measured, in (0, 1]; sets the
            number of brackets.
    """

    eta: int = 3
    min_share: float = 0.1

    def __post_init__(self) -> None:
        check_settings("hyperband", self.eta, self.min_share)

    @cached_property
    def round(self) -> tuple[int, ...]:
        """The brackets of one round's trials, in the order in which they are dealt out."""
        last = halvings(self.eta, self.min_share)
        sizes = {s: math.ceil((last + 1) / (s + 1) * self.eta**s) for s in range(last + 1)}
        # Evenly spread over the round, so that a study that ends early has used every bracket.
        places = [((i + 0.5) / size, -s) for s, size in sizes.items() for i in range(size)]
        return tuple(-s for _, s in sorted(places))

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """The rungs of the bracket that this trial is dealt to."""
        return geometric_rungs(steps, self.eta, self.round[number % len(self.round)])

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Whether the newest loss is among the best 1/eta at this rung of its bracket."""
        return in_top(curve[-1], peers, self.eta)
