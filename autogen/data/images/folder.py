"""Image files of a folder or zip, and the class of each by its folder."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from autogen.errors import DataError, reason
from autogen.files import entries, leads_out

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
#: Most bytes of a file in a zip, so that a small one cannot fill the memory.
MOST_BYTES = 2**28
PART_FOLDERS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev"))


class ImageFolder:
    """Names and bytes of the image files in a folder, a zip, or of a single file.

    Args:
        path: folder, zip or image file.

    Raises:
        DataError: the zip cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.links: set[str] = set()
        self._zip: zipfile.ZipFile | None = None
        if path.is_file() and path.suffix.lower() not in SUFFIXES:
            try:
                self._zip = zipfile.ZipFile(path)
            except (zipfile.BadZipFile, OSError) as error:
                raise DataError(
                    f"{path} cannot be opened as a zip: {reason(error)}. "
                    f"Give a folder or zip of images, or an image file."
                ) from error

    def names(self) -> Iterator[str]:
        """List the names below the folder, in posix form, without hidden files and folders.

        Links to files elsewhere are left out; ``links`` has their names.
        """
        if self._zip is not None:
            found: Iterator[str] = iter(self._zip.namelist())
        elif self.path.is_dir():
            found = (entry.relative_to(self.path).as_posix() for entry in entries(self.path))
        else:
            found = iter([self.path.name])
        for name in found:
            parts = PurePosixPath(name).parts
            hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
            if not name.lower().endswith(SUFFIXES) or hidden:
                continue
            if self._zip is None and self.path.is_dir() and leads_out(self.path / name, self.path):
                self.links.add(name)
                continue
            yield name

    def bytes_of(self, name: str) -> bytes:
        """Read the content of a file."""
        if self._zip is not None:
            with self._zip.open(name) as file:
                content = file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise DataError(f"it unpacks to more than {MOST_BYTES:,} bytes")
            return content
        path = self.path / name if self.path.is_dir() else self.path
        if not path.is_file():  # a pipe would never end
            raise DataError("it is no regular file")
        return path.read_bytes()

    def close(self) -> None:
        """Close the zip."""
        if self._zip is not None:
            self._zip.close()


def holds_images(path: Path) -> bool:
    """Tell if a folder or zip has an image file or a link to one in it; false for a broken zip."""
    try:
        folder = ImageFolder(path)
    except DataError:
        return False
    try:
        return next(folder.names(), None) is not None or bool(folder.links)
    finally:
        folder.close()


def class_folders(names: Sequence[str]) -> list[str] | None:
    """Name the class of each file by its folder; ``None`` if the folders are no classes.

    The class is the first folder below the top (below ``train``/``test``/... if these are the
    top); there must be at least two classes, and two images per class on average.
    """
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    while folders and all(folders) and len({parts[0] for parts in folders}) == 1:
        folders = [parts[1:] for parts in folders]
    if folders and all(parts and parts[0].lower() in PART_FOLDERS for parts in folders):
        folders = [parts[1:] for parts in folders]
    if not all(folders):
        return None
    found = [parts[0] for parts in folders]
    return found if 1 < len(set(found)) <= len(found) / 2 else None
