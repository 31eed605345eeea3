"""The folder of a pre-trained model: checked before anything in it is loaded, and known by its content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autogen.errors import RunError, UserError, reason
from autogen.families.pretrained.library import causal_architectures, load_config
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

#: Largest tokenizer that is read: bytes.
MOST_TOKENIZER = 2**26
_WEIGHTS, _INDEX, _ADAPTER = "model.safetensors", "model.safetensors.index.json", "adapter_config.json"
_TOKENIZERS = ("tokenizer.json", "vocab.json", "tokenizer.model")
#: Files of the folder that its content is the hash of, beside the weights.
_READ = (
    *(CONFIG, *_TOKENIZERS, "merges.txt", "added_tokens.json"),
    *("tokenizer_config.json", "special_tokens_map.json", _INDEX),
)
_CONVERT = (
    "convert it where you trust it: AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW), and "
    "the same with AutoTokenizer"
)


@dataclass(frozen=True)
class Base(SavedModel):
    """Pre-trained language model in a folder.

    Attributes:
        levels: Number of tokens that the model knows.
        positions: Most tokens of a text, the first one of each included; ``None`` for no limit.
        width: Features of a token.
        depth: Number of layers.
    """

    levels: int
    positions: int | None
    width: int
    depth: int


def open_base(path: Path) -> Base:
    """Check that a folder holds a causal language model that can be loaded without running code of it.

    Raises:
        RunError: it does not; the line says what it holds and what to do.
        SettingsError: transformers or peft is not installed.
    """
    try:
        if not path.is_dir():
            raise RunError(_no_folder(path))
        stamp = tuple((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in _files(path))
    except OSError as error:
        raise RunError(f"cannot read {error.filename or path}: {reason(error)}") from error
    return _opened(path, stamp)


def numbers_in(path: Path) -> int:
    """Count the weights in a folder by the headers of its files; 0 where ``open_base`` would refuse these."""
    try:
        return sum(map(count_numbers, _weights(path)))
    except (OSError, UserError):
        return 0


def _no_folder(path: Path) -> str:
    """Say how to get the folder of a model: nothing is downloaded."""
    if path.exists():
        pickled = f"; {path.name} is a pickle: {_CONVERT}" if path.suffix in PICKLES else ""
        return f"pretrained names a file: {path}; give the folder that save_pretrained wrote{pickled}"
    near = near_path(path)
    if near:
        return f"pretrained names no folder: {path}; did you mean {near!r}?"
    name = path.name
    classes = ("AutoModelForCausalLM", "AutoTokenizer")
    saves = "; ".join(f"{one}.from_pretrained({name!r}).save_pretrained({name!r})" for one in classes)
    return (
        f"pretrained names no folder: {path}. autogen downloads nothing: on a machine with a connection run, "
        f"in Python with transformers, {saves}, and give the folder that this writes; it is adapted to texts "
        "only"
    )


def find_base(path: str, sha256: str) -> Base:
    """Find the base of a saved model: at its path, or in a place that ``AUTOGEN_PRETRAINED`` names.

    Args:
        path: Folder that the model was trained with.
        sha256: Digest of the content that it had; empty for any.

    Raises:
        RunError: it is missing, or has changed.
    """
    return find_saved(path, sha256, open_base)


@lru_cache(maxsize=8)
def _opened(path: Path, stamp: tuple[Any, ...]) -> Base:  # noqa: ARG001 - a part of the cache's key
    """Check and describe a folder, once as long as its files stay the same."""
    try:
        about = _described(path)
        _check_weights(path)
        _check_tokenizer(path)
        architecture = _architecture(path, about)
        numbers = sum(map(count_numbers, _weights(path)))
        config = load_config(path).get_text_config()
        return Base(
            path=path,
            architecture=architecture,
            sha256=digest_of(_files(path)),
            numbers=numbers,
            levels=int(config.vocab_size),
            positions=max(0, getattr(config, "max_position_embeddings", None) or 0) or None,
            width=int(config.hidden_size),
            depth=int(config.num_hidden_layers),
        )
    except OSError as error:
        raise RunError(f"cannot read {error.filename or path}: {reason(error)}") from error
    except UserError:
        raise
    except (AttributeError, TypeError, ValueError) as error:
        raise RunError(f"{path}/{CONFIG} describes no language model ({reason(error)})") from error


def _files(path: Path) -> Iterator[Path]:
    """List the files that belong to the model, by name."""
    known = {*_READ, *(one.name for one in _weights(path))}
    yield from (one for one in sorted(path.iterdir()) if one.name in known)


def _weights(path: Path) -> list[Path]:
    """List the files of the model's weights that are there: one, or else the parts of its index."""
    if (path / _WEIGHTS).is_file() or not (path / _INDEX).is_file():
        return [one for one in (path / _WEIGHTS,) if one.is_file()]
    return [path / name for name in _parts(path) if (path / name).is_file()]


