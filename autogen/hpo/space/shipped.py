"""Search spaces that come with the package, by name."""

from pathlib import Path

from autogen.errors import UnknownNameError
from autogen.hpo.space.names import unknown


def _folder() -> Path:
    """Locate the spaces: inside of the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "search_spaces"
    return inside if inside.is_dir() else package.parent / "search_spaces"


def space_names() -> tuple[str, ...]:
    """List the names of the spaces that come with the package."""
    return tuple(sorted(path.stem for path in _folder().glob("*.toml")))


def space_path(name: str) -> Path:
    """Find the file of a space that comes with the package.

    Raises:
        UnknownNameError: there is no such space; the nearest one is suggested.
    """
    if name not in space_names():
        raise UnknownNameError(
            f"{unknown('search space', name, space_names())} A file name must end in .toml."
        )
    return _folder() / f"{name}.toml"
