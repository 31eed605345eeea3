"""Tiny tables and models of them."""

import numpy as np
import torch

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import FamilyConfig
from autogen.families.trees.model import TreeModel
from autogen.families.trees.trees import Trees, TreesModel, TreesTraining
from autogen.training.grown import GrownProgram

#: Three columns of few codes, which can be enumerated: the second follows the first, the third both.
TINY = TableSpec((ColumnSpec("a", 3), ColumnSpec("b", 4, specials=1, ordered=True), ColumnSpec("c", 2)))
#: A continuous column with a special code, a nominal one that follows it, and one that never changes.
MIXED = TableSpec(
    (
        ColumnSpec("x", 11, specials=1, ordered=True, continuous=True),
        ColumnSpec("kind", 4),
        ColumnSpec("same", 1),
    )
)


def tiny_rows(n: int = 300, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    a = draw.integers(0, 3, n)
    b = np.where(draw.random(n) < 0.7, a + 1, draw.integers(0, 4, n))
    c = ((a + b + draw.integers(0, 2, n)) % 4 < 2).astype(int)
    return {"codes": np.stack([a, b, c], 1).astype(np.int64), "positions": np.full((n, 3), 0.5, np.float32)}


def mixed_rows(n: int = 400, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = np.where(draw.random(n) < 0.1, 0, draw.integers(1, 11, n))
    kind = np.where(draw.random(n) < 0.9, x % 3, 3)
    inside = np.where(x == 0, 0.5, draw.random(n))
    positions = np.stack([inside, np.full(n, 0.5), np.full(n, 0.5)], 1)
    return {
        "codes": np.stack([x, kind, np.zeros(n)], 1).astype(np.int64),
        "positions": positions.astype(np.float32),
    }


def program(
    spec: TableSpec, rows: dict[str, np.ndarray], steps: int = 3, seed: int = 0, **settings: object
) -> GrownProgram:
    """A program with all its trees grown; settings of both sections by name."""
    model = {name: value for name, value in settings.items() if name in TreesModel.__dataclass_fields__}
    rest = {name: value for name, value in settings.items() if name not in model}
    config = FamilyConfig(TreesModel(**model), TreesTraining(steps=steps, **rest))
    made = GrownProgram(Trees(), config, spec, rows, seed)
    made.advance(steps)
    return made


def model_of(spec: TableSpec, rows: dict[str, np.ndarray], steps: int = 3, **settings: object) -> TreeModel:
    average = program(spec, rows, steps, **settings).average
    assert isinstance(average, TreeModel)
    return average


def every_row(spec: TableSpec) -> dict[str, torch.Tensor]:
    """All rows that a table of few codes can hold."""
    codes = torch.cartesian_prod(*[torch.arange(column.levels) for column in spec.columns])
    return {"codes": codes, "positions": torch.full(codes.shape, 0.5)}
