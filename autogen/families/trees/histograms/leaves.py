"""A tree of counts pruned by rows it has not seen, with the rows of its leaves, as a forest keeps it."""

import numpy as np

from autogen.families.trees.grow import Tree
from autogen.families.trees.histograms.question import Sketch


def confirmed(
    tree: Sketch, rows: np.ndarray, sums: np.ndarray, held: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """Find the nodes that go on splitting, bool (M,): reduced-error pruning (Quinlan 1987), from below.

    Args:
        tree: Grown.
        rows: Growing rows of each node, float64 (M,).
        sums: Sums of their targets, float64 (M, T).
        held: Rows that were held out by leaf and group, (M, K).
        targets: Numbers of each group, (K, T).
    """
    counts, totals = held.sum(1).astype(np.float64), held @ targets
    means = sums / np.maximum(rows, 1)[:, None]
    splits = np.asarray(tree.feature) >= 0
    least = np.zeros(len(rows))
    for node in range(len(rows) - 1, -1, -1):
        first = tree.left[node]
        if splits[node]:
            counts[node] = counts[first] + counts[first + 1]
            totals[node] = totals[first] + totals[first + 1]
        own = counts[node] * np.square(means[node]).sum() - 2 * means[node] @ totals[node]
        below = least[first] + least[first + 1] if splits[node] else own
        splits[node] &= bool(below < own)
        least[node] = below if splits[node] else own
    return splits


def finished(tree: Sketch, splits: np.ndarray, codes: np.ndarray) -> tuple[Tree, np.ndarray] | None:
    """Make the tree that a forest keeps; ``None`` where no row is told.

    A split with a side of which no row is told is none.

    Args:
        tree: Grown.
        splits: Nodes that go on splitting, bool (M,).
        codes: Rows of each leaf by code, int64 (M, V).

    Returns:
        The tree, and the code of each of its rows in the leaves' order.
    """
    own, splits = codes.copy(), splits.copy()
    size = own.sum(1)
    for node in range(len(own) - 1, -1, -1):
        if tree.feature[node] >= 0:
            children = [tree.left[node], tree.left[node] + 1]
            splits[node] &= bool(size[children].min() > 0)
            own[node], size[node] = own[children].sum(0), size[children].sum()
    if not size[0]:
        return None
    return _in_preorder(tree, splits, own)


def _in_preorder(tree: Sketch, splits: np.ndarray, own: np.ndarray) -> tuple[Tree, np.ndarray]:
    """Number the nodes in preorder, the leaves' rows one after the other."""
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if splits[node]:
            stack += [tree.left[node] + 1, tree.left[node]]
    number = {node: place for place, node in enumerate(order)}
    count, size = len(order), own.sum(1)
    right, rows, first = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for place in range(count - 1, -1, -1):
        node = order[place]
        if splits[node]:
            right[place] = number[tree.left[node] + 1]
            rows[place] = rows[place + 1] + rows[right[place]]
        else:
            rows[place] = size[node]
    for place in range(count):
        if splits[order[place]]:
            first[place + 1] = first[place]
            first[right[place]] = first[place] + rows[place + 1]
    inner = splits[order]
    cut = np.asarray(tree.cut)[order].astype(np.float32) + 1
    held = [np.repeat(np.arange(own.shape[1]), own[node]) for node in order if not splits[node]]
    made = Tree(
        feature=np.where(inner, np.asarray(tree.feature)[order], -1).astype(np.int32),
        threshold=np.where(inner, np.nextafter(cut, np.float32(-np.inf)), 0).astype(np.float32),
        right=right.astype(np.int32),
        first=first.astype(np.int32),
        rows=rows.astype(np.int32),
        leaves=np.arange(size[order][~inner].sum()),
    )
    return made, np.concatenate(held)
