"""Autoregressive models of table rows whose columns may come in any order.

After TabularARGN (Tiwald 2025, https://arxiv.org/abs/2501.12012): each row of a training batch has its
columns in an order of its own, and a column's code is predicted from those before it. A continuous
column's position inside its interval follows the code, as one of a few cells, even inside.
"""

import math
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.base import TableSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import SwiGLU, Transformer, norm

#: Cosines that describe an ordered column's quantity to the net.
WAVES = 12


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


class Cells(nn.Module):
    """What cells hold, as vectors: one for each code, with waves for quantities.

    Args:
        spec: Of the table.
        width: Of the vectors.
        parts: Cells that an interval is cut into.
    """

    offsets: Tensor
    specials: Tensor
    ordinary: Tensor
    ordered: Tensor
    continuous: Tensor
    frequencies: Tensor

    def __init__(self, spec: TableSpec, width: int, parts: int) -> None:
        super().__init__()
        levels = [column.levels for column in spec.columns]
        self.parts = parts
        self.codes = nn.Embedding(sum(levels), width)
        self.waves = nn.Parameter(torch.randn(len(levels), WAVES, width) / math.sqrt(WAVES))
        self.fine = nn.Parameter(torch.zeros(len(levels), parts, width))
        nn.init.normal_(self.codes.weight, std=0.5)
        ordinary = [max(1, column.levels - column.specials) for column in spec.columns]
        constant = {
            "offsets": torch.tensor([0, *levels[:-1]]).cumsum(0),
            "specials": torch.tensor([column.specials for column in spec.columns]),
            "ordinary": torch.tensor(ordinary, dtype=torch.float32),
            "ordered": torch.tensor([column.ordered for column in spec.columns]),
            "continuous": torch.tensor([column.continuous for column in spec.columns]),
            "frequencies": math.pi * torch.arange(1, WAVES + 1),
        }
        for name, tensor in constant.items():
            self.register_buffer(name, tensor, persistent=False)

    def forward(self, codes: Tensor, positions: Tensor, columns: slice | int = slice(None)) -> Tensor:
        """Vectors (B, d, width) of cells (B, d) of some columns."""
        scale = (codes - self.specials[columns] + positions) / self.ordinary[columns]
        ordinary = codes >= self.specials[columns]
        waves = torch.cos(scale[..., None] * self.frequencies)
        waves = waves * (ordinary & self.ordered[columns])[..., None]
        vectors: Tensor = self.codes(codes + self.offsets[columns])
        vectors = vectors + torch.einsum("bdk,dkw->bdw", waves, self.waves[columns])
        part = self.part(positions)[..., None] == torch.arange(self.parts, device=codes.device)
        part = part & (ordinary & self.continuous[columns])[..., None]
        return vectors + torch.einsum("bdk,dkw->bdw", part.float(), self.fine[columns])

    def part(self, positions: Tensor) -> Tensor:
        """Which cell of its interval a position lies in."""
        return (positions * self.parts).long().clamp(0, self.parts - 1)


