"""Grid search: every config of a finite space once, evenly spread over the space from the first on."""

import math

from autogen.errors import SpaceError
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.draws import keyed
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, config_key

_GOLDEN = (math.sqrt(5) - 1) / 2


class GridSampler(Sampler):
    """Sampler of all configs of a finite space in large strides, so that a short search covers it too.

    The grid is never in memory: a config is computed from its index.

    Args:
        space: search space.
        seed: random seed of the first index.
        limit: maximum size of the grid unless ``capped``.
        capped: True if a budget will end the search, so that the grid may exceed the limit.

    Attributes:
        points: number of configs of the grid.

    Raises:
        SpaceError: the grid is infinite, or larger than the limit.
    """

    def __init__(
        self, space: SearchSpace, seed: int = 0, *, limit: int = 10_000, capped: bool = False
    ) -> None:
        super().__init__(space, seed)
        self.points = _points(space)
        if self.points > limit and not capped:
            raise SpaceError(
                f"a grid without a budget may have {limit:,} points, but this one has {self.points:,}; "
                f"set a budget, use larger steps or fewer families, or use the random sampler"
            )
        self._cursors: dict[str, int] = {}

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose the next config of the grid that was never asked; ``None`` after the last."""
        space = self.space.given(fixed) if fixed else self.space
        size = int(space.size())
        stride, start = _stride(size), int(keyed(self.seed).integers(size))
        # A cursor only skips what was asked before, so it is a function of the configs asked.
        key = config_key(fixed)
        for place in range(self._cursors.get(key, 0), size):
            self._cursors[key] = place
            config = space.grid_at((start + place * stride) % size)
            if config_key(config) not in self._keys:
                return config
        self._cursors[key] = size
        return None


def _points(space: SearchSpace) -> int:
    """Count the points of the grid of a space."""
    if (size := space.size()) < math.inf:
        return int(size)
    continuous = space.continuous()
    raise SpaceError(
        f"a grid needs finitely many values of each parameter, but {', '.join(continuous)} "
        f"{'has' if len(continuous) == 1 else 'have'} infinitely many; give a step "
        f"({{ float = [0.0, 1.0], step = 0.1 }}, or a factor with log) or a choice"
    )


def _stride(size: int) -> int:
    """Choose a stride near the golden section of the size and coprime to it, so that it visits all points."""
    stride = max(1, round(size * _GOLDEN))
    while math.gcd(stride, size) > 1:
        stride += 1
    return stride
