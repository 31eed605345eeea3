"""The door to diffusers: frozen autoencoders of images from a local folder, without code of its own.

Nothing is downloaded, no code of the folder runs, and weights are safetensors alone.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autogen.errors import RunError, SettingsError, reason
from autogen.families.saved import (
    CONFIG,
    PICKLES,
    SavedModel,
    count_numbers,
    digest_of,
    find_saved,
    read_object,
)
from autogen.files import near_path

#: Distributions that read an autoencoder and compute with it.
NEEDED = ("diffusers",)
#: The class of autoencoders that are read (Rombach 2022), and the file of their weights.
CLASS, WEIGHTS = "AutoencoderKL", "diffusion_pytorch_model.safetensors"
_PIPELINE = "model_index.json"


@dataclass(frozen=True)
class Autoencoder(SavedModel):
    """Pre-trained autoencoder in a folder.

    Attributes:
        channels: Channels of an image that it reads and writes.
        latents: Channels of its latents.
        factor: Pixels of an image's edge for each place of the latents.
        width: Features of a pixel in its widest layer next to the image.
    """

    channels: int
    latents: int
    factor: int
    width: int


def open_autoencoder(path: Path) -> Autoencoder:
    """Check that a folder holds an autoencoder that can be loaded without running code of it.

    Raises:
        RunError: it does not; the line says what it holds and what to do.
        SettingsError: diffusers is not installed.
    """
    try:
        if not path.is_dir():
            raise RunError(_no_folder(path))
        files = [path / name for name in (CONFIG, WEIGHTS) if (path / name).is_file()]
        stamp = tuple((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in files)
        return _opened(path, stamp)
    except OSError as error:
        raise RunError(f"cannot read {error.filename or path}: {reason(error)}") from error


def find_autoencoder(path: str, sha256: str) -> Autoencoder:
    """Find the autoencoder of a saved model; see ``find_saved``."""
    return find_saved(path, sha256, open_autoencoder)


@lru_cache(maxsize=2)
def load_autoencoder(base: Autoencoder) -> Any:
    """Load an autoencoder in float32, frozen.

    Raises:
        RunError: the library cannot read it, or the folder lacks weights, which would be random.
        SettingsError: diffusers is not installed, or cannot be imported.
    """
    library = _library()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library about its own future
            model, report = library.from_pretrained(
                str(base.path),
                local_files_only=True,
                use_safetensors=True,
                torch_dtype=torch.float32,
                low_cpu_mem_usage=False,
                output_loading_info=True,
            )
    except Exception as error:  # the library raises all sorts, whatever is wrong with a file
        raise RunError(
            f"the autoencoder in {base.path} cannot be loaded ({reason(error)}); copy it again"
        ) from error
    for name, what in (("missing_keys", "lack"), ("mismatched_keys", "have in another shape")):
        if names := sorted(map(str, report.get(name, ()))):
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise RunError(
                f"the weights in {base.path} {what} {names[0]}{more}, which {CLASS} needs; save the whole "
                "model again with save_pretrained"
            )
    return model.eval().requires_grad_(False)


def encode(base: Autoencoder, images: Tensor) -> Tensor:
    """Encode images (B, C, H, W) in [-1, 1] as the means of their latents, (B, latents, H / f, W / f)."""
    with torch.no_grad():
        found: Tensor = load_autoencoder(base).encode(images).latent_dist.mode()
    return found


def decode(base: Autoencoder, latents: Tensor) -> Tensor:
    """Decode latents (B, latents, h, w) to images (B, C, f h, f w), about in [-1, 1]."""
    with torch.no_grad():
        found: Tensor = load_autoencoder(base).decode(latents).sample
    return found


@lru_cache(maxsize=8)
def _opened(path: Path, stamp: tuple[Any, ...]) -> Autoencoder:  # noqa: ARG001 - a part of the cache's key
    """Check and describe a folder, once as long as its files stay the same."""
    if (path / _PIPELINE).is_file() and not (path / CONFIG).is_file():
        raise RunError(f"{path} holds a pipeline of several models; give the folder of its autoencoder: vae")
    if not (path / CONFIG).is_file():
        raise RunError(
            f"{path} holds no model: {CONFIG} is missing; give a folder that save_pretrained wrote"
        )
    about = read_object(path / CONFIG)
    if "auto_map" in about:
        raise RunError(f"{path / CONFIG} asks for code of its own (auto_map), which autogen never runs")
    if (name := about.get("_class_name")) != CLASS:
        classes = about.get("architectures")
        named = name or (classes[0] if isinstance(classes, list) and classes else "a model without a class")
        raise RunError(f"{path} holds {named!s:.80}, and images are encoded by an {CLASS} of diffusers alone")
    if not (path / WEIGHTS).is_file():
        pickled = sorted(one.name for one in path.iterdir() if one.suffix in PICKLES)
        if pickled:
            raise RunError(
                f"{path} has its weights in {pickled[0]}, a pickle, which may run code when it is loaded; "
                f"convert it where you trust it: {CLASS}.from_pretrained(FOLDER).save_pretrained(NEW)"
            )
        raise RunError(f"{path} has no weights: {WEIGHTS} is missing; copy the whole folder")
    try:
        widths = [int(one) for one in about["block_out_channels"]]
        read, wrote, latents = (int(about[one]) for one in ("in_channels", "out_channels", "latent_channels"))
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path / CONFIG} describes no {CLASS} ({reason(error)})") from error
    if read != wrote or min(read, latents, *widths) < 1:
        raise RunError(f"{path} reads {read} channels and writes {wrote}; take an autoencoder of images")
    sizes = read, latents, 2 ** (len(widths) - 1), max(widths[0], read)
    numbers, files = count_numbers(path / WEIGHTS), (path / CONFIG, path / WEIGHTS)
    return Autoencoder(path, digest_of(files), numbers, CLASS, *sizes)


def _library() -> Any:
    """Import the class, offline and quiet. Raises ``SettingsError`` if it cannot be imported."""
    if find_spec("diffusers") is None:
        raise SettingsError("pre-trained autoencoders need diffusers; run pip install diffusers")
    try:
        from diffusers import AutoencoderKL
        from diffusers.utils import logging
    except (ImportError, RuntimeError) as error:  # what it raises where a package beside it does not fit
        raise SettingsError(
            f"diffusers cannot be imported beside the packages here ({reason(error)}); install torch, "
            "torchvision and transformers from one source, or remove torchvision"
        ) from error
    logging.set_verbosity_error()
    return AutoencoderKL


def _no_folder(path: Path) -> str:
    """Say how to get the folder: nothing is downloaded."""
    if path.exists():
        return f"pretrained names a file: {path}; give the folder that save_pretrained wrote"
    if near := near_path(path):
        return f"pretrained names no folder: {path}; did you mean {near!r}?"
    return (
        f"pretrained names no folder: {path}. autogen downloads nothing: on a machine with a connection run, "
        f"in Python with diffusers, {CLASS}.from_pretrained({path.name!r}).save_pretrained({path.name!r}), "
        "and give the folder that this writes"
    )
