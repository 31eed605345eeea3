"""Shared by samplers: keyed random draws, and the search for a config that was never asked."""

from collections.abc import Container

import numpy as np

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Value, config_key


def keyed(*key: int) -> np.random.Generator:
    """Make a random generator whose draws depend on the key alone: seed, number, attempt."""
    return np.random.default_rng(key)


def first_unasked(space: SearchSpace, asked: Container[str], start: int) -> dict[str, Value] | None:
    """Find the first config of a finite space that was never asked.

    It looks at no more than one config beyond the number of asked ones.

    Args:
        space: finite search space.
        asked: keys of the configs that were asked.
        start: grid index to start from; the search wraps around.

    Returns:
        The config, or ``None`` if all were asked.
    """
    size = int(space.size())
    for shift in range(size):
        config = space.grid_at((start + shift) % size)
        if config_key(config) not in asked:
            return config
    return None
