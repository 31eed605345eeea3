"""Where the columns of a table lie among flat numbers, and how codes and positions become such numbers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import Batch

_EDGE = 0.1  # share of the outermost intervals that is not told apart: scores stay finite
_BELOW_ONE = 1 - 2**-24


def is_scored(column: ColumnSpec) -> bool:
    """Whether cells of a column have a score: it is continuous and has an interval at all."""
    return column.continuous and column.levels > column.specials


class RowLayout(nn.Module):
    """Segments and scores of the columns of a table.

    Each column has a *segment* of one-hots or logits, one for each code; but the intervals of a
    continuous column share one, and the place among them is a *score*: the normal quantile of
    u = (interval + position) / intervals, which is about uniform on the training rows.

    Attributes:
        sizes: Length of each column's segment.
        width: Length of all segments, W.
        scores: Number of columns with a score, S.
        owner: Which column each place belongs to, one-hot, (W, D).
        starts: Where each column's segment begins, (D,).
        tops: The last place of each segment, counted from its start, (D,).
        scored: Which columns have a score, (S,).
        specials: Number of special codes of each column with a score, (S,).
        intervals: Number of intervals of each column with a score, (S,).
        ranks: From one-hots to the normal score of the rank, for the R ordered columns without
            intervals, (W, R).
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
        # with its length it can be built without memory, to count what a model would take
        owner = torch.repeat_interleave(torch.arange(len(sizes)), sizes, output_size=self.width)
        self._keep("owner", F.one_hot(owner, len(sizes)).float())
        self._keep("starts", sizes.cumsum(0) - sizes)
        self._keep("tops", sizes - 1)
        self._keep("scored", torch.tensor(scored, dtype=torch.int64))
        self._keep("specials", torch.tensor([c.specials for c in chosen], dtype=torch.int64))
        self._keep("intervals", torch.tensor([c.levels - c.specials for c in chosen], dtype=torch.int64))
        self._keep("ranks", _ranks(spec, self.sizes))

    def _keep(self, name: str, value: Tensor) -> None:
        """Keep a tensor that follows from the spec, on the model's device and in no checkpoint."""
        self.register_buffer(name, value, persistent=False)

    def places(self, codes: Tensor) -> Tensor:
        """Where in all segments each cell's one lies, int64 (B, D)."""
        return torch.minimum(codes, self.tops) + self.starts

    def one_hots(self, codes: Tensor) -> Tensor:
        """Segments of rows, float32 (B, W)."""
        return codes.new_zeros(len(codes), self.width, dtype=torch.float32).scatter(
            1, self.places(codes), 1.0
        )

    def regular(self, codes: Tensor) -> Tensor:
        """Whether each scored cell lies in an interval, bool (B, S)."""
        return codes[:, self.scored] >= self.specials

    def score(self, batch: Batch) -> Tensor:
        """Scores of rows, (B, S); 0 for special codes."""
        interval = batch["codes"][:, self.scored] - self.specials
        uniform = (interval + batch["positions"][:, self.scored]) / self.intervals
        edge = _EDGE / self.intervals
        score: Tensor = torch.special.ndtri(uniform.clamp(edge, 1 - edge)) * (interval >= 0)
        return score

    def encoded(self, chosen: Tensor, scores: Tensor) -> dict[str, Tensor]:
        """Encoded rows from the place in its segment of each column (B, D) and scores (B, S)."""
        place = torch.special.ndtr(scores) * self.intervals
        interval = torch.minimum(place.long(), self.intervals - 1)
        regular = self.regular(chosen)
        codes, positions = chosen.clone(), torch.full(chosen.shape, 0.5, device=chosen.device)
        codes[:, self.scored] += torch.where(regular, interval, 0)
        positions[:, self.scored] = torch.where(regular, (place - interval).clamp(0, _BELOW_ONE), 0.5)
        return {"codes": codes, "positions": positions}


def _ranks(spec: TableSpec, sizes: list[int]) -> Tensor:
    """The matrix ``ranks`` of a layout."""
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
