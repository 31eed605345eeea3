"""Cells of a table as vectors: a vector for each code, waves for quantities, a part of the interval."""

import math

import torch
from torch import Tensor, nn

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import Noise

#: Cosines that tell a quantity's place among the codes of its column.
WAVES = 12


class Cells(nn.Module):
    """What cells hold, as vectors: one for each code, with waves for quantities.

    Args:
        spec: Of the table.
        width: Of the vectors.
        parts: Cells that an interval is cut into.
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
        """Vectors (B, d, width) of the codes (B, d) of some columns."""
        places = codes + self.offsets[columns]
        waves = torch.einsum("bdk,dkw->bdw", self.basis[places], self.waves[columns])
        vectors: Tensor = self.codes(places) + waves
        return vectors

    def with_positions(self, codes: Tensor, positions: Tensor, columns: slice = slice(None)) -> Tensor:
        """Vectors (B, d, width) that also tell where inside their intervals the cells lie."""
        part = self.part(positions)[..., None] == torch.arange(self.parts, device=codes.device)
        part = part & self.has_position(codes, columns)[..., None]
        vectors: Tensor = self(codes, columns)
        return vectors + torch.einsum("bdk,dkw->bdw", part.float(), self.fine[columns])

    def part(self, positions: Tensor) -> Tensor:
        """Which cell of its interval a position lies in."""
        return (positions * self.parts).long().clamp(0, self.parts - 1)

    def has_position(self, codes: Tensor, columns: slice = slice(None)) -> Tensor:
        """Whether codes (B, d) stand for intervals."""
        return self.inside[codes + self.offsets[columns]]

    def exchange(
        self, codes: Tensor, positions: Tensor, noise: Noise, reach: float | Tensor
    ) -> tuple[Tensor, Tensor]:
        """Let the rows of a batch exchange quantities with rows whose quantities are near.

        Each column's values stay as they are, whatever their distribution; only who has them changes.

        Args:
            codes: Of the cells, (B, D).
            positions: Of the cells, (B, D).
            noise: Decides who exchanges.
            reach: Standard deviation of an exchange, in intervals; 0 for none.
        """
        if isinstance(reach, float) and reach == 0:
            return codes, positions
        inside = self.has_position(codes)
        # other codes come before all quantities and stay among themselves, as they are
        rank = torch.where(inside, codes + positions + self.levels, codes)
        moved = rank + reach * noise.normal(*codes.shape) * inside
        moved = torch.where(inside, moved.maximum(self.levels), moved)
        giver, taker = rank.argsort(0), moved.argsort(0).argsort(0)
        source = giver.gather(0, taker)
        return codes.gather(0, source), positions.gather(0, source)


def code_waves(column: ColumnSpec) -> Tensor:
    """Cosines of the place of each code of a quantity in their order, (levels, WAVES); else zeroes."""
    waves = torch.zeros(column.levels, WAVES)
    ordinary = column.levels - column.specials
    if column.ordered and ordinary > 0:
        place = (torch.arange(ordinary) + 0.5) / ordinary
        waves[column.specials :] = torch.cos(math.pi * place[:, None] * torch.arange(1, WAVES + 1))
    return waves


def code_inside(column: ColumnSpec) -> Tensor:
    """Whether each code of a column is an interval, (levels,)."""
    return (torch.arange(column.levels) >= column.specials) & column.continuous
