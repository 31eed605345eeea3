"""Flow matching on images: velocities, classes and guidance."""

import torch
from torch import Tensor, nn

from autogen.data.specs import ImageSpec
from autogen.families.base import Batch, Noise, Scalars
from autogen.families.flow.patches import PatchNet
from autogen.families.flow.paths import follow, logit_normal_times, paired
from autogen.families.flow.settings import FlowModel
from autogen.families.flow.unet import UNet
from autogen.families.nets.adaptive import TimeEmbedding
from autogen.families.nets.augmentation.images import flipped_and_shifted
from autogen.families.nets.draw import draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.images import ImageInput, to_pixels
from autogen.families.nets.shards import shard

_CONDITION = 128  # features of time and class
_SPREAD = 0.6  # assumed standard deviation of pixels in [-1, 1]


class ImageFlow(nn.Module):
    """Velocity of images in [-1, 1] on their way from normal noise.

    The net predicts what the best linear guess of the velocity leaves over, in units of its spread
    (preconditioning, Karras 2022, https://arxiv.org/abs/2206.00364).

    Args:
        spec: Spec of the images.
        settings: Architecture and sampling settings.
        labels: Number of classes that images are conditioned on; 0 for none.
    """

    frequencies: Tensor

    def __init__(self, spec: ImageSpec, settings: FlowModel, labels: int) -> None:
        super().__init__()
        self.spec, self.settings, self.labels = spec, settings, labels
        shape = (spec.channels, spec.height, spec.width)
        self.stem, self.time = ImageInput(spec), TimeEmbedding(_CONDITION)
        self.net = _net_for(shape, settings)
        # the class after the last stands for none
        self.classes = nn.Embedding(labels + 1, _CONDITION) if labels else None
        self.register_buffer("frequencies", torch.ones(max(1, labels)))

    def forward(self, x: Tensor, time: Tensor, label: Tensor | None, drop: Dropout) -> Tensor:
        """Compute velocities of images x (B, C, H, W) at times (B,), of classes int64 (B,) if any."""
        linear, spread = _linear_guess(time)
        return linear * x + spread * self.rest(x, time, label, drop)

    def rest(self, x: Tensor, time: Tensor, label: Tensor | None, drop: Dropout) -> Tensor:
        """Compute what the linear guess leaves over, in units of its spread, (B, C, H, W)."""
        condition = self.time(time)
        if self.classes is not None:
            condition = condition + self.classes(label)
        rest: Tensor = self.net(x, condition, drop)
        return rest

    def loss(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Compute the mean squared error of what the linear guess leaves over: a scalar."""
        batch = flipped_and_shifted(batch, noise, scalars)
        end = self.stem(batch)
        start = noise.normal(*end.shape)
        if self.settings.transport:
            groups = batch["label"] if self.labels else None
            start = start[paired(start.flatten(1), end.flatten(1), noise, groups)]
        batch, start, end = shard(batch, noise), shard(start, noise), shard(end, noise)
        time = logit_normal_times(len(end), noise, scalars["time_mean"], scalars["time_std"])
        label = None
        if self.labels:
            hidden = noise.uniform(len(end)) < scalars["class_dropout"]
            label = torch.where(hidden, self.labels, batch["label"])
        t = time[:, None, None, None]
        x = (1 - t) * start + t * end
        linear, spread = _linear_guess(time)
        target = (end - start - linear * x) / spread
        guess = self.rest(x, time, label, Dropout(noise, scalars["dropout"]))
        error: Tensor = (guess - target).square().mean()
        return error

    def sample(self, n: int, noise: Noise, label: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n images: ``pixels``, uint8 (n, C, H, W).

        Args:
            n: Number of images.
            noise: Source of the random draws.
            label: Classes of the images, int64 (n,); drawn where ``None``.
        """
        if self.labels and label is None:
            label = draw_codes(self.frequencies.log().expand(n, -1), noise.uniform(n))
        start = noise.normal(n, *self.stem.shape)
        steps = max(1, self.settings.sampling_steps)
        planes = follow(lambda x, time: self.guided(x, time, label), start, self.settings.solver, steps)
        return to_pixels(planes, self.spec.levels)

    def guided(self, x: Tensor, time: float, label: Tensor | None) -> Tensor:
        """Compute velocities of images x (B, C, H, W) at a time, with classifier-free guidance (Ho 2022)."""
        times, strength = torch.full((len(x),), time, device=x.device), self.settings.guidance
        velocity: Tensor = self(x, times, label, Dropout())
        if label is None or strength == 1:
            return velocity
        free: Tensor = self(x, times, torch.full_like(label, self.labels), Dropout())
        return free + strength * (velocity - free)


def _net_for(shape: tuple[int, int, int], settings: FlowModel) -> PatchNet | UNet:
    """Build the net of the velocity for images of a shape, C, H, W."""
    edge = max(shape[1:])
    if settings.net == "unet":
        patch = settings.patch or -(-edge // 16)
        return UNet(shape, patch, settings.channels, settings.depth, _CONDITION)
    patch = settings.patch or max(2, -(-edge // 8))
    return PatchNet(shape, patch, settings.width, settings.depth, settings.heads, _CONDITION)


def _linear_guess(time: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the factor of the best linear guess of a velocity at times (B,), and its error's spread.

    Both (B, 1, 1, 1), for independent normal pixels.
    """
    t = time[:, None, None, None]
    variance = (1 - t).square() + (t * _SPREAD).square()
    return (t * _SPREAD**2 - (1 - t)) / variance, _SPREAD / variance.sqrt()
