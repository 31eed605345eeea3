"""A pruner: stop what is in the worst quarter of its peers."""

from collections.abc import Sequence
from dataclasses import dataclass

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking


@dataclass(frozen=True)
class WorstQuarterPruner(Pruner):
    """Stops a trial whose loss is worse than three quarters of its peers' at the same rung.

    Attributes:
        checks: Number of rungs, evenly spaced; the last is the last step.
        peers: Number of other trials that must have reached a rung before one is stopped there.
    """

    checks: int = 4
    peers: int = 4

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """Evenly spaced steps, fewer than ``checks`` where there are fewer steps."""
        return tuple(sorted({-(-steps * check // self.checks) for check in range(1, self.checks + 1)}))

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Whether the newest loss is at most that of the peer at three quarters."""
        return len(peers) < self.peers or curve[-1] <= peers[3 * len(peers) // 4]
