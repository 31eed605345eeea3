"""Asynchronous successive halving: at each rung the best 1/eta of those seen so far go on."""

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

    A trial that is not among the best 1/eta of its rung when it gets there is stopped for good,
    rather than paused until it may be: nobody waits, and no checkpoint has to be picked up again.

    Attributes:
        eta: One in ``eta`` trials goes on from a rung; rungs are ``eta`` times as far apart each time.
        min_share: Share of a trial's steps before which it is not measured, in (0, 1]. The default
            gives rungs at 1/9, 1/3 and all of the steps: earlier samples say little of later ones.
    """

    eta: int = 3
    min_share: float = 0.1

    def __post_init__(self) -> None:
        check_settings("halving", self.eta, self.min_share)

    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """``steps`` divided by falling powers of eta."""
        return geometric_rungs(steps, self.eta, halvings(self.eta, self.min_share))

    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Whether the newest loss is among the best 1/eta at this rung."""
        return in_top(curve[-1], peers, self.eta)


def check_settings(pruner: str, eta: int, min_share: float) -> None:
    """Refuse settings that halving cannot work with.

    Raises:
        SettingsError: which setting, what it must be and what it is.
    """
    if eta < 2:
        raise SettingsError(f"{pruner} pruner: eta must be at least 2, but is {eta}; 3 is usual.")
    if not 0 < min_share <= 1:
        raise SettingsError(
            f"{pruner} pruner: min_share must lie in (0, 1], but is {min_share}; 0.1 is usual."
        )


def halvings(eta: int, min_share: float) -> int:
    """How often a trial's steps can be divided by eta without falling below ``min_share`` of them."""
    count = 0
    while eta ** -(count + 1) >= min_share:
        count += 1
    return count


def geometric_rungs(steps: int, eta: int, count: int) -> tuple[int, ...]:
    """``steps / eta^count``, ..., ``steps / eta``, ``steps``, each rounded up, without repeats."""
    return tuple(sorted({-(-steps // eta**power) for power in range(count + 1)}))


def in_top(loss: float, peers: Ranking, eta: int) -> bool:
    """Whether a loss is among the best 1/eta at its rung, itself counted; ties are in."""
    return peers.below(loss) < max(1, (len(peers) + 1) // eta)
