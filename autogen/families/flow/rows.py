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
from autogen.families.flow.shortcuts import (
    LARGE,
    PACK,
    StepSize,
    distills,
    told,
    whole_packs,
    with_large_steps,
)
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
        distills: Whether large steps are trained, too.
    """

    def __init__(self, spec: TableSpec, settings: FlowModel, completes: bool, distills: bool = False) -> None:
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
        self.size = StepSize(_CONDITION) if distills else None

    def numbers(self, batch: Batch) -> Tensor:
        """Convert encoded rows to the ends of paths, (B, W + S)."""
        return torch.cat([_SIZE * self.layout.one_hots(batch["codes"]), self.layout.score(batch)], 1)

    def forward(
        self, x: Tensor, time: Tensor, known: Tensor, drop: Dropout, size: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Compute logits of the categories (B, W) and velocities of the scores (B, S).

        Args:
            x: Rows on their paths, (B, W + S).
            time: Times, (B,).
            known: Cells that are at their end already, 0 or 1, (B, D).
            drop: Dropout.
            size: Sizes of the steps over which velocities are means, (B,); 0 for the velocity itself.
        """
        condition = self.time(time)
        if self.size is not None and size is not None:
            condition = condition + self.size(size)
        hidden = self.enter(torch.cat([x, known], 1))
        for layer in self.layers:
            hidden = layer(hidden, condition, drop)
        logits, velocities = self.leave(self.norm(hidden)).tensor_split([self.layout.width], 1)
        return logits, velocities

    def loss(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Compute the mean over unknown cells of cross-entropies and of squared errors of velocities."""
        large = self.size is not None and distills(scalars, batch)
        batch = whole_packs(batch) if large else batch
        end, rows = self.numbers(batch), len(batch["codes"])
        start = noise.normal(*end.shape)
        time = logit_normal_times(rows, noise, scalars["time_mean"], scalars["time_std"])
        # of the rows with known cells, any number is known, uniformly
        share = noise.uniform(rows, 1) * (noise.uniform(rows, 1) < scalars["known"])
        known = (noise.uniform(rows, self.columns) < share).float()
        if self.settings.transport:  # given known cells, noise must be independent of them as in sampling
            mate = paired(start, end, noise)
            start = torch.where(known.any(1, keepdim=True), start, start[mate])
        time, size = with_large_steps(time, noise) if large else (time, torch.zeros_like(time))
        whole, unit = (start, end, time, known, size), PACK if large else 1
        start, end, time, known, size = (shard(one, noise, unit) for one in whole)
        codes = shard(batch["codes"], noise, unit)
        t, rows = time[:, None], len(codes)
        x = (1 - t) * start + t * end
        x = x + self.spread_out(known) * (end - x)
        target = (end - start)[:, self.layout.width :]
        logits, velocities = self(x, time, known, Dropout(noise, scalars["dropout"]), size)
        open_yet, log_prob = 1 - known, self.log_prob(logits)
        if large:
            ends = self.layout.one_hots(codes)
            ends[LARGE], target[LARGE] = self.taught(x[LARGE], time[LARGE], known[LARGE], size[LARGE])
            nats = (ends * log_prob) @ self.layout.owner
        else:
            nats = log_prob.gather(1, self.layout.places(codes))
        errors = (velocities - target).square()
        counted = open_yet[:, self.layout.scored] * self.layout.regular(codes)
        total: Tensor = (errors * counted).sum() - (nats * open_yet).sum()
        return total / (rows * self.columns)

    @torch.no_grad()
    def taught(self, x: Tensor, time: Tensor, known: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """Compute what two steps of half the sizes amount to.

        Args:
            x: Rows on their paths, (B, W + S).
            time: Times at which the steps begin, (B,).
            known: Cells that are at their end already, 0 or 1, (B, D).
            size: Sizes of the steps, (B,).

        Returns:
            Mean ends of the categories (B, W), as probabilities, and mean velocities of the scores (B, S).
        """
        half, left = size[:, None] / 2, (1 - time)[:, None]
        first = self(x, time, known, Dropout(), told(size / 2))
        ends = self.log_prob(first[0]).exp()
        x = x + half * self.velocity(x, ends, first[1], left) * (1 - self.spread_out(known))
        second = self(x, time + size / 2, known, Dropout(), told(size / 2))
        # the two moves add up to one toward this mean of their ends
        weight = left / (2 * (left - half))
        mean = ends + weight * (self.log_prob(second[0]).exp() - ends)
        return mean, (first[1] + second[1]) / 2

    def velocity(self, x: Tensor, ends: Tensor, velocities: Tensor, left: Tensor | float) -> Tensor:
        """Join velocities of scores (B, S) to those of categories that reach their ends in the time left.

        Args:
            x: Rows on their paths, (B, W + S).
            ends: Mean ends of the categories, as probabilities, (B, W).
            velocities: Velocities of the scores, (B, S).
            left: Time left, (B, 1) or a number.
        """
        moves = (_SIZE * ends - x[:, : self.layout.width]) / left
        return torch.cat([moves, velocities], 1)

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

        large = self.size is not None and self.size.learned
        steps = self.settings.few_steps if large else self.settings.sampling_steps

        def velocity(x: Tensor, time: float) -> Tensor:
            times, sizes = (torch.full((len(x),), one, device=x.device) for one in (time, large / steps))
            logits, velocities = self(x, times, known, Dropout(), sizes)
            if barred is not None:
                logits[:, barred] = -math.inf
            return self.velocity(x, self.log_prob(logits).exp(), velocities, 1 - time) * (1 - fixed)

        solver = "euler" if large else self.settings.solver
        x = follow(velocity, start + fixed * (end - start), solver, steps)
        parts = torch.split(x[:, :width], self.layout.sizes, dim=1)
        chosen = torch.stack([part.argmax(1) for part in parts], 1)
        return self.layout.encoded(chosen, x[:, width:])
