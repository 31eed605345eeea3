"""Files that are written whole or not at all, never through a link, and read only where they are files."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from autogen.errors import RunError, WriteError, nearest

#: Errors of a disk that is full, fails or is read-only: of the machine, and not of what is written.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG)
#: Flag of ``os.open`` that refuses a link; 0 where there is none.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: Most characters of a path that is compared with others.
LONGEST = 1000
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)  # for a pipe that nobody writes


def short_path(path: Path) -> str:
    """Write a path from the working directory on if it lies below it, else as it is.

    Commands on a page that is passed on then name no folders above the place where they run.
    """
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def near_path(path: Path) -> str:
    """Suggest another path for one that does not exist; empty where nothing is like it.

    The first folder or file on the way that does not exist is compared with its neighbors.

    Args:
        path: Path that a user gave.
    """
    if len(str(path)) > LONGEST:
        return ""
    try:
        if path.exists():
            return ""
        there = next(one for one in path.parents if one.is_dir())
        rest = path.relative_to(there).parts
        near = nearest(rest[0], [entry.name for entry in there.iterdir()])
    except (OSError, StopIteration, IndexError, ValueError):
        return ""
    found = there / near
    whole = found.joinpath(*rest[1:])
    return str(whole if whole.exists() else found) if near else ""


def neighbors(path: Path, suffixes: tuple[str, ...] = ("",), most: int = 5) -> str:
    """List some files and folders beside a path that does not exist, those of its suffix first.

    Args:
        path: Path that a user gave.
        suffixes: Suffixes of the files to list, lower case; folders are not listed with a suffix.
        most: Most names.

    Returns:
        A clause; empty if there are none.
    """
    try:
        names = sorted(one.name for one in path.parent.iterdir() if one.name[:1] != ".")
    except OSError:
        return ""
    names = [name for name in names if name.lower().endswith(suffixes)]
    alike = [name for name in names if Path(name).suffix.lower() == path.suffix.lower() != ""]
    names = alike + [name for name in names if name not in alike]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{path.parent} holds {', '.join(names[:most])}{more}" if names else ""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to, which takes its place when the block ends without an error.

    A reader sees the old file or the new one. A link at ``path`` is replaced, not followed. Errors of writing
    are the caller's to explain.

    Args:
        path: File to write; its folder must exist.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of writing a file of a run into one line.

    Raises:
        WriteError: the file cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Turn what a full or failing disk raises anywhere into one line, and let all other errors pass.

    Raises:
        WriteError: the disk is full or fails.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        raise unwritable(Path(error.filename) if error.filename else folder, error) from error


def unwritable(path: Path, error: OSError) -> WriteError:
    """Make the error of a file that cannot be written."""
    return WriteError(
        f"cannot write {path}: {error.strerror or error}; everything reported before is safe: "
        f"free space or permissions, then: autogen resume the run"
    )


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all.

    Args:
        path: File to write; its folder is made.
        content: Whole content; text is written as UTF-8.

    Raises:
        WriteError: the disk is full, or it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(data)


def append(path: Path, text: str) -> None:
    """Append text to a file, which is made if there is none; a link is refused. Raises ``WriteError``."""
    with disk_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK, 0o644)
        with open(file, "a", encoding="utf-8") as opened:  # noqa: PTH123 - a descriptor
            opened.write(text)


def read_file(path: Path, most: int | None = None, *, links: bool = False) -> bytes:
    """Read a regular file; a device, a pipe or a link has no end, blocks, or lies elsewhere.

    Args:
        path: File to read.
        most: Largest number of bytes; ``None`` for no limit.
        links: True to follow a link, as in a cache of models.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger.
    """
    file = os.open(path, os.O_RDONLY | _NOT_WAITING | (0 if links else NO_LINK))
    with open(file, "rb") as opened:  # noqa: PTH123 - a descriptor
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if most is not None and about.st_size > most:
            raise OSError(errno.EINVAL, f"it is larger than {most:,} bytes")
        return opened.read()


def is_disk_error(error: BaseException | None) -> bool:
    """Tell if an exception, or one that caused it, comes from a disk that is full or fails."""
    while error is not None:
        if isinstance(error, WriteError) or (isinstance(error, OSError) and error.errno in DISK_ERRORS):
            return True
        error = error.__cause__ or error.__context__
    return False


def make_folder(path: Path) -> None:
    """Create a folder, with those above it, unless it is there.

    Raises:
        RunError: it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot create the folder {path}: {error.strerror}; give another one") from error


def new_folder(path: Path) -> None:
    """Create a folder, unless it is there and empty.

    Raises:
        RunError: it is not empty, or cannot be created.
    """
    make_folder(path)
    if any(path.iterdir()):
        raise RunError(f"{path} is not empty; give a new folder")


def leads_out(file: Path, folder: Path) -> bool:
    """Tell if a file lies outside of a folder: whoever made the folder may link any file of its reader."""
    real = os.path.realpath(file)  # unlike Path.resolve it ends for a link to itself
    return not Path(real).is_relative_to(os.path.realpath(folder))


def entries(folder: Path) -> Iterator[Path]:
    """List all files and folders below a folder; those that cannot be opened, or vanish, are left out."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(place) / name
