"""Time stretching of music: pieces at half or double speed."""

import torch
from torch import Tensor
from torch.nn import functional as F

from autogen.families.base import Batch, Noise

#: Names of the tokens that a codec writes at half and at double speed.
SLOW, FAST = "slow", "fast"


def time_stretched(batch: Batch, noise: Noise, share: float | Tensor) -> Batch:
    """Play a share of the pieces at half or double speed, where that keeps every note.

    Other speeds would leave the grid of notation (Oore 2018 stretches performances, which have none). Pieces
    whose times do not allow it and other kinds of data are unchanged.

    Args:
        batch: Encoded rows: ``frames`` (B, T, 1 + K), or ``tokens`` with their versions ``slow`` and
            ``fast``, (B, T).
        noise: Source of the random draws.
        share: Share of the pieces that are stretched; half of these are slowed down.
    """
    known = "frames" in batch or SLOW in batch
    if not known or (isinstance(share, int | float) and share == 0):
        return batch
    name = "frames" if "frames" in batch else "tokens"
    given = batch[name]
    slow, fast = _frames(given) if name == "frames" else (batch[SLOW], batch[FAST])
    drawn = noise.uniform(len(given), *[1] * (given.ndim - 1))
    played = torch.where(drawn < share / 2, slow, given)
    return {**batch, name: torch.where((drawn >= share / 2) & (drawn < share), fast, played)}


def _frames(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Return frames (B, T, 1 + K) at half speed, cut at T, and at double speed where that loses nothing."""
    length = frames.shape[1]
    slow = frames.repeat_interleave(2, dim=1)[:, :length]
    even = F.pad(frames, (0, 0, 0, length % 2))
    first, second = even[:, ::2], even[:, 1::2]
    fast = F.pad(first, (0, 0, 0, length - first.shape[1]))
    lossless = (first == second).flatten(1).all(1)[:, None, None]
    return slow, torch.where(lossless, fast, frames)
