"""Messages between a server and owners: tensors and JSON values in one safetensors file; nothing is pickled.

A message is read only up to a size that the reader sets, and its digest covers the tensors and the values.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from autogen.documents import parse_json
from autogen.errors import RunError, told

FORMAT = 1
#: Largest message with tensors, and without: 1 GiB, 64 MiB.
MOST_BYTES, MOST_JSON = 2**30, 2**26


@dataclass(frozen=True)
class Message:
    """What one side asks, or the other answers.

    Attributes:
        act: What is asked: ``sketch``, ``codec``, ``train``, ``count``, ``score``, ``compare`` or ``end``;
            ``failed`` for an answer that says why there is none.
        about: JSON values.
        tensors: Tensors by name.
    """

    act: str
    about: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


def pack(message: Message) -> bytes:
    """Write a message."""
    tensors = {name: one.detach().cpu().contiguous() for name, one in message.tensors.items()}
    text = json.dumps({"act": message.act, "about": dict(message.about)}, allow_nan=False)
    header = {"autogen": text, "format": str(FORMAT), "sha256": _digest(text, tensors)}
    return save(tensors or {"none": torch.zeros(0)}, header)


def unpack(data: bytes, most: int = MOST_BYTES) -> Message:
    """Read a message; what is wrong with it is one line.

    Args:
        data: Bytes of the message.
        most: Largest number of bytes.

    Raises:
        RunError: it is too large, damaged, or a newer autogen's.
    """
    if len(data) > most:
        raise RunError(f"a message of {len(data):,} bytes is larger than the {most:,} that are expected")
    try:
        size = int.from_bytes(data[:8], "little")
        if size > MOST_JSON:
            raise RunError(f"a message is damaged: {size:,} bytes of values, of {MOST_JSON:,} at most")
        header = parse_json(data[8 : 8 + size])["__metadata__"]
        if int(header["format"]) > FORMAT:
            raise RunError("the other side has a newer autogen; upgrade autogen here")
        tensors = {name: one for name, one in load(data).items() if name != "none"}
        if _digest(header["autogen"], tensors) != header["sha256"]:
            raise RunError("a message is damaged: its digest is another one")
        said = parse_json(header["autogen"])
        return Message(str(said["act"]), dict(said["about"]), tensors)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"a message is damaged: {told(error)}") from error


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Compute the SHA-256 of tensors, in hexadecimal."""
    return _digest("", tensors)


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        one = tensors[name].detach().cpu().contiguous()
        found.update(f"{name} {one.dtype} {tuple(one.shape)}".encode())
        found.update(one.reshape(-1).view(torch.uint8).numpy().tobytes() if one.numel() else b"")
    return found.hexdigest()
