"""How a trial's files come back from a node that does not see the controller's folders."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from autogen.run_folder import write
from autogen.trial import Cohort

#: File in the controller's folder of trials by which a worker knows that it sees this very folder.
TOKEN = ".controller"  # noqa: S105 - no secret: it only tells two folders apart
#: What is of no use to anyone but the worker itself.
_PRIVATE = ("checkpoint.safetensors",)


def mark(folder: Path, token: str) -> None:
    """Make a folder of the controller's known to workers that see it. Raises ``RunError``."""
    write(folder / TOKEN, token)


def unmark(folder: Path) -> None:
    """Take the mark away."""
    (folder / TOKEN).unlink(missing_ok=True)


def sees(folder: Path, token: str) -> bool:
    """Whether a folder of the controller's is the same folder here."""
    try:
        return (folder / TOKEN).read_text(encoding="utf-8") == token
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
