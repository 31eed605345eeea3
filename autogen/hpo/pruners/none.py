"""No pruning: trials are measured once, at their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking


@final
@dataclass(frozen=True)
class NoPruner(Pruner):
    """Pruner that trains every trial to its last step."""

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """List the last step alone."""
        return (steps,)

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Continue always."""
        return True
