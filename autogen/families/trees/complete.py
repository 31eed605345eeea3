"""Rows of which some cells are known: sequential importance resampling (Gordon 1993; Doucet 2009).

Columns are drawn in the model's own order. Each row wanted has *particles*: copies whose unknown cells are
drawn one after the other; where a cell is known, a particle is weighted by the probability of its code given
what the particle holds before it, and where the weights of a row's particles have become too uneven these are
drawn anew by weight. When nothing known is left to come, as many particles as rows are drawn by weight, and
their last columns are drawn freely. Equal rows share their particles. The work is bounded by the number of
particles, and no row is thrown away for want of luck; the rows follow the model's conditional distribution to
the degree to which particles are many: with known columns that come first in the order exactly, with rare
values that come late roughly.
"""

import torch
from torch import Tensor

from autogen.families.base import Batch, Noise
from autogen.families.trees.model import TreeModel, encoded, scale_of
from autogen.families.trees.walks import drawn, pool_of, pool_without_missing, probabilities

PARTICLES = 32  # of each row
LEAST = 2**14  # particles of a block of rows together
_UNEVEN = 0.5  # effective share of a row's particles below which they are drawn anew


class Cloud:
    """Particles of groups of equal rows, P in all, group by group.

    Args:
        rows: Code + position of one row of each group, float64 (G, D).
        known: Which of its cells are known, bool (G, D).
        sizes: Particles of each group, int64 (G,).

    Attributes:
        group: Of each particle, int64 (P,).
        scale: Code + position, float64 (P, D).
        weight: Logarithms, float64 (P,).
    """

    def __init__(self, rows: Tensor, known: Tensor, sizes: Tensor) -> None:
        self.rows, self.known, self.sizes = rows, known, sizes
        self.group = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
        self.scale = rows[self.group]
        self.weight = torch.zeros(len(self.group), dtype=torch.float64)

    def even_out(self, noise: Noise) -> None:
        """Draw the particles of groups with uneven weights anew."""
        shares = self._shares()
        effective = 1 / self._summed(shares.square())
        poor = (effective < _UNEVEN * self.sizes)[self.group]
        if bool(poor.any()):
            chosen = torch.where(poor, self._chosen(self.sizes, noise), torch.arange(len(self.group)))
            self.scale = self.scale[chosen]
            self.weight = torch.where(poor, 0.0, self.weight)

    def shrink(self, sizes: Tensor, noise: Noise) -> None:
        """Keep fewer particles of each group, drawn by weight, in a random order."""
        chosen = self._chosen(sizes, noise)
        group = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
        chosen = chosen[(group.double() + noise.uniform(len(group)).double()).argsort()]
        self.group, self.sizes, self.scale = group, sizes, self.scale[chosen]
        self.weight = torch.zeros(len(group), dtype=torch.float64)

    def _shares(self) -> Tensor:
        """Weights that add up to 1 in each group, (P,)."""
        most = torch.full((len(self.sizes),), -torch.inf, dtype=torch.float64)
        most.scatter_reduce_(0, self.group, self.weight, "amax")
        weight = (self.weight - most[self.group]).exp()
        return weight / self._summed(weight)[self.group]

    def _summed(self, values: Tensor) -> Tensor:
        """Sums over the groups, (G,)."""
        return torch.zeros(len(self.sizes), dtype=torch.float64).index_add_(0, self.group, values)

    def _chosen(self, sizes: Tensor, noise: Noise) -> Tensor:
        """So many particles of each group by systematic resampling, int64 (sum of sizes,)."""
        group = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
        ends, first = self.sizes.cumsum(0), sizes.cumsum(0) - sizes
        shift = noise.uniform(len(sizes)).double()[group]
        place = (torch.arange(len(group)) - first[group] + shift) / sizes[group]
        found = torch.searchsorted(self._shares().cumsum(0), group + place, right=True)
        return torch.minimum(torch.maximum(found, (ends - self.sizes)[group]), ends[group] - 1)


def complete(model: TreeModel, given: Batch, noise: Noise) -> dict[str, Tensor]:
    """Draw an encoded sample for each row of what is given; see ``HasConditioning.complete``."""
    known, wanted = given["known"], scale_of(given)
    keys = torch.cat([torch.where(known, wanted, -1.0), known.double()], 1)
    unique, group, counts = torch.unique(keys, dim=0, return_inverse=True, return_counts=True)
    rows, fixed = unique.tensor_split(2, dim=1)
    last = _last_evidence(model, fixed > 0, given["present"])
    copies = 1 if last < 0 else max(PARTICLES, -(-LEAST // len(wanted)))
    cloud = Cloud(rows.clamp_min(0), fixed > 0, counts * copies)
    for place, column in enumerate(model.order.tolist()):
        _advance(model, cloud, column, bool(given["present"][column]), noise)
        if place == last:
            cloud.shrink(counts, noise)
        elif place < last:
            cloud.even_out(noise)
    back = torch.empty_like(group)
    back[group.argsort(stable=True)] = torch.arange(len(group))
    return encoded(cloud.scale[back])


def _last_evidence(model: TreeModel, known: Tensor, present: Tensor) -> int:
    """Last place in the order at which particles are weighted; -1 where they never are."""
    ordered = known[:, model.order]
    open_before = (~ordered).cumsum(1) - (~ordered).long() > 0
    weighted = (ordered & open_before) | (~ordered & present[model.order])
    places = weighted.any(0).nonzero()
    return int(places.max()) if len(places) else -1


def _advance(model: TreeModel, cloud: Cloud, column: int, present: bool, noise: Noise) -> None:
    """Draw a column of the particles that do not know it, and weight those that do."""
    known = cloud.known[cloud.group, column]
    _draw(model, cloud, column, (~known).nonzero().squeeze(1), present, noise)
    forest = model.forest(column)
    there = known.nonzero().squeeze(1)
    if len(there) and forest.trees:
        cloud.weight[there] += _chance(model, column, cloud.scale[there]).log()


def _draw(model: TreeModel, cloud: Cloud, column: int, rows: Tensor, present: bool, noise: Noise) -> None:
    """Draw a column of some particles; where no missing cell may come, weight them by that chance."""
    forest, scale = model.forest(column), cloud.scale[rows]
    leaf = model.leaf(column, scale, noise)
    if present and forest.column.levels > 1 and forest.trees:
        pool, chance = pool_without_missing(forest, model.backoff)
        cloud.weight[rows] += chance[leaf].log()
    else:
        pool = pool_of(forest, model.backoff)._replace(least=int(present))
    cells = drawn(forest, pool, leaf, noise)
    cloud.scale[rows, column] = model.placed(column, cells, noise)


def _chance(model: TreeModel, column: int, scale: Tensor) -> Tensor:
    """Probability of the codes of a column given those before it, the mean over its trees, float64 (B,)."""
    forest = model.forest(column)
    codes, query = torch.unique(scale[:, column].floor().long(), return_inverse=True)
    table = probabilities(forest, model.backoff, codes)
    found = torch.zeros(len(scale), dtype=torch.float64)
    for leaf in model.each_leaf(column, scale):
        found += table[leaf, query]
    return found / forest.trees
