"""Flow matching on images: velocities, classes and guidance."""

import torch
from torch import Tensor, nn

from autogen.data.specs import ImageSpec
from autogen.families.base import Batch, Noise, Scalars
from autogen.families.flow.patches import PatchNet
from autogen.families.flow.paths import follow, logit_normal_times, paired
from autogen.families.flow.settings import FlowModel
from autogen.families.flow.shortcuts import (
    LARGE,
    PACK,
    StepSize,
    distills,
    told,
    whole_packs,
    with_large_steps,
)
from autogen.families.flow.unet import UNet
from autogen.families.nets.adaptive import TimeEmbedding
from autogen.families.nets.augmentation.images import flipped_and_shifted
from autogen.families.nets.blocks import RerunsBlocks
from autogen.families.nets.draw import draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.images import ImageInput, to_pixels
from autogen.families.nets.shards import shard

_CONDITION = 128  # features of time and class
_SPREAD = 0.6  # assumed standard deviation of pixels in [-1, 1]


class ImageFlow(RerunsBlocks):
    """Velocity of images in [-1, 1] on their way from normal noise.

    The net predicts what the best linear guess of the velocity leaves over, in units of its spread
    (preconditioning, Karras 2022, https://arxiv.org/abs/2206.00364).

    Args:
        spec: Spec of the images.
        settings: Architecture and sampling settings.
        labels: Number of classes that images are conditioned on; 0 for none.
        distills: Whether large steps are trained, too.
    """

    frequencies: Tensor

    def __init__(self, spec: ImageSpec, settings: FlowModel, labels: int, distills: bool = False) -> None:
        super().__init__()
        self.spec, self.settings, self.labels = spec, settings, labels
        shape = (spec.channels, spec.height, spec.width)
        self.stem, self.time = ImageInput(spec), TimeEmbedding(_CONDITION)
        self.net = _net_for(shape, settings)
        # the class after the last stands for none
        self.classes = nn.Embedding(labels + 1, _CONDITION) if labels else None
        self.register_buffer("frequencies", torch.ones(max(1, labels)))
        self.size = StepSize(_CONDITION) if distills else None
        self.reruns = "training.distill" if distills else ""

    def forward(
        self, x: Tensor, time: Tensor, label: Tensor | None, drop: Dropout, size: Tensor | None = None
    ) -> Tensor:
        """Compute velocities of images x (B, C, H, W) at times (B,), of classes int64 (B,) if any.

        Mean velocities over steps of sizes (B,), where a size is not 0.
        """
        linear, spread = _linear_guess(time)
        return linear * x + spread * self.rest(x, time, label, drop, size)

    def rest(
        self, x: Tensor, time: Tensor, label: Tensor | None, drop: Dropout, size: Tensor | None = None
    ) -> Tensor:
        """Compute what the linear guess leaves over, in units of its spread, (B, C, H, W)."""
        condition = self.time(time)
        if self.size is not None and size is not None:
            condition = condition + self.size(size)
        if self.classes is not None:
            condition = condition + self.classes(label)
        rest: Tensor = self.net(x, condition, drop)
        return rest

    def loss(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Compute the mean squared error of what the linear guess leaves over: a scalar."""
        large = self.size is not None and distills(scalars, batch)
        batch = flipped_and_shifted(whole_packs(batch) if large else batch, noise, scalars)
        end = self.stem(batch)
        start = noise.normal(*end.shape)
        if self.settings.transport:
            groups = batch["label"] if self.labels else None
            start = start[paired(start.flatten(1), end.flatten(1), noise, groups)]
        unit = PACK if large else 1
        batch, start, end = shard(batch, noise, unit), shard(start, noise, unit), shard(end, noise, unit)
        time = logit_normal_times(len(end), noise, scalars["time_mean"], scalars["time_std"])
        label, size = None, torch.zeros_like(time)
        if self.labels:
            hidden = noise.uniform(len(end)) < scalars["class_dropout"]
            label = torch.where(hidden, self.labels, batch["label"])
        if large:
            time, size = with_large_steps(time, noise)
        t = time[:, None, None, None]
        x = (1 - t) * start + t * end
        linear, spread = _linear_guess(time)
        target = end - start
        if large:
            if label is not None:
                label[LARGE] = batch["label"][LARGE]
            own = None if label is None else label[LARGE]
            target[LARGE] = self.taught(x[LARGE], time[LARGE], size[LARGE], own)
        guess = self.rest(x, time, label, Dropout(noise, scalars["dropout"]), size)
        error: Tensor = (guess - (target - linear * x) / spread).square().mean()
        return error

    @torch.no_grad()
    def taught(self, x: Tensor, time: Tensor, size: Tensor, label: Tensor | None) -> Tensor:
        """Compute the mean velocities (B, C, H, W) over two steps of half the sizes (B,), with guidance.

        Args:
            x: Images on their paths, (B, C, H, W).
            time: Times at which the steps begin, (B,).
            size: Sizes of the steps, (B,).
            label: Classes, int64 (B,), if any.
        """
        half = size / 2
        first = self.guided(x, time, told(half), label)
        second = self.guided(x + half[:, None, None, None] * first, time + half, told(half), label)
        return (first + second) / 2

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
        large = self.size is not None and self.size.learned
        steps = self.settings.few_steps if large else self.settings.sampling_steps

        def velocity(x: Tensor, time: float) -> Tensor:
            times, sizes = (torch.full((n,), one, device=x.device) for one in (time, large / steps))
            if not large:
                return self.guided(x, times, sizes, label)
            mean: Tensor = self(x, times, label, Dropout(), sizes)  # it has learned guidance
            return mean

        planes = follow(velocity, start, "euler" if large else self.settings.solver, steps)
        return to_pixels(planes, self.spec.levels)

    def guided(self, x: Tensor, time: Tensor, size: Tensor, label: Tensor | None) -> Tensor:
        """Compute velocities by classifier-free guidance (Ho 2022), or mean velocities, which learned it.

        Args:
            x: Images on their paths, (B, C, H, W).
            time: Times, (B,).
            size: Sizes of the steps over which velocities are means, (B,); 0 for the velocity itself.
            label: Classes, int64 (B,), if any.

        Returns:
            Velocities, (B, C, H, W).
        """
        own: Tensor = self(x, time, label, Dropout(), size)
        strength = self.settings.guidance
        if label is None or strength == 1:
            return own
        free = self(x, time, torch.full_like(label, self.labels), Dropout())
        return torch.where((size > 0)[:, None, None, None], own, free + strength * (own - free))


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
