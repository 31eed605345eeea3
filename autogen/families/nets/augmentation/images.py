"""Differentiable augmentation of images (Zhao 2020), and noise on table cells.

https://arxiv.org/abs/2006.10738. All draw from keyed noise, and are the identity at strength 0; a number 0
also draws nothing. Augmented planes stay in [-1, 1], so that their range does not tell fake from real.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from autogen.data.specs import ImageSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import Batch, Noise, Scalars, Training

Strength = float | Tensor

#: Training settings that ``augmented`` reads, in the order of their application.
AUGMENTATIONS = ("color_jitter", "instance_noise", "flip", "rotate", "translate", "cutout")
_MEANT_FOR: dict[str, tuple[str, tuple[type, ...]]] = {
    **dict.fromkeys(AUGMENTATIONS, ("images", (ImageSpec,))),
    "instance_noise": ("images and tables", (ImageSpec, TableSpec)),
    "swap_noise": ("tables", (TableSpec,)),
}


def check_augmentations(training: Training, spec: Spec) -> None:
    """Refuse augmentations that this kind of data does not have.

    Raises:
        SpaceError: one of them is not 0.
    """
    for name, (meant, specs) in _MEANT_FOR.items():
        if getattr(training, name, 0.0) and not isinstance(spec, specs):
            raise SpaceError(f"training.{name} is for {meant}; it must be 0 for this kind of data")


def augmented(images: Tensor, noise: Noise, scalars: Scalars) -> Tensor:
    """Apply all augmentations, each at its strength, to planes (B, C, H, W) in [-1, 1]; the shape stays."""
    for name in AUGMENTATIONS:
        if _is_on(strength := scalars.get(name, 0.0)):
            images = _CHANGES[name](images, noise, strength)
    return images


def critic_view(samples: Tensor, spec: Spec, noise: Noise, scalars: Scalars) -> Tensor:
    """Augment samples for a critic, real and fake alike: images (B, C, H, W), rows of tables (B, F).

    Noise on rows is normal with standard deviation ``instance_noise`` (Sonderby 2017). Other data is
    unchanged.
    """
    if isinstance(spec, ImageSpec):
        return augmented(samples, noise, scalars)
    if isinstance(spec, TableSpec) and _is_on(strength := scalars["instance_noise"]):
        return samples + strength * noise.normal(*samples.shape)
    return samples


def swap_noise(batch: Batch, noise: Noise, share: Strength) -> Batch:
    """Replace a share of a table's cells by those of other rows of the batch; other data is unchanged.

    Args:
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        share: Share of the cells that are replaced.
    """
    if "codes" not in batch or not _is_on(share):
        return batch
    codes, positions = batch["codes"], batch["positions"]
    other = noise.permutation(len(codes))
    foreign = noise.uniform(*codes.shape) < share
    return {
        **batch,
        "codes": torch.where(foreign, codes[other], codes),
        "positions": torch.where(foreign, positions[other], positions),
    }


def flipped_and_shifted(batch: Batch, noise: Noise, scalars: Scalars) -> Batch:
    """Mirror and shift encoded images, whose pixels stay whole; other data is unchanged.

    Args:
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        scalars: Strengths ``flip`` and ``translate``.
    """
    if "pixels" not in batch:
        return batch
    pixels = batch["pixels"]
    if _is_on(scalars["flip"]):
        pixels = flip(pixels, noise, scalars["flip"])
    if _is_on(scalars["translate"]):
        pixels = translate(pixels, noise, scalars["translate"])
    return {**batch, "pixels": pixels}


def color_jitter(images: Tensor, noise: Noise, strength: Strength) -> Tensor:
    """Lower the contrast by up to ``strength``, change the brightness in that room, lower the saturation.

    Gray images have no saturation, and the alpha channel (a fourth one) is unchanged.

    Args:
        images: Planes in [-1, 1], (B, C, H, W).
        noise: Source of the random draws.
        strength: Largest share of contrast and saturation that is removed.
    """
    colors = images[:, :3] if images.shape[1] == 4 else images
    less, light, faded = (_one_each(images, noise) for _ in range(3))
    if colors.shape[1] == 3:
        gray = colors.mean(1, keepdim=True)
        colors = gray + (1 - strength * faded) * (colors - gray)
    room = strength * less
    colors = (1 - room) * colors + room * (2 * light - 1)
    return torch.cat([colors, images[:, colors.shape[1] :]], 1)


def instance_noise(images: Tensor, noise: Noise, strength: Strength) -> Tensor:
    """Mix a share of uniform noise into planes (B, C, H, W) in [-1, 1]."""
    return (1 - strength) * images + strength * (2 * noise.uniform(*images.shape) - 1)


def flip(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Mirror a share of the images (B, C, H, W) left to right."""
    return torch.where(_one_each(images, noise) < share, images.flip(3), images)


def rotate(images: Tensor, noise: Noise, degrees: Strength) -> Tensor:
    """Rotate each image (B, C, H, W) by up to so many degrees about its center; the border is repeated."""
    angle = (2 * noise.uniform(len(images)) - 1) * degrees * (math.pi / 180)
    height, width = images.shape[2:]
    zero, cos, sin = torch.zeros_like(angle), angle.cos(), angle.sin()
    # affine_grid counts from -1 to 1 along both axes: a rotation in pixels needs the image's proportions
    turn = torch.stack([cos, -sin * (height / width), zero, sin * (width / height), cos, zero], 1)
    grid = F.affine_grid(turn.reshape(-1, 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def translate(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Shift each image (B, C, H, W) by up to a share of its size; the border is repeated."""
    for axis in (2, 3):
        size = images.shape[axis]
        reach = torch.as_tensor(share * size, device=images.device).ceil()
        # half a pixel more, so that after rounding the largest shift is as likely as the others
        drawn = (2 * noise.uniform(len(images), 1) - 1) * (reach + 0.5)
        shift = drawn.round().clamp(-reach, reach).long()
        place = (torch.arange(size, device=images.device) + shift).clamp(0, size - 1)
        view = [len(images), 1, 1, 1]
        view[axis] = size
        images = images.gather(axis, place.view(view).expand(images.shape))
    return images


def cutout(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Gray out a window of each image (B, C, H, W), whose edges are a share of the image's (DeVries 2017)."""
    covered = torch.ones_like(images[:, :1])
    for axis in (2, 3):
        size = images.shape[axis]
        middle = noise.uniform(len(images), 1) * size
        apart = (torch.arange(size, device=images.device) + 0.5 - middle).abs()
        view = [len(images), 1, 1, 1]
        view[axis] = size
        covered = covered * (apart < share * size / 2).view(view)
    return images * (1 - covered)


def _one_each(images: Tensor, noise: Noise) -> Tensor:
    """Draw a uniform number for each image, (B, 1, 1, 1)."""
    return noise.uniform(len(images), 1, 1, 1)


def _is_on(strength: Strength) -> bool:
    return not (isinstance(strength, int | float) and strength == 0)


_CHANGES = {
    "color_jitter": color_jitter,
    "instance_noise": instance_noise,
    "flip": flip,
    "rotate": rotate,
    "translate": translate,
    "cutout": cutout,
}
