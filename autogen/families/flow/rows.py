"""Variational flow matching on table rows: numbers by their velocity, categories by cross-entropy.

A row is one vector of one-hots and normal scores (``nets.io.table_layout``). For categories the net predicts
the probabilities of the end of the path, by cross-entropy (Eijkelboom 2024, https://arxiv.org/abs/2406.04843);
the mean end gives the velocity. For some rows a part of the cells is known from the start, which is what
conditions and imputation need.
"""

import math

import torch
from torch import Tensor, nn

from autogen.data.specs import TableSpec
from autogen.families.base import Batch, Noise, Scalars
from autogen.families.flow.paths import follow, logit_normal_times, paired
from autogen.families.flow.settings import FlowModel
from autogen.families.nets.adaptive import AdaptiveLayer, TimeEmbedding
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.table_layout import RowLayout
from autogen.families.nets.shards import shard

_CONDITION = 64  # features of the time
#: Size of a one-hot's one, beside noise of unit spread: at 1 the values of long columns part only at the end.
_SIZE = 3.0


class RowFlow(nn.Module):
    """Flow of rows with D columns: W numbers of one-hots and S scores.

    Args:
        spec: Spec of the table.
        settings: Architecture and sampling settings.
        completes: Whether rows with known cells are trained; ``complete`` needs it.
    """

    def __init__(self, spec: TableSpec, settings: FlowModel, completes: bool) -> None:
        super().__init__()
        self.settings, self.completes = settings, completes
        self.layout = RowLayout(spec)
        self.columns = len(spec.columns)
        numbers = self.layout.width + self.layout.scores
        self.time = TimeEmbedding(_CONDITION)
        self.enter = nn.Linear(numbers + self.columns, settings.width)
        self.layers = nn.ModuleList(AdaptiveLayer(settings.width, _CONDITION) for _ in range(settings.depth))
        self.norm = nn.LayerNorm(settings.width)
        self.leave = nn.Linear(settings.width, numbers)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def numbers(self, batch: Batch) -> Tensor:
        """Convert encoded rows to the ends of paths, (B, W + S)."""
        return torch.cat([_SIZE * self.layout.one_hots(batch["codes"]), self.layout.score(batch)], 1)

    def forward(self, x: Tensor, time: Tensor, known: Tensor, drop: Dropout) -> tuple[Tensor, Tensor]:
        """Compute logits of the categories (B, W) and velocities of the scores (B, S).

        Args:
            x: Rows on their paths, (B, W + S).
            time: Times, (B,).
            known: Cells that are at their end already, 0 or 1, (B, D).
            drop: Dropout.
        """
        condition = self.time(time)
        hidden = self.enter(torch.cat([x, known], 1))
        for layer in self.layers:
            hidden = layer(hidden, condition, drop)
        logits, velocities = self.leave(self.norm(hidden)).tensor_split([self.layout.width], 1)
        return logits, velocities

    def loss(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Compute the mean over unknown cells of cross-entropies and of squared errors of velocities."""
        end, rows = self.numbers(batch), len(batch["codes"])
        start = noise.normal(*end.shape)
        time = logit_normal_times(rows, noise, scalars["time_mean"], scalars["time_std"])
        # of the rows with known cells, any number is known, uniformly
        share = noise.uniform(rows, 1) * (noise.uniform(rows, 1) < scalars["known"])
        known = (noise.uniform(rows, self.columns) < share).float()
        if self.settings.transport:  # given known cells, noise must be independent of them as in sampling
            mate = paired(start, end, noise)
            start = torch.where(known.any(1, keepdim=True), start, start[mate])
        start, end, time, known = (shard(whole, noise) for whole in (start, end, time, known))
        codes = shard(batch["codes"], noise)
        t, rows = time[:, None], len(codes)
        x = (1 - t) * start + t * end
        x = x + self.spread_out(known) * (end - x)
        logits, velocities = self(x, time, known, Dropout(noise, scalars["dropout"]))
        open_yet = 1 - known
        nats = self.log_prob(logits).gather(1, self.layout.places(codes))
        errors = (velocities - (end - start)[:, self.layout.width :]).square()
        counted = open_yet[:, self.layout.scored] * self.layout.regular(codes)
        total: Tensor = (errors * counted).sum() - (nats * open_yet).sum()
        return total / (rows * self.columns)

    def spread_out(self, cells: Tensor) -> Tensor:
        """Repeat a number of each cell (B, D) for all its numbers, (B, W + S)."""
        return torch.cat([cells @ self.layout.owner.T, cells[:, self.layout.scored]], 1)

    def log_prob(self, logits: Tensor) -> Tensor:
        """Normalize logits (B, W) column by column."""
        parts = torch.split(logits, self.layout.sizes, dim=1)
        return torch.cat([part.log_softmax(1) for part in parts], 1)

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows: ``codes`` int64 and ``positions`` float32, both (n, D)."""
        device = self.leave.weight.device
        known = torch.zeros(n, self.columns, device=device)
        return self._drawn(torch.zeros(n, self.enter.in_features - self.columns, device=device), known, noise)

    def complete(self, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw the unknown cells of rows; known cells are at their end from the start.

        Args:
            given: ``codes`` and ``positions`` (B, D), of which the cells ``known``, bool (B, D), are kept;
                and ``present``, bool (D,): columns in which no missing cell (code 0) is drawn.
            noise: Source of the random draws.
        """
        known = given["known"]
        missing = self.layout.starts[given["present"] & (self.layout.tops > 0)]
        drawn = self._drawn(self.numbers(given), known.float(), noise, missing)
        return {name: torch.where(known, given[name], drawn[name]) for name in ("codes", "positions")}

    def _drawn(
        self, end: Tensor, known: Tensor, noise: Noise, barred: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Follow the flow from noise; cells that are known keep their end.

        Args:
            end: Ends of the known cells, (n, W + S).
            known: Known cells, 0 or 1, (n, D).
            noise: Source of the random draws.
            barred: Places of categories that must not be drawn, int64; none where ``None``.
        """
        fixed, width = self.spread_out(known), self.layout.width
        start = noise.normal(*end.shape)

        def velocity(x: Tensor, time: float) -> Tensor:
            times = torch.full((len(x),), time, device=x.device)
            logits, velocities = self(x, times, known, Dropout())
            if barred is not None:
                logits[:, barred] = -math.inf
            moves = (_SIZE * self.log_prob(logits).exp() - x[:, :width]) / (1 - time)
            return torch.cat([moves, velocities], 1) * (1 - fixed)

        steps = max(1, self.settings.sampling_steps)
        x = follow(velocity, start + fixed * (end - start), self.settings.solver, steps)
        parts = torch.split(x[:, :width], self.layout.sizes, dim=1)
        chosen = torch.stack([part.argmax(1) for part in parts], 1)
        return self.layout.encoded(chosen, x[:, width:])
