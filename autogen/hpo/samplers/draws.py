"""What samplers share: keyed random draws, and the last resort that finds a config never asked before."""

from collections.abc import Container

import numpy as np

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Value, config_key


def keyed(*key: int) -> np.random.Generator:
    """A generator whose draws are a function of the key alone: seed, number, attempt."""
    return np.random.default_rng(key)


def first_unasked(space: SearchSpace, asked: Container[str], start: int) -> dict[str, Value] | None:
    """The first config of a finite space, in its grid's order from ``start`` on, that was never asked.

    It looks at one config more than were asked at most.

    Returns:
        ``None`` when all were.
    """
    size = int(space.size())
    for shift in range(size):
        config = space.grid_at((start + shift) % size)
        if config_key(config) not in asked:
            return config
    return None
