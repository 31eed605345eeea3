"""Autoregressive models of table rows, with the columns in any order.

After TabularARGN (Tiwald 2025, https://arxiv.org/abs/2501.12012): each training row may have its columns in a
random order, and a column's code is predicted from those before it. A continuous column's codes are quantile
bins; the position inside the bin follows, as one of a few equal parts, uniform inside.
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
from autogen.families.nets.shards import shard
from autogen.families.nets.smoothing import smoothed_nats
from autogen.families.nets.transformer import SwiGLU, Transformer, norm


class ColumnTrunk(Protocol):
    """Net that computes features of each column from the columns before it in an order."""

    def __call__(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, D, width).

        Args:
            values: Vectors of the D cells in order, (B, D, width); the t-th is used from step t + 1 on.
            asked: Vectors of the column predicted at each step, (B, D, width).
            drop: Dropout.
        """
        ...

    def start(self, n: int, length: int) -> Tensor:
        """Return the state of n rows of which nothing is known."""
        ...

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Compute features (n, width) of the t-th cell given the one before it, and the new state.

        Args:
            state: State after the steps before.
            value: Vector of the cell before, (n, width); ``None`` at the first step.
            asked: Vector of the column to predict, (n, width).
            t: Step, from 0.
        """
        ...


class TransformerTrunk(nn.Module):
    """Transformer trunk; a token is the sum of the previous cell and the column to predict.

    Args:
        width: Features of a token.
        depth: Transformer blocks.
        heads: Attention heads.
    """

    def __init__(self, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.transformer = Transformer(width, depth, heads)

    def forward(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, D, width) of all columns at once."""
        before = F.pad(values[:, :-1], (0, 0, 1, 0))
        features: Tensor = self.transformer(drop(before + asked), drop)
        return features

    def start(self, n: int, length: int) -> Tensor:
        """Return an empty cache of keys and values, (blocks, 2, n, heads, length, width / heads)."""
        return self.transformer.empty_cache(n, length)

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Compute features (n, width) of the t-th cell; the cache is filled in place."""
        token = asked if value is None else value + asked
        return self.transformer.step(token, state, t), state


class NadeTrunk(nn.Module):
    """Residual layers on the sum of the cells seen so far, as in NADE.

    After Uria 2016 (https://arxiv.org/abs/1605.02226).

    Args:
        width: Features of a cell.
        depth: Residual layers.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(norm(width) for _ in range(depth))
        self.layers = nn.ModuleList(SwiGLU(width) for _ in range(depth))
        self.asked = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(depth))
        self.norm = nn.LayerNorm(width, bias=False)

    def features(self, seen: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Transform the sum of the cells seen (..., width), given the column to predict (..., width)."""
        x = seen
        for before, gate, layer in zip(self.norms, self.asked, self.layers, strict=True):
            x = x + drop(layer(before(x) + gate(asked)))
        features: Tensor = self.norm(x + asked)
        return features

    def forward(self, values: Tensor, asked: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, D, width) of all columns at once."""
        seen = F.pad(values[:, :-1], (0, 0, 1, 0)).cumsum(1)
        return self.features(drop(seen), asked, drop)

    def start(self, n: int, length: int) -> Tensor:
        """Return the empty sum, (n, width)."""
        return self.norm.weight.new_zeros(n, len(self.norm.weight))

    def step(self, state: Tensor, value: Tensor | None, asked: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Compute features (n, width) of the t-th cell, and the new sum."""
        state = state if value is None else state + value
        return self.features(state, asked.expand_as(state), Dropout()), state


class CodeHead(nn.Module):
    """Logits of one column's codes; for a quantity, neighboring bins start with similar logits.

    Args:
        column: Spec of the column, with V levels.
        width: Features of a column.
    """

    basis: Tensor

    def __init__(self, column: ColumnSpec, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(column.levels, width))
        self.bias = nn.Parameter(torch.zeros(column.levels))
        basis = code_waves(column)
        self.register_buffer("basis", basis if column.ordered else basis[:, :0], persistent=False)
        self.smooth = nn.Parameter(torch.zeros(self.basis.shape[1], width))

    def forward(self, features: Tensor) -> Tensor:
        """Compute logits (B, V) for features (B, width)."""
        return F.linear(features, self.weight + self.basis @ self.smooth, self.bias)


class PositionHead(nn.Module):
    """Distribution of the in-bin offset over equal parts of the bin, given the features and the code.

    Args:
        columns: D, columns of the table.
        width: Features of a column.
        parts: P, parts of a bin.
    """

    def __init__(self, columns: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.features = nn.Linear(width, width)
        self.code = nn.Linear(width, width, bias=False)
        self.outward = nn.Parameter(torch.zeros(columns, parts, width))

    def forward(self, features: Tensor, cells: Tensor, columns: slice = slice(None)) -> Tensor:
        """Compute logits (B, d, P) of d columns.

        Args:
            features: Features of the columns, (B, d, width).
            cells: Vectors of their known codes, (B, d, width).
            columns: Indices of the columns.
        """
        hidden = F.silu(self.features(features) + self.code(cells))
        return torch.einsum("bdw,dpw->bdp", hidden, self.outward[columns])


class TableModel(nn.Module):
    """Exact density of table rows, drawn column by column.

    Args:
        spec: Spec of the table, with D columns.
        trunk: Net that computes features of a column from those before it.
        width: Features of the trunk.
        parts: Equal parts of a bin; 1 for uniform offsets.
        temperature: Sampling temperature.
        top_p: Nucleus of sampling.
        any_order: Whether other orders than the table's are trained; ``complete`` needs it.
    """

    def __init__(
        self,
        spec: TableSpec,
        trunk: ColumnTrunk,
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
        rank_swap: float | Tensor = 0.0,
        smoothing: float | Tensor = 0.0,
    ) -> Tensor:
        """Compute the log-likelihood of each row, in nats: (B,).

        Args:
            batch: Rows: bin ids ``codes``, int64 (B, D), and in-bin offsets ``positions``, float32 (B, D).
            drop: Dropout.
            noise: Source of orders and swaps in training; without it rows are taken as they are, in the
                table's order.
            shuffled: Share of the rows whose columns come in a random order.
            rank_swap: Standard deviation of a swap of quantities between rows, in bins.
            smoothing: Share of each code's label that is spread over its column's codes.
        """
        codes, positions = batch["codes"], batch["positions"]
        order = None
        if noise is not None:
            order = some_orders(codes.shape, noise, shuffled)
            codes, positions = self.cells.rank_swap(codes, positions, noise, rank_swap)
            order, codes, positions = (shard(whole, noise) for whole in (order, codes, positions))
        features = self.features(self.cells.with_positions(codes, positions), drop, order)
        nats = [
            smoothed_nats(head(features[:, j]), codes[:, j], smoothing) for j, head in enumerate(self.heads)
        ]
        return (torch.stack(nats, dim=1) + self._position_nats(features, codes, positions)).sum(1)

    def features(self, vectors: Tensor, drop: Dropout, order: Tensor | None) -> Tensor:
        """Compute features (B, D, width) of all columns, each from those before it.

        Args:
            vectors: Vectors of the cells, (B, D, width), in the table's order.
            drop: Dropout.
            order: Column at each step, int64 (B, D); the table's order where ``None``.

        Returns:
            Features in the table's order.
        """
        B, _, width = vectors.shape
        if order is None:
            whole: Tensor = self.trunk(vectors, self.asked.expand(B, -1, -1), drop)
            return whole
        # permute the cells into the order, run the trunk, and permute its features back
        there, back = (index[..., None].expand(-1, -1, width) for index in (order, order.argsort(1)))
        features: Tensor = self.trunk(vectors.gather(1, there), self.asked[order], drop)
        return features.gather(1, back)

    def _position_nats(self, features: Tensor, codes: Tensor, positions: Tensor) -> Tensor:
        """Compute the log-density of positions inside their bins, (B, D); 0 for codes that are no bins."""
        logits: Tensor = self.positions(features, self.cells(codes))
        part = self.cells.part(positions)[..., None]
        # the density inside a part is uniform: its probability divided by its length, 1 / parts
        nats = logits.log_softmax(-1).gather(-1, part)[..., 0] + math.log(self.parts)
        return nats * self.cells.has_position(codes)

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows in the table's order: ``codes`` int64 and ``positions`` float32, both (n, D)."""
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
        """Draw the unknown cells of rows; each row's known cells come first in its order.

        Args:
            given: ``codes`` and ``positions`` (B, D), of which the cells ``known``, bool (B, D), are kept;
                and ``present``, bool (D,): columns in which no missing cell (code 0) is drawn.
            noise: Source of the random draws.

        Returns:
            Complete rows: ``codes`` int64 and ``positions`` float32, both (B, D).
        """
        codes, positions, known = given["codes"].clone(), given["positions"].clone(), given["known"]
        n, D = codes.shape
        # stable: known cells first, then unknown ones, both in the table's order
        order = (~known).int().argsort(stable=True, dim=1)
        vectors, place = self.cells.with_positions(codes, positions), torch.arange(n, device=codes.device)
        state, value = self.trunk.start(n, D), None
        for t in range(D):
            column = order[:, t]
            features, state = self.trunk.step(state, value, self.asked[column], t)
            draws = noise.uniform(n), noise.uniform(n, 1), noise.uniform(n, 1)
            open_yet = ~known[place, column]
            # at one step the rows stand at different columns, and each column has a head of its own
            for j in torch.unique(column[open_yet]).tolist():
                rows, here = (open_yet & (column == j)).nonzero()[:, 0], slice(j, j + 1)
                drawn = tuple(draw[rows] for draw in draws)
                code, position = self._draw_cells(features[rows], j, drawn, bool(given["present"][j]))
                codes[rows, here], positions[rows, here] = code, position
                vectors[rows, here] = self.cells.with_positions(code, position, here)
            value = vectors[place, column]
        return {"codes": codes, "positions": positions}

    def _blank(self, n: int) -> dict[str, Tensor]:
        """Return n encoded rows to be filled: ``codes`` and ``positions``, both (n, D)."""
        shape, device = (n, len(self.heads)), self.asked.device
        codes = torch.zeros(shape, dtype=torch.int64, device=device)
        return {"codes": codes, "positions": torch.full(shape, 0.5, device=device)}

    def _draw_cells(
        self, features: Tensor, column: int, draws: Sequence[Tensor], present: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Draw codes and positions, both (n, 1), of a column's cells.

        Args:
            features: Features of the column, (n, width).
            column: Index of the column.
            draws: Uniform numbers for code, part and offset: (n,), (n, 1), (n, 1).
            present: Whether code 0, a missing cell, is excluded.
        """
        here = slice(column, column + 1)
        logits = self.heads[column](features)
        if present and logits.shape[1] > 1:
            logits[:, 0] = -math.inf
        code = draw_codes(logits, draws[0], self.temperature, self.top_p)[:, None]
        inner = self.positions(features[:, None], self.cells(code, here), here)
        inside = (draw_codes(inner, draws[1], self.temperature) + draws[2]) / self.parts
        return code, torch.where(self.cells.has_position(code, here), inside, 0.5)


def some_orders(shape: torch.Size, noise: Noise, shuffled: float | Tensor) -> Tensor:
    """Draw orders of the columns, int64 (B, D): random ones for a share of the rows, else the table's."""
    rows, columns = shape
    # sorting random keys gives a uniformly random order, sorting ascending ones the table's
    own = noise.uniform(rows, 1) < shuffled
    return torch.where(
        own, noise.uniform(rows, columns), torch.arange(columns, device=own.device) / columns
    ).argsort(1)
