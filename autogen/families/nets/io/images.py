"""Images in and out of nets: pixels as planes of numbers, and distributions of pixels."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ImageSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import draw_codes

_LOG_SCALES = (-6.0, 2.0)  # of a logistic; half the range of the pixels is 1


class ImageInput(nn.Module):
    """Pixels as planes of numbers in [-1, 1].

    Args:
        spec: Spec of the images.
    """

    def __init__(self, spec: ImageSpec) -> None:
        super().__init__()
        self.levels = spec.levels
        self.shape = (spec.channels, spec.height, spec.width)

    def forward(self, batch: Batch) -> Tensor:
        """Convert pixels (B, C, H, W) to float32 in [-1, 1] of that shape."""
        return batch["pixels"] * (2.0 / (self.levels - 1)) - 1.0

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """Dequantize: move each pixel uniformly within its level, so that a critic cannot see the levels.

        Returns:
            float32 (B, C, H, W) in [-1, 1].
        """
        planes: Tensor = self(batch)
        if self.levels == 2:
            return planes
        inside = (noise.uniform(*planes.shape) - 0.5) * (2.0 / (self.levels - 1))
        return (planes + inside).clamp(-1, 1)


class PixelMixtureHead(nn.Module):
    """Independent pixels, each a mixture of discretized logistics (Salimans 2017).

    The logistics (https://arxiv.org/abs/1701.05517) are cut at the borders of the levels, and the outermost
    levels take the tails; with two levels that is a Bernoulli distribution.

    Args:
        spec: Spec of the images.
        mixtures: M, logistics of a pixel.
    """

    def __init__(self, spec: ImageSpec, mixtures: int) -> None:
        super().__init__()
        self.levels, self.mixtures = spec.levels, mixtures
        self.planes = (3, mixtures, spec.channels, spec.height, spec.width)
        self.shape = (3 * mixtures * spec.channels, spec.height, spec.width)
        self.cells = spec.channels * spec.height * spec.width

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Compute images' negative log-likelihood given outputs (B, 3 M C, H, W), in nats: (B,)."""
        weights, means, scales = self._mixture(outputs)
        pixels = batch["pixels"].unsqueeze(1)
        half = 1.0 / (self.levels - 1)
        centered = pixels * (2 * half) - 1.0 - means
        upper = ((centered + half) / scales).masked_fill(pixels == self.levels - 1, math.inf)
        lower = ((centered - half) / scales).masked_fill(pixels == 0, -math.inf)
        # log(sigmoid(upper) - sigmoid(lower)), without cancellation in either tail
        mass = F.logsigmoid(upper) + F.logsigmoid(-lower) + torch.log(-torch.expm1(lower - upper))
        return -(weights + mass).logsumexp(1).flatten(1).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float) -> dict[str, Tensor]:
        """Draw images from outputs (n, 3 M C, H, W): ``pixels``, uint8 (n, C, H, W).

        Args:
            outputs: Outputs of a decoder.
            noise: Source of the random draws.
            temperature: Scale of the logistics' spread.
        """
        weights, means, scales = self._mixture(outputs)
        shape = (len(outputs), *self.planes[2:])
        chosen = draw_codes(weights.movedim(1, -1), noise.uniform(*shape)).unsqueeze(1)
        mean, scale = means.gather(1, chosen).squeeze(1), scales.gather(1, chosen).squeeze(1)
        spread = torch.logit(noise.uniform(*shape), eps=1e-6)
        return to_pixels(mean + temperature * scale * spread, self.levels)

    def _mixture(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Split outputs into log-weights, means and scales, each (B, M, C, H, W)."""
        weights, means, scales = outputs.reshape(-1, *self.planes).unbind(1)
        return weights.log_softmax(1), means, soft_clamp(scales, *_LOG_SCALES).exp()


class SoftPixels(nn.Module):
    """Differentiable pixels of a generator in [-1, 1].

    Args:
        spec: Spec of the images.
    """

    def __init__(self, spec: ImageSpec) -> None:
        super().__init__()
        self.levels = spec.levels
        self.shape = (spec.channels, spec.height, spec.width)

    def forward(self, outputs: Tensor, noise: Noise) -> Tensor:
        """Squash outputs (B, C, H, W) into [-1, 1]."""
        return torch.tanh(outputs)

    def quantize(self, planes: Tensor) -> dict[str, Tensor]:
        """Convert planes (n, C, H, W) in [-1, 1] to ``pixels``, uint8 of that shape."""
        return to_pixels(planes, self.levels)


def to_pixels(planes: Tensor, levels: int) -> dict[str, Tensor]:
    """Round planes (n, C, H, W) in [-1, 1] to the nearest of so many levels: ``pixels``, uint8."""
    return {"pixels": ((planes + 1) * ((levels - 1) / 2)).round().clamp(0, levels - 1).to(torch.uint8)}


def soft_clamp(x: Tensor, low: float, high: float) -> Tensor:
    """Squash x (...) smoothly into (low, high), with slope 1 in the middle."""
    middle, reach = (low + high) / 2, (high - low) / 2
    return middle + reach * torch.tanh(x / reach)
