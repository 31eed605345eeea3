"""Images that come as arrays: which array of an ``.npz``, in which layout, and as 8 bits.

Of an ``.npz`` these arrays are read, in the file's order, and put one after the other: the arrays
that ``arrays`` names; else the only one with 3 or 4 axes; else all of them that are called x,
images, data, samples, pixels or ``arr_0``, alone or as one word of a name with underscores
(``x_train``, ``test_images``). An official test part is thus merged with the rest: the four splits
are drawn from all images, so that nobody has looked at any of them before. Classes are read from the
array of the same name with that word replaced by y, labels, label, targets or target.
"""

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from autogen.errors import DataError, reason

#: Longest side that is kept, and shortest side that is accepted, in pixels.
CAP, SMALLEST = 64, 8
#: Images with at most this many different pixel values keep them as they are.
FEW_LEVELS = 32
#: Most bytes of an array in an archive, so that a small file cannot fill the memory; bytes with its header.
MOST_BYTES, _HEADER = 2**33, 2**16
IMAGE_WORDS = ("x", "images", "image", "data", "samples", "pixels")
LABEL_WORDS = ("y", "labels", "label", "targets", "target")
CLASS_NAMES = ("classes", "class_names", "label_names", "target_names", "names")


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Load all arrays of an ``.npz`` or ``.npy`` file, without members that are none; no pickled objects."""
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is no regular file; give a file, not a folder, a device or a pipe.")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return {
                    member.filename.removesuffix(".npy"): _member(archive, member)
                    for member in archive.infolist()
                    if member.filename.endswith(".npy")
                }
        with path.open("rb") as stream:
            return {"images": _array(stream, path.stat().st_size)}
    except DataError:
        raise
    except Exception as error:  # damaged headers raise many classes
        raise DataError(f"{path} cannot be read as numpy arrays: {reason(error)}.") from error


def array_types(path: Path) -> list[tuple[tuple[int, ...], np.dtype[Any]]]:
    """Read the shape and the type of each array of an ``.npz`` or ``.npy``; none of what is damaged."""
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as stream:
                return [_header(stream, path.stat().st_size)]
        found = []
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith(".npy"):
                    with archive.open(member) as stream:
                        found.append(_header(stream, member.file_size))
        return found
    except Exception:  # damaged headers raise many classes
        return []


def holds_images_in_arrays(path: Path) -> bool:
    """Tell if an ``.npz`` or ``.npy`` may hold images: not if one of its arrays alone is a table."""
    found = array_types(path)
    images = any(len(shape) in (3, 4) for shape, _ in found)
    return images or sum(is_table(shape, dtype) for shape, dtype in found) != 1


def is_table(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Tell if an array is one of rows and columns, or of records."""
    return (len(shape) == 2 and dtype.kind in "biufUSM") or (len(shape) == 1 and bool(dtype.names))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Load an array of an archive, whose header may claim no more than the archive holds."""
    if member.file_size > MOST_BYTES:
        raise DataError(
            f"{archive.filename} unpacks to more than {MOST_BYTES:,} bytes in {member.filename}; give a part."
        )
    with archive.open(member) as stream:
        return _array(stream, member.file_size)


def _array(stream: IO[bytes], size: int) -> np.ndarray:
    """Load an array from a stream of ``size`` bytes."""
    _header(stream, size)
    stream.seek(0)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _header(stream: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the shape and the type of an array from a stream of ``size`` bytes."""
    head = io.BytesIO(stream.read(min(size, _HEADER)))
    version = np.lib.format.read_magic(head)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(head)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which may run code")
    if math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"its header claims an array {shape} of {dtype}, which its {size} bytes cannot hold")
    return shape, dtype


def choose(arrays: Mapping[str, np.ndarray], wanted: str | None, name: str) -> list[str]:
    """Choose the arrays that hold the images, by the rule of the module.

    Raises:
        DataError: no array holds images, or the chosen ones differ in shape; the message lists all arrays.
    """
    listed = ", ".join(f"{key} {array.dtype} {array.shape}" for key, array in arrays.items()) or "no array"
    solid = [key for key, array in arrays.items() if array.ndim in (3, 4) and array.dtype.kind in "biuf"]
    if wanted is not None:
        chosen = [key.strip() for key in wanted.split(",")]
    elif len(solid) == 1:
        chosen = solid
    else:
        chosen = [key for key in solid if key == "arr_0" or _word(key) is not None]
    if not chosen or any(key not in solid for key in chosen):
        raise DataError(
            f"expected an array of images, (N, H, W) or (N, H, W, C), with a known name, or one of a table, "
            f"(N, D), in {name}; it holds {listed}. Name an array of images with the option arrays."
        )
    if len({arrays[key].shape[1:] for key in chosen}) > 1:
        raise DataError(
            f"{name} holds images of different shapes: {listed}. Name one array with the option arrays."
        )
    return chosen


def labels_of(arrays: Mapping[str, np.ndarray], chosen: list[str]) -> np.ndarray | None:
    """Find the classes of the images in the chosen arrays, (N,); ``None`` if one of the arrays has none."""
    parts = [_partner(arrays, key) for key in chosen]
    if any(part is None for part in parts):
        return None
    return np.concatenate([part for part in parts if part is not None])


def unfit_labels(arrays: Mapping[str, np.ndarray], chosen: list[str]) -> list[str]:
    """Warn of arrays that are named like classes, but do not fit the images."""
    return [
        f"Warning: the array {key!r} {array.shape} has no class for each image and is ignored."
        for key, array in arrays.items()
        if key not in chosen and any(word in LABEL_WORDS for word in key.lower().split("_"))
    ]


