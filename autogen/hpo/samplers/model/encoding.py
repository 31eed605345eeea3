"""Configs of one branch as points of the unit cube, and candidates near good ones."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autogen.hpo.samplers.model.gaussian_process import Array
from autogen.hpo.space.branch import Branch
from autogen.hpo.space.parameters import Choice, Constant, Parameter
from autogen.hpo.trial import Config, Value

_HALF = math.sqrt(0.5)  # puts two different one-hot rows at distance 1
_INACTIVE = 0.5  # value of inactive parameters


class Encoding:
    """Encoding of configs: a number as its place in its range, a choice as a one-hot vector.

    A choice of ascending numbers counts as a number. Inactive parameters have a constant value, so that
    they do not separate two configs that both lack them.

    Args:
        branch: branch of a family.

    Attributes:
        groups: parameter (0..D-1) of each column, ascending, int (C,).
    """

    def __init__(self, branch: Branch) -> None:
        free = [(key, one) for key, one in branch.items() if one.count > 1]
        tables = [_one_hot(one) if _is_unordered(one) else None for _, one in free]
        self._plan = [(key, one.to_unit, table) for (key, one), table in zip(free, tables, strict=True)]
        widths = [1 if table is None else len(table) for table in tables]
        self.groups: NDArray[np.intp] = np.repeat(np.arange(len(widths)), widths)

    def rows(self, configs: Sequence[Config]) -> Array:
        """Encode N configs as rows, float64 (N, C)."""
        return np.array([self._row(config) for config in configs], dtype=np.float64)

    def _row(self, config: Config) -> list[float]:
        row: list[float] = []
        for key, to_unit, table in self._plan:
            if table is None:
                row.append(to_unit(config[key]) if key in config else _INACTIVE)
            else:
                row += table[config[key]] if key in config else [0.0] * len(table)
        return row


def _one_hot(parameter: Parameter) -> dict[Value, list[float]]:
    """Make the scaled one-hot vector of each value of a choice."""
    values = [parameter.value_at(index) for index in range(int(parameter.count))]
    return {value: [_HALF if other == value else 0.0 for other in values] for value in values}


def _is_unordered(parameter: Parameter) -> bool:
    """Tell if a parameter is a choice of values without an order."""
    if not isinstance(parameter, Choice):
        return False
    numbers = [one for one in parameter.values if isinstance(one, int | float) and not isinstance(one, bool)]
    return len(numbers) < len(parameter.values) or numbers != sorted(numbers)


def at_random(branch: Branch, count: int, rng: np.random.Generator) -> list[dict[str, Value]]:
    """Draw ``count`` configs uniformly."""
    return [branch.from_units(units) for units in rng.random((count, len(branch))).tolist()]


def neighbors(branch: Branch, config: Config, count: int, rng: np.random.Generator) -> list[dict[str, Value]]:
    """Draw configs near another: some of its parameters move, by distances of all magnitudes.

    Args:
        branch: branch that holds the neighbors; the config itself may lie outside of it.
        config: config to start from.
        count: number of neighbors.
        rng: random generator.
    """
    places = [
        one.to_unit(config[key]) if key in config and one.contains(config[key]) else None
        for key, one in branch.declared()
    ]
    anew = np.array([place is None for place in places])
    jumps = anew | [isinstance(one, Choice | Constant) for _, one in branch.declared()]
    here = np.array([0.5 if place is None else place for place in places])
    D = len(here)
    # Each neighbor has its own share of moved parameters (1.5 of D at least) and its own distance, so that
    # candidates cover both small steps along one axis and large steps in all of them.
    moved = rng.random((count, D)) < np.maximum(1.5 / max(D, 1), rng.random((count, 1)))
    reach = 10 ** rng.uniform(-2.5, -0.5, (count, 1))
    shifted = np.clip(here + reach * rng.standard_normal((count, D)), 0.0, math.nextafter(1.0, 0.0))
    fresh = rng.random((count, D))
    units = np.where(moved, np.where(jumps, fresh, shifted), np.where(anew, fresh, here))
    return [branch.from_units(row) for row in units.tolist()]