class PositionHead(nn.Module):
    """The cell of its interval that a position lies in, given the features and the code."""

    def __init__(self, columns: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.features = nn.Linear(width, width)
        self.code = nn.Linear(width, width, bias=False)
        self.outward = nn.Parameter(torch.zeros(columns, parts, width))

    def forward(self, features: Tensor, cells: Tensor, columns: slice | int = slice(None)) -> Tensor:
        """Logits (B, d, parts) for columns (B, d, width) with known codes."""
        hidden = F.silu(self.features(features) + self.code(cells))
        return torch.einsum("bdw,dpw->bdp", hidden, self.outward[columns])


class TableModel(nn.Module):
    """An exact density of table rows in an order of the columns, drawn column by column.

    Args:
        spec: Of the table.
        trunk: Features of a column from those before it.
        width: Of the trunk.
        any_order: Whether each training row has an order of its own; else the table's order.
        parts: Cells that an interval is cut into; 1 for even positions.
        temperature: Of sampling.
        top_p: Of sampling.
    """

    def __init__(
        self,
        spec: TableSpec,
        trunk: Trunk,
        width: int,
        any_order: bool,
        parts: int,
        temperature: float,
        top_p: float,
    ) -> None:
        super().__init__()
        self.spec, self.any_order, self.parts = spec, any_order, parts
        self.temperature, self.top_p = temperature, top_p
        self.levels = [column.levels for column in spec.columns]
        self.trunk = trunk
        self.cells = Cells(spec, width, parts)
        self.asked = nn.Parameter(0.5 * torch.randn(len(self.levels), width))
        self.weights = nn.Parameter(torch.randn(sum(self.levels), width) * 0.02)
        self.biases = nn.Parameter(torch.zeros(sum(self.levels)))
        self.positions = PositionHead(len(self.levels), width, parts)

    def forward(self, batch: Batch, drop: Dropout, noise: Noise | None = None) -> Tensor:
        """Log-likelihood of each row, nats (B,); in a random order each with noise, else in the table's."""
        codes, positions = batch["codes"], batch["positions"]
        vectors = self.cells(codes, positions)
        features = self.features(vectors, drop, noise if self.any_order else None)
        weights, biases = torch.split(self.weights, self.levels), torch.split(self.biases, self.levels)
        nats = torch.stack(
            [
                F.linear(features[:, j], weights[j], biases[j])
                .log_softmax(-1)
                .gather(1, codes[:, j : j + 1])[:, 0]
                for j in range(len(self.levels))
            ],
            dim=1,
        )
        return (nats + self._position_nats(features, codes, positions)).sum(1)

    def features(self, vectors: Tensor, drop: Dropout, noise: Noise | None) -> Tensor:
        """Features (B, D, width) of all columns, each from those before it."""
        B, D, width = vectors.shape
        if noise is None:
            return self.trunk(vectors, self.asked.expand(B, -1, -1), drop)
        order = noise.uniform(B, D).argsort(1)
        back = order.argsort(1)[..., None].expand(-1, -1, width)
        shuffled = vectors.gather(1, order[..., None].expand(-1, -1, width))
        features: Tensor = self.trunk(shuffled, self.asked[order], drop)
        return features.gather(1, back)

    def _position_nats(self, features: Tensor, codes: Tensor, positions: Tensor) -> Tensor:
        """Log-density of positions inside their intervals, 0 where there is none: (B, D)."""
        if self.parts == 1:
            return torch.zeros_like(positions)
        known = self.cells.codes(codes + self.cells.offsets)
        logits: Tensor = self.positions(features, known)
        part = self.cells.part(positions)[..., None]
        nats = logits.log_softmax(-1).gather(-1, part)[..., 0] + math.log(self.parts)
        return nats * (self.cells.continuous & (codes >= self.cells.specials))

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows."""
        D = len(self.levels)
        codes = torch.zeros(n, D, dtype=torch.int64, device=self.asked.device)
        positions = torch.full((n, D), 0.5, device=self.asked.device)
        state, value = self.trunk.start(n, D), None
        for t in range(D):
            features, state = self.trunk.step(state, value, self.asked[t].expand(n, -1), t)
            codes[:, t], positions[:, t] = self._draw_cell(features, t, noise)
            here = slice(t, t + 1)
            value = self.cells(codes[:, here], positions[:, here], here)[:, 0]
        return {"codes": codes, "positions": positions}

    def _draw_cell(self, features: Tensor, column: int, noise: Noise) -> tuple[Tensor, Tensor]:
        """Draw a code and a position of one column for each row of features (n, width)."""
        n, spec = features.shape[0], self.spec.columns[column]
        weights, biases = (
            torch.split(self.weights, self.levels)[column],
            torch.split(self.biases, self.levels)[column],
        )
        codes = draw_codes(
            F.linear(features, weights, biases), noise.uniform(n), self.temperature, self.top_p
        )
        if not spec.continuous:
            return codes, torch.full((n,), 0.5, device=features.device)
        known = self.cells.codes(codes + self.cells.offsets[column])
        logits = self.positions(features[:, None], known[:, None], slice(column, column + 1))[:, 0]
        part = draw_codes(logits, noise.uniform(n), self.temperature)
        positions = (part + noise.uniform(n)) / self.parts
        return codes, torch.where(codes >= spec.specials, positions, 0.5)
