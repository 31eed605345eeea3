"""The trees of one column as flat tensors, which grow with each tree and are checked when they are loaded."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.specs import ColumnSpec
from autogen.families.trees.boosted import Boosted
from autogen.families.trees.cells import ANYWHERE, Cells
from autogen.families.trees.grow import Tree


class Nodes(NamedTuple):
    """What follows from a forest's tensors; M nodes of all its trees.

    Attributes:
        feature: Column that each node splits, int64 (M,); -1 for a leaf.
        right: The right child, int64 (M,).
        parent: The node above, int64 (M,); -1 for a root.
        first: First row of each node, int64 (M,).
        rows: Rows of each node, float64 (M,).
        levels: The nodes of each depth, from the roots down.
    """

    feature: Tensor
    right: Tensor
    parent: Tensor
    first: Tensor
    rows: Tensor
    levels: list[Tensor]


class Forest(nn.Module):
    """Trees that say what one column may hold given the columns before it.

    A tree keeps, leaf by leaf, the column's cells of the rows that it was grown on, in one array in which the
    rows of every node are next to each other; no row of the table is kept.

    Args:
        column: That is drawn.
        columns: Of the table, D.
        categories: Codes of all nominal columns of the table together, N.

    Attributes:
        low: Lower end of each of the column's cells on its scale, code + position; float64 (C,).
        value: The place that a cell always gives, float64 (C,); -1 where it is drawn uniformly.
        ranks: Places of all nominal columns' categories in a row, float32 (N,).
        roots: Root of each tree, int64 (T,).
        feature: Column that each node splits, int32 (M,); D for what boosted trees predict, -1 for a leaf.
        threshold: What goes to the left child, which is the next node: values up to this one, float32 (M,).
        right: The right child, int32 (M,).
        first: First row of each node, int64 (M,).
        rows: Rows of each node, int32 (M,).
        boosted: What predicts the column from those before it; it may have no models.
        cells: Cell of each tree's rows in the leaves' order, int32 (R,).
    """

    low: Tensor
    value: Tensor
    ranks: Tensor
    roots: Tensor
    feature: Tensor
    threshold: Tensor
    right: Tensor
    first: Tensor
    rows: Tensor
    cells: Tensor

    def __init__(self, column: ColumnSpec, columns: int, categories: int) -> None:
        super().__init__()
        self.column, self.columns, self.categories = column, columns, categories
        low = torch.arange(column.levels, dtype=torch.float64)
        self.register_buffer("low", low)
        self.register_buffer("value", low + 0.5 if not column.continuous else torch.full_like(low, ANYWHERE))
        self.register_buffer("ranks", torch.zeros(categories))
        self.register_buffer("roots", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("threshold", torch.zeros(0))
        self.register_buffer("first", torch.zeros(0, dtype=torch.int64))
        for name in ("feature", "right", "rows", "cells"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.int32))
        self.boosted = Boosted(columns)
        self._nodes: Nodes | None = None

    def begin(self, cells: Cells, ranks: Sequence[np.ndarray]) -> None:
        """Set what all trees share: the cells, and the places of the nominal columns' categories."""
        self.low, self.value = torch.from_numpy(cells.low), torch.from_numpy(cells.value)
        self.ranks = torch.from_numpy(np.concatenate([np.zeros(0, np.float32), *ranks]))
        self._nodes = None

    def append(self, tree: Tree, cells: np.ndarray) -> None:
        """Add a tree.

        Args:
            tree: Grown.
            cells: Cell of each of its rows, in the rows' order, (R,).
        """
        node, row = len(self.feature), len(self.cells)
        added = {
            "roots": np.array([node]),
            "feature": tree.feature,
            "threshold": tree.threshold,
            "right": tree.right + np.int32(node) * (tree.feature >= 0),
            "first": tree.first.astype(np.int64) + row,
            "rows": tree.rows,
            "cells": cells[tree.leaves],
        }
        for name, array in added.items():
            present = getattr(self, name)
            setattr(self, name, torch.cat([present, torch.from_numpy(array).to(present.dtype)]))
        self._nodes = None

    @property
    def trees(self) -> int:
        """How many trees there are."""
        return len(self.roots)

    @property
    def nodes(self) -> Nodes:
        """What follows from the tensors, worked out once."""
        if self._nodes is None:
            feature, right = self.feature.long(), self.right.long()
            inner = (feature >= 0).nonzero().squeeze(1)
            parent = torch.full_like(feature, -1)
            parent[inner + 1], parent[right[inner]] = inner, inner
            levels, level = [], self.roots
            while len(level):
                levels.append(level)
                split = level[feature[level] >= 0]
                level = torch.cat([split + 1, right[split]])
            self._nodes = Nodes(feature, right, parent, self.first, self.rows.double(), levels)
        return self._nodes

    def codes_of(self, cells: Tensor) -> Tensor:
        """The code that each cell is part of, int64."""
        return self.low.floor().long()[cells]

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Take over tensors of any length, and refuse such as are no trees."""
        for name, own in self.named_buffers(recurse=False):
            given = state_dict.get(prefix + name)
            if given is not None and given.dtype == own.dtype and given.ndim == 1:
                setattr(self, name, given.new_empty(len(given), device=own.device))
        keys = missing_keys, unexpected_keys, error_msgs
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, *keys)
        self._nodes = None
        predictions = len(state_dict.get(f"{prefix}boosted.base", ())) > 0
        if not (missing_keys or error_msgs) and (why := self._fault(self.columns + predictions)):
            error_msgs.append(f"{prefix}: {why}")

    def _fault(self, features: int) -> str:
        """Why the tensors are no trees of this column on so many features; empty where they are."""
        size, total = len(self.feature), len(self.cells)
        if {len(self.threshold), len(self.right), len(self.first), len(self.rows)} != {size}:
            return "the nodes' tensors differ in length"
        if not bool(((self.feature >= -1) & (self.feature < features)).all()):
            return "a node splits a column that is not there"
        if len(self.ranks) != self.categories:
            return "the places are not those of the table's categories"
        if len(self.low) != len(self.value) or not bool((self.low.diff() > 0).all()):
            return "the cells are not in order"
        if not torch.equal(torch.unique(self.low.floor().long()), torch.arange(self.column.levels)):
            return "the cells are not those of the column's codes"
        if not (_within(self.cells, len(self.low)) and _within(self.roots, size)):
            return "a tree has a root or a cell that is not there"
        node = torch.arange(size)
        inner = self.feature >= 0
        beyond = self.right[inner].long()
        if not bool(((beyond > node[inner] + 1) & (beyond < size)).all()):
            return "a node has a child that is not there"
        last = self.first + self.rows
        if not bool(((self.rows > 0) & (self.first >= 0) & (last <= total)).all()):
            return "a node has rows that are not there"
        leaf = self.feature < 0
        starts, order = self.first[leaf].sort()
        if not torch.equal(starts + self.rows[leaf][order], torch.cat([starts, torch.tensor([total])])[1:]):
            return "the leaves do not share the rows out"
        return "" if bool(torch.isfinite(self.threshold).all()) else "a threshold is not finite"


def _within(indices: Tensor, size: int) -> bool:
    """Whether all are indices of something of this size."""
    return bool(((indices >= 0) & (indices < size)).all())
