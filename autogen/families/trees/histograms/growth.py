"""The server's side of trees that grow from counts: a step grows a tree of each column, level by level."""

from collections.abc import Generator, Mapping

import numpy as np
import torch
from torch import Tensor

from autogen.families.counted import Counts, Question
from autogen.families.trees.cells import ANYWHERE, Cells
from autogen.families.trees.grow import Growth
from autogen.families.trees.histograms.leaves import confirmed, finished
from autogen.families.trees.histograms.question import (
    CODES,
    GROUPS,
    LEAVES,
    PAIRS,
    SPLITS,
    Sketch,
    packed,
    starts_of,
    with_tree,
)
from autogen.families.trees.histograms.splits import (
    best_splits,
    groups_of,
    information_of,
    ranks_from,
    targets_of,
)
from autogen.families.trees.model import TreeModel
from autogen.families.trees.order import order_from
from autogen.families.trees.targets import PRIOR

#: Levels of a tree at most: each is a question.
MOST_LEVELS = 12
#: Numbers of one answer at most, about.
MOST_COUNTS = 2**22


class _Column:
    """The tree of one column while it grows.

    Attributes:
        rows: Growing rows of each node.
        sums: Sums of their targets.
        open: Nodes whose splits are sought.
    """

    def __init__(self, place: int, before: np.ndarray, places: np.ndarray, targets: np.ndarray) -> None:
        self.place, self.before, self.places, self.targets = place, before, places, targets
        self.tree = Sketch()
        self.rows = [np.inf]
        self.sums = [np.zeros(targets.shape[1])]
        self.open = [0] if len(before) and targets.shape[1] else []

    def asked(self, share: float, columns: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the columns that may split each open node, int64 (F, 1 + D): the node, then a 1 for each."""
        found = np.zeros((len(self.open), 1 + columns), np.int64)
        found[:, 0] = self.open
        count = max(1, round(share * len(self.before)))
        for row in found:
            row[1 + rng.permutation(self.before)[:count]] = 1
        self.open = []
        return found

    def split(self, table: np.ndarray, asked: np.ndarray, leaf: int, rng: np.random.Generator | None) -> None:
        """Split the open nodes by what was counted; their children are open then, for the next level."""
        found = best_splits(table, asked[:, 1:] > 0, self.targets, leaf, rng)
        for slot, node in enumerate(asked[:, 0].tolist()):
            if found.feature[slot] < 0:
                continue
            if node == 0:
                self.rows[0], self.sums[0] = found.rows[slot].sum(), found.sums[slot].sum(0)
            children = self.tree.split(node, int(found.feature[slot]), int(found.cut[slot]))
            for side, child in enumerate(children):
                self.rows.append(float(found.rows[slot, side]))
                self.sums.append(found.sums[slot, side])
                if self.rows[child] >= 2 * leaf:
                    self.open.append(child)


def grown(
    model: TreeModel,
    order: tuple[str, int],
    how: Growth,
    prunes: bool,
    step: int,
    seed: int,
) -> Generator[Question, Counts, None]:
    """Grow a tree for each column; see ``GrowsFromCounts.growing``.

    Args:
        model: Model after the steps before.
        order: Name of the order of the columns, and the seed of a random one.
        how: How trees are grown.
        prunes: Whether some rows are held out to prune by.
        step: Number of steps done before.
        seed: Seed of the trial.
    """
    spec, rng = model.spec, np.random.default_rng([seed, step])
    columns, starts = spec.columns, starts_of(model.spec)
    counts = _arrays((yield packed(CODES)))
    codes = [counts[str(place)] for place in range(len(columns))]
    groups = [groups_of(column, one) for column, one in zip(columns, codes, strict=True)]
    targets = [targets_of(*them) for them in zip(columns, groups, codes, strict=True)]
    joined = np.concatenate(groups)
    if step == 0:
        pairs = _arrays((yield packed(PAIRS, joined)))
        tables = [pairs[str(place)] for place in range(len(columns))]
        information = np.stack([information_of(one, starts) for one in tables])
        np.fill_diagonal(information, 0.0)
        model.order.copy_(torch.from_numpy(order_from(order[0], spec, information, order[1])))
        _begin(model, tables, targets, starts)
    ordered = model.order.numpy()
    growing = [
        _Column(column, np.sort(ordered[:place]), _places(model, column, starts), targets[column])
        for place, column in enumerate(ordered.tolist())
    ]
    yield from _levels(growing, len(columns), max(one.levels for one in columns), joined, how, rng)
    question = packed(LEAVES, joined)
    for one in growing:
        question |= with_tree(one.place, one.tree, one.places, None)
    counts = _arrays((yield question))
    for one in growing:
        _append(model, one, counts, prunes)


def _levels(
    growing: list[_Column],
    columns: int,
    width: int,
    joined: np.ndarray,
    how: Growth,
    rng: np.random.Generator,
) -> Generator[Question, Counts, None]:
    """Split the nodes of all trees level by level."""
    drawn = None if how.best else rng
    size = columns * width * GROUPS
    for _ in range(MOST_LEVELS):
        pieces = [
            (one, piece)
            for one in growing
            if one.open
            for piece in _pieces(one.asked(how.columns, columns, rng), size)
        ]
        while pieces:
            taken: dict[int, tuple[_Column, np.ndarray]] = {}
            question, room = packed(SPLITS, joined), MOST_COUNTS
            for one, piece in list(pieces):
                counts_of = len(piece) * size
                if one.place not in taken and (counts_of <= room or not taken):
                    pieces = [pair for pair in pieces if pair[1] is not piece]
                    question |= with_tree(one.place, one.tree, one.places, piece)
                    taken[one.place], room = (one, piece), room - counts_of
            counts = _arrays((yield question))
            for one, piece in taken.values():
                one.split(counts[str(one.place)], piece, how.leaf, drawn)


def _pieces(asked: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut the nodes of a tree into pieces whose counts fit an answer; ``size`` is of one node, about."""
    most = max(1, MOST_COUNTS // size)
    return [asked[first : first + most] for first in range(0, len(asked), most)]


def _append(model: TreeModel, one: _Column, counts: Mapping[str, np.ndarray], prunes: bool) -> None:
    """Prune a tree, and add it to its column's forest."""
    splits = np.asarray(one.tree.feature) >= 0
    if prunes:
        held, sums = counts[f"{one.place}.held"], np.stack(one.sums)
        splits = confirmed(one.tree, np.asarray(one.rows), sums, held, one.targets)
    made = finished(one.tree, splits, counts[f"{one.place}.codes"])
    if made is not None:
        model.forest(one.place).append(*made)


def _begin(model: TreeModel, tables: list[np.ndarray], targets: list[np.ndarray], starts: np.ndarray) -> None:
    """Make each code a cell, and put the categories in an order for the trees of each column."""
    for place, column in enumerate(model.spec.columns):
        ranks = [
            ranks_from(tables[place][starts[other] : starts[other + 1]], targets[place], PRIOR)
            for other in model.nominal
        ]
        low = np.arange(column.levels, dtype=np.float64)
        value = low + 0.5
        if column.continuous:
            value[column.specials :] = ANYWHERE
        model.forest(place).begin(Cells(low, value), [one.astype(np.float32) for one in ranks])


def _places(model: TreeModel, column: int, starts: np.ndarray) -> np.ndarray:
    """Place of each code of each column in the order that a column's trees cut, int64 (sum of V,)."""
    found = np.concatenate([np.arange(one.levels) for one in model.spec.columns])
    ranks = model.forest(column).ranks.long().numpy()
    for other, first in zip(model.nominal, model.starts, strict=True):
        levels = model.spec.columns[other].levels
        found[starts[other] : starts[other] + levels] = ranks[first : first + levels]
    return found


def _arrays(counts: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: one.numpy() for name, one in counts.items()}
