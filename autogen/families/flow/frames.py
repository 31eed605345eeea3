"""Masked diffusion of piano rolls: frames are revealed in any order, the keys of a frame one by one."""

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec
from autogen.families.base import Batch, Noise
from autogen.families.flow.masked import MaskedSequences, hidden_places, rounds
from autogen.families.flow.settings import FlowModel
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.frames import PERIODS, clock
from autogen.families.nets.io.keys import AutoregressiveKeys


class MaskedFrames(MaskedSequences):
    """Piano rolls of T frames with K keys by masked diffusion.

    Args:
        spec: Spec of the piano rolls.
        settings: Settings of the model.
        rows: Rows of a batch that a training step uses.
    """

    def __init__(self, spec: FrameSpec, settings: FlowModel, rows: int) -> None:
        super().__init__(spec.length, settings, rows)
        self.spec = spec
        self.enter = nn.Linear(2 + spec.keys + 2 * len(PERIODS), settings.width)
        self.chain = AutoregressiveKeys(spec, settings.width, settings.width)

    def places(self, batch: Batch) -> Tensor:
        """Tell which frames of a batch's pieces are played: bool (B, T)."""
        return batch["frames"][..., 0] > 0

    def features(self, frames: Tensor, hidden: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of frames (B, T, 1 + K), of which some, bool (B, T), are hidden."""
        own = hidden[..., None]
        keys = frames[..., 1:].float() * ~own
        waves = clock(0, frames.shape[1], frames.device).expand(len(frames), -1, -1)
        seen = torch.cat([frames[..., :1].float(), keys, own.float(), waves], 2)
        features: Tensor = self.trunk(drop(self.enter(seen)), drop)
        return features

    def bound(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Estimate the lower bound of the log-probability of each piece given its length: (B,)."""
        frames = batch["frames"]
        hidden, weight = hidden_places(self.places(batch), noise)
        features = self.features(frames, hidden, drop)
        nats = self.chain.log_prob(features, frames.long(), drop, ends=False)
        return (nats * hidden).sum(1) * weight

    def sample(
        self, n: int, noise: Noise, given: Tensor | None = None, known: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Draw n pieces: ``frames``, uint8 (n, T, 1 + K).

        Args:
            n: Number of pieces.
            noise: Source of the random draws.
            given: Known frames, uint8 (n, T, 1 + K); none where ``None``.
            known: Frames of ``given`` that are known, bool (n, T), any of them: the length is then that of
                ``given``. Where ``None``, they are the opening of each piece, up to the first after its end.
        """
        device, spec = self.enter.weight.device, self.spec
        rows = torch.zeros(n, spec.length, 1 + spec.keys, dtype=torch.uint8, device=device)
        if given is None:
            given = rows.clone()
        if known is None:
            known = given[..., 0] > 0
            lengths = self.lengths.draw(known.sum(1).clamp(min=1), noise)
            lasts = torch.arange(spec.length, device=device) < lengths[:, None]
        else:
            lasts = given[..., 0] > 0
        rows[..., 0] = lasts
        known = known & lasts
        rows[known] = given[known]
        hidden = lasts & ~known
        for now in rounds(hidden, self.steps, noise):
            features = self.features(rows, hidden, Dropout())[now]
            rows[now] = self.chain.draw(features, noise, self.temperature, self.top_p, ends=False)
            hidden = hidden & ~now
        return {"frames": rows}
