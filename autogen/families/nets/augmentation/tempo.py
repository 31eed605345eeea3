"""Pieces of music played at half or at double speed, as an augmentation."""

import torch
from torch import Tensor
from torch.nn import functional as F

from autogen.families.base import Batch, Noise

#: Names of the rows of tokens that a codec writes at half and at double speed.
SLOW, FAST = "slow", "fast"


def paced(batch: Batch, noise: Noise, share: float | Tensor) -> Batch:
    """Play a share of the pieces of a batch at half or at double speed, where that keeps every note.

    Speeds between would leave the grid of notation (Oore 2018 stretches performances, which have none).
    A piece whose times do not allow it, and batches of other kinds of data, stay as they are.

    Args:
        batch: Encoded samples.
        noise: Draws.
        share: Of the pieces, half of them slower.
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
    """Frames (B, T, 1 + K) twice each, cut at T; every second one, where the ones between tell no more."""
    length = frames.shape[1]
    slow = frames.repeat_interleave(2, dim=1)[:, :length]
    even = F.pad(frames, (0, 0, 0, length % 2))
    first, second = even[:, ::2], even[:, 1::2]
    fast = F.pad(first, (0, 0, 0, length - first.shape[1]))
    told = (first == second).flatten(1).all(1)[:, None, None]
    return slow, torch.where(told, fast, frames)
