"""Weights and training states as safetensors files, written whole or not at all; nothing is pickled.

The door to safetensors.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load
from torch import Tensor

from autogen.documents import parse_json
from autogen.errors import RunError, WriteError
from autogen.files import replacing
from autogen.training.program import Program

CHECKPOINT = "checkpoint.safetensors"
MODEL = "model.safetensors"
_FORMAT = 1
_CHUNK = 2**20  # bytes
#: Names of types in a file.
_NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
_TYPES = {name: dtype for dtype, name in _NAMES.items()}


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
    about = {"step": program.step, **asdict(progress)}
    program.give_state(lambda tensors: write_tensors(path, tensors, about))


def restore_program(path: Path, program: Program) -> TimeSpent:
    """Restore a freshly built program from a checkpoint.

    Returns:
        Time spent before the checkpoint.

    Raises:
        RunError: the file is damaged, or belongs to another config.
    """
    with _opened(path) as (tensors, about):
        try:
            program.restore(tensors, int(about["step"]))
            return TimeSpent(float(about["train_seconds"]), float(about["eval_seconds"]))
        except (KeyError, ValueError, RuntimeError) as error:
            raise RunError(
                f"{path} is no checkpoint of this config; delete it to train from the start"
            ) from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Mapping[str, Tensor], dict[str, Any]]]:
    """Open a file of ``write_tensors`` whose tensors are read when they are asked for, one at a time.

    Safetensors maps a whole file into memory, for which a process with a limit may have no room.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    with path.open("rb") as file:
        try:
            size = int.from_bytes(file.read(8), "little")
            left = path.stat().st_size - 8 - size
            header: Any = parse_json(file.read(size)) if left >= 0 else None
            metadata = header.pop("__metadata__", None) or {}
            about = parse_json(metadata.get("autogen", "null"))
            _check_places(header, left)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{path} is damaged: {_line(error)}; copy it again") from error
        yield _Stored(file, 8 + size, header), _checked(path, about)


def _check_places(header: Mapping[str, Any], size: int) -> None:
    """Check that tensors fill so many bytes, each those of its type and shape. Raises ``ValueError``."""
    place = 0
    for name, found in sorted(header.items(), key=lambda one: one[1]["data_offsets"]):
        first, last = found["data_offsets"]
        bytes_of = math.prod(found["shape"]) * _TYPES[found["dtype"]].itemsize
        shape_is_sound = all(isinstance(size, int) and size >= 0 for size in found["shape"])
        if first != place or last - first != bytes_of or not shape_is_sound:
            raise ValueError(f"the bytes of {name!r:.40} are not where they should be")
        place = last
    if place != size:
        raise ValueError(f"it should have {place:,} bytes of tensors, and has {size:,}")


class _Stored(Mapping[str, Tensor]):
    """Tensors of an open file, by name.

    Args:
        file: The file.
        first: Where the bytes of tensors begin.
        header: Type, shape and place of each tensor, which are sound.
    """

    def __init__(self, file: IO[bytes], first: int, header: Mapping[str, Any]) -> None:
        self._file, self._first, self._header = file, first, header

    def __getitem__(self, name: str) -> Tensor:
        found = self._header[name]
        begin, end = found["data_offsets"]
        self._file.seek(self._first + begin)
        data = bytearray(self._file.read(end - begin))
        dtype = _TYPES[found["dtype"]]
        flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
        return flat.view(found["shape"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def __len__(self) -> int:
        return len(self._header)


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor] | Iterable[tuple[str, Tensor]], about: Mapping[str, Any]
) -> None:
    """Write tensors and JSON values as one file; a crash leaves the old file or the new one.

    Tensors are taken one at a time, so that those of several ranks need not be in memory together, which
    safetensors' own writer asks for.

    Args:
        path: File to write.
        tensors: Tensors of any shape, by name; tied weights are written under each of their names.
        about: JSON values of the header.

    Raises:
        WriteError: the folder cannot be written, or the disk is full.
    """
    pairs = tensors.items() if isinstance(tensors, Mapping) else tensors
    try:
        with replacing(path) as part, TemporaryFile(dir=path.parent) as spool:
            header: dict[str, Any] = {"__metadata__": {"autogen": json.dumps({"format": _FORMAT, **about})}}
            for name, tensor in pairs:
                header[name] = {**_described(tensor), "data_offsets": _appended(tensor, spool)}
            _join(part, header, spool)
    except OSError as error:
        raise WriteError(
            f"cannot write {path}: {_line(error)}; free space or permissions, then: autogen resume the run"
        ) from error


def _described(tensor: Tensor) -> dict[str, Any]:
    return {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape)}


def _appended(tensor: Tensor, spool: IO[bytes]) -> list[int]:
    """Append a tensor's bytes to a file; return where they begin and end."""
    first = spool.tell()
    # not .contiguous(), which keeps the stride of 0 that an expanded tensor of one element has
    plain = tensor.detach().to("cpu").reshape(-1).clone(memory_format=torch.contiguous_format)
    spool.write(plain.view(torch.uint8).numpy().data)
    return [first, spool.tell()]


def _join(part: Path, header: Mapping[str, Any], spool: IO[bytes]) -> None:
    """Write a file of safetensors: the header's length, the header, and the tensors."""
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    spool.seek(0)
    with part.open("xb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        copyfileobj(spool, file, _CHUNK)
        file.flush()


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
    return tensors, _checked(path, about)


def _checked(path: Path, about: Any) -> dict[str, Any]:
    """Return the JSON values of a header. Raises ``RunError`` where they are not of this autogen."""
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise RunError(f"{path} was not written by autogen")
    if about["format"] > _FORMAT:
        raise RunError(f"{path} was written by a newer autogen; upgrade autogen here")
    return about


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
