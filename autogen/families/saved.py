"""Folders that ``save_pretrained`` wrote: read without running code of them, and known by their content."""

import hashlib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from autogen.documents import parse_json
from autogen.errors import RunError, reason

#: Environment variable with further places to look for a base in: folders, with colons between.
PLACES = "AUTOGEN_PRETRAINED"
#: Name of the file that describes a model.
CONFIG = "config.json"
#: Suffixes of weights that may run code when they are loaded.
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
#: Largest description that is read, and largest header of a file of weights: bytes.
MOST_JSON, MOST_HEADER = 2**23, 2**27
_BLOCK = 2**20


@dataclass(frozen=True)
class SavedModel:
    """Model in a folder.

    Attributes:
        path: The folder.
        sha256: Digest of the content of its files.
        numbers: Number of weights.
        architecture: Name of the model's class in its library.
    """

    path: Path
    sha256: str
    numbers: int
    architecture: str

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    def describe(self) -> str:
        """Describe the model in one phrase."""
        return f"{self.name} ({self.architecture}, {self.numbers:,} weights, sha256 {self.sha256[:12]})"


_Saved = TypeVar("_Saved", bound=SavedModel)


def find_saved(path: str, sha256: str, opened: Callable[[Path], _Saved]) -> _Saved:
    """Find the base of a saved model: at its path, or in a place that ``AUTOGEN_PRETRAINED`` names.

    Args:
        path: Folder that the model was trained with.
        sha256: Digest of the content that it had; empty for any.
        opened: Opens a folder.

    Raises:
        RunError: it is missing, or has changed.
    """
    places = [Path(place) for place in os.environ.get(PLACES, "").split(os.pathsep) if place]
    name, changed = Path(path).name, ""
    for one in (Path(path), *places, *(place / name for place in places)):
        if not (one / CONFIG).is_file():
            continue
        base = opened(one)
        if sha256 in ("", base.sha256):
            return base
        changed = changed or f"the one in {one} has {base.sha256[:12]}"
    found = changed or f"there is none in {path}"
    raise RunError(
        f"this model needs its base model {name!r} with sha256 {sha256[:12]}, but {found}; put the base "
        "model back, or "
        f"name a folder that holds it: {PLACES}=FOLDER"
    )


def digest_of(files: Iterable[Path]) -> str:
    """Hash the names and the content of files."""
    whole = hashlib.sha256()
    for one in files:
        own = hashlib.sha256()
        with one.open("rb") as file:
            while block := file.read(_BLOCK):
                own.update(block)
        whole.update(f"{one.name} {own.hexdigest()}\n".encode())
    return whole.hexdigest()


def read_object(path: Path) -> Mapping[str, Any]:
    """Read the JSON object of a file. Raises ``RunError`` for a huge file, or one that holds none."""
    if path.stat().st_size > MOST_JSON:
        raise RunError(f"{path} has {path.stat().st_size / 1e6:,.0f} MB, and such a file has at most a few")
    try:
        found = parse_json(path.read_bytes())
    except ValueError as error:
        raise RunError(f"{path} is damaged ({reason(error)}); copy it again") from error
    if not isinstance(found, dict):
        raise RunError(f"{path} is damaged: it holds no JSON object; copy it again")
    return found


def count_numbers(path: Path) -> int:
    """Count the numbers of a file of weights by its header. Raises ``RunError`` where it is not whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(length) if 0 < length <= min(MOST_HEADER, size) else b""
    try:
        parts = {name: part for name, part in parse_json(header).items() if name != "__metadata__"}
        end = max(part["data_offsets"][1] for part in parts.values())
        numbers = sum(math.prod(part["shape"]) for part in parts.values())
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise RunError(
            f"{path} is an incomplete or damaged file of weights; download or copy it again"
        ) from error
    if size != 8 + length + end:
        raise RunError(f"{path} is incomplete: {size:,} bytes of {8 + length + end:,}; copy it again")
    return int(numbers)
