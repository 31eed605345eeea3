"""Masked diffusion of piano rolls: frames are revealed in any order, the keys of a frame one by one."""

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec
from autogen.families.base import Batch, Noise
from autogen.families.flow.masked import Lengths, hidden_places, rounds, two_way_transformer
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.frames import PERIODS, clock
from autogen.families.nets.io.keys import AutoregressiveKeys


class MaskedFrames(nn.Module):
    """Piano rolls of T frames with K keys by masked diffusion.

    Args:
        spec: Spec of the piano rolls.
        width: Features of a frame; a multiple of heads.
        depth: Transformer blocks.
        heads: Attention heads.
        rows: Rows of a batch that a training step uses.
        steps: Rounds in which frames are revealed.
        temperature: Sampling temperature.
        top_p: Nucleus of sampling.
    """

    def __init__(
        self,
        spec: FrameSpec,
        width: int,
        depth: int,
        heads: int,
        rows: int,
        steps: int,
        temperature: float,
        top_p: float,
    ) -> None:
        super().__init__()
        self.spec, self.rows, self.steps = spec, rows, steps
        self.temperature, self.top_p = temperature, top_p
        self.enter = nn.Linear(2 + spec.keys + 2 * len(PERIODS), width)
        self.trunk = two_way_transformer(width, depth, heads, spec.length)
        self.chain = AutoregressiveKeys(spec, width, width)
        self.lengths = Lengths(spec.length)

    def features(self, frames: Tensor, hidden: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of frames (B, T, 1 + K), of which some, bool (B, T), are hidden."""
        own = hidden[..., None]
        keys = frames[..., 1:].float() * ~own
        waves = clock(0, frames.shape[1], frames.device).expand(len(frames), -1, -1)
        seen = torch.cat([frames[..., :1].float(), keys, own.float(), waves], 2)
        features: Tensor = self.trunk(drop(self.enter(seen)), drop)
        return features

    def bound(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Estimate the lower bound of the log-probability of each piece given its length: (B,).

        Unbiased, in nats; one draw of the hidden frames.
        """
        frames = batch["frames"]
        hidden, weight = hidden_places(frames[..., 0] > 0, noise)
        features = self.features(frames, hidden, drop)
        nats = self.chain.log_prob(features, frames.long(), drop, ends=False)
        return (nats * hidden).sum(1) * weight

    def loss(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Compute the mean negative bound of a frame of the batch's first rows, in nats: a scalar."""
        first = {name: rows[: self.rows] for name, rows in batch.items()}
        return -self.bound(first, noise, drop).sum() / first["frames"][..., 0].sum().clamp(min=1)

    def fit(self, batch: Batch) -> None:
        """Count the lengths of pieces (N, T, 1 + K)."""
        self.lengths.fit(batch["frames"][..., 0].sum(1).long())

    def length_nats(self, batch: Batch) -> Tensor:
        """Look up the log-probability of the pieces' lengths, in nats: (B,)."""
        return self.lengths.nats(batch["frames"][..., 0].sum(1).long())

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n pieces: ``frames``, uint8 (n, T, 1 + K)."""
        device, spec = self.enter.weight.device, self.spec
        lengths = self.lengths.draw(torch.ones(n, dtype=torch.int64, device=device), noise)
        lasts = torch.arange(spec.length, device=device) < lengths[:, None]
        rows = torch.zeros(n, spec.length, 1 + spec.keys, dtype=torch.uint8, device=device)
        rows[..., 0] = lasts
        hidden = lasts.clone()
        for now in rounds(lasts, self.steps, noise):
            features = self.features(rows, hidden, Dropout())[now]
            rows[now] = self.chain.draw(features, noise, self.temperature, self.top_p, ends=False)
            hidden = hidden & ~now
        return {"frames": rows}
