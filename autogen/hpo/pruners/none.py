"""Measure once, at the end, and stop nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking


@final
@dataclass(frozen=True)
class NoPruner(Pruner):
    """Every trial is trained to its last step."""

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """The last step alone."""
        return (steps,)

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Always."""
        return True
