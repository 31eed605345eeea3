"""Search spaces by name: those that come with the package, and those of plug-ins.

An entry point of the group ``autogen.space`` names a package that holds ``NAME.toml``. Where there is such a
space already, the families of that file join it; so a family need not copy a shipped space to be searched.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from autogen import registry
from autogen.errors import SpaceError, UnknownNameError
from autogen.hpo.space import toml
from autogen.hpo.space.names import unknown


def _folder() -> Path:
    """Locate the spaces: inside of the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "search_spaces"
    return inside if inside.is_dir() else package.parent / "search_spaces"


def space_names() -> tuple[str, ...]:
    """List the names of the spaces that come with the package or a plug-in."""
    shipped = {path.stem for path in _folder().glob("*.toml")}
    return tuple(sorted(shipped | set(registry.names("space"))))


def space_path(name: str) -> Path:
    """Find the file of a space that comes with the package.

    Raises:
        UnknownNameError: there is no such space; the nearest one is suggested.
    """
    path = _folder() / f"{name}.toml"
    if name not in space_names() or not path.is_file():
        raise UnknownNameError(
            f"{unknown('search space', name, space_names())} A file name must end in .toml."
        )
    return path


def family_space(family: str, names: Sequence[str]) -> Path:
    """Find the file with the branch of a family that joins a shipped space only where a study asks for it.

    Args:
        family: Name of the family.
        names: Names of shipped spaces, of which the first with such a branch is taken.

    Raises:
        SpaceError: none has one.
    """
    paths = [_folder() / family / f"{name}.toml" for name in names]
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        known = ", ".join(sorted(one.stem for one in (_folder() / family).glob("*.toml")))
        raise SpaceError(f"the family {family} joins the spaces {known}; this study searches {names[0]}")
    return found


def read_space(name: str) -> toml.Document:
    """Read a named space, with the families that plug-ins add to it and its portfolio.

    Raises:
        UnknownNameError: there is no such space; the nearest one is suggested.
        SpaceError: two packages give the space one family, or a plug-in's file cannot be read.
    """
    added = registry.parts("space", name)
    shipped = () if added and not (_folder() / f"{name}.toml").is_file() else (space_path(name),)
    learnt = [path for path in (_folder() / "portfolios" / f"{name}.toml",) if path.is_file()]
    whole = toml.Document("", (), (), {})
    for text, origin in [(toml.read(path), path.stem) for path in (*shipped, *learnt)] + [
        _text(package, name) for package in added
    ]:
        said = toml.parse(text, origin)
        if twice := whole.branches.keys() & said.branches.keys():
            raise SpaceError(f"{origin}: {name} has the family {min(twice)!r} already; give it another name")
        whole = toml.Document(
            whole.about or said.about,
            tuple(dict.fromkeys(whole.first + said.first)),
            whole.portfolio + said.portfolio,
            whole.branches | said.branches,
            {**whole.least_seconds, **said.least_seconds},
        )
    return whole


def _text(package: str, name: str) -> tuple[str, str]:
    """Read the text of a plug-in's space, and name its place."""
    origin = f"{name}.toml of {package}"
    try:
        return files(package).joinpath(f"{name}.toml").read_text(encoding="utf-8"), origin
    except (ImportError, OSError, UnicodeDecodeError) as error:
        raise SpaceError(f"{origin}: cannot be read as a search space: {error}") from error