def indexed(
    found: np.ndarray, arrays: Mapping[str, np.ndarray]
) -> tuple[np.ndarray | None, tuple[str, ...], list[str]]:
    """Number the classes 0..L-1, int64 (N,), and name them; ``None`` for fewer than two images per class."""
    values, labels = np.unique(found, return_inverse=True)
    if 2 * len(values) > len(found):
        note = f"The labels have {len(values)} different values for {len(found)} images, so they are ignored."
        return None, (), [note]
    named = [tuple(map(str, arrays[key])) for key in CLASS_NAMES if key in arrays and arrays[key].ndim == 1]
    fits = values.dtype.kind in "iu" and values.min(initial=0) >= 0
    for names in named:
        if fits and values.max(initial=0) < len(names):
            return found.astype(np.int64), names, []
    return labels.reshape(-1).astype(np.int64), tuple(str(value) for value in values), []


def eight_bit(images: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Convert images to uint8 (N, H, W, C), and note each change.

    Integers 0..255 and booleans keep their values; floats in [0, 1] or [-1, 1] are scaled to 0..255, and so
    are 16-bit integers with values above, all by one factor. Channels that come first are moved last.

    Raises:
        DataError: wrong number of axes or channels, values outside of these ranges, or NaN.
    """
    notes = []
    if images.ndim == 4 and images.shape[-1] not in (1, 3, 4) and images.shape[1] in (1, 3, 4):
        images = images.transpose(0, 2, 3, 1)
        notes.append("The images have their channels first; the channels were moved last.")
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or images.dtype.kind not in "biuf":
        raise DataError(
            f"{name} must hold images (N, H, W) or (N, H, W, C) with 1, 3 or 4 channels; "
            f"got {images.dtype} {images.shape}."
        )
    if images.dtype in (np.uint8, np.bool_) or not images.size:
        return np.ascontiguousarray(images, dtype=np.uint8), notes
    low, high = float(images.min()), float(images.max())
    if not np.isfinite((low, high)).all():
        raise DataError(f"{name} holds pixels that are no finite numbers (NaN or infinite); replace them.")
    fractional = images.dtype.kind == "f" and bool(np.any(images != np.rint(images)))
    if not fractional and low >= 0 and high <= 255:
        return np.ascontiguousarray(images, dtype=np.uint8), notes
    if images.dtype in (np.uint16, np.int16) and low >= 0:
        white = brightest(high)
        notes.append(f"Pixels of more than 8 bits were scaled: {white} is white in all images.")
        return np.ascontiguousarray(np.rint(images * (255.0 / white)), dtype=np.uint8), notes
    if not (images.dtype.kind == "f" and low >= -1 and high <= 1):
        raise DataError(
            f"{name} holds pixels from {low:g} to {high:g}; expected integers 0..65535 or floats in [0, 1] "
            f"or [-1, 1]."
        )
    notes.append(f"Pixels in [{-1 if low < 0 else 0}, 1] were scaled to 0..255 and rounded.")
    stretched = (images + 1) * 127.5 if low < 0 else images * 255.0
    return np.ascontiguousarray(np.rint(stretched), dtype=np.uint8), notes


def brightest(peak: float) -> int:
    """Find the value of white for a highest value: 255, or that of 10, 12, 14, 16 or more bits."""
    if peak <= 255:
        return 255
    return next((2**bits - 1 for bits in (10, 12, 14, *range(16, 32)) if peak < 2**bits), 2**32 - 1)


def images_like(images: np.ndarray, channels: int, peak: int) -> tuple[np.ndarray, list[str]]:
    """Match the channels and the value range of reference images where nothing is lost, and note it.

    Gray images become RGB or RGBA, and RGB images become opaque RGBA. If the reference has a ``peak``
    below 32 and these images exceed it, they were scaled to 0..255 (as PNGs are) and are scaled back.

    Args:
        images: uint8 (N, H, W, C).
        channels: number of channels of the reference images.
        peak: largest pixel value of the reference images.
    """
    notes = []
    if images.shape[-1] == 1 and channels > 1:
        images = images.repeat(3, axis=-1)
    if images.shape[-1] == 3 and channels == 4:
        images = np.concatenate([images, np.full((*images.shape[:3], 1), 255, np.uint8)], axis=-1)
    if peak < FEW_LEVELS and images.max(initial=0) > peak:
        images = np.rint(images * (peak / 255.0)).astype(np.uint8)
        notes.append(f"Pixels in 0..255 were scaled to 0..{peak}, the range of the real images.")
    return images, notes


def _word(name: str) -> str | None:
    """Find the word of a name with underscores that marks an array of images."""
    return next((word for word in name.split("_") if word.lower() in IMAGE_WORDS), None)


def _partner(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray | None:
    """Find the classes that belong to an array of images, (N,)."""
    word = _word(name)
    for label in LABEL_WORDS:
        candidate = label if word is None else "_".join(label if w == word else w for w in name.split("_"))
        for key in (candidate, candidate.upper(), label):
            found = arrays.get(key)
            if found is not None and _one_hot(found, len(arrays[name])):
                return np.asarray(found.argmax(axis=1))
            if found is not None and found.size == len(found) == len(arrays[name]):
                return found.reshape(-1) if found.dtype.kind in "biuUS" or _whole(found) else None
    return None


def _one_hot(found: np.ndarray, count: int) -> bool:
    """Tell if an array has a column for each class, with one 1 in each row."""
    if found.ndim != 2 or len(found) != count or found.shape[1] < 2 or found.dtype.kind not in "biuf":
        return False
    return bool(((found == 0) | (found == 1)).all() and (found.sum(axis=1) == 1).all())


def _whole(found: np.ndarray) -> bool:
    return found.dtype.kind == "f" and bool(np.all(found == np.rint(found)))
