"""Images that come as arrays: which array of an ``.npz``, in which layout, and as 8 bits.

Of an ``.npz`` these arrays are read, in the file's order, and put one after the other: the arrays
that ``arrays`` names; else the only one with 3 or 4 axes; else all of them that are called x,
images, data, samples, pixels or ``arr_0``, alone or as one word of a name in underscores
(``x_train``, ``test_images``). An official test part is thus merged with the rest: the four parts
are drawn from all images, so that no part has been looked at before. Classes are read from the
array of the same name with that word replaced by y, labels, label, targets or target.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from autogen.errors import DataError, reason

#: Longest side that is kept, and shortest that is accepted, in pixels.
CAP, SMALLEST = 64, 8
#: Images with at most so many different values keep them as they are.
FEW_LEVELS = 32
IMAGE_WORDS = ("x", "images", "image", "data", "samples", "pixels")
LABEL_WORDS = ("y", "labels", "label", "targets", "target")
CLASS_NAMES = ("classes", "class_names", "label_names", "target_names", "names")


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` or ``.npy`` file; nothing pickled is read."""
    try:
        with path.open("rb") as stream:
            found = np.load(stream, allow_pickle=False)
            if isinstance(found, np.ndarray):
                return {"images": found}
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read as numpy arrays: {reason(error)}.") from error


def choose(arrays: Mapping[str, np.ndarray], wanted: str | None, name: str) -> list[str]:
    """Names of the arrays that hold the images; see the module's rule.

    Raises:
        DataError: none does, or they differ in shape; all arrays are listed.
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
            f"{name} has no array of images (N, H, W) or (N, H, W, C) that can be told by its name; "
            f"it holds {listed}. Name one with the option arrays."
        )
    if len({arrays[key].shape[1:] for key in chosen}) > 1:
        raise DataError(
            f"{name} holds images of different shapes: {listed}. Name one with the option arrays."
        )
    return chosen


def labels_of(arrays: Mapping[str, np.ndarray], chosen: list[str]) -> np.ndarray | None:
    """Classes of the chosen arrays' images as found, (N,), or ``None`` where an array has none."""
    parts = [_partner(arrays, key) for key in chosen]
    if any(part is None for part in parts):
        return None
    return np.concatenate([part for part in parts if part is not None])


def indexed(
    found: np.ndarray, arrays: Mapping[str, np.ndarray]
) -> tuple[np.ndarray | None, tuple[str, ...], list[str]]:
    """Classes as 0..L-1, int64, with their names; ``None`` where there are hardly two images a class."""
    values, labels = np.unique(found, return_inverse=True)
    if 2 * len(values) > len(found):
        note = f"The labels have {len(values)} different values for {len(found)} images; they were ignored."
        return None, (), [note]
    named = [tuple(map(str, arrays[key])) for key in CLASS_NAMES if key in arrays and arrays[key].ndim == 1]
    fits = values.dtype.kind in "iu" and values.min(initial=0) >= 0
    for names in named:
        if fits and values.max(initial=0) < len(names):
            return found.astype(np.int64), names, []
    return labels.reshape(-1).astype(np.int64), tuple(str(value) for value in values), []


def eight_bit(images: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """uint8 (N, H, W, C), values as they are or stretched, and notes.

    Whole numbers 0..255 and truth values stay as they are; fractions in [0, 1] or [-1, 1] are
    stretched to 0..255; channels may come first.

    Raises:
        DataError: another number of axes or channels, other values, or NaN.
    """
    notes = []
    if images.ndim == 4 and images.shape[-1] not in (1, 3, 4) and images.shape[1] in (1, 3, 4):
        images = images.transpose(0, 2, 3, 1)
        notes.append("The images come with channels first; they were moved last.")
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or images.dtype.kind not in "biuf":
        raise DataError(
            f"{name} should hold images (N, H, W) or (N, H, W, C) with 1, 3 or 4 channels; "
            f"got {images.dtype} {images.shape}."
        )
    if images.dtype in (np.uint8, np.bool_) or not images.size:
        return np.ascontiguousarray(images, dtype=np.uint8), notes
    low, high = float(images.min()), float(images.max())
    fractional = images.dtype.kind == "f" and bool(np.any(images != np.rint(images)))
    if not fractional and low >= 0 and high <= 255:
        return np.ascontiguousarray(images, dtype=np.uint8), notes
    if not (images.dtype.kind == "f" and low >= -1 and high <= 1):
        raise DataError(
            f"{name} holds pixels from {low:g} to {high:g}; expected whole numbers 0..255 or fractions in "
            f"[0, 1] or [-1, 1]."
        )
    notes.append(f"Pixels in [{-1 if low < 0 else 0}, 1] were stretched to 0..255 and rounded.")
    stretched = (images + 1) * 127.5 if low < 0 else images * 255.0
    return np.ascontiguousarray(np.rint(stretched), dtype=np.uint8), notes


def images_like(images: np.ndarray, channels: int, peak: int) -> tuple[np.ndarray, list[str]]:
    """Images with as many channels as others have, where nothing is lost by it, on their scale; and notes.

    Grey images become RGB or RGBA, opaque RGB ones RGBA. Where the others' values end at ``peak``,
    below 32, and these reach beyond, they were stretched to 0..255 (as PNGs are) and are scaled back.

    Args:
        images: uint8 (N, H, W, C).
        channels: Of the others.
        peak: Largest value of the others.
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
    """The word of a name in underscores that says it holds images."""
    return next((word for word in name.split("_") if word.lower() in IMAGE_WORDS), None)


def _partner(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray | None:
    """The classes that belong to an array of images, (N,)."""
    word = _word(name)
    for label in LABEL_WORDS:
        candidate = label if word is None else "_".join(label if w == word else w for w in name.split("_"))
        for key in (candidate, candidate.upper(), label):
            found = arrays.get(key)
            if found is not None and found.size == len(found) == len(arrays[name]):
                return found.reshape(-1) if found.dtype.kind in "biuUS" or _whole(found) else None
    return None


def _whole(found: np.ndarray) -> bool:
    return found.dtype.kind == "f" and bool(np.all(found == np.rint(found)))
