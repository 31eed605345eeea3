"""Images: uint8 arrays (N, H, W, C), from ``.npz``, folders and zips of image files.

Raw samples always have the channel axis: 1 gray, 3 RGB, 4 RGBA. Where the training images use at
most 32 different values (``digits`` uses 17, binary images 2) a pixel's code is its rank among
them; otherwise it is the value itself, one of 256. Nothing is lost but values that no training
image has: they take the code of the nearest one that some have.
"""

import hashlib
import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.builtin import IMAGE_SETS
from autogen.data.codec import Codec
from autogen.data.declaration import Declaration, Preview
from autogen.data.images.arrays import (
    CAP,
    FEW_LEVELS,
    SMALLEST,
    choose,
    eight_bit,
    holds_images_in_arrays,
    images_like,
    indexed,
    labels_of,
    load_arrays,
    unfit_labels,
)
from autogen.data.images.codec import ImageCodec
from autogen.data.images.folder import SUFFIXES, class_folders, holds_images
from autogen.data.images.packed import PackedImages, holds_packed_images
from autogen.data.kind import DataKind, RawData
from autogen.data.tables.sources.arrow import holds_data_set
from autogen.errors import DataError, agreed, counted, reason

LARGEST = 256
MOST_TILES = 10_000


class Images(DataKind):
    """Small images, 8 x 8 to 64 x 64 unless ``size`` says otherwise.

    Options: ``size`` (side of the square that images are resized to, 8..256) and ``arrays`` (names
    of the arrays of an ``.npz`` that hold the images, separated by commas).
    """

    name = "image"
    suffixes = (".npz", ".npy", ".zip", *SUFFIXES)
    also = (".parquet",)
    unit = "image"
    written = (".npz", ".png", "")
    codec: ClassVar[type[Codec]] = ImageCodec
    settings = ("size", "arrays")
    declaration = Declaration(
        metric="kd",
        features="random_conv",
        spaces=("image", "image_tiny"),
        baselines={
            "train_copy": "autogen.families.baselines.base:TrainCopy",
            "marginals": "autogen.families.baselines.images:PixelMarginals",
            "pca_gaussian": "autogen.families.baselines.images:PcaGaussian",
            "kde": "autogen.families.baselines.images:Kde",
        },
        distance="autogen.metrics.images.distance:ImageDistance",
        adapts="latent",
        preview=Preview(".png", shown=64, pairs=18),
        plural="images",
        file="samples.npz",
        limits="It draws images of the size and the colors of its training data, and no others.",
    )

    def recognizes(self, source: Any) -> bool:
        """A built-in name, an array, an ``.npz``, an image file, a folder or zip that holds some."""
        if isinstance(source, np.ndarray):
            return source.ndim in (3, 4)
        if not isinstance(source, (str, Path)):
            return False
        path = Path(source)
        if path.suffix.lower() == ".parquet" or holds_data_set(path):
            return holds_packed_images(path)
        if path.is_dir() or path.suffix.lower() == ".zip":
            return holds_images(path)
        if path.suffix.lower() in (".npz", ".npy") and path.is_file() and not holds_images_in_arrays(path):
            return False
        return str(source) in IMAGE_SETS or path.suffix.lower() in self.suffixes

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read images and make them alike in size and channels."""
        size = _checked_size(options.get("size"))
        if isinstance(source, np.ndarray):
            raw = _from_arrays({"images": source}, ["images"], "the array")
        elif str(source) in IMAGE_SETS:
            from autogen.data.builtin import read_digits

            raw = read_digits()
        elif Path(source).suffix.lower() in (".npz", ".npy"):
            arrays = load_arrays(Path(source))
            raw = _from_arrays(arrays, choose(arrays, options.get("arrays"), str(source)), str(source))
        elif Path(source).suffix.lower() == ".parquet" or holds_data_set(Path(source)):
            raw = _from_packed(Path(source), size)
        else:
            raw = _from_files(Path(source), size)
        return _sized(raw, size)

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """Images of the codec's size, with its channels and its range of values."""
        assert isinstance(codec, ImageCodec)
        raw = self.read(source, options)
        samples, notes = images_like(raw.samples, codec.spec.channels, int(codec.values[-1]))
        expected = codec.spec.height, codec.spec.width, codec.spec.channels
        if samples.shape[1:] != expected:
            name = "the array" if isinstance(source, np.ndarray) else source
            raise DataError(
                f"{name} holds images {_shape(samples.shape[1:])}, but the real ones are "
                f"{_shape(expected)}; give images of the same shape."
            )
        return RawData(samples, (*raw.notes, *notes))

    def take(self, samples: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(M, H, W, C)."""
        return np.asarray(samples[rows])

    def concatenate(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """(sum of N, H, W, C)."""
        return np.concatenate(list(parts))

    def digests(self, samples: np.ndarray) -> list[bytes]:
        """One of each image's shape and pixels."""
        shape = repr(samples.shape[1:]).encode()
        return [hashlib.blake2b(shape + image.tobytes(), digest_size=16).digest() for image in samples]

    def unlike(self, raw: RawData, earlier: Codec) -> str:
        """Other sizes."""
        assert isinstance(earlier, ImageCodec)
        now, was = raw.samples.shape[1:3], (earlier.spec.height, earlier.spec.width)
        return "" if now == was else f"images of {now[0]} x {now[1]} pixels, not {was[0]} x {was[1]}"

    def fit(self, raw: RawData, rows: np.ndarray) -> ImageCodec:
        """Levels from the training images, classes from the reader."""
        return ImageCodec.fit(raw.samples[rows], raw.label_names)

    def fit_from(self, raw: RawData, rows: np.ndarray, earlier: Codec) -> ImageCodec:
        """The earlier levels and those of the training images, in their own size."""
        assert isinstance(earlier, ImageCodec)
        return ImageCodec.extending(earlier, raw.samples[rows], raw.label_names)

    def save(self, samples: np.ndarray, path: Path, codec: Codec | None = None) -> None:
        """Write raw values to an ``.npz``, or as they look to a ``.png`` grid or a folder of PNGs.

        The array ``images`` of the ``.npz`` is (N, H, W) for gray images, else (N, H, W, C). In PNGs
        values are stretched so that the brightest of the data (16 for digits) is white.
        """
        path = Path(path)
        try:
            if path.suffix.lower() == ".npz":
                gray = samples.shape[-1] == 1
                np.savez_compressed(path, images=samples[..., 0] if gray else samples)
            elif path.suffix.lower() == ".png":
                _write_grid(samples, path, codec)
            elif not path.suffix or path.is_dir():
                _door().write_folder(_bright(samples, codec), path)
            else:
                raise DataError(f"images are written to .npz, .png or a folder; got {path.name!r}.")
        except OSError as error:
            raise DataError(f"{path} cannot be written: {reason(error)}.") from error


def _shape(sizes: Sequence[int]) -> str:
    """Height, width and channels in words."""
    height, width, channels = sizes
    return f"{height} x {width} with {counted(channels, 'channel')}"


def _checked_size(size: Any) -> int | None:
    """The side that is wanted."""
    if size is None:
        return None
    if not isinstance(size, int) or not SMALLEST <= size <= LARGEST:
        raise DataError(f"size must be a whole number of pixels from {SMALLEST} to {LARGEST}; got {size!r}.")
    return size


def _from_arrays(arrays: Mapping[str, np.ndarray], chosen: list[str], name: str) -> RawData:
    """Images and classes of the chosen arrays."""
    images, notes = eight_bit(np.concatenate([arrays[key] for key in chosen]), name)
    if len(chosen) > 1:
        parts = " and ".join(f"{key} ({len(arrays[key])})" for key in chosen)
        notes = [f"The arrays {parts} were put together; the four parts are drawn from all.", *notes]
    found = labels_of(arrays, chosen)
    if found is None:
        return RawData(images, (*notes, *unfit_labels(arrays, chosen)))
    labels, label_names, more = indexed(found, arrays)
    return RawData(images, (*notes, *more), labels, label_names)


def _from_files(path: Path, size: int | None) -> RawData:
    """Images of a folder, zip or file, with their folders as classes."""
    images, names, notes = _door().read_images(path, size)
    classes = class_folders(names)
    if classes is None:
        return RawData(images, tuple(notes))
    label_names, labels = np.unique(classes, return_inverse=True)
    were = agreed(len(label_names), "was", "were")
    notes.append(f"{counted(len(label_names), 'sub-folder')} {were} taken as classes.")
    return RawData(images, tuple(notes), labels.astype(np.int64), tuple(map(str, label_names)))


def _from_packed(path: Path, size: int | None) -> RawData:
    """Images of a parquet file, with the classes beside them."""
    if find_spec("pyarrow") is None:
        raise DataError(f"{path} needs pyarrow; install it with: pip install pyarrow")
    folder = PackedImages(path)
    images, names, notes = _door().read_images(path, size, folder)
    found, class_names = folder.labels(names)
    notes.append(f"The images were read from the column {folder.column!r}.")
    if found is None:
        return RawData(images, tuple(notes))
    values = found.astype(str) if any(isinstance(one, str) for one in found) else found.astype(np.int64)
    known = {"classes": np.array(class_names)} if class_names else {}
    labels, label_names, more = indexed(values, known)
    return RawData(images, (*notes, *more), labels, label_names)


def _sized(raw: RawData, size: int | None) -> RawData:
    """Resize images that are too large, or that should have another size."""
    height, width = raw.samples.shape[1:3]
    if size is None and min(height, width) < SMALLEST:
        raise DataError(
            f"images must be at least {SMALLEST} x {SMALLEST} pixels; got {height} x {width}. "
            f"Enlarge them with the option size."
        )
    fits = max(height, width) <= CAP if size is None else height == width == size
    if fits:
        return raw
    target = _door().target_size(Counter({(height, width): len(raw.samples)}), size)
    note = f"All images were cropped and resized from {height} x {width} to {target[0]} x {target[1]}."
    return replace(raw, samples=_door().resized(raw.samples, target), notes=(*raw.notes, note))


def _bright(samples: np.ndarray, codec: Codec | None) -> np.ndarray:
    """Values 0..255 as they should look: few levels from 0 up are stretched to white."""
    peak = int(codec.values[-1]) if isinstance(codec, ImageCodec) else int(samples.max(initial=0))
    if not 0 < peak < FEW_LEVELS:
        return samples
    return np.asarray(np.rint(np.minimum(samples, peak) * (255.0 / peak)), dtype=np.uint8)


def _write_grid(samples: np.ndarray, path: Path, codec: Codec | None) -> None:
    if not 0 < len(samples) <= MOST_TILES:
        raise DataError(
            f"a .png shows 1 to {MOST_TILES} images; got {len(samples)}. Write a folder or an .npz."
        )
    _door().write_grid(_bright(samples, codec), path)


def _door() -> Any:
    """The module that reads and writes image files; arrays do without it and without Pillow."""
    if find_spec("PIL") is None:
        raise DataError("image files and other sizes need Pillow; install it with: pip install pillow")
    return importlib.import_module("autogen.data.images.files")
