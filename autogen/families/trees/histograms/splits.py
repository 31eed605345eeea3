"""Best splits of nodes from counts: by Gini's index of codes and the CRPS of numbers, as from rows."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autogen.data.specs import ColumnSpec
from autogen.families.trees.histograms.question import GROUPS


@dataclass(frozen=True)
class Found:
    """Splits of F nodes.

    Attributes:
        feature: Column that splits a node, int64 (F,); -1 where none does.
        cut: Last place of it that goes to the left, int64 (F,).
        rows: Rows of both children, float64 (F, 2).
        sums: Sums of their targets, float64 (F, 2, T).
    """

    feature: np.ndarray
    cut: np.ndarray
    rows: np.ndarray
    sums: np.ndarray


def groups_of(column: ColumnSpec, counts: np.ndarray) -> np.ndarray:
    """Join the codes of a column to groups, int64 (V,).

    Special values and frequent categories are groups of their own; neighboring numbers are joined to groups
    of about equal shares, rare categories to one.

    Args:
        column: Of the table.
        counts: Rows of each code, int64 (V,).
    """
    if len(counts) <= GROUPS:
        return np.arange(len(counts))
    if not column.ordered:
        place = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
        return np.minimum(place, GROUPS - 1)
    first = min(column.specials, GROUPS - 2)
    rest = counts[first:].astype(np.float64) + 1e-9
    middles = (np.cumsum(rest) - rest / 2) / rest.sum()
    _, joined = np.unique(np.floor(middles * (GROUPS - first)), return_inverse=True)
    return np.concatenate([np.arange(first), first + joined.reshape(-1)])


def targets_of(column: ColumnSpec, groups: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Numbers that stand for each group of a column, float64 (K, T): see ``autogen.families.trees.targets``.

    Args:
        column: Of the table.
        groups: Group of each code, int64 (V,).
        counts: Rows of each code, int64 (V,).
    """
    count = int(groups.max()) + 1
    if not column.ordered:
        return np.eye(count)
    special = np.zeros(count, bool)
    special[groups[: column.specials]] = True
    rows = np.bincount(groups, weights=counts, minlength=count) * ~special
    steps = np.less_equal.outer(np.arange(count), np.flatnonzero(~special)[:-1]).astype(np.float64)
    steps[special] = rows @ steps / max(1.0, rows.sum())
    return np.hstack([np.eye(count)[:, special], steps])


def ranks_from(table: np.ndarray, targets: np.ndarray, prior: float) -> np.ndarray:
    """A place for each category such that cuts between places are good splits of the target, int64 (L,).

    Args:
        table: Rows of each category and group of the target, (L, K).
        targets: Numbers of each group, (K, T).
        prior: Rows' worth of the mean of all that a category's own mean is drawn to.
    """
    counts = table.sum(1)
    total = max(1, counts.sum())
    means = (table @ targets - counts[:, None] * (table.sum(0) @ targets / total)) / (counts + prior)[:, None]
    _, vectors = np.linalg.eigh((means * counts[:, None]).T @ means)
    found = np.empty(len(table), np.int64)
    found[np.argsort(means @ vectors[:, -1], kind="stable")] = np.arange(len(table))
    return found


def information_of(pairs: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Mutual information of each column with one, in nats, (D,).

    Args:
        pairs: Rows by code of each column, one after the other, and group of the one, (sum of V, K).
        starts: First code of each column, (D + 1,).
    """
    found = np.zeros(len(starts) - 1)
    for place, (first, end) in enumerate(pairwise(starts)):
        joint = pairs[first:end] / max(1, pairs[first:end].sum())
        expected = np.outer(joint.sum(1), joint.sum(0))
        there = joint > 0
        found[place] = (joint[there] * np.log(joint[there] / expected[there])).sum()
    return found


def best_splits(
    table: np.ndarray, asked: np.ndarray, targets: np.ndarray, leaf: int, rng: np.random.Generator | None
) -> Found:
    """Find the split of each node by which the squared error of the targets falls most.

    Args:
        table: Rows by node, column, place and group, (F, D, V, K).
        asked: Which columns may split a node, bool (F, D).
        targets: Numbers of each group, (K, T).
        leaf: Fewest rows of a child.
        rng: Draws of random cuts (Geurts 2006); ``None`` for the best ones.
    """
    nodes, _, width, _ = table.shape
    below = table.cumsum(2)
    left = below @ targets
    whole, rows = left[:, :, -1:], below.sum(3)
    total = rows[:, :, -1:]
    right_rows = total - rows
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.square(left).sum(3) / rows + np.square(whole - left).sum(3) / right_rows
        gain -= np.square(whole).sum(3) / total
    able = (rows >= leaf) & (right_rows >= leaf) & asked[:, :, None]
    gain = np.where(able, gain, -np.inf)
    if rng is not None:
        chosen = np.where(able, rng.random(able.shape), -1).argmax(2)[:, :, None]
        gain = np.where(np.arange(width) == chosen, gain, -np.inf)
    flat = gain.reshape(nodes, -1)
    best = flat.argmax(1)
    every = np.arange(nodes)
    good = flat[every, best] > 1e-9 * np.maximum(1, total[:, 0, 0])
    feature, cut = best // width, best % width
    some, all_ = left[every, feature, cut], whole[every, feature, 0]
    few, many = rows[every, feature, cut], total[every, feature, 0]
    return Found(
        np.where(good, feature, -1),
        cut,
        np.stack([few, many - few], 1).astype(np.float64),
        np.stack([some, all_ - some], 1),
    )
