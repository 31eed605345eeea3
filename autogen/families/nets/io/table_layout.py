"""Layout of a table's columns in a flat vector, and how codes and positions become numbers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import Batch

_EDGE = 0.1  # share of the outermost bins in which all positions have one score: scores stay finite
_BELOW_ONE = 1 - 2**-24


def is_scored(column: ColumnSpec) -> bool:
    """Tell whether a column's cells have a score: it is continuous and has at least one bin."""
    return column.continuous and column.levels > column.specials


class RowLayout(nn.Module):
    """Segments and scores of the columns of a table.

    Each column has a *segment* of one-hots or logits, one for each code. The quantile bins of a continuous
    column share one; the place among them is a *score*, the standard normal quantile of u = (bin + position)
    / bins, where u is about uniform on the training rows.

    Attributes:
        sizes: Length of each column's segment.
        width: W, length of all segments.
        scores: S, number of columns with a score.
        owner: Column that each place belongs to, one-hot, float32 (W, D).
        starts: First place of each column's segment, int64 (D,).
        tops: Last place of each segment, counted from its start, int64 (D,).
        scored: Indices of the columns with a score, int64 (S,).
        specials: Number of special codes of each scored column, int64 (S,).
        intervals: Number of bins of each scored column, int64 (S,).
        ranks: Matrix from one-hots to the normal score of the rank, for the R ordered columns without bins,
            float32 (W, R).
    """

    owner: Tensor
    starts: Tensor
    tops: Tensor
    scored: Tensor
    specials: Tensor
    intervals: Tensor
    ranks: Tensor

    def __init__(self, spec: TableSpec) -> None:
        super().__init__()
        scored = [place for place, column in enumerate(spec.columns) if is_scored(column)]
        chosen = [spec.columns[place] for place in scored]
        self.sizes = [c.specials + 1 if is_scored(c) else c.levels for c in spec.columns]
        self.width, self.scores = sum(self.sizes), len(scored)
        sizes = torch.tensor(self.sizes)
        # with output_size it can be built on the meta device, where parameters are counted without memory
        owner = torch.repeat_interleave(torch.arange(len(sizes)), sizes, output_size=self.width)
        self._keep("owner", F.one_hot(owner, len(sizes)).float())
        self._keep("starts", sizes.cumsum(0) - sizes)
        self._keep("tops", sizes - 1)
        self._keep("scored", torch.tensor(scored, dtype=torch.int64))
        self._keep("specials", torch.tensor([c.specials for c in chosen], dtype=torch.int64))
        self._keep("intervals", torch.tensor([c.levels - c.specials for c in chosen], dtype=torch.int64))
        self._keep("ranks", _ranks(spec, self.sizes))

    def _keep(self, name: str, value: Tensor) -> None:
        """Register a tensor that follows from the spec as a buffer, outside of checkpoints."""
        self.register_buffer(name, value, persistent=False)

    def places(self, codes: Tensor) -> Tensor:
        """Return each cell's place in the segments for codes (B, D), int64 (B, D)."""
        return torch.minimum(codes, self.tops) + self.starts

    def one_hots(self, codes: Tensor) -> Tensor:
        """Return the segments of rows with codes (B, D), float32 (B, W)."""
        return codes.new_zeros(len(codes), self.width, dtype=torch.float32).scatter(
            1, self.places(codes), 1.0
        )

    def regular(self, codes: Tensor) -> Tensor:
        """Tell which scored cells lie in a bin, for codes (B, D): bool (B, S)."""
        return codes[:, self.scored] >= self.specials

    def score(self, batch: Batch) -> Tensor:
        """Compute the scores of rows, (B, S); 0 for special codes."""
        interval = batch["codes"][:, self.scored] - self.specials
        uniform = (interval + batch["positions"][:, self.scored]) / self.intervals
        edge = _EDGE / self.intervals
        score: Tensor = torch.special.ndtri(uniform.clamp(edge, 1 - edge)) * (interval >= 0)
        return score

    def encoded(self, chosen: Tensor, scores: Tensor) -> dict[str, Tensor]:
        """Convert to encoded rows: ``codes`` int64 and ``positions`` float32, both (B, D).

        Args:
            chosen: Place of each cell in its column's segment, int64 (B, D).
            scores: Scores, (B, S).
        """
        place = torch.special.ndtr(scores) * self.intervals
        interval = torch.minimum(place.long(), self.intervals - 1)
        regular = self.regular(chosen)
        codes, positions = chosen.clone(), torch.full(chosen.shape, 0.5, device=chosen.device)
        codes[:, self.scored] += torch.where(regular, interval, 0)
        positions[:, self.scored] = torch.where(regular, (place - interval).clamp(0.0, _BELOW_ONE), 0.5)
        return {"codes": codes, "positions": positions}


def _ranks(spec: TableSpec, sizes: list[int]) -> Tensor:
    """Build the matrix ``ranks`` of a layout, (W, R)."""
    found, start = [torch.zeros(sum(sizes), 0)], 0
    for column, size in zip(spec.columns, sizes, strict=True):
        values = column.levels - column.specials
        if column.ordered and not is_scored(column) and values > 2:
            ranks = torch.zeros(sum(sizes), 1)
            middles = (torch.arange(values) + 0.5) / values
            ranks[start + column.specials : start + size, 0] = torch.special.ndtri(middles)
            found.append(ranks)
        start += size
    return torch.cat(found, 1)
