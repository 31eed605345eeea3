"""Image files in and out: folders, zips, single files, grids; the one door to Pillow.

Files are read in the order of their names; animations give their first frame. All images get the same
channels and the same size:

* channels: 4 if any pixel is not opaque (colors of fully transparent pixels, which nobody sees, are
  set to 0), else 1 if every pixel is gray, else 3;
* size: the most frequent one if at least half the images have it and no side is longer than the
  cap; else a square whose side is the median of the shorter sides, at most the cap. Images of
  another size are cropped around their middle to the target's aspect ratio and resized with antialiasing.
"""

import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from autogen.data.decoding import link_notes
from autogen.data.images.arrays import CAP, SMALLEST, brightest
from autogen.data.images.folder import SUFFIXES, ImageFolder
from autogen.data.images.packed import PackedImages
from autogen.errors import DataError, agreed, reason


def read_images(
    path: Path, size: int | None, folder: ImageFolder | PackedImages | None = None
) -> tuple[np.ndarray, list[str], list[str]]:
    """Read all image files and give them the same channels and size.

    Args:
        path: folder, zip or file.
        size: side of square images in pixels, or ``None`` for the rule of the module.
        folder: names and bytes of the files, if they are not those below the path.

    Returns:
        Images, uint8 (N, H, W, C); the N names of the files; notes on what was changed.

    Raises:
        DataError: there is no image file, or more than half of the files cannot be read.
    """
    folder = folder or ImageFolder(path)
    try:
        names = sorted(folder.names())
        if not names:
            elsewhere = " but links to files elsewhere, which are not read" if folder.links else ""
            raise DataError(
                f"{path} holds no image files{elsewhere}; expected files with {', '.join(SUFFIXES)}."
            )
        sizes, white, animated, broken = _sizes(folder, names)
        target = target_size(Counter(sizes.values()), size)
        images, kept = _loaded(folder, list(sizes), target, white, broken)
    finally:
        folder.close()
    if len(broken) * 2 > len(names):
        first, why = next(iter(broken.items()))
        raise DataError(
            f"{path}: {len(broken)} of {len(names)} image files cannot be read, for example {first} ({why}); "
            f"at least half must be readable. Remove or repair them."
        )
    alike, notes = alike_channels(images)
    if white == 1:
        notes = ["Pixels in [0, 1] were scaled to 0..255 and rounded.", *notes]
    if white > 255:
        notes = [f"Pixels of more than 8 bits were scaled: {white} is white in all images.", *notes]
    if several := len(animated.intersection(kept)):
        files, have = agreed(several, "image file", "image files"), agreed(several, "has", "have")
        notes = [f"{several} {files} {have} several frames or pages, of which the first was read.", *notes]
    found = [*link_notes(folder.links), *_broken_notes(broken, len(names))]
    return alike, kept, [*found, *_size_notes(sizes, kept, target), *notes]


def target_size(sizes: Counter[tuple[int, int]], wanted: int | None) -> tuple[int, int]:
    """Choose the (height, width) of all images, by the rule of the module.

    Args:
        sizes: number of images with each (height, width).
        wanted: side of a square in pixels, or ``None``.
    """
    if wanted is not None:
        return wanted, wanted
    if not sizes:
        return SMALLEST, SMALLEST
    common, count = min(sizes.items(), key=lambda item: (-item[1], item[0]))
    if 2 * count >= sizes.total() and min(common) >= SMALLEST and max(common) <= CAP:
        return common
    side = int(np.median([min(size) for size in sizes.elements()]))
    return (int(np.clip(side, SMALLEST, CAP)),) * 2


def resized(images: np.ndarray, target: tuple[int, int]) -> np.ndarray:
    """Crop and resize images, uint8 (N, H, W, C), to (height, width)."""
    gray = images.shape[-1] == 1
    fitted = [
        np.asarray(_fit(Image.fromarray(image[..., 0] if gray else image), target)).reshape(*target, -1)
        for image in images
    ]
    return np.stack(fitted)


