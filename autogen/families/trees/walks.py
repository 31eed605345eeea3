"""Walks through the trees of a column: down to a leaf, and up again to where a cell is drawn or counted.

A node of n rows believes its own counts as much as n rows, and the node above as much as ``backoff`` rows;
above a root all codes are equally likely. So a cell's probability in a tree is

    p(cell | node) = (count of the cell in the node + backoff * p(cell | node above)) / (n + backoff)

taken at the row's leaf, and the mean of it over the trees. That is what is drawn from, to the letter: no cell
is impossible, and nearly always what the leaf says holds.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from autogen.families.base import Noise
from autogen.families.trees.forest import Forest


class Pool(NamedTuple):
    """What a forest's nodes draw from.

    Attributes:
        stop: Chance that a walk upwards ends at a node, float32 (M,).
        first: First of a node's entries, int64 (M,).
        size: How many entries a node has, int64 (M,).
        cells: Entries, (R',).
        least: The lowest code that can be drawn.
    """

    stop: Tensor
    first: Tensor
    size: Tensor
    cells: Tensor
    least: int


def leaves(forest: Forest, features: Tensor, trees: Tensor) -> Tensor:
    """The leaf of each row in a tree, int64 (B,).

    Args:
        forest: Of a column.
        features: Of the rows, as the forest sees them, float32 (B, D).
        trees: Which tree, int64 (B,).
    """
    nodes, threshold = forest.nodes, forest.threshold
    node = forest.roots[trees]
    active = torch.arange(len(node))
    while True:
        feature = nodes.feature[node[active]]
        inner = feature >= 0
        active = active[inner]
        if not len(active):
            return node
        here = node[active]
        low = features[active, feature[inner]] <= threshold[here]
        node[active] = torch.where(low, here + 1, nodes.right[here])


def pool_of(forest: Forest, backoff: float) -> Pool:
    """What nodes draw from where every code may come."""
    nodes = forest.nodes
    stop = nodes.rows / (nodes.rows + backoff)
    return Pool(stop.float(), nodes.first, nodes.rows.long(), forest.cells, 0)


def pool_without_missing(forest: Forest, backoff: float) -> tuple[Pool, Tensor]:
    """What nodes draw from where code 0 must not come, and the chance that it does not, float64 (M,)."""
    nodes = forest.nodes
    there = forest.cells > 0
    before = torch.cat([there.new_zeros(1, dtype=torch.int64), there.cumsum(0)])
    first, end = before[nodes.first], before[nodes.first + nodes.rows.long()]
    chance = 1 - probabilities(forest, backoff, torch.zeros(1, dtype=torch.int64))[:, 0]
    stop = (end - first) / (nodes.rows + backoff) / chance.clamp_min(1e-300)
    return Pool(stop.float(), first, end - first, forest.cells[there], 1), chance


def drawn(forest: Forest, pool: Pool, leaf: Tensor, noise: Noise) -> Tensor:
    """Draw a cell for each row, int64 (B,), from its leaf or a node above.

    Args:
        forest: Of a column.
        pool: What its nodes draw from.
        leaf: Of each row, int64 (B,); -1 where there is no tree.
        noise: Draws.
    """
    climb, pick = noise.uniform(2, len(leaf))
    node = leaf.clone()
    active = (node >= 0).nonzero().squeeze(1)
    while len(active):
        stop = pool.stop[node[active]]
        ends = climb[active] < stop
        # what is left of a uniform number after a comparison is uniform again
        climb[active] = (climb[active] - stop) / (1 - stop).clamp_min(1e-7)
        active = active[~ends]
        node[active] = forest.nodes.parent[node[active]]
        active = active[node[active] >= 0]
    return _picked(forest, pool, node, pick)


def _picked(forest: Forest, pool: Pool, node: Tensor, pick: Tensor) -> Tensor:
    """An entry of each node by a uniform number; a code that is as likely as all others above the roots."""
    levels = forest.column.levels
    least = pool.least if levels > pool.least else 0
    scale = least + pick.double() * (levels - least)
    found = torch.searchsorted(forest.low, scale, right=True) - 1
    inside = node >= 0
    held = node[inside]
    place = (pick[inside].double() * pool.size[held]).long().clamp_max(pool.size[held] - 1)
    found[inside] = pool.cells[pool.first[held] + place].long()
    return found


def probabilities(forest: Forest, backoff: float, codes: Tensor) -> Tensor:
    """Probability of codes in all nodes, float64 (M, Q).

    Args:
        forest: Of a column.
        backoff: Rows that the node above counts as.
        codes: Distinct, ascending, int64 (Q,).
    """
    base = torch.full((len(codes),), 1 / forest.column.levels, dtype=torch.float64)
    return _blended(forest, backoff, forest.codes_of(forest.cells.long()), codes, base)


def densities(forest: Forest, backoff: float, cells: Tensor) -> Tensor:
    """Probability of cells, divided by their width, in all nodes, float64 (M, Q); cells as for codes."""
    width = torch.diff(forest.low, append=torch.tensor([float(forest.column.levels)], dtype=torch.float64))
    base = width[cells] / forest.column.levels
    return _blended(forest, backoff, forest.cells.long(), cells, base) / width[cells]


def _blended(forest: Forest, backoff: float, held: Tensor, wanted: Tensor, base: Tensor) -> Tensor:
    """Counts of what is wanted among what rows hold, blended from the roots down, float64 (M, Q)."""
    nodes = forest.nodes
    counts = _counted(forest, held, wanted)
    found = torch.empty_like(counts)
    for depth, level in enumerate(nodes.levels):
        above = base if depth == 0 else found[nodes.parent[level]]
        found[level] = (counts[level] + backoff * above) / (nodes.rows[level] + backoff)[:, None]
    return found


def _counted(forest: Forest, held: Tensor, wanted: Tensor) -> Tensor:
    """How often each node's rows hold what is wanted, float64 (M, Q)."""
    nodes, queries = forest.nodes, len(wanted)
    leaf = (nodes.feature < 0).nonzero().squeeze(1)
    starts = nodes.first[leaf].sort().values
    query = torch.searchsorted(wanted, held).clamp_max(max(queries - 1, 0))
    place = (wanted[query] == held).nonzero().squeeze(1)
    owner = torch.searchsorted(starts, place, right=True) - 1
    table = torch.bincount(owner * queries + query[place], minlength=len(leaf) * queries)
    sums = table.reshape(len(leaf), queries).cumsum(0)
    sums = torch.cat([sums.new_zeros(1, queries), sums])
    bounds = torch.cat([starts, starts.new_tensor([len(held)])])
    low = torch.searchsorted(bounds, nodes.first)
    high = torch.searchsorted(bounds, nodes.first + nodes.rows.long())
    return (sums[high] - sums[low]).double()
