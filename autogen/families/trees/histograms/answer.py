"""What an owner of rows answers a server that grows trees: counts of groups of enough rows.

Where a split would leave a child with too few of the owner's rows, all are told of the other child, so that
nothing follows from a difference of nodes either. (Were they told of the node above alone, three odd rows
would keep a thousand others near the root.) Of a column that may split a node, neighboring places are joined
until each group has enough rows; a group is told at the last of its places. With ``least`` 1 all is told.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import TableSpec
from autogen.errors import RunError
from autogen.families.trees.histograms.question import (
    CODES,
    PAIRS,
    SPLITS,
    columns_of,
    groups_in,
    shapes_of,
    starts_of,
)

_MOST = 2**27  # counts of an answer


def answered(
    spec: TableSpec, codes: np.ndarray, question: Mapping[str, Tensor], growing: np.ndarray, least: int
) -> dict[str, Tensor]:
    """Answer a question.

    Args:
        spec: Spec of the table.
        codes: Codes of the rows, int64 (N, D).
        question: See ``autogen.families.trees.histograms.question``.
        growing: Which rows splits are found on, bool (N,); the others prune.
        least: Rows below which nothing is told of a group.

    Raises:
        RunError: the question is too large.
    """
    shapes = shapes_of(spec, question)
    if sum(int(np.prod(shape)) for shape in shapes.values()) > _MOST:
        raise RunError("a question asks for more counts than are answered")
    stage = int(question["stage"])
    if stage == CODES:
        found = {
            str(place): np.bincount(codes[:, place], minlength=shapes[str(place)][0])
            for place in range(codes.shape[1])
        }
        found = {name: np.where(one >= least, one, 0) for name, one in found.items()}
    elif stage == PAIRS:
        found = _pairs(spec, codes, question, least)
    else:
        found = {}
        for column in columns_of(question):
            rows = _Rows(spec, codes, question, column, growing, least)
            if stage == SPLITS:
                found[str(column)] = rows.splits()
            else:
                found |= {f"{column}.{name}": one for name, one in rows.leaves().items()}
    return {name: torch.from_numpy(one.reshape(shapes[name]).astype(np.int64)) for name, one in found.items()}


def _pairs(
    spec: TableSpec, codes: np.ndarray, question: Mapping[str, Tensor], least: int
) -> dict[str, np.ndarray]:
    """Count rows by a code of one column and the group of another, for codes of enough rows."""
    starts, groups = starts_of(spec), question["groups"].numpy()
    flat = codes + starts[:-1]
    enough = np.bincount(flat.ravel(), minlength=starts[-1]) >= least
    found = {}
    for place, count in enumerate(groups_in(spec, question)):
        key = flat * count + groups[flat[:, place]][:, None]
        table = np.bincount(key.ravel(), minlength=starts[-1] * count).reshape(starts[-1], count)
        found[str(place)] = table * enough[:, None]
    return found


class _Rows:
    """Rows of an owner in the tree of one column."""

    def __init__(
        self,
        spec: TableSpec,
        codes: np.ndarray,
        question: Mapping[str, Tensor],
        column: int,
        growing: np.ndarray,
        least: int,
    ) -> None:
        self.about = {
            name: question[f"{column}.{name}"].numpy()
            for name in ("feature", "cut", "left", "places", "asked")
            if f"{column}.{name}" in question
        }
        starts = starts_of(spec)
        self.least, self.growing = least, growing
        self.places = self.about["places"][codes + starts[:-1]]
        self.width = max(one.levels for one in spec.columns)
        self.codes, self.levels = codes[:, column], spec.columns[column].levels
        self.groups = groups_in(spec, question)[column]
        self.group = question["groups"].numpy()[self.codes + starts[column]]
        self.node = self._routed()

    def _routed(self) -> np.ndarray:
        """Return the leaf that each row is told of, int64 (N,); -1 where all rows are too few."""
        feature, cut, left = (self.about[name] for name in ("feature", "cut", "left"))
        nodes = len(feature)
        node = np.zeros(len(self.codes), np.int64)
        if len(node) < self.least:
            return node - 1
        moving = np.arange(len(node))
        while len(moving := moving[feature[node[moving]] >= 0]):
            here = node[moving]
            right = self.places[moving, feature[here]] > cut[here]
            size = np.bincount(left[here] + right, minlength=nodes)
            few, many = size[left[here]], size[left[here] + 1]
            enough = np.minimum(few, many) >= self.least
            node[moving] = left[here] + np.where(enough, right, many > few)
        return node

    def splits(self) -> np.ndarray:
        """Count growing rows by node, column, place and group, int64 (F, D, V, K)."""
        asked, columns = self.about["asked"], self.places.shape[1]
        slot = np.full(len(self.about["feature"]) + 1, -1)
        slot[asked[:, 0]] = np.arange(len(asked))
        rows = np.flatnonzero((slot[self.node] >= 0) & self.growing & (self.node >= 0))
        slots, place = slot[self.node[rows]], self.places[rows]
        wanted = asked[slots, 1:] > 0
        first = (slots[:, None] * columns + np.arange(columns)) * self.width
        size = len(asked) * columns * self.width
        if self.least > 1:
            told = np.bincount((first + place).ravel(), minlength=size).reshape(-1, self.width)
            place = _joined(told, self.least).ravel()[first + place]
            wanted &= place >= 0
        key = (first + place) * self.groups + self.group[rows][:, None]
        return np.bincount(key[wanted], minlength=size * self.groups)

    def leaves(self) -> dict[str, np.ndarray]:
        """Count all rows by node and code, and those that prune by leaf and group."""
        nodes, told = len(self.about["feature"]), self.node >= 0
        column = np.bincount(self.node[told] * self.levels + self.codes[told], minlength=nodes * self.levels)
        held = told & ~self.growing & (self.about["feature"][self.node] < 0)
        key = self.node[held] * self.groups + self.group[held]
        return {"held": np.bincount(key, minlength=nodes * self.groups), "codes": column}


def _joined(counts: np.ndarray, least: int) -> np.ndarray:
    """Join neighboring places to groups of enough rows.

    Args:
        counts: Rows of each place, int64 (G, V).
        least: Fewest rows of a group.

    Returns:
        The last place of the group of each place, int64 (G, V); -1 where all rows together are too few.
    """
    ends, rows = np.full(counts.shape, -1), np.zeros(len(counts), np.int64)
    for place, more in enumerate(counts.T):
        rows += more
        done = rows >= least
        ends[done, place] = place
        rows[done] = 0
    width = counts.shape[1]
    following = np.minimum.accumulate(np.where(ends < 0, width, ends)[:, ::-1], axis=1)[:, ::-1]
    return np.where(following < width, following, ends.max(1)[:, None])
