"""Autoregressive model of piano rolls: frame by frame, and key by key within a frame."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import FrameSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import SequenceTrunk
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.frames import PERIODS, clock
from autogen.families.nets.io.keys import AutoregressiveKeys
from autogen.families.nets.shards import mean_of, shard


class FrameModel(nn.Module):
    """Exact probability of piano rolls of T frames with K keys.

    Args:
        spec: Spec of the piano rolls.
        trunk: Net that computes features of a frame from the frames before it.
        width: Features of the trunk.
        rows: Rows of a batch that a training step uses.
        temperature: Sampling temperature.
        top_p: Nucleus of sampling.
    """

    def __init__(
        self, spec: FrameSpec, trunk: SequenceTrunk, width: int, rows: int, temperature: float, top_p: float
    ) -> None:
        super().__init__()
        self.spec, self.trunk, self.rows = spec, trunk, rows
        self.temperature, self.top_p = temperature, top_p
        self.enter = nn.Linear(1 + spec.keys + 2 * len(PERIODS), width)
        self.chain = AutoregressiveKeys(spec, width, width)

    def forward(self, batch: Batch, drop: Dropout, ends: bool = True) -> Tensor:
        """Compute the log-likelihood of each piece, in nats: (B,).

        Args:
            batch: ``frames``, uint8 (B, T, 1 + K); ``given``, of the same shape, hides some of the frames
                before.
            drop: Dropout.
            ends: Whether the piece may end; see ``AutoregressiveKeys.log_prob``.
        """
        frames = batch["frames"]
        features = self.features(batch.get("given", frames), drop)
        return self.chain.log_prob(features, frames.long(), drop, ends).sum(1)

    def features(self, frames: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of each frame from the frames (B, T, 1 + K) before it."""
        before = F.pad(frames[:, :-1], (0, 0, 1, 0)).float()
        waves = clock(0, before.shape[1], before.device).expand(len(before), -1, -1)
        return self.trunk(drop(self.enter(torch.cat([before, waves], 2))), drop)

    def nats_a_frame(self, batch: Batch, drop: Dropout) -> Tensor:
        """Compute the mean log-likelihood of a frame of the batch's first rows, in nats: a scalar."""
        some: Batch = {name: tensor[: self.rows] for name, tensor in batch.items()}
        count = some["frames"][..., 0].sum()
        return mean_of(self(shard(some, drop.noise), drop).sum(), count, drop.noise)

    def sample(self, n: int, noise: Noise, given: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n pieces: ``frames``, uint8 (n, T, 1 + K).

        Args:
            n: Number of pieces.
            noise: Source of the random draws.
            given: Openings of the pieces, uint8 (n, T, 1 + K), up to each one's first frame of zeros; none
                where ``None``.
        """
        device = self.enter.weight.device
        rows = torch.zeros(n, self.spec.length, 1 + self.spec.keys, dtype=torch.uint8, device=device)
        frame, going = rows[:, 0], torch.ones(n, 1, dtype=torch.uint8, device=device)
        state = self.trunk.start(n, self.spec.length)
        for t in range(self.spec.length):
            waves = clock(t, 1, device).expand(n, -1)
            features, state = self.trunk.step(self.enter(torch.cat([frame.float(), waves], 1)), state, t)
            frame = self.chain.draw(features, noise, self.temperature, self.top_p) * going
            if given is not None:
                frame = torch.where(given[:, t, :1] > 0, given[:, t], frame)
            rows[:, t], going = frame, frame[:, :1]
            if not going.any():
                break
        return {"frames": rows}