def _parts(path: Path) -> list[str]:
    """List the names of the files that the index of the weights names."""
    parts = read_object(path / _INDEX).get("weight_map")
    names = sorted({*map(str, parts.values())}) if isinstance(parts, dict) else []
    if not names or any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
        raise RunError(f"{path / _INDEX} is damaged: it names no files of this folder; copy it again")
    return names


def _described(path: Path) -> Mapping[str, Any]:
    """Read config.json, and refuse what asks for code."""
    if (path / _ADAPTER).exists():  # transformers would load it, whatever stands beside it
        raise RunError(
            f"{path} holds an adapter ({_ADAPTER}), not a whole model alone; merge it with its base model: "
            "PeftModel.merge_and_unload(), then save_pretrained(NEW)"
        )
    if not (path / CONFIG).is_file():
        raise RunError(
            f"{path} holds no model: {CONFIG} is missing; give a folder that save_pretrained wrote"
        )
    about = read_object(path / CONFIG)
    for name in (CONFIG, "tokenizer_config.json"):
        if (path / name).is_file() and "auto_map" in read_object(path / name):
            raise RunError(
                f"{path / name} asks for code of its own (auto_map), which autogen never runs; take a model "
                "whose architecture transformers has"
            )
    if "architectures" not in about and (other := about.get("_class_name")):
        raise RunError(
            f"{path} holds {other!s:.80} of diffusers, which is no language model; an AutoencoderKL is for "
            "images"
        )
    if "quantization_config" in about:
        raise RunError(f"{path} has quantized weights, which cannot be adapted; take the model before that")
    return about


def _check_weights(path: Path) -> None:
    """Refuse a folder without weights as safetensors, by what it has instead."""
    whole = (path / _WEIGHTS).is_file()
    if not whole and not (path / _INDEX).is_file():
        pickled = sorted(one.name for one in path.iterdir() if one.suffix in PICKLES)
        if pickled:
            raise RunError(
                f"{path} has its weights in {pickled[0]}, a pickle, which may run code when it is loaded; "
                f"{_CONVERT}"
            )
        raise RunError(f"{path} has no weights: {_WEIGHTS} is missing; copy the whole folder")
    lacking = [] if whole else [name for name in _parts(path) if not (path / name).is_file()]
    if lacking:
        raise RunError(f"{path} lacks {lacking[0]}, a part of its weights; copy the whole folder")


def _check_tokenizer(path: Path) -> None:
    found = [path / name for name in _TOKENIZERS if (path / name).is_file()]
    if not found:
        raise RunError(
            f"{path} has no tokenizer: {_TOKENIZERS[0]} is missing; save it too: "
            "tokenizer.save_pretrained(FOLDER)"
        )
    for one in (*found, path / "merges.txt", path / "added_tokens.json"):
        if one.is_file() and one.stat().st_size > MOST_TOKENIZER:
            raise RunError(
                f"{one} has {one.stat().st_size / 1e6:,.0f} MB, and tokenizers of at most "
                f"{MOST_TOKENIZER / 1e6:.0f} MB are read; take a model with a smaller one"
            )


def _architecture(path: Path, about: Mapping[str, Any]) -> str:
    """Name the class of a causal language model. Raises ``RunError`` for another one."""
    given = about.get("architectures")
    name = str(given[0]) if isinstance(given, list) and given else ""
    if name not in causal_architectures() or about.get("is_encoder_decoder"):
        what = name or f"a model of type {str(about.get('model_type'))!r} without a named architecture"
        raise RunError(
            f"{path} holds {what:.80}, which is no causal language model; take one whose class is called "
            "...ForCausalLM or ...LMHeadModel"
        )
    return name
