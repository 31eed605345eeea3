"""Augmentations of images that gradients pass through (Zhao 2020), and noise on the cells of tables.

https://arxiv.org/abs/2006.10738. All are drawn from keyed noise, and are the identity at strength 0;
a number 0 also draws nothing. Those of images keep planes inside [-1, 1], so that none can be told by its
range.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from autogen.data.specs import ImageSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import Batch, Noise, Scalars, Training

Strength = float | Tensor

#: Settings of training that ``augmented`` reads, in the order in which they are applied.
AUGMENTATIONS = ("jitter", "grain", "flip", "rotate", "translate", "cutout")
_MEANT_FOR: dict[str, tuple[str, tuple[type, ...]]] = {
    **dict.fromkeys(AUGMENTATIONS, ("images", (ImageSpec,))),
    "grain": ("images and tables", (ImageSpec, TableSpec)),
    "swap": ("tables", (TableSpec,)),
}


def check_augmentations(training: Training, spec: Spec) -> None:
    """Refuse settings of images and tables for other kinds of data.

    Raises:
        SpaceError: one of them is not 0.
    """
    for name, (meant, specs) in _MEANT_FOR.items():
        if getattr(training, name, 0.0) and not isinstance(spec, specs):
            raise SpaceError(f"training.{name} is for {meant}; it must be 0 for this kind of data")


def augmented(images: Tensor, noise: Noise, scalars: Scalars) -> Tensor:
    """Planes (B, C, H, W) in [-1, 1] changed by all augmentations, each at its strength."""
    for name in AUGMENTATIONS:
        if _is_on(strength := scalars.get(name, 0.0)):
            images = _CHANGES[name](images, noise, strength)
    return images


def seen(samples: Tensor, spec: Spec, noise: Noise, scalars: Scalars) -> Tensor:
    """Samples as a critic sees them, real and made alike: images augmented, rows blurred, others as they are.

    The blur of rows (B, F) is normal noise of ``grain`` standard deviations (Sonderby 2017).
    """
    if isinstance(spec, ImageSpec):
        return augmented(samples, noise, scalars)
    if isinstance(spec, TableSpec) and _is_on(strength := scalars["grain"]):
        return samples + strength * noise.normal(*samples.shape)
    return samples


def swapped(batch: Batch, noise: Noise, share: Strength) -> Batch:
    """Tables with a share of the cells from other rows of the batch; other data stays as it is."""
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


def moved(batch: Batch, noise: Noise, scalars: Scalars) -> Batch:
    """Encoded images mirrored and shifted: what leaves their pixels whole. Other data stays as it is."""
    if "pixels" not in batch:
        return batch
    pixels = batch["pixels"]
    if _is_on(scalars["flip"]):
        pixels = flip(pixels, noise, scalars["flip"])
    if _is_on(scalars["translate"]):
        pixels = translate(pixels, noise, scalars["translate"])
    return {**batch, "pixels": pixels}


def jitter(images: Tensor, noise: Noise, strength: Strength) -> Tensor:
    """Lower the contrast by up to ``strength``, change the brightness in the room gained, fade colours.

    Grey images have no colours, and transparency (a fourth channel) is not touched.
    """
    colours = images[:, :3] if images.shape[1] == 4 else images
    less, light, faded = (_one_each(images, noise) for _ in range(3))
    if colours.shape[1] == 3:
        grey = colours.mean(1, keepdim=True)
        colours = grey + (1 - strength * faded) * (colours - grey)
    room = strength * less
    colours = (1 - room) * colours + room * (2 * light - 1)
    return torch.cat([colours, images[:, colours.shape[1] :]], 1)


def grain(images: Tensor, noise: Noise, strength: Strength) -> Tensor:
    """Mix in a share of even noise."""
    return (1 - strength) * images + strength * (2 * noise.uniform(*images.shape) - 1)


def flip(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Mirror a share of the images left to right."""
    return torch.where(_one_each(images, noise) < share, images.flip(3), images)


def rotate(images: Tensor, noise: Noise, degrees: Strength) -> Tensor:
    """Turn each image by up to so many degrees about its middle; the border is repeated."""
    angle = (2 * noise.uniform(len(images)) - 1) * degrees * (math.pi / 180)
    height, width = images.shape[2:]
    zero, cos, sin = torch.zeros_like(angle), angle.cos(), angle.sin()
    # places are counted from -1 to 1 along both axes, whatever the image's proportions
    turn = torch.stack([cos, -sin * (height / width), zero, sin * (width / height), cos, zero], 1)
    grid = F.affine_grid(turn.reshape(-1, 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def translate(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Shift each image (B, C, H, W) by up to a share of its size; the border is repeated."""
    for axis in (2, 3):
        size = images.shape[axis]
        reach = torch.as_tensor(share * size, device=images.device).ceil()
        drawn = (2 * noise.uniform(len(images), 1) - 1) * (reach + 0.5)
        shift = drawn.round().clamp(-reach, reach).long()
        place = (torch.arange(size, device=images.device) + shift).clamp(0, size - 1)
        view = [len(images), 1, 1, 1]
        view[axis] = size
        images = images.gather(axis, place.view(view).expand(images.shape))
    return images


def cutout(images: Tensor, noise: Noise, share: Strength) -> Tensor:
    """Grey out a window of each image whose edges are a share of the image's (DeVries 2017)."""
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
    """A uniform number for each image, (B, 1, 1, 1)."""
    return noise.uniform(len(images), 1, 1, 1)


def _is_on(strength: Strength) -> bool:
    return not (isinstance(strength, int | float) and strength == 0)


_CHANGES = {
    "jitter": jitter,
    "grain": grain,
    "flip": flip,
    "rotate": rotate,
    "translate": translate,
    "cutout": cutout,
}
