"""The contract of all samplers: ask for configs, tell the outcomes of their trials."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import final

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, config_key


class Sampler(ABC):
    """Proposer of configs of a search space that learns from the outcomes of their trials.

    The defaults of the families that the space names as ``first`` are proposed before all else.

    Configs are numbered from 0 in the order of ``ask``. A proposal is a function of the seed, of the
    earlier configs and of the earlier outcomes, in their order, and of nothing else: a study that replays
    its journal (``replay`` for every config, ``tell`` for every outcome) gets the same next proposal as one
    that was never interrupted.

    Args:
        space: search space.
        seed: random seed of all proposals.

    Attributes:
        asked: all configs so far, by number.
    """

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        self.space = space
        self.seed = seed
        self.asked: list[Config] = []
        self._keys: set[str] = set()

    @final
    def ask(self, count: int = 1, *, fixed: Config | None = None) -> list[Config]:
        """Propose configs that were never proposed before.

        Args:
            count: number of configs.
            fixed: values that some parameters of the proposals must have, possibly ``family``.

        Returns:
            ``count`` configs; fewer only if the space has no further point.
        """
        proposals: list[Config] = []
        while len(proposals) < count and (config := self._fresh(fixed or {})) is not None:
            self.replay(config)
            proposals.append(config)
        return proposals

    @final
    def replay(self, config: Config) -> None:
        """Record a config that was asked, here or before an interruption."""
        number = len(self.asked)
        self.asked.append(config)
        self._keys.add(config_key(config))
        self._on_ask(number, config)

    @final
    def tell(self, outcomes: Iterable[Outcome]) -> None:
        """Learn the outcomes of trials."""
        for outcome in outcomes:
            self._on_tell(outcome)

    @abstractmethod
    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose the config with this number.

        Args:
            number: number of the proposal.
            attempt: number of earlier proposals with this number that were duplicates, from 0.
            fixed: values that some parameters of the proposal must have.

        Returns:
            A config, or ``None`` if there is nothing more to propose.
        """

    def _on_ask(self, number: int, config: Config) -> None:  # noqa: B027 - optional hook
        """Learn that a config was asked and its trial is pending."""

    def _on_tell(self, outcome: Outcome) -> None:  # noqa: B027 - optional hook
        """Learn the outcome of one trial."""

    def _fresh(self, fixed: Config) -> Config | None:
        """Find a proposal that was not made before, or ``None``."""
        for family in self.space.first:
            default = self.space.default(family)
            if config_key(default) not in self._keys and fixed.items() <= default.items():
                return default
        number = len(self.asked)
        for attempt in range(200):
            config = self.suggest(number, attempt, fixed)
            if config is None or config_key(config) not in self._keys:
                return config
        return None
