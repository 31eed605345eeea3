"""Piano rolls in and out of nets, frame by frame; to convolutions they are planes (1 + K, 1, T)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import FrameSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.keys import KeyChain

#: Periods, in frames, of the waves that tell a model where in a bar a frame lies.
PERIODS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
#: Features that a decoder gives each frame; of the recurrent state that reads the frames before.
_PLANES, _STATE = 32, 128
#: Logits that a generator begins with: few keys, long pieces.
_FEW, _LONG = -3.0, 4.0
_SOFT_CAP = 10.0


def clock(first: int, frames: int, device: torch.device) -> Tensor:
    """Waves of some periods at each frame, (frames, 20)."""
    time = torch.arange(first, first + frames, device=device)[:, None]
    angles = math.tau * time / torch.tensor(PERIODS, device=device)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class FrameStem(nn.Module):
    """Piano rolls as planes.

    Args:
        spec: Of the piano rolls.
    """

    def __init__(self, spec: FrameSpec) -> None:
        super().__init__()
        self.spec = spec
        self.shape = (1 + spec.keys, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """(B, 1 + K, 1, T) float32."""
        return batch["frames"].float().transpose(1, 2).unsqueeze(2)

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """The same: generated keys are struck or not, too."""
        planes: Tensor = self(batch)
        return planes


class FrameHead(nn.Module):
    """Each frame given a decoder's outputs at its place and the frames before it.

    Args:
        spec: Of the piano rolls.
    """

    def __init__(self, spec: FrameSpec) -> None:
        super().__init__()
        self.spec, self.cells = spec, spec.length
        self.shape = (_PLANES, 1, spec.length)
        self.reader = nn.GRU(1 + spec.keys + 2 * len(PERIODS) + _PLANES, _STATE, batch_first=True)
        self.chain = KeyChain(spec, _STATE + _PLANES, _STATE)

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Negative log-likelihood of the frames in nats, (B,)."""
        given = batch.get("given", batch["frames"])
        before = F.pad(given[:, :-1], (0, 0, 1, 0)).float()
        features, _ = self._read(before, outputs[:, :, 0].transpose(1, 2), 0, None)
        return -self.chain.log_prob(features, batch["frames"].long(), Dropout()).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float = 1.0) -> dict[str, Tensor]:
        """Draw pieces frame by frame."""
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
        """Features (B, t, state + planes) and the new state."""
        waves = clock(t, before.shape[1], before.device).expand(len(before), -1, -1)
        read, after = self.reader(torch.cat([before, waves, planes], 2), state)
        return torch.cat([read, planes], 2), after


class SoftFrames(nn.Module):
    """A generator's piano rolls: keys struck or not, with the gradient of a softer choice.

    Straight-through binary concrete numbers (Maddison 2017, https://arxiv.org/abs/1611.00712).

    Args:
        spec: Of the piano rolls.
        softness: Temperature of the choice.
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
        """Planes (B, 1 + K, 1, T) of zeros and ones that let gradients through."""
        logits = _SOFT_CAP * torch.tanh(outputs / _SOFT_CAP) + self.offset
        uniform = noise.uniform(*logits.shape).clamp(1e-6, 1 - 1e-6)
        soft = torch.sigmoid((logits + torch.logit(uniform)) / self.softness)
        chosen = (soft > 0.5).float() + soft - soft.detach()
        lasts = chosen[:, :1].cumprod(3)
        return torch.cat([lasts, chosen[:, 1:] * lasts], 1)

    def quantise(self, samples: Tensor) -> dict[str, Tensor]:
        """Frames of planes; the highest keys where too many sound."""
        planes = (samples[:, :, 0] > 0.5).transpose(1, 2)
        above = planes[..., 1:].flip(-1).cumsum(-1).flip(-1)
        lasts = planes[..., :1].clone()
        lasts[:, 0] = True
        keys = planes[..., 1:] & (above <= self.spec.voices) & lasts
        return {"frames": torch.cat([lasts, keys], -1).to(torch.uint8)}
