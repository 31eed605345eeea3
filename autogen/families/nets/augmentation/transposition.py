"""Transposition of music by semitones."""

import torch
from torch import Tensor

from autogen.data.specs import FrameSpec, SequenceSpec, Spec
from autogen.families.base import Batch, Noise


def transposed(batch: Batch, spec: Spec, noise: Noise, reach: float | Tensor) -> Batch:
    """Transpose each piece by up to ``reach`` semitones, as far as its range of pitches allows.

    Args:
        batch: Encoded rows: ``frames`` (B, T, 1 + K) or ``tokens`` (B, T); other data is unchanged.
        spec: Spec of the encoded data.
        noise: Source of the random draws.
        reach: Largest transposition, in semitones.
    """
    if isinstance(reach, int | float) and reach == 0:
        return batch
    if isinstance(spec, FrameSpec):
        return {**batch, "frames": _frames(batch["frames"], noise, reach)}
    if isinstance(spec, SequenceSpec) and spec.pitches[1]:
        return {**batch, "tokens": _tokens(batch["tokens"], spec, noise, reach)}
    return batch


def _steps(n: int, noise: Noise, reach: float | Tensor) -> Tensor:
    """Draw semitones for each of n pieces, int64 (n, 1)."""
    share = 2 * noise.uniform(n, 1) - 1
    most = torch.as_tensor(reach, device=share.device)
    return (share * (most + 0.5)).round().clamp(-most, most).long()


def _tokens(tokens: Tensor, spec: SequenceSpec, noise: Noise, reach: float | Tensor) -> Tensor:
    """Transpose tokens (B, T) of pitches; others stay."""
    first, last = spec.pitches
    pitched = (tokens >= first) & (tokens < last)
    # lowest and highest pitch of each piece; without any, both bounds allow every step
    low = torch.where(pitched, tokens, last).amin(1, keepdim=True)
    high = torch.where(pitched, tokens, first - 1).amax(1, keepdim=True)
    steps = _steps(len(tokens), noise, reach).maximum(first - low).minimum(last - 1 - high)
    return torch.where(pitched, tokens + steps, tokens)


def _frames(frames: Tensor, noise: Noise, reach: float | Tensor) -> Tensor:
    """Transpose frames (B, T, 1 + K); their first entry, whether the piece goes on, stays."""
    keys = frames.shape[2] - 1
    places = torch.arange(keys, device=frames.device)
    used = frames[..., 1:].amax(1) > 0
    low = torch.where(used, places, keys).amin(1, keepdim=True)
    high = torch.where(used, places, -1).amax(1, keepdim=True)
    steps = _steps(len(frames), noise, reach).maximum(-low).minimum(keys - 1 - high)
    source = (places - steps) % keys  # what would wrap around is silent
    moved = frames[..., 1:].gather(2, source[:, None].expand(-1, frames.shape[1], -1))
    return torch.cat([frames[..., :1], moved], 2)
