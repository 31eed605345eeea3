"""The search spaces that come with the package, by name."""

from pathlib import Path

from autogen.errors import UnknownNameError
from autogen.hpo.space.names import unknown


def _folder() -> Path:
    """Where the spaces lie: inside the installed package, in a checkout beside it."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "search_spaces"
    return inside if inside.is_dir() else package.parent / "search_spaces"


def space_names() -> tuple[str, ...]:
    """Names of the spaces that come with the package."""
    return tuple(sorted(path.stem for path in _folder().glob("*.toml")))


def space_path(name: str) -> Path:
    """The file of a space that comes with the package.

    Raises:
        UnknownNameError: no such space; the nearest one is suggested.
    """
    if name not in space_names():
        raise UnknownNameError(f"{unknown('search space', name, space_names())} A file's name ends in .toml.")
    return _folder() / f"{name}.toml"
