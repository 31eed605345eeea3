"""Table rows in and out of nets: rows as flat numbers, and distributions of rows."""

import math

import torch
from torch import Tensor, nn

from autogen.data.specs import TableSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import draw_codes, gumbel
from autogen.families.nets.io.images import soft_clamp
from autogen.families.nets.io.table_layout import RowLayout

_WAVES = 6  # cosines of each quantity, which show a critic fine detail early in training
_LOGITS = (-15.0, 15.0)  # so that no softmax needs its largest logit subtracted
_LOG_SCALES = (-4.5, 1.5)  # of a normal distribution of scores, which are about standard normal


class RowInput(nn.Module):
    """Rows as flat numbers: one-hots, ranks of ordered codes, scores of quantities.

    Args:
        spec: Spec of the table.
        waves: Cosines of each quantity that are added for a critic.
    """

    def __init__(self, spec: TableSpec, waves: int = 0) -> None:
        super().__init__()
        self.layout = RowLayout(spec)
        self.waves = waves
        self.shape = (self.layout.width + self.layout.ranks.shape[1] + (waves + 1) * self.layout.scores,)

    def forward(self, batch: Batch) -> Tensor:
        """Convert rows to flat numbers, float32 (B, F)."""
        return self.joined(self.layout.one_hots(batch["codes"]), self.layout.score(batch))

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """Return the same numbers (B, F): the soft head imitates what a critic must not see."""
        planes: Tensor = self(batch)
        return planes

    def joined(self, segments: Tensor, scores: Tensor) -> Tensor:
        """Join segments (B, W), one-hot or soft, and scores (B, S) to flat numbers (B, F)."""
        place = torch.special.ndtr(scores)
        waves = [torch.cos(math.pi * k * place) for k in range(2, self.waves + 2)]
        return torch.cat([segments, segments @ self.layout.ranks, *waves, scores], 1)


class RowHead(nn.Module):
    """Independent cells: categorical codes, and a mixture of normals for each score.

    Args:
        spec: Spec of the table.
        mixtures: M, normals of a scored column.
    """

    def __init__(self, spec: TableSpec, mixtures: int) -> None:
        super().__init__()
        self.layout = RowLayout(spec)
        self.mixtures, self.cells = mixtures, len(spec.columns)
        self.shape = (self.layout.width + 3 * mixtures * self.layout.scores,)

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Compute rows' negative log-likelihood given outputs (B, W + 3 M S), in nats: (B,).

        It is that of the codes' probability times the positions' density.
        """
        logits, weights, means, scales = self._parts(outputs)
        totals = (logits.exp() @ self.layout.owner).log()
        codes = (totals - logits.gather(1, self.layout.places(batch["codes"]))).sum(1)
        score = self.layout.score(batch)
        apart = (score.unsqueeze(1) - means) * (-scales).exp()
        density = (weights - scales - apart.square() / 2).logsumexp(1)
        # Change of variables from the score to u: divided by the standard normal density it is the density of
        # u in [0, 1), and a bin takes 1 / bins of that. The constants of both normals cancel.
        positions = density + score.square() / 2 - self.layout.intervals.log()
        return codes - (positions * self.layout.regular(batch["codes"])).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float) -> dict[str, Tensor]:
        """Draw encoded rows from outputs (n, W + 3 M S): ``codes`` int64, ``positions`` float32, both (n, D).

        Args:
            outputs: Outputs of a decoder.
            noise: Source of the random draws.
            temperature: Scale of the scores' spread, and divisor of the logits.
        """
        logits, weights, means, scales = self._parts(outputs)
        drawn = noise.uniform(self.cells, len(outputs))
        parts = torch.split(logits, self.layout.sizes, dim=1)
        heat = max(temperature, 1e-3)
        chosen = torch.stack([draw_codes(part, u, heat) for part, u in zip(parts, drawn, strict=True)], 1)
        picked = draw_codes(weights.movedim(1, -1), noise.uniform(*means[:, 0].shape)).unsqueeze(1)
        mean, scale = means.gather(1, picked).squeeze(1), scales.gather(1, picked).squeeze(1).exp()
        return self.layout.encoded(chosen, mean + temperature * scale * noise.normal(*mean.shape))

    def _parts(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Split outputs into logits (B, W), and log-weights, means, log-scales of scores, each (B, M, S)."""
        logits, rest = outputs.tensor_split([self.layout.width], dim=1)
        weights, means, scales = rest.reshape(len(rest), 3, self.mixtures, self.layout.scores).unbind(1)
        return soft_clamp(logits, *_LOGITS), weights.log_softmax(1), means, soft_clamp(scales, *_LOG_SCALES)


class SoftRow(nn.Module):
    """Differentiable rows of a generator, in the form of the critic's input.

    Args:
        spec: Spec of the table.
        softness: Temperature of the Gumbel-softmax (Jang 2017, https://arxiv.org/abs/1611.01144).
    """

    def __init__(self, spec: TableSpec, softness: float) -> None:
        super().__init__()
        self.stem = RowInput(spec, _WAVES)
        self.softness = softness
        self.shape = (self.stem.layout.width + self.stem.layout.scores,)

    def forward(self, outputs: Tensor, noise: Noise) -> Tensor:
        """Convert outputs (B, W + S) to soft rows, float32 (B, F)."""
        layout = self.stem.layout
        logits, scores = outputs.tensor_split([layout.width], dim=1)
        tilted = (soft_clamp(logits, *_LOGITS) + gumbel(noise, *logits.shape)) / self.softness
        soft = torch.cat([part.softmax(1) for part in torch.split(tilted, layout.sizes, dim=1)], 1)
        regular = soft[:, layout.starts[layout.scored] + layout.specials]
        return self.stem.joined(soft, scores * regular)

    def quantize(self, rows: Tensor) -> dict[str, Tensor]:
        """Convert soft rows (n, F) to ``codes`` int64 and ``positions`` float32, both (n, D)."""
        layout = self.stem.layout
        parts = torch.split(rows[:, : layout.width], layout.sizes, dim=1)
        chosen = torch.stack([part.argmax(1) for part in parts], 1)
        return layout.encoded(chosen, rows[:, rows.shape[1] - layout.scores :])
