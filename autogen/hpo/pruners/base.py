"""The contract of all pruners: rungs, and the decision at each rung. Pure functions of losses."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from autogen.hpo.pruners.ranking import Ranking


class Pruner(ABC):
    """Early stopping of trials whose samples are worse than those of their peers at the same rung.

    A pruner holds settings only. It sees losses (scores oriented so that lower is better, one per rung)
    and never a training loss, since that of a GAN says nothing about its samples.
    """

    @abstractmethod
    def rungs(self, steps: int, number: int = 0) -> tuple[int, ...]:
        """List the steps at which a trial is measured.

        Args:
            steps: steps of the trial at full fidelity, at least 1.
            number: number of the trial, by which pruners with several brackets assign one.

        Returns:
            Distinct steps, ascending; the last is ``steps``.
        """

    @abstractmethod
    def keep(self, curve: Sequence[float], peers: Ranking) -> bool:
        """Decide if a trial continues after the rung that it has just reached; not called at the last rung.

        Args:
            curve: losses of the trial, one per rung, the newest last.
            peers: losses at this rung of the other trials with the same rungs.

        Returns:
            True to continue, False to prune the trial.
        """
