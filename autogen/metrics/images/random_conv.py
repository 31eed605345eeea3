"""Image features of a small convolutional net whose weights are random and frozen.

Random features need no download, no training and no label, and favor no model family. Of the features tried
on ``digits`` only they gave monotonically worse scores under every corruption (noise, blur, holes, mixtures,
shifts, lost classes). Naeem 2020 (https://arxiv.org/abs/2002.09797) argues for them where the images are far
from ImageNet. A score in this space compares models on one data set; it is not comparable with a published
FID or KID.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

#: Name of the space in scores; any change of a number below needs a new version.
FEATURE_SPACE = "random_conv-v1"
FILTERS = 16
STAGES = 4
GRID = 2
_SEED = 20261
_CHUNK = 256


def random_conv(pixels: np.ndarray, levels: int) -> np.ndarray:
    """Extract features of images with random convolutions.

    Each stage applies 3 x 3 filters and ReLU, takes mean and standard deviation of every map in each quarter
    of the image, and halves the image, as long as it is 4 pixels high and wide.

    Args:
        pixels: uint8 (N, C, H, W) in 0..levels-1; the fourth channel, if any, is opacity.
        levels: Number of distinct values of a pixel.

    Returns:
        float64 (N, D), D = 384 for 8 x 8 pixels, 512 from 16 x 16 on.
    """
    filters = _filters(pixels.shape[1])
    with torch.inference_mode():
        parts = [_describe(torch.from_numpy(chunk), levels, filters) for chunk in _chunks(pixels)]
        return torch.cat(parts).double().numpy()


def _chunks(pixels: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(pixels[i : i + _CHUNK]) for i in range(0, len(pixels), _CHUNK)]


def _filters(channels: int) -> list[Tensor]:
    """Make the weights of each stage, (16, fan, 3, 3), uniform with variance 2 / fan-in (He 2015).

    NumPy guarantees the raw stream of PCG64 for all versions, but not how it turns the stream into numbers
    of a distribution; so the weights are computed from the raw stream.
    """
    filters = []
    for stage in range(STAGES):
        fan = FILTERS if stage else channels
        raw = np.random.PCG64([_SEED, channels, stage]).random_raw(FILTERS * fan * 9)
        uniform = (raw >> np.uint64(11)) * 2.0**-52 - 1.0
        weights = uniform.reshape(FILTERS, fan, 3, 3) * (6.0 / (fan * 9)) ** 0.5
        filters.append(torch.from_numpy(weights).float())
    return filters


def _describe(codes: Tensor, levels: int, filters: list[Tensor]) -> Tensor:
    """Extract the features of images (B, C, H, W), float32 (B, D)."""
    maps = codes.float() / max(levels - 1, 1)
    if maps.shape[1] == 4:  # color beneath full transparency is invisible
        maps = torch.cat([maps[:, :3] * maps[:, 3:], maps[:, 3:]], dim=1)
    maps = maps * 2 - 1
    found = []
    for weights in filters:
        maps = functional.relu(functional.conv2d(maps, weights, padding=1))
        mean = functional.adaptive_avg_pool2d(maps, GRID)
        square = functional.adaptive_avg_pool2d(maps**2, GRID)
        # The small term keeps the root's slope, and so what rounding does to it, bounded.
        deviation = ((square - mean**2).clamp(min=0) + 1e-4).sqrt()
        found += [mean.flatten(1), deviation.flatten(1)]
        if min(maps.shape[2:]) < 4:
            break
        maps = functional.avg_pool2d(maps, 2)
    return torch.cat(found, dim=1)
