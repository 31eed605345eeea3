"""Asynchronous successive halving (ASHA): at each rung the best 1/eta of the trials so far continue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from autogen.errors import SettingsError
from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking


@final
@dataclass(frozen=True)
class HalvingPruner(Pruner):
    """Asynchronous successive halving, Li 2018 (https://arxiv.org/abs/1810.05934), stopping variant.

    A trial that is not among the best 1/eta when it reaches a rung is stopped for good, rather than paused
    for a later promotion: no worker waits, and no checkpoint has to be loaded again.

    Attributes:
        eta: reduction factor, at least 2: one in ``eta`` trials continues after a rung, and each rung is
            ``eta`` times as far as the previous one.
        min_share: minimum share of a trial's steps at the first rung, in (0, 1]. The default gives rungs at
            1/9, 1/3 and all of the steps: earlier samples predict later ones badly.
    """

    eta: int = 3
    min_share: float = 0.1

    def __post_init__(self) -> None:
        check_settings("halving", self.eta, self.min_share)

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """List ``steps`` divided by decreasing powers of eta."""
        return geometric_rungs(steps, self.eta, halvings(self.eta, self.min_share))

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Tell if the newest loss is among the best 1/eta at this rung."""
        return in_top(curve[-1], peers, self.eta)


def check_settings(pruner: str, eta: int, min_share: float) -> None:
    """Check the settings of halving.

    Raises:
        SettingsError: a setting is out of its range.
    """
    if eta < 2:
        raise SettingsError(f"{pruner} pruner: eta must be at least 2, but it is {eta}; use 3.")
    if not 0 < min_share <= 1:
        raise SettingsError(f"{pruner} pruner: min_share must lie in (0, 1], but it is {min_share}; use 0.1.")


def halvings(eta: int, min_share: float) -> int:
    """Count how often steps can be divided by eta without falling below ``min_share`` of them."""
    count = 0
    while eta ** -(count + 1) >= min_share:
        count += 1
    return count


def geometric_rungs(steps: int, eta: int, count: int) -> tuple[int, ...]:
    """List ``steps / eta^count``, ..., ``steps / eta``, ``steps``, each rounded up, without repeats."""
    return tuple(sorted({-(-steps // eta**power) for power in range(count + 1)}))


def in_top(loss: float, peers: Ranking, eta: int) -> bool:
    """Tell if a loss is among the best 1/eta of its rung, with itself; ties count as among them."""
    return peers.below(loss) < max(1, (len(peers) + 1) // eta)
