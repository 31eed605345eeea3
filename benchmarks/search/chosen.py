"""Portfolios: the configs that were good on many sets, chosen greedily from recorded curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Config, config_key
from benchmarks.search.record import Curve, load
from benchmarks.search.setting import SHORT_SPACES

#: Most configs of a portfolio.
SIZE = 8


@dataclass(frozen=True)
class Grid:
    """Results of the same configs on several sets.

    Attributes:
        sets: Names of the S sets.
        configs: The N configs that were recorded on each set and lie in the space.
        regrets: Loss less the least of the set, as a share of the median one's, cut at 1, (S, N); 1 if it
            failed.
        seconds: Processor seconds of training and evaluation, (S, N).
    """

    sets: tuple[str, ...]
    configs: tuple[Config, ...]
    regrets: np.ndarray
    seconds: np.ndarray

    @classmethod
    def of(cls, space: SearchSpace, curves: Mapping[str, Sequence[Curve]]) -> "Grid":
        """Gather the curves of some sets of one space; without sets the grid is empty."""
        if not curves:
            return cls((), (), np.empty((0, 0)), np.empty((0, 0)))
        by_key = [{config_key(one.config): one for one in own} for own in curves.values()]
        shared = [key for key in by_key[0] if all(key in own for own in by_key)]
        rows = [[own[key] for key in shared] for own in by_key]
        inside = [place for place, one in enumerate(rows[0]) if _lies_in(space, one.config)]
        rows = [[own[place] for place in inside] for own in rows]
        regrets = np.array([_regrets(own) for own in rows])
        seconds = np.array([[max(one.seconds, default=0.0) for one in own] for own in rows])
        return cls(tuple(curves), tuple(one.config for one in rows[0]), regrets, seconds)

    def without(self, name: str) -> "Grid":
        """Leave a set out."""
        keep = [place for place, one in enumerate(self.sets) if one != name]
        return Grid(
            tuple(self.sets[place] for place in keep), self.configs, self.regrets[keep], self.seconds[keep]
        )

    def place(self, config: Config) -> int | None:
        """Index of a config; ``None`` if it was not recorded."""
        keys = [config_key(one) for one in self.configs]
        return keys.index(config_key(config)) if config_key(config) in keys else None


def greedy(grid: Grid, begin: Sequence[Config], size: int = SIZE) -> list[int]:
    """Choose configs one after the other, each the one that lowers the regret most for its seconds.

    What a config lowers is the mean over the sets of the least regret so far, divided by the root of its
    mean seconds, by which the search weighs seconds too (docs/adr/0025). Ends where no config lowers it.

    Args:
        grid: Results.
        begin: Configs that are tried before.
        size: Most configs to choose.

    Returns:
        Their indices in ``grid.configs``.
    """
    least = np.ones(len(grid.sets))
    for config in begin:
        if (place := grid.place(config)) is not None:
            least = np.minimum(least, grid.regrets[:, place])
    price = np.sqrt(np.exp(np.log(np.maximum(grid.seconds, 1e-3)).mean(axis=0)))
    chosen: list[int] = []
    while len(chosen) < size:
        gains = np.maximum(0.0, least[:, None] - grid.regrets).mean(axis=0)
        best = int(np.argmax(gains / price))
        if gains[best] <= 0:
            break
        chosen.append(best)
        least = np.minimum(least, grid.regrets[:, best])
    return chosen


def gathered(space_name: str) -> Grid:
    """Gather all recorded sets of a space."""
    space = SearchSpace.load(space_name)
    curves = {name: load(name) for name, own in SHORT_SPACES.items() if own == space_name}
    return Grid.of(space, {name: own for name, own in curves.items() if own})


def learnt(space_name: str, *, without: str = "") -> list[Config]:
    """Choose the portfolio of a space, without one set.

    Args:
        space_name: Name of a small shipped space.
        without: Set to leave out; none by default.
    """
    space, grid = SearchSpace.load(space_name), gathered(space_name).without(without)
    if not grid.sets:
        return []
    return [grid.configs[place] for place in greedy(grid, [space.default(one) for one in space.first])]


def starting_with(space: SearchSpace, portfolio: Sequence[Config]) -> SearchSpace:
    """Copy a space with another portfolio, of which configs of families that it lacks are left out."""
    branches = {family: space.branch(family) for family in space.families}
    return space.rebuilt(branches, [one for one in portfolio if one["family"] in space.families])


def _lies_in(space: SearchSpace, config: Config) -> bool:
    """Tell if a config is a point of a space, which may have changed since."""
    family = str(config["family"])
    return family in space.families and space.branch(family).complaint(config) is None


def _regrets(curves: Sequence[Curve]) -> np.ndarray:
    """Scaled regrets of one set's configs, (N,)."""
    losses = np.array([one.losses[-1] if one.state == "complete" else np.inf for one in curves])
    least, median = losses.min(), float(np.median(losses[np.isfinite(losses)]))
    return np.clip((losses - least) / max(median - least, 1e-12), 0.0, 1.0)
