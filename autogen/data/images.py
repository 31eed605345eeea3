"""Images: uint8 arrays (N, H, W, C), from ``.npz``, folders and zips of image files.

Raw samples always have the channel axis: 1 grey, 3 RGB, 4 RGBA. Where the training images use at
most 32 different values (``digits`` uses 17, binary images 2) a pixel's code is its rank among
them; otherwise it is the value itself, one of 256. Nothing is lost but values that no training
image has: they take the code of the nearest one that some have.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.base import Arrays, Codec, DataKind, ImageSpec, RawData
from autogen.data.names import IMAGE_SETS
from autogen.errors import DataError

FEW_LEVELS = 32


class ImageCodec(Codec):
    """Pixels to codes 0..levels-1, channels first, and back; loses unseen values only.

    Args:
        spec: Shape, levels and number of classes.
        values: The raw value of each code, ascending, (levels,).
        label_names: Names of the classes.
    """

    kind = "image"
    spec: ImageSpec

    def __init__(self, spec: ImageSpec, values: Sequence[int], label_names: Sequence[str] = ()) -> None:
        assert len(values) == spec.levels
        self.spec = spec
        self.label_names = tuple(label_names)
        self.values = np.asarray(values, dtype=np.uint8)
        nearest = np.abs(np.arange(256)[:, None] - self.values.astype(int)[None, :]).argmin(axis=1)
        self._codes = nearest.astype(np.uint8)

    @classmethod
    def fit(cls, images: np.ndarray, label_names: Sequence[str] = ()) -> "ImageCodec":
        """Find shape and levels of the training images, (N, H, W, C)."""
        _, height, width, channels = images.shape
        used = np.flatnonzero(np.bincount(images.ravel(), minlength=256))
        if used[-1] < FEW_LEVELS:
            values = range(int(used[-1]) + 1)
        else:
            values = used.tolist() if len(used) <= FEW_LEVELS else range(256)
        spec = ImageSpec(channels, height, width, len(values), len(label_names))
        return cls(spec, values, label_names)

    def encode(self, samples: np.ndarray) -> Arrays:
        """``{"pixels": uint8 (N, C, H, W)}``."""
        expected = (self.spec.height, self.spec.width, self.spec.channels)
        if samples.shape[1:] != expected or samples.dtype != np.uint8:
            raise DataError(
                f"images must be uint8 (N, {', '.join(map(str, expected))}) as in training; "
                f"got {samples.dtype} {samples.shape}"
            )
        return {"pixels": np.ascontiguousarray(self._codes[samples].transpose(0, 3, 1, 2))}

    def decode(self, arrays: Arrays, seed: int = 0) -> np.ndarray:
        """uint8 (N, H, W, C)."""
        return np.ascontiguousarray(self.values[np.asarray(arrays["pixels"])].transpose(0, 2, 3, 1))

    def to_json(self) -> dict[str, Any]:
        """Shape, values and class names."""
        return {
            "kind": self.kind,
            "channels": self.spec.channels,
            "height": self.spec.height,
            "width": self.spec.width,
            "values": self.values.tolist(),
            "label_names": list(self.label_names),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "ImageCodec":
        """Rebuild from ``to_json``."""
        size = record["channels"], record["height"], record["width"]
        spec = ImageSpec(*size, len(record["values"]), len(record["label_names"]))
        return cls(spec, record["values"], record["label_names"])


class Images(DataKind):
    """Small images, 8 x 8 to 64 x 64 unless ``size`` says otherwise."""

    name = "image"
    suffixes = (".npz", ".npy", ".zip")
    unit = "image"
    codec: ClassVar[type[Codec]] = ImageCodec
    settings = ("size", "arrays")

    def recognises(self, source: Any) -> bool:
        """A built-in name, an array, an ``.npz``, a folder or zip that holds image files."""
        if isinstance(source, np.ndarray):
            return source.ndim in (3, 4)
        if not isinstance(source, (str, Path)):
            return False
        return str(source) in IMAGE_SETS

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read images and make them alike in size and channels."""
        from autogen.data.builtin import read_digits

        return read_digits()

    def take(self, samples: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(M, H, W, C)."""
        return samples[rows]

    def concatenate(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """(sum of N, H, W, C)."""
        return np.concatenate(list(parts))

    def digests(self, samples: np.ndarray) -> list[bytes]:
        """One of each image's shape and pixels."""
        shape = repr(samples.shape[1:]).encode()
        return [hashlib.blake2b(shape + image.tobytes(), digest_size=16).digest() for image in samples]

    def fit(self, raw: RawData, rows: np.ndarray) -> ImageCodec:
        """Levels from the training images, classes from the reader."""
        return ImageCodec.fit(raw.samples[rows], raw.label_names)

    def save(self, samples: np.ndarray, path: Path, codec: Codec | None = None) -> None:
        """Write an ``.npz``."""
        np.savez_compressed(path, images=samples)
