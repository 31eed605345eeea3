"""Questions of a server that grows trees: what is to be counted, as tensors by name.

Letters of shapes: D columns, V codes of a column, K groups of the codes of a column, M nodes of a tree, F
nodes whose splits are sought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import TableSpec

#: What is counted: codes; pairs of a code and another column's group; what splits need; what leaves hold.
CODES, PAIRS, SPLITS, LEAVES = range(4)
#: Groups at most that the codes of a column are joined to where splits are judged.
GROUPS = 12


@dataclass
class Sketch:
    """A tree while it grows; the two children of a node are next to each other.

    Attributes:
        feature: Column that each node splits, M entries; -1 for a leaf.
        cut: Last place of the column that goes to the left child.
        left: The left child; 0 for a leaf.
    """

    feature: list[int] = field(default_factory=lambda: [-1])
    cut: list[int] = field(default_factory=lambda: [0])
    left: list[int] = field(default_factory=lambda: [0])

    def split(self, node: int, feature: int, cut: int) -> tuple[int, int]:
        """Split a leaf; return its children."""
        first = len(self.feature)
        self.feature[node], self.cut[node], self.left[node] = feature, cut, first
        for _ in range(2):
            self.feature.append(-1)
            self.cut.append(0)
            self.left.append(0)
        return first, first + 1

    def parents(self) -> np.ndarray:
        """Return the node above each node, int64 (M,); -1 for the root."""
        found = np.full(len(self.feature), -1)
        for node, feature in enumerate(self.feature):
            if feature >= 0:
                found[[self.left[node], self.left[node] + 1]] = node
        return found


def starts_of(spec: TableSpec) -> np.ndarray:
    """Return where the codes of each column begin if all are in a row, int64 (D + 1,)."""
    return np.concatenate([[0], np.cumsum([column.levels for column in spec.columns])]).astype(np.int64)


def packed(stage: int, groups: np.ndarray | None = None) -> dict[str, Tensor]:
    """Begin a question.

    Args:
        stage: One of ``CODES``, ``PAIRS``, ``SPLITS`` and ``LEAVES``.
        groups: Group of each code of each column, int64 (sum of V,).
    """
    found = {"stage": torch.tensor([stage])}
    return found if groups is None else found | {"groups": torch.from_numpy(groups)}


def with_tree(column: int, tree: Sketch, places: np.ndarray, asked: np.ndarray | None) -> dict[str, Tensor]:
    """Write the part of a question that is about the tree of a column.

    Args:
        column: Its place in the table.
        tree: The tree so far.
        places: Place of each code of each column in the order that the tree cuts, int64 (sum of V,).
        asked: Rows of node, then a 1 for each column to be counted, int64 (F, 1 + D); ``None`` for leaves.
    """
    about = {name: torch.tensor(getattr(tree, name)) for name in ("feature", "cut", "left")}
    about["places"] = torch.from_numpy(places)
    if asked is not None:
        about["asked"] = torch.from_numpy(asked)
    return {f"{column}.{name}": one for name, one in about.items()}


def columns_of(question: Mapping[str, Tensor]) -> list[int]:
    """List the columns whose trees a question is about."""
    return sorted(int(name.split(".")[0]) for name in question if name.endswith(".feature"))


def shapes_of(spec: TableSpec, question: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the answer to a question by name."""
    stage, levels = int(question["stage"]), [column.levels for column in spec.columns]
    if stage == CODES:
        return {str(place): (one,) for place, one in enumerate(levels)}
    groups = groups_in(spec, question)
    if stage == PAIRS:
        return {str(place): (sum(levels), one) for place, one in enumerate(groups)}
    found: dict[str, tuple[int, ...]] = {}
    for column in columns_of(question):
        nodes = len(question[f"{column}.feature"])
        if stage == SPLITS:
            asked = len(question[f"{column}.asked"])
            found[str(column)] = (asked, len(levels), max(levels), groups[column])
        else:
            found[f"{column}.held"] = (nodes, groups[column])
            found[f"{column}.codes"] = (nodes, levels[column])
    return found


def times_of(spec: TableSpec, question: Mapping[str, Tensor]) -> int:
    """Return how often each tensor of the answer counts a row, at most.

    A row has one code of a column and is in one node of a tree, but is paired with, and may be split by, each
    column.
    """
    return len(spec.columns) if int(question["stage"]) in (PAIRS, SPLITS) else 1


def groups_in(spec: TableSpec, question: Mapping[str, Tensor]) -> list[int]:
    """Return the number of groups of each column, K."""
    starts, groups = starts_of(spec), question["groups"]
    return [int(groups[a:b].max()) + 1 for a, b in pairwise(starts)]
