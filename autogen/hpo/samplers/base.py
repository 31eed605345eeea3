"""The contract of all samplers: ask for configs, tell how their trials ended."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import final

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, config_key


class Sampler(ABC):
    """Proposes configs of a search space and learns from how their trials ended.

    The defaults of the families that the space names as ``first`` are proposed before all else.

    Configs are numbered from 0 in the order in which they are asked. A proposal is a function of
    the seed, of the configs asked before and of the outcomes told before, in their order, and of
    nothing else: a study that replays its journal (``replay`` for every config asked, ``tell`` for
    every outcome) gets the same next proposal as one that was never interrupted.

    Args:
        space: The search space.
        seed: Seed of all random draws.
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
            count: How many are wanted.
            fixed: Parameters with values that the proposals must have, ``family`` among them.

        Returns:
            At most ``count`` configs; fewer only where the space has no further point to offer.
        """
        proposals: list[Config] = []
        while len(proposals) < count and (config := self._fresh(fixed or {})) is not None:
            self.replay(config)
            proposals.append(config)
        return proposals

    @final
    def replay(self, config: Config) -> None:
        """Take note of a config that was asked, here or before an interruption."""
        number = len(self.asked)
        self.asked.append(config)
        self._keys.add(config_key(config))
        self._asked(number, config)

    @final
    def tell(self, outcomes: Iterable[Outcome]) -> None:
        """Learn how trials ended."""
        for outcome in outcomes:
            self._told(outcome)

    @abstractmethod
    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose the config with this number.

        Args:
            number: The number that the proposal will have.
            attempt: 0 at first; counts up each time the proposal turned out to be known already.
            fixed: Parameters with values that the proposal must have.

        Returns:
            A config, or ``None`` when there is nothing more to propose.
        """

    def _asked(self, number: int, config: Config) -> None:  # noqa: B027 - optional hook
        """Learn that a config has been asked and its trial is pending."""

    def _told(self, outcome: Outcome) -> None:  # noqa: B027 - optional hook
        """Learn how one trial ended."""

    def _fresh(self, fixed: Config) -> Config | None:
        """A proposal that was not made before, or ``None`` when none can be found."""
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
