"""How a trial's files come back from a node that does not see the controller's folders."""

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from autogen.files import write
from autogen.hpo.trial import Cohort

#: File in the controller's folder of trials: its name, and by whom it was marked last.
TOKEN = ".controller"  # noqa: S105 - no secret: it only tells two folders apart
#: What is of no use to anyone but the worker itself.
_PRIVATE = ("checkpoint.safetensors",)


def mark(folder: Path, token: str) -> str:
    """Make a folder of the controller's known to workers that see it.

    Args:
        folder: Holds the trials' folders.
        token: Of this controller; a copy of the folder on another machine has an older one.

    Returns:
        A name of the folder that no other has, and that it keeps.

    Raises:
        RunError: it cannot be written.
    """
    place = folder / TOKEN
    name = place.read_text(encoding="utf-8").split()[0] if place.exists() else secrets.token_hex(8)
    write(place, f"{name} {token}\n")
    return name


def sees(folder: Path, token: str) -> bool:
    """Whether a folder of the controller's is the same folder here."""
    try:
        return (folder / TOKEN).read_text(encoding="utf-8").split()[1] == token
    except OSError:
        return False


def take(scratch: Path, cohort: Cohort) -> dict[str, bytes]:
    """Take what a cohort's trials left in a scratch folder, by path relative to it; nothing stays."""
    files = {}
    for task in cohort.tasks:
        folder = scratch / f"{task.number:04d}"
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in _PRIVATE:
                files[str(path.relative_to(scratch))] = path.read_bytes()
        shutil.rmtree(folder, ignore_errors=True)
    return files


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files of ``take`` where the trials' folders belong. Raises ``RunError``."""
    for name, content in files.items():
        write(folder / name, content)