def alike_channels(images: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Drop redundant channels of RGBA images, uint8 (N, H, W, 4), by the rule of the module."""
    alpha = images[..., 3:]
    if (alpha < 255).any():
        hidden = (alpha == 0) & (images[..., :3] > 0).any(axis=-1, keepdims=True)
        images[..., :3] *= alpha > 0
        share = hidden.mean() if hidden.size else 0.0
        note = f"The colors of fully transparent pixels ({share:.1%} of all pixels) were set to black."
        return images, [note] if share > 0 else []
    gray = (images[..., 0] == images[..., 1]).all() and (images[..., 0] == images[..., 2]).all()
    return np.ascontiguousarray(images[..., :1] if gray else images[..., :3]), []


#: Formats of the files that are read; see ``_opened``.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
#: Compressions of TIFF files that are read: the usual ones without loss, and no rare decoders of old cameras.
_TIFF = ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits")
#: How pictures of other formats begin, and what they are.
_OTHERS = (
    (b"....ftyp(heic|heix|hevc|mif1|msf1)", "a HEIC picture"),
    (b"....ftypavi[fs]", "an AVIF picture"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "a Photoshop picture"),
    (b"....jP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"....JXL |\xff\x0a", "a JPEG XL picture"),
    (b"\0\0[\1\2]\0.\0", "an icon"),
    (rb"P[1-7]\s", "a portable pixmap (PNM)"),
    (
        b"DDS |\x76\x2f\x31\x01|SIMPLE  =|DICM|.{128}DICM",
        "a texture, or a picture of film, space or medicine",
    ),
    (b"%PDF", "a PDF document"),
    (rb"\s*<(\?xml|svg|!doctype|html)", "SVG or another text"),
    (b"$", "it is empty"),
)
_ORIENTATION = 0x0112  # Exif tag of the camera's orientation; values above 4 swap height and width

#: Side in pixels up to which small images of a grid are enlarged, and gray level of the gutters between them,
#: which differs from black and from white: the edges of most images are one of both.
_TILE, _GUTTER = 48, 128


def write_grid(images: np.ndarray, path: Path) -> None:
    """Write images, uint8 (N, H, W, C), as one PNG grid; small ones are enlarged, with gray gutters."""
    n, height, width, channels = images.shape
    columns = int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    zoom = max(1, _TILE // max(height, width))
    tiles = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    gutter = max(2, min(height, width) * zoom // 12)
    high, wide = height * zoom + gutter, width * zoom + gutter
    grid = np.full((rows * high + gutter, columns * wide + gutter, channels), _GUTTER, np.uint8)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * high + gutter, (i % columns) * wide + gutter
        grid[top : top + high - gutter, left : left + wide - gutter] = tile
    _as_image(grid).save(path, format="PNG")


def write_image(image: np.ndarray, path: Path) -> None:
    """Write one image, uint8 (H, W, C), as PNG."""
    _as_image(image).save(path, format="PNG")


def write_folder(images: np.ndarray, folder: Path) -> None:
    """Write images, uint8 (N, H, W, C), as ``00000.png`` ... into a new or empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise DataError(f"{folder} is not empty; give a new folder, a .png or an .npz for the images.")
    digits = max(5, len(str(len(images) - 1)))
    for i, image in enumerate(images):
        _as_image(image).save(folder / f"{i:0{digits}d}.png", format="PNG")


def _as_image(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def _sizes(
    folder: ImageFolder | PackedImages, names: list[str]
) -> tuple[dict[str, tuple[int, int]], int, set[str], dict[str, str]]:
    """Read (height, width) of each file, the value of white beyond 8 bits, what has frames, what is broken.

    White is 1 if all such images have fractions in [0, 1].
    """
    sizes, animated, broken, peak, fractions = {}, set[str](), {}, 0.0, True
    for name in names:
        try:
            with _opened(folder.bytes_of(name)) as image:
                upright = (image.height, image.width)
                if _is_wide(image):
                    pixels = np.asarray(image, dtype=np.float64)
                    if not pixels.min(initial=0) >= 0:  # NaN is not
                        raise DataError("it has pixels below 0, or that are no numbers")
                    peak = max(peak, float(pixels.max(initial=0)))
                    fractions = fractions and image.mode == "F"
                sizes[name] = upright[::-1] if image.getexif().get(_ORIENTATION, 1) > 4 else upright
                animated |= {name} if _has_frames(image) else set()
        except Exception as error:  # Pillow's readers raise anything on damaged files
            broken[name] = _short(error)
    return sizes, 1 if fractions and 0 < peak <= 1 else brightest(peak), animated, broken


def _loaded(
    folder: ImageFolder | PackedImages,
    names: list[str],
    target: tuple[int, int],
    white: int,
    broken: dict[str, str],
) -> tuple[np.ndarray, list[str]]:
    """Load RGBA images of one size, uint8 (N, H, W, 4); files that cannot be read are added to ``broken``."""
    images = np.empty((len(names), *target, 4), np.uint8)
    kept: list[str] = []
    for name in names:
        try:
            with _opened(folder.bytes_of(name)) as image:
                images[len(kept)] = np.asarray(_fit(_rgba(image, white), target))
            kept.append(name)
        except Exception as error:  # Pillow's readers raise anything on damaged files
            broken[name] = _short(error)
    return images[: len(kept)], kept


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """Open an image of the formats that are read; one that may be a decompression bomb is an error.

    Other formats stay closed: Pillow would hand a stranger's PostScript to Ghostscript.
    """
    if other := next((what for mark, what in _OTHERS if re.match(mark, content, re.DOTALL | re.I)), ""):
        raise DataError(other)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            packed = image.info.get("compression") if image.format == "TIFF" else None
            if packed not in (None, *_TIFF):
                raise DataError(f"a TIFF compressed by {packed}, which is not read; save it as PNG")
            yield image


def _is_wide(image: Image.Image) -> bool:
    """Tell if an image has more than 8 bits a channel."""
    return image.mode.startswith("I") or image.mode == "F"


def _has_frames(image: Image.Image) -> bool:
    """Tell if a file has more frames or pages than the first; damage behind that one does not matter."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # Pillow's readers raise anything on damaged files
        return False


def _rgba(image: Image.Image, white: int) -> Image.Image:
    """Take the first frame, upright, with 8 bits per channel."""
    if _is_wide(image):
        wide = np.asarray(image, dtype=np.float64)
        image = Image.fromarray(np.clip(np.rint(wide * (255.0 / white)), 0, 255).astype(np.uint8))
    upright = ImageOps.exif_transpose(image)
    return upright.convert("RGBA")


def _fit(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Crop the middle to the target's aspect ratio and resize; colors are weighted by their opacity."""
    height, width = target
    if (image.height, image.width) == target:
        return image
    mode = image.mode
    # Premultiplied alpha: the color of an invisible pixel must not bleed into its neighbors.
    weighted = image.convert("RGBa") if mode == "RGBA" else image
    fitted = ImageOps.fit(weighted, (width, height), Image.Resampling.LANCZOS)
    return fitted.convert(mode) if fitted.mode != mode else fitted


def _short(error: BaseException) -> str:
    """Shorten an error to a reason without the memory address that Pillow prints."""
    text = reason(error)
    return "no image" if text.startswith("cannot identify") else text


def _broken_notes(broken: dict[str, str], total: int) -> list[str]:
    if not broken:
        return []
    shown = ", ".join(f"{name} ({why})" for name, why in list(broken.items())[:3])
    more = " ..." if len(broken) > 3 else ""
    were = agreed(len(broken), "was", "were")
    return [f"{len(broken)} of {total} image files cannot be read and {were} skipped: {shown}{more}."]


def _size_notes(sizes: dict[str, tuple[int, int]], kept: list[str], target: tuple[int, int]) -> list[str]:
    other = sum(sizes[name] != target for name in kept)
    if not other:
        return []
    return [
        f"{other} of {len(kept)} images had another size than {target[0]} x {target[1]} "
        f"(height x width) and were cropped and resized to it."
    ]
