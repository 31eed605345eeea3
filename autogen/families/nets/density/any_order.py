"""Autoregressive models of table rows whose columns may come in any order.

After TabularARGN (Tiwald 2025, https://arxiv.org/abs/2501.12012): some rows of a training batch have
their columns in an order of their own, and a column's code is predicted from those before it. A continuous
column's position inside its interval follows the code, as one of a few cells, even inside.
"""

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.density.cells import Cells, code_waves
from autogen.families.nets.draw import draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.smoothing import smoothed_nats
from autogen.families.nets.transformer import SwiGLU, Transformer, norm


class Trunk(Protocol):
    """Features of each column of a sequence from the columns before it."""

    def __call__(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Features (B, D, width), from what the D cells hold and which column each one is."""
        ...

    def start(self, n: int, length: int) -> Tensor:
        """The state of n rows of which nothing is known."""
        ...

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Features (n, width) of the t-th cell given the one before it, and the new state."""
        ...


class Attending(nn.Module):
    """A transformer; a token joins the last cell and the column that is asked for.

    Args:
        width: Features of a token.
        depth: Blocks.
        heads: Attention heads.
    """

    def __init__(self, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.transformer = Transformer(width, depth, heads)

    def forward(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Features (B, D, width)."""
        before = F.pad(values[:, :-1], (0, 0, 1, 0))
        features: Tensor = self.transformer(drop(before + asked), drop)
        return features

    def start(self, n: int, length: int) -> Tensor:
        """An empty cache of keys and values."""
        return self.transformer.empty_cache(n, length)

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Features (n, width) of the t-th cell; the cache is filled in place."""
        token = asked if value is None else value + asked
        return self.transformer.step(token, state, t), state


class Summing(nn.Module):
    """Residual layers on the sum of the cells seen so far, with the column that is asked for.

    Args:
        width: Features of a cell.
        depth: Layers.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(norm(width) for _ in range(depth))
        self.layers = nn.ModuleList(SwiGLU(width) for _ in range(depth))
        self.asked = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(depth))
        self.norm = nn.LayerNorm(width, bias=False)

    def features(self, seen: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Transform the sum of what was seen (..., width)."""
        x = seen
        for before, gate, layer in zip(self.norms, self.asked, self.layers, strict=True):
            x = x + drop(layer(before(x) + gate(asked)))
        features: Tensor = self.norm(x + asked)
        return features

    def forward(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Features (B, D, width)."""
        seen = F.pad(values[:, :-1], (0, 0, 1, 0)).cumsum(1)
        return self.features(drop(seen), asked, drop)

    def start(self, n: int, length: int) -> Tensor:
        """The empty sum."""
        return self.norm.weight.new_zeros(n, len(self.norm.weight))

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Features (n, width) of the t-th cell, and the new sum."""
        state = state if value is None else state + value
        return self.features(state, asked.expand_as(state), Dropout()), state


class CodeHead(nn.Module):
    """Logits of one column's codes; those of a quantity's neighbouring codes start out alike."""

    basis: Tensor

    def __init__(self, column: ColumnSpec, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(column.levels, width))
        self.bias = nn.Parameter(torch.zeros(column.levels))
        basis = code_waves(column)
        self.register_buffer("basis", basis if column.ordered else basis[:, :0], persistent=False)
        self.smooth = nn.Parameter(torch.zeros(self.basis.shape[1], width))

    def forward(self, features: Tensor) -> Tensor:
        """Logits (B, levels) for features (B, width)."""
        return F.linear(features, self.weight + self.basis @ self.smooth, self.bias)


class PositionHead(nn.Module):
    """The cell of its interval that a position lies in, given the features and the code."""

    def __init__(self, columns: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.features = nn.Linear(width, width)
        self.code = nn.Linear(width, width, bias=False)
        self.outward = nn.Parameter(torch.zeros(columns, parts, width))

    def forward(self, features: Tensor, cells: Tensor, columns: slice = slice(None)) -> Tensor:
        """Logits (B, d, parts) for columns (B, d, width) with known codes."""
        hidden = F.silu(self.features(features) + self.code(cells))
        return torch.einsum("bdw,dpw->bdp", hidden, self.outward[columns])


class TableModel(nn.Module):
    """An exact density of table rows in an order of the columns, drawn column by column.

    Args:
        spec: Of the table.
        trunk: Features of a column from those before it.
        width: Of the trunk.
        parts: Cells that an interval is cut into; 1 for even positions.
        temperature: Of sampling.
        top_p: Of sampling.
        any_order: Whether it is trained on other orders than the table's.
    """

    def __init__(
        self,
        spec: TableSpec,
        trunk: Trunk,
        width: int,
        parts: int,
        temperature: float,
        top_p: float,
        any_order: bool = True,
    ) -> None:
        super().__init__()
        self.spec, self.parts, self.any_order = spec, parts, any_order
        self.temperature, self.top_p = temperature, top_p
        self.trunk = trunk
        self.cells = Cells(spec, width, parts)
        self.asked = nn.Parameter(0.5 * torch.randn(len(spec.columns), width))
        self.heads = nn.ModuleList(CodeHead(column, width) for column in spec.columns)
        self.positions = PositionHead(len(spec.columns), width, parts)

    def forward(
        self,
        batch: Batch,
        drop: Dropout,
        noise: Noise | None = None,
        shuffled: float | Tensor = 0.0,
        exchange: float | Tensor = 0.0,
        smoothing: float | Tensor = 0.0,
    ) -> Tensor:
        """Log-likelihood of each row, nats (B,).

        Args:
            batch: Rows.
            drop: In training.
            noise: Draws what follows; without it rows are taken as they are, in the table's order.
            shuffled: Share of the rows whose columns come in an order of their own.
            exchange: How far apart, in intervals, quantities are that rows exchange.
            smoothing: In training: share of each code's label that is spread over its column's codes.
        """
        codes, positions = batch["codes"], batch["positions"]
        order = None
        if noise is not None:
            order = some_orders(codes.shape, noise, shuffled)
            codes, positions = self.cells.exchange(codes, positions, noise, exchange)
        features = self.features(self.cells.with_positions(codes, positions), drop, order)
        nats = [
            smoothed_nats(head(features[:, j]), codes[:, j], smoothing) for j, head in enumerate(self.heads)
        ]
        return (torch.stack(nats, dim=1) + self._position_nats(features, codes, positions)).sum(1)

    def features(self, vectors: Tensor, drop: Dropout, order: Tensor | None) -> Tensor:
        """Features (B, D, width) of all columns, each from those before it in the order (B, D)."""
        B, _, width = vectors.shape
        if order is None:
            whole: Tensor = self.trunk(vectors, self.asked.expand(B, -1, -1), drop)
            return whole
        there, back = (index[..., None].expand(-1, -1, width) for index in (order, order.argsort(1)))
        features: Tensor = self.trunk(vectors.gather(1, there), self.asked[order], drop)
        return features.gather(1, back)

    def _position_nats(self, features: Tensor, codes: Tensor, positions: Tensor) -> Tensor:
        """Log-density of positions inside their intervals, 0 where there is none: (B, D)."""
        logits: Tensor = self.positions(features, self.cells(codes))
        part = self.cells.part(positions)[..., None]
        nats = logits.log_softmax(-1).gather(-1, part)[..., 0] + math.log(self.parts)
        return nats * self.cells.has_position(codes)

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows, in the table's order."""
        D = len(self.heads)
        rows = self._blank(n)
        state, value = self.trunk.start(n, D), None
        for t in range(D):
            features, state = self.trunk.step(state, value, self.asked[t].expand(n, -1), t)
            here = slice(t, t + 1)
            draws = noise.uniform(n), noise.uniform(n, 1), noise.uniform(n, 1)
            code, position = self._draw_cells(features, t, draws)
            value = self.cells.with_positions(code, position, here)[:, 0]
            rows["codes"][:, here], rows["positions"][:, here] = code, position
        return rows

    def complete(self, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw the cells of rows that are not known; each row's known cells come first in its order.

        Args:
            given: ``codes`` and ``positions`` (B, D), of which ``known`` (B, D) are to be kept; and
                ``present`` (D,): columns in which no missing cell, which is code 0, is to be drawn.
            noise: Draws.
        """
        codes, positions, known = given["codes"].clone(), given["positions"].clone(), given["known"]
        n, D = codes.shape
        order = (~known).int().argsort(stable=True, dim=1)
        vectors, place = self.cells.with_positions(codes, positions), torch.arange(n, device=codes.device)
        state, value = self.trunk.start(n, D), None
        for t in range(D):
            column = order[:, t]
            features, state = self.trunk.step(state, value, self.asked[column], t)
            draws = noise.uniform(n), noise.uniform(n, 1), noise.uniform(n, 1)
            open_yet = ~known[place, column]
            for j in torch.unique(column[open_yet]).tolist():
                rows, here = (open_yet & (column == j)).nonzero()[:, 0], slice(j, j + 1)
                drawn = tuple(draw[rows] for draw in draws)
                code, position = self._draw_cells(features[rows], j, drawn, bool(given["present"][j]))
                codes[rows, here], positions[rows, here] = code, position
                vectors[rows, here] = self.cells.with_positions(code, position, here)
            value = vectors[place, column]
        return {"codes": codes, "positions": positions}

    def _blank(self, n: int) -> dict[str, Tensor]:
        """Encoded rows without content."""
        shape, device = (n, len(self.heads)), self.asked.device
        codes = torch.zeros(shape, dtype=torch.int64, device=device)
        return {"codes": codes, "positions": torch.full(shape, 0.5, device=device)}

    def _draw_cells(
        self, features: Tensor, column: int, draws: Sequence[Tensor], present: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Draw codes and positions (n, 1) of a column's cells from uniform numbers (n,), (n, 1), (n, 1)."""
        here = slice(column, column + 1)
        logits = self.heads[column](features)
        if present and logits.shape[1] > 1:
            logits[:, 0] = -math.inf
        code = draw_codes(logits, draws[0], self.temperature, self.top_p)[:, None]
        inner = self.positions(features[:, None], self.cells(code, here), here)
        inside = (draw_codes(inner, draws[1], self.temperature) + draws[2]) / self.parts
        return code, torch.where(self.cells.has_position(code, here), inside, 0.5)


def some_orders(shape: torch.Size, noise: Noise, shuffled: float | Tensor) -> Tensor:
    """Orders of the columns, int64 (B, D): random ones for a share of the rows, else the table's."""
    rows, columns = shape
    own = noise.uniform(rows, 1) < shuffled
    return torch.where(
        own, noise.uniform(rows, columns), torch.arange(columns, device=own.device) / columns
    ).argsort(1)
