"""Grow one tree: scikit-learn's CART on the columns before, pruned by unseen rows, as flat arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeRegressor


@dataclass(frozen=True)
class Tree:
    """A tree of M nodes in preorder: the left child of a node is the next one.

    Attributes:
        feature: Column that a node splits, int32 (M,); -1 for a leaf.
        threshold: What goes to the left child: values up to this one, float32 (M,).
        right: The right child, int32 (M,); 0 for a leaf.
        first: Place of a node's first row among the tree's rows in the leaves' order, int32 (M,).
        rows: How many rows per node has, int32 (M,).
        leaves: The rows in the leaves' order, int64 (R,).
    """

    feature: np.ndarray
    threshold: np.ndarray
    right: np.ndarray
    first: np.ndarray
    rows: np.ndarray
    leaves: np.ndarray


@dataclass(frozen=True)
class Growth:
    """How trees are grown.

    Attributes:
        leaf: Fewest rows of a leaf, of those that splits are found on.
        columns: Share of the columns before that each split chooses from.
        best: Whether a split takes the best threshold of a column, or a random one (Geurts 2006).
    """

    leaf: int
    columns: float
    best: bool


def grown(
    features: np.ndarray, targets: np.ndarray, splitting: int, before: np.ndarray, how: Growth, seed: int
) -> Tree:
    """Grow a tree on the first rows and prune it by the others; its leaves then hold all of them.

    Args:
        features: Of the rows, float32 (R, D').
        targets: Numbers that splits are judged by, float64 (R, K).
        splitting: How many rows splits are found on; where that is all of them, nothing is pruned.
        before: Which columns of the table the features are, int64 (D',).
        how: Settings.
        seed: Of the columns that splits choose from, and of random thresholds.
    """
    if not len(before):
        return _stump(len(targets))
    model = DecisionTreeRegressor(
        min_samples_leaf=min(how.leaf, splitting),
        max_features=how.columns,
        splitter="best" if how.best else "random",
        random_state=seed,
    ).fit(features[:splitting], targets[:splitting])
    right, leaf = model.tree_.children_right.tolist(), model.tree_.apply(features)
    ends = _ends(right)
    splits = model.tree_.children_left >= 0
    assert (model.tree_.children_left[splits] == np.flatnonzero(splits) + 1).all(), "no preorder"
    if splitting < len(targets):
        errors = _errors(model.tree_.value[:, :, 0], ends, leaf[splitting:], targets[splitting:])
        splits = _confirmed(right, errors)
    return _compact(model.tree_, splits, np.array(ends), leaf, before)


def _compact(tree: Any, splits: np.ndarray, ends: np.ndarray, leaf: np.ndarray, before: np.ndarray) -> Tree:
    """The part of scikit-learn's tree that is left where fewer nodes split, and where its rows lie."""
    kept = _reached(splits, ends)
    number = np.cumsum(kept) - 1  # what lies below a node that splits no more gets that node's number
    order = np.argsort(number[leaf], kind="stable")
    place = np.searchsorted(number[leaf][order], np.arange(kept.sum() + 1))
    beyond = place[number[ends[kept] - 1] + 1]
    inner = splits[kept]
    return Tree(
        feature=np.where(inner, before[np.maximum(tree.feature[kept], 0)], -1).astype(np.int32),
        threshold=rounded_down(np.where(inner, tree.threshold[kept], 0.0)),
        right=np.where(inner, number[tree.children_right[kept]], 0).astype(np.int32),
        first=place[:-1].astype(np.int32),
        rows=(beyond - place[:-1]).astype(np.int32),
        leaves=order,
    )


def _ends(right: list[int]) -> list[int]:
    """The node after the last one below each node."""
    ends = [0] * len(right)
    for node in range(len(right) - 1, -1, -1):
        ends[node] = ends[right[node]] if right[node] > 0 else node + 1
    return ends


def _errors(means: np.ndarray, ends: list[int], leaf: np.ndarray, targets: np.ndarray) -> list[float]:
    """Squared error of each node's mean on rows it was not fitted on, up to a constant a row."""
    order = np.argsort(leaf, kind="stable")
    sums = np.vstack([np.zeros(targets.shape[1]), np.cumsum(targets[order], axis=0)])
    first = np.searchsorted(leaf[order], np.arange(len(ends)))
    last = np.searchsorted(leaf[order], ends)
    total = sums[last] - sums[first]
    errors = (last - first) * np.square(means).sum(axis=1) - 2 * (means * total).sum(axis=1)
    return [float(error) for error in errors]


def _confirmed(right: list[int], errors: list[float]) -> np.ndarray:
    """Which nodes go on splitting, bool (M,): reduced-error pruning (Quinlan 1987), from below."""
    least = list(errors)
    splits = np.zeros(len(right), bool)
    for node in range(len(right) - 1, -1, -1):
        if right[node] > 0:
            below = least[node + 1] + least[right[node]]
            if below < errors[node]:
                least[node], splits[node] = below, True
    return splits


def _reached(splits: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Nodes that have nothing but splitting nodes above, bool (M,)."""
    kept = np.zeros(len(splits), bool)
    node = 0
    while node < len(splits):
        kept[node] = True
        node = node + 1 if splits[node] else int(ends[node])
    return kept


def rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """As float32, so that the same float32 features are up to them."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def _stump(rows: int) -> Tree:
    """A tree of one leaf: a column without any before it."""
    zero = np.zeros(1, np.int32)
    return Tree(zero - 1, zero.astype(np.float32), zero, zero, zero + rows, np.arange(rows))
