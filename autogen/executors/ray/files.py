"""Return of a trial's files from nodes that do not share the controller's folders."""

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from autogen.files import write
from autogen.hpo.trial import TrialBatch

#: File in the controller's folder of trials with the name of the folder and the token of the last controller.
TOKEN = ".controller"  # noqa: S105 - no secret: it only identifies a folder
#: Files that only the worker itself needs.
_PRIVATE = ("checkpoint.safetensors",)


def mark(folder: Path, token: str) -> str:
    """Mark a folder of the controller, so that workers that share it recognize it.

    Args:
        folder: folder that holds the folders of trials.
        token: token of this controller; a copy of the folder on another machine has an older one.

    Returns:
        Unique and permanent name of the folder.

    Raises:
        RunError: the mark cannot be written.
    """
    place = folder / TOKEN
    name = place.read_text(encoding="utf-8").split()[0] if place.exists() else secrets.token_hex(8)
    write(place, f"{name} {token}\n")
    return name


def sees(folder: Path, token: str) -> bool:
    """Tell if this node shares a folder of the controller."""
    try:
        return (folder / TOKEN).read_text(encoding="utf-8").split()[1] == token
    except OSError:
        return False


def take(scratch: Path, trial_batch: TrialBatch) -> dict[str, bytes]:
    """Read the files of a trial batch's trials from a scratch folder, by relative path, and delete them."""
    files = {}
    for task in trial_batch.tasks:
        folder = scratch / f"{task.number:04d}"
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in _PRIVATE:
                files[str(path.relative_to(scratch))] = path.read_bytes()
        shutil.rmtree(folder, ignore_errors=True)
    return files


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of ``take`` to the folders of the trials.

    Raises:
        RunError: a file cannot be written.
    """
    for name, content in files.items():
        write(folder / name, content)
