"""All columns' forests as one model: draws rows column by column, and knows their likelihood."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.specs import TableSpec
from autogen.families.base import Batch, Noise
from autogen.families.trees.forest import Forest
from autogen.families.trees.walks import densities, drawn, leaves, pool_of

_BELOW_ONE = float(np.nextafter(np.float32(1), np.float32(0)))


class TreeModel(nn.Module):
    """A forest a column and the order in which columns are drawn.

    Letters of shapes: B rows, D columns.

    Args:
        spec: Of the table.
        backoff: Rows that a node's parent counts as; see ``autogen.families.trees.walks``.

    Attributes:
        order: The columns in the order in which they are drawn, int64 (D,).
        forests: One for each column, in the table's order.
        nominal: The columns without an order, whose categories forests see as places in a row of their own.
    """

    order: Tensor

    def __init__(self, spec: TableSpec, backoff: float) -> None:
        super().__init__()
        self.spec, self.backoff = spec, backoff
        self.nominal = [place for place, column in enumerate(spec.columns) if not column.ordered]
        sizes = [spec.columns[place].levels for place in self.nominal]
        self.starts = [sum(sizes[:place]) for place in range(len(sizes))]
        self.register_buffer("order", torch.arange(len(spec.columns)))
        self.forests = nn.ModuleList(Forest(column, len(spec.columns), sum(sizes)) for column in spec.columns)

    def forest(self, column: int) -> Forest:
        """The trees of a column."""
        forest = self.forests[column]
        assert isinstance(forest, Forest)
        return forest

    def features(self, column: int, scale: Tensor) -> Tensor:
        """Rows as the trees of a column see them: float32 (B, D).

        Args:
            column: Whose trees.
            scale: Code + position of each cell, float64 (B, D); what is not drawn yet may be anything.
        """
        seen, ranks = scale.float(), self.forest(column).ranks
        for place, start in zip(self.nominal, self.starts, strict=True):
            seen[:, place] = ranks[start + scale[:, place].long()]
        return seen

    def draw(self, n: int, noise: Noise) -> Tensor:
        """Code + position of n rows, float64 (n, D)."""
        scale = torch.zeros(n, len(self.spec.columns), dtype=torch.float64)
        for column in self.order.tolist():
            forest = self.forest(column)
            leaf = self.leaf(column, scale, noise)
            cells = drawn(forest, pool_of(forest, self.backoff), leaf, noise)
            scale[:, column] = self.placed(column, cells, noise)
        return scale

    def leaf(self, column: int, scale: Tensor, noise: Noise) -> Tensor:
        """The leaf of each row in a random tree of a column, int64 (B,); -1 where it has no trees."""
        forest = self.forest(column)
        if not forest.trees:
            return torch.full((len(scale),), -1)
        trees = noise.integers(forest.trees, len(scale))
        return leaves(forest, self._seen(column, self.features(column, scale), trees), trees)

    def each_leaf(self, column: int, scale: Tensor) -> Iterator[Tensor]:
        """The leaf of each row in each tree of a column, one tree after the other, int64 (B,)."""
        forest, features = self.forest(column), self.features(column, scale)
        models = max(1, forest.boosted.models)
        seen: list[Tensor] = []
        for tree in range(forest.trees):
            trees = torch.full((len(scale),), tree)
            if tree < models:
                seen.append(self._seen(column, features, trees))
            yield leaves(forest, seen[tree % models], trees)

    def _seen(self, column: int, features: Tensor, trees: Tensor) -> Tensor:
        """Rows as a tree each sees them: features, and what the tree's boosted model predicts, if any."""
        boosted = self.forest(column).boosted
        if not boosted.models:
            return features
        return torch.cat([features, boosted.predict(features, trees % boosted.models)[:, None]], 1)

    def placed(self, column: int, cells: Tensor, noise: Noise) -> Tensor:
        """Code + position inside of cells, float64 (B,)."""
        forest = self.forest(column)
        top = torch.tensor([float(forest.column.levels)], dtype=torch.float64)
        width = torch.diff(forest.low, append=top)[cells]
        inside = forest.low[cells] + noise.uniform(len(cells)).double() * width
        value = forest.value[cells]
        return torch.where(value < 0, inside, value)

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Nats of rows, float64 (B,): of their codes, and of the density of positions inside intervals."""
        scale = scale_of(batch)
        total = torch.zeros(len(scale), dtype=torch.float64)
        for column in self.order.tolist():
            total += self._density(column, scale).log()
        return total

    def _density(self, column: int, scale: Tensor) -> Tensor:
        """Mean density of the cells of a column over its trees, float64 (B,)."""
        forest = self.forest(column)
        if not forest.trees:
            return torch.full((len(scale),), 1 / forest.column.levels, dtype=torch.float64)
        cells = torch.searchsorted(forest.low, scale[:, column].contiguous(), right=True) - 1
        wanted, query = torch.unique(cells, return_inverse=True)
        table = densities(forest, self.backoff, wanted)
        found = torch.zeros(len(scale), dtype=torch.float64)
        for leaf in self.each_leaf(column, scale):
            found += table[leaf, query]
        return found / forest.trees

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *rest: Any, **more: Any
    ) -> None:
        """Take over an order of the columns, and refuse what is none."""
        super()._load_from_state_dict(state_dict, prefix, *rest, **more)
        if not torch.equal(self.order.sort().values, torch.arange(len(self.order))):
            rest[-1].append(f"{prefix}order is no order of the columns")


def scale_of(batch: Batch) -> Tensor:
    """Code + position of encoded rows, float64 (B, D)."""
    return batch["codes"].double() + batch["positions"].double().clamp(0, _BELOW_ONE)


def encoded(scale: Tensor) -> dict[str, Tensor]:
    """Encoded rows for code + position, (B, D)."""
    codes = scale.floor()
    positions = (scale - codes).float().clamp(0, _BELOW_ONE)
    return {"codes": codes.long(), "positions": positions}
