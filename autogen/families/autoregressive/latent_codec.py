"""Codec of images by a frozen autoencoder, on top of the codec of the data set."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from autogen.data.codec import Codec
from autogen.data.images.codec import ImageCodec
from autogen.data.specs import Arrays, ImageSpec
from autogen.errors import RunError, SpaceError, reason
from autogen.families.autoregressive.autoencoder import Autoencoder, decode, encode

#: Images that pass the autoencoder at once.
BLOCK = 32


class LatentCodec(Codec):
    """Latents of an autoencoder, rounded to equal steps, as pixels of small images; what it blurs is lost.

    The classes of images are left out. It is saved as the codec of the data set: the config of a model has
    the rest.

    Args:
        images: Codec of the data set.
        base: The autoencoder.
        reach: Largest absolute value of a latent that has a code; larger ones get the nearest.
        levels: Number of codes of a latent.
    """

    spec: ImageSpec

    def __init__(self, images: ImageCodec, base: Autoencoder, reach: float, levels: int) -> None:
        self.kind, self.images, self.base, self.reach = images.kind, images, base, reach
        self.spec = ImageSpec(*_places(images, base), levels)

    def encode(self, samples: np.ndarray) -> Arrays:
        """Encode images, uint8 (N, H, W, C), as ``{"pixels": (N, latents, H / f, W / f)}``."""
        top = self.spec.levels - 1
        parts = [
            ((one / self.reach).clamp(-1, 1).add(1).mul(top / 2).round()).numpy()
            for one in latents_of(self.images, self.base, samples)
        ]
        whole = np.concatenate(parts) if parts else np.empty((0, *self._shape))
        return {"pixels": whole.astype(np.uint8 if top < 256 else np.int64)}

    def decode(self, arrays: Arrays, seed: int = 0) -> np.ndarray:
        """Decode pixels, (N, latents, H / f, W / f), to images, uint8 (N, H, W, C).

        Raises:
            RunError: the autoencoder gives what is no number.
        """
        codes, spec = np.asarray(arrays["pixels"]), self.images.spec
        found = np.empty((len(codes), spec.channels, spec.height, spec.width), np.int64)
        for first in range(0, len(codes), BLOCK):
            some = torch.from_numpy(codes[first : first + BLOCK].astype(np.float32))
            planes = decode(self.base, (2 * some / (self.spec.levels - 1) - 1) * self.reach)
            if not planes.isfinite().all():
                raise RunError(f"{self.base.path} decodes latents to what is no number; take another one")
            planes = planes[..., : spec.height, : spec.width]
            if spec.channels == 1:
                planes = planes.mean(1, keepdim=True)
            top = spec.levels - 1
            found[first : first + BLOCK] = ((planes + 1) * (top / 2)).round().clamp(0, top).long().numpy()
        return self.images.decode({"pixels": found}, seed)

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self.spec.channels, self.spec.height, self.spec.width

    def to_json(self) -> dict[str, Any]:
        """Describe the codec of the data set."""
        return self.images.to_json()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Codec:
        """Rebuild the codec of the data set, on top of which a model has its own."""
        return ImageCodec.from_json(record)


def latents_of(images: ImageCodec, base: Autoencoder, samples: np.ndarray) -> list[Tensor]:
    """Encode images, uint8 (N, H, W, C), as latents: a list of blocks (B, latents, H / f, W / f).

    Edges are repeated up to a multiple of the autoencoder's factor; gray images become three equal channels
    where it reads colors.
    """
    codes = images.encode(samples)["pixels"]
    spec = images.spec
    bottom, right = (-side % base.factor for side in (spec.height, spec.width))
    found = []
    for first in range(0, len(codes), BLOCK):
        some = torch.from_numpy(codes[first : first + BLOCK].astype(np.float32))
        planes = 2 * some / max(1, spec.levels - 1) - 1
        planes = F.pad(planes, (0, right, 0, bottom), mode="replicate")
        found.append(encode(base, planes.expand(-1, base.channels, -1, -1).contiguous()))
    return found


def tried(images: ImageCodec, base: Autoencoder, samples: np.ndarray) -> Tensor:
    """Encode images, uint8 (N, H, W, C), as latents, (N, latents, H / f, W / f), and decode one block.

    Raises:
        RunError: it fails, gives tensors of other shapes than its config says, or what is no number.
    """
    latents, height, width = _places(images, base)
    pixels = (base.channels, height * base.factor, width * base.factor)
    try:
        found = torch.cat(latents_of(images, base, samples))
        back = decode(base, found[:BLOCK])
    except (RuntimeError, ValueError, TypeError, IndexError) as error:  # of layers that do not fit
        raise RunError(
            f"the autoencoder in {base.path} cannot encode these images ({reason(error)}): its config.json "
            "does not fit its weights, or memory is too small; copy it again, or take another one"
        ) from error
    for what, one, shape in (("latents", found, (latents, height, width)), ("images", back, pixels)):
        if one.shape[1:] != shape:
            raise RunError(
                f"the autoencoder in {base.path} gives {what} of {list(one.shape[1:])}, and by its "
                f"config.json they should be {list(shape)}; copy it again, or take another one"
            )
        if not one.isfinite().all():
            raise RunError(f"{base.path} gives {what} that are no numbers; take another autoencoder")
    return found


def _places(images: ImageCodec, base: Autoencoder) -> tuple[int, int, int]:
    """Return the shape of the latents of an image."""
    height, width = (-(-side // base.factor) for side in (images.spec.height, images.spec.width))
    return base.latents, height, width


def of_images(codec: Codec, base: Autoencoder) -> ImageCodec:
    """Return the codec of the data set.

    Raises:
        SpaceError: the data is no images, or of other channels than the autoencoder reads.
    """
    found = codec.images if isinstance(codec, LatentCodec) else codec
    if not isinstance(found, ImageCodec):
        raise SpaceError(f"an autoencoder of images reads images; this is {codec.kind} data")
    if found.spec.channels not in (1, base.channels):
        raise SpaceError(
            f"{base.name} reads images of {base.channels} channels, and these have {found.spec.channels}; "
            "convert them, or take another autoencoder"
        )
    return found
