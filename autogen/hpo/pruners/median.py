"""The median stopping rule: stop trials that are worse than half of their peers at the same rung."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from autogen.errors import SettingsError
from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking


@final
@dataclass(frozen=True)
class MedianPruner(Pruner):
    """Median stopping rule, Golovin 2017 (https://doi.org/10.1145/3097983.3098043).

    It compares losses at the rung rather than running averages: sample quality is measured at few rungs,
    and early values would distort an average.

    Attributes:
        checks: number of rungs of a trial, evenly spaced; the last is its last step.
        warmup: number of first rungs without pruning.
        peers: minimum number of other trials that reached the rung before one is pruned there.
    """

    checks: int = 5
    warmup: int = 1
    peers: int = 4

    def __post_init__(self) -> None:
        for name, least in (("checks", 1), ("warmup", 0), ("peers", 1)):
            if (value := getattr(self, name)) < least:
                raise SettingsError(
                    f"median pruner: {name} must be at least {least}, but it is {value}; raise it."
                )

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """List evenly spaced steps; fewer than ``checks`` if there are fewer steps."""
        return tuple(sorted({-(-steps * check // self.checks) for check in range(1, self.checks + 1)}))

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Tell if the newest loss is at most the median of the peers at this rung."""
        if len(curve) <= self.warmup or len(peers) < self.peers:
            return True
        return curve[-1] <= peers.median()
