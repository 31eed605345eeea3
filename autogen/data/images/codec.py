"""Codec of images: raw pixel values to level numbers and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autogen.data.codec import Codec, CodeNames
from autogen.data.images.arrays import FEW_LEVELS
from autogen.data.specs import Arrays, ImageSpec
from autogen.errors import DataError, agreed

#: Images that are counted at once.
_BLOCK = 64


class ImageCodec(Codec):
    """Transform of pixel values to codes 0..levels-1, channels first, and back; only unseen values are lost.

    Args:
        spec: shape, levels and number of classes.
        values: raw pixel value of each code, ascending, (levels,).
        label_names: names of the classes, in the order of their numbers.
    """

    kind = "image"
    spec: ImageSpec

    def __init__(self, spec: ImageSpec, values: Sequence[int], label_names: Sequence[str] = ()) -> None:
        assert len(values) == spec.levels
        self.spec = spec
        self.label_names = tuple(label_names)
        self.values = np.asarray(values, dtype=np.uint8)
        # A pixel value that training lacks gets the code of the nearest value, through one lookup table.
        nearest = np.abs(np.arange(256)[:, None] - self.values.astype(int)[None, :]).argmin(axis=1)
        self._codes = nearest.astype(np.uint8)

    @classmethod
    def fit(cls, images: np.ndarray, label_names: Sequence[str] = ()) -> "ImageCodec":
        """Find shape and levels of the training images, uint8 (N, H, W, C)."""
        _, height, width, channels = images.shape
        counts = np.zeros(256, np.int64)
        for start in range(0, len(images), _BLOCK):  # counting all at once takes eight bytes a pixel
            counts += np.bincount(images[start : start + _BLOCK].ravel(), minlength=256)
        used = np.flatnonzero(counts)
        # Digits with levels 0..16 keep the whole range; binary images saved as 0 and 255 get two levels.
        if used[-1] < FEW_LEVELS:
            values = list(range(int(used[-1]) + 1))
        else:
            values = used.tolist() if len(used) <= FEW_LEVELS else list(range(256))
        spec = ImageSpec(channels, height, width, len(values), len(label_names))
        return cls(spec, values, label_names)

    @classmethod
    def extending(cls, earlier: "ImageCodec", images: np.ndarray, label_names: Sequence[str]) -> "ImageCodec":
        """Find the shape of training images, uint8 (N, H, W, C), and add their pixel values to earlier ones.

        The classes are those of the new images: weights of a class go by its name.

        Raises:
            DataError: the earlier images have other channels.
        """
        fresh = cls.fit(images, label_names)
        if fresh.spec.channels != earlier.spec.channels:
            raise DataError(
                f"the earlier model draws images of {earlier.spec.channels} "
                f"{agreed(earlier.spec.channels, 'channel', 'channels')}, but these have "
                f"{fresh.spec.channels}; convert them, or start without it."
            )
        values = sorted({*earlier.values.tolist(), *fresh.values.tolist()})
        values = values if len(values) <= FEW_LEVELS else list(range(256))
        return cls(replace(fresh.spec, levels=len(values)), values, label_names)

    def code_names(self) -> CodeNames:
        """Name the classes; pixel values are quantities."""
        return (("classes", self.label_names),)

    def encode(self, samples: np.ndarray) -> Arrays:
        """Encode images, uint8 (N, H, W, C), as ``{"pixels": uint8 (N, C, H, W)}``."""
        expected = (self.spec.height, self.spec.width, self.spec.channels)
        if samples.shape[1:] != expected or samples.dtype != np.uint8:
            raise DataError(
                f"images must be uint8 (N, {', '.join(map(str, expected))}) as in training; "
                f"got {samples.dtype} {samples.shape}. Resize and convert them first."
            )
        return {"pixels": np.ascontiguousarray(self._codes[samples].transpose(0, 3, 1, 2))}

    def decode(self, arrays: Arrays, seed: int = 0) -> np.ndarray:
        """Decode pixels, (N, C, H, W), to images, uint8 (N, H, W, C)."""
        return np.ascontiguousarray(self.values[np.asarray(arrays["pixels"])].transpose(0, 2, 3, 1))

    def to_json(self) -> dict[str, Any]:
        """Describe the shape, the pixel values and the class names."""
        return {
            "kind": self.kind,
            "channels": self.spec.channels,
            "height": self.spec.height,
            "width": self.spec.width,
            "values": self.values.tolist(),
            "label_names": list(self.label_names),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "ImageCodec":
        """Rebuild from ``to_json``."""
        size = record["channels"], record["height"], record["width"]
        spec = ImageSpec(*size, len(record["values"]), len(record["label_names"]))
        return cls(spec, record["values"], record["label_names"])
