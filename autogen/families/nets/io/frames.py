"""Piano rolls in and out of nets, frame by frame; convolutions see them as planes (1 + K, 1, T)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import FrameSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.keys import AutoregressiveKeys

#: Periods, in frames, of the waves that encode a frame's position in a bar.
PERIODS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
#: Features of a frame in a decoder's outputs, and of the recurrent state.
_PLANES, _STATE = 32, 128
#: Initial logits of a generator: few keys, long pieces.
_FEW, _LONG = -3.0, 4.0
_SOFT_CAP = 10.0


def clock(first: int, frames: int, device: torch.device) -> Tensor:
    """Compute waves of some periods at each frame, (frames, 20): they encode the position in a bar."""
    time = torch.arange(first, first + frames, device=device)[:, None]
    angles = math.tau * time / torch.tensor(PERIODS, device=device)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class FrameInput(nn.Module):
    """Piano rolls as planes.

    Args:
        spec: Spec of the piano rolls: T frames of K keys.
    """

    def __init__(self, spec: FrameSpec) -> None:
        super().__init__()
        self.spec = spec
        self.shape = (1 + spec.keys, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """Convert frames (B, T, 1 + K) to planes, float32 (B, 1 + K, 1, T)."""
        return batch["frames"].float().transpose(1, 2).unsqueeze(2)

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """Return the same planes (B, 1 + K, 1, T): generated keys are 0 or 1, too."""
        planes: Tensor = self(batch)
        return planes


class FrameHead(nn.Module):
    """Distribution of each frame, given a decoder's outputs at its place and the frames before it.

    Args:
        spec: Spec of the piano rolls: T frames of K keys.
    """

    def __init__(self, spec: FrameSpec) -> None:
        super().__init__()
        self.spec, self.cells = spec, spec.length
        self.shape = (_PLANES, 1, spec.length)
        self.reader = nn.GRU(1 + spec.keys + 2 * len(PERIODS) + _PLANES, _STATE, batch_first=True)
        self.chain = AutoregressiveKeys(spec, _STATE + _PLANES, _STATE)

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Compute pieces' negative log-likelihood given outputs (B, 32, 1, T), in nats: (B,)."""
        given = batch.get("given", batch["frames"])
        before = F.pad(given[:, :-1], (0, 0, 1, 0)).float()
        features, _ = self._read(before, outputs[:, :, 0].transpose(1, 2), 0, None)
        return -self.chain.log_prob(features, batch["frames"].long(), Dropout()).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float = 1.0) -> dict[str, Tensor]:
        """Draw pieces frame by frame from outputs (n, 32, 1, T): ``frames``, uint8 (n, T, 1 + K)."""
        planes, n = outputs[:, :, 0].transpose(1, 2), len(outputs)
        shape = (n, self.spec.length, 1 + self.spec.keys)
        rows = torch.zeros(shape, dtype=torch.uint8, device=outputs.device)
        frame, state = rows[:, 0], None
        going = torch.ones(n, 1, dtype=torch.uint8, device=outputs.device)
        for t in range(self.spec.length):
            features, state = self._read(frame[:, None].float(), planes[:, t : t + 1], t, state)
            frame = self.chain.draw(features[:, 0], noise, max(temperature, 1e-3), 1.0) * going
            rows[:, t], going = frame, frame[:, :1]
        return {"frames": rows}

    def _read(self, before: Tensor, planes: Tensor, t: int, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Compute features (B, t, state + planes) of t frames, and the new state."""
        waves = clock(t, before.shape[1], before.device).expand(len(before), -1, -1)
        read, after = self.reader(torch.cat([before, waves, planes], 2), state)
        return torch.cat([read, planes], 2), after


class SoftFrames(nn.Module):
    """Differentiable piano rolls of a generator: keys are 0 or 1, with the gradient of a relaxed choice.

    Straight-through binary concrete numbers (Maddison 2017, https://arxiv.org/abs/1611.00712).

    Args:
        spec: Spec of the piano rolls: T frames of K keys.
        softness: Temperature of the relaxation.
    """

    offset: Tensor

    def __init__(self, spec: FrameSpec, softness: float) -> None:
        super().__init__()
        self.spec, self.softness = spec, softness
        self.shape = (1 + spec.keys, 1, spec.length)
        offset = torch.full((1 + spec.keys, 1, 1), _FEW)
        offset[0] = _LONG
        self.register_buffer("offset", offset, persistent=False)

    def forward(self, outputs: Tensor, noise: Noise) -> Tensor:
        """Convert outputs (B, 1 + K, 1, T) to planes of zeros and ones of that shape, differentiable."""
        logits = _SOFT_CAP * torch.tanh(outputs / _SOFT_CAP) + self.offset
        uniform = noise.uniform(*logits.shape).clamp(1e-6, 1 - 1e-6)
        soft = torch.sigmoid((logits + torch.logit(uniform)) / self.softness)
        chosen = (soft > 0.5).float() + soft - soft.detach()
        lasts = chosen[:, :1].cumprod(3)
        return torch.cat([lasts, chosen[:, 1:] * lasts], 1)

    def quantize(self, samples: Tensor) -> dict[str, Tensor]:
        """Convert planes (n, 1 + K, 1, T) to ``frames``, uint8 (n, T, 1 + K).

        The highest keys are kept where more sound than the data has voices.
        """
        planes = (samples[:, :, 0] > 0.5).transpose(1, 2)
        above = planes[..., 1:].flip(-1).cumsum(-1).flip(-1)
        lasts = planes[..., :1].clone()
        lasts[:, 0] = True
        keys = planes[..., 1:] & (above <= self.spec.voices) & lasts
        return {"frames": torch.cat([lasts, keys], -1).to(torch.uint8)}
