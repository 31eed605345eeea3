"""Augmentations that are differentiable and drawn from keyed noise (Zhao 2020)."""

import torch
from torch import Tensor

from autogen.families.base import Noise


def translate(images: Tensor, noise: Noise, share: float = 0.125) -> Tensor:
    """Shift each image (B, C, H, W) by up to a share of its size; the border is repeated."""
    for axis in (2, 3):
        size = images.shape[axis]
        reach = max(1, round(share * size))
        shift = noise.integers(2 * reach + 1, len(images)) - reach
        place = (torch.arange(size, device=images.device) + shift.unsqueeze(1)).clamp(0, size - 1)
        view = [len(images), 1, 1, 1]
        view[axis] = size
        images = images.gather(axis, place.view(view).expand(images.shape))
    return images
