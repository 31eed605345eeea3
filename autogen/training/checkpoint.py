"""Weights and training states as safetensors files, written whole or not at all; nothing is pickled.

The door to safetensors.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file
from torch import Tensor

from autogen.documents import parse_json
from autogen.errors import RunError, WriteError
from autogen.files import replacing
from autogen.training.program import Program

CHECKPOINT = "checkpoint.safetensors"
MODEL = "model.safetensors"
_FORMAT = 1


@dataclass
class TimeSpent:
    """Time that a program has taken so far.

    Attributes:
        train_seconds: Seconds of training.
        eval_seconds: Seconds of sampling and scoring.
    """

    train_seconds: float = 0.0
    eval_seconds: float = 0.0


def save_program(path: Path, program: Program, progress: TimeSpent) -> None:
    """Write all that a program needs to continue bit for bit.

    Raises:
        WriteError: the folder cannot be written, or the disk is full.
    """
    write_tensors(path, program.state(), {"step": program.step, **asdict(progress)})


def restore_program(path: Path, program: Program) -> TimeSpent:
    """Restore a freshly built program from a checkpoint.

    Returns:
        Time spent before the checkpoint.

    Raises:
        RunError: the file is damaged, or belongs to another config.
    """
    tensors, about = read_tensors(path)
    try:
        program.restore(tensors, int(about["step"]))
        return TimeSpent(float(about["train_seconds"]), float(about["eval_seconds"]))
    except (KeyError, ValueError, RuntimeError) as error:
        raise RunError(
            f"{path} is no checkpoint of this config; delete it to train from the start"
        ) from error


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write tensors and JSON values as one file; a crash leaves the old file or the new one.

    Args:
        path: File to write.
        tensors: Tensors of any shape, by name.
        about: JSON values of the header.

    Raises:
        WriteError: the folder cannot be written, or the disk is full.
    """
    # Tied weights share memory, which safetensors refuses: each name gets its own copy.
    whole = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
    try:
        with replacing(path) as part:
            save_file(whole, part, {"autogen": json.dumps({"format": _FORMAT, **about})})
    except (OSError, SafetensorError) as error:
        raise WriteError(
            f"cannot write {path}: {_line(error)}; free space or permissions, then: autogen resume the run"
        ) from error


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a file of ``write_tensors``; nothing in it is run as code.

    Returns:
        Tensors of any shape by name, and the JSON values of the header.

    Raises:
        RunError: the file is missing, damaged, not autogen's, or a newer autogen's.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    try:
        with safe_open(path, framework="pt") as file:
            about = parse_json((file.metadata() or {}).get("autogen", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (OSError, SafetensorError, ValueError) as error:
        raise RunError(f"{path} is damaged: {_line(error)}; copy it again") from error
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise RunError(f"{path} was not written by autogen")
    if about["format"] > _FORMAT:
        raise RunError(f"{path} was written by a newer autogen; upgrade autogen here")
    return tensors, about


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Read the shapes of a file's tensors from its header, by name. Raises ``RunError``."""
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise RunError(f"{path} is damaged: {_line(error)}; copy it again") from error


def load_weights(weights: Path | bytes, model: torch.nn.Module) -> None:
    """Fill a freshly built module with the weights of a file.

    Args:
        weights: The file, or its bytes.
        model: The module.

    Raises:
        RunError: the file cannot be read, or holds another architecture's weights.
    """
    if isinstance(weights, bytes):
        name, tensors = "the file", _parse_tensors(weights)
    else:
        name, (tensors, _) = str(weights), read_tensors(weights)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(f"{name} holds the weights of another model than its config describes") from error


def _parse_tensors(data: bytes) -> dict[str, Tensor]:
    """Tensors of a file's bytes. Raises ``RunError`` where they are damaged."""
    try:
        return load(data)
    except (SafetensorError, ValueError) as error:
        raise RunError(f"the weights of a model are damaged: {_line(error)}") from error


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
