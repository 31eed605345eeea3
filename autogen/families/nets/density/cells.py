"""Embeddings of table cells: a vector for each code, Fourier features for quantities, the part of the bin."""

import math

import torch
from torch import Tensor, nn

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import Noise

#: Cosines of a quantity's place among the bins of its column.
WAVES = 12


class Cells(nn.Module):
    """Embeddings of table cells: a vector for each code, with Fourier features for quantities.

    Args:
        spec: Spec of the table, with D columns.
        width: Features of a vector.
        parts: Equal parts of a bin.
    """

    offsets: Tensor
    levels: Tensor
    basis: Tensor
    inside: Tensor

    def __init__(self, spec: TableSpec, width: int, parts: int) -> None:
        super().__init__()
        levels = [column.levels for column in spec.columns]
        self.parts = parts
        self.codes = nn.Embedding(sum(levels), width)
        self.waves = nn.Parameter(0.5 * torch.randn(len(levels), WAVES, width) / math.sqrt(WAVES))
        self.fine = nn.Parameter(torch.zeros(len(levels), parts, width))
        self.register_buffer("offsets", torch.tensor([0, *levels[:-1]]).cumsum(0), persistent=False)
        self.register_buffer("levels", torch.tensor(levels), persistent=False)
        basis = torch.cat([code_waves(column) for column in spec.columns])
        self.register_buffer("basis", basis, persistent=False)
        scale = torch.where(basis.any(1), 0.1, 0.5)
        nn.init.normal_(self.codes.weight)
        self.codes.weight.data.mul_(scale[:, None])
        inside = torch.cat([code_inside(column) for column in spec.columns])
        self.register_buffer("inside", inside, persistent=False)

    def forward(self, codes: Tensor, columns: slice = slice(None)) -> Tensor:
        """Embed the codes (B, d) of some columns: (B, d, width)."""
        places = codes + self.offsets[columns]
        waves = torch.einsum("bdk,dkw->bdw", self.basis[places], self.waves[columns])
        vectors: Tensor = self.codes(places) + waves
        return vectors

    def with_positions(self, codes: Tensor, positions: Tensor, columns: slice = slice(None)) -> Tensor:
        """Embed codes and positions (B, d): (B, d, width); the part of the bin is added."""
        part = self.part(positions)[..., None] == torch.arange(self.parts, device=codes.device)
        part = part & self.has_position(codes, columns)[..., None]
        vectors: Tensor = self(codes, columns)
        return vectors + torch.einsum("bdk,dkw->bdw", part.float(), self.fine[columns])

    def part(self, positions: Tensor) -> Tensor:
        """Return the part of its bin that each position (...) lies in, int64 (...)."""
        return (positions * self.parts).long().clamp(0, self.parts - 1)

    def has_position(self, codes: Tensor, columns: slice = slice(None)) -> Tensor:
        """Tell which codes (B, d) are bins, bool (B, d)."""
        return self.inside[codes + self.offsets[columns]]

    def rank_swap(
        self, codes: Tensor, positions: Tensor, noise: Noise, reach: float | Tensor
    ) -> tuple[Tensor, Tensor]:
        """Swap quantities between rows of a batch whose quantities have near ranks (Moore 1996).

        Each column's set of values stays, whatever its distribution; only their owners change.

        Args:
            codes: Bin ids, int64 (B, D).
            positions: In-bin offsets, float32 (B, D).
            noise: Source of the random draws.
            reach: Standard deviation of a swap, in bins; 0 for none.

        Returns:
            Codes and positions after the swap, both (B, D).
        """
        if isinstance(reach, float) and reach == 0:
            return codes, positions
        inside = self.has_position(codes)
        # codes that are no bins rank below all quantities and are not moved
        rank = torch.where(inside, codes + positions + self.levels, codes)
        moved = rank + reach * noise.normal(*codes.shape) * inside
        moved = torch.where(inside, moved.maximum(self.levels), moved)
        # the row whose moved quantity has rank r gets the quantity that had rank r before
        giver, taker = rank.argsort(0), moved.argsort(0).argsort(0)
        source = giver.gather(0, taker)
        return codes.gather(0, source), positions.gather(0, source)


def code_waves(column: ColumnSpec) -> Tensor:
    """Compute cosines of each code's place among a quantity's bins, (V, WAVES); zeros for other codes."""
    waves = torch.zeros(column.levels, WAVES)
    ordinary = column.levels - column.specials
    if column.ordered and ordinary > 0:
        place = (torch.arange(ordinary) + 0.5) / ordinary
        waves[column.specials :] = torch.cos(math.pi * place[:, None] * torch.arange(1, WAVES + 1))
    return waves


def code_inside(column: ColumnSpec) -> Tensor:
    """Tell which codes of a column are bins, bool (V,)."""
    return (torch.arange(column.levels) >= column.specials) & column.continuous
