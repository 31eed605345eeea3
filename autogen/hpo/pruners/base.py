"""The contract of all pruners: where to measure, and whether to go on. Pure functions of losses."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from autogen.hpo.pruners.ranking import Ranking


class Pruner(ABC):
    """Stops trials whose samples are worse than their peers' at the same rung.

    A pruner holds settings only. It sees losses (scores oriented so that lower is better, one a
    rung reached) and never a training loss: a GAN's says nothing about its samples.
    """

    @abstractmethod
    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """Steps at which trial ``number`` is measured.

        Args:
            steps: The trial's steps at full fidelity, at least 1.
            number: The trial's number; pruners with several brackets deal them out by it.

        Returns:
            Distinct steps, ascending; the last is ``steps``.
        """

    @abstractmethod
    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Whether a trial goes on after the rung it has just reached.

        Args:
            curve: Losses of the trial, one a rung, the newest last.
            peers: Losses at this rung of the other trials with the same rungs that have reached it.

        Returns:
            ``True`` to go on. Not asked at the last rung.
        """
