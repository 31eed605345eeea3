"""Every extra that a page or a message names exists, and is pinned at a version that it allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINNED = {
    canonicalize_name(name): version
    for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text())
}
PLACES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*"),
    *(ROOT / "examples").rglob("*.py"),
    *(ROOT / "autogen").rglob("*.py"),
]
FILES = [path for path in PLACES if path.suffix in (".md", ".py", ".yaml", ".sh")]


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_an_extra_is_pinned_at_versions_that_it_allows(extra):
    for line in EXTRAS[extra]:
        wanted = Requirement(line)
        version = PINNED.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not in constraints.txt"
        assert wanted.specifier.contains(version), f"{line}, but constraints.txt has {version}"


def test_every_extra_that_is_named_for_installing_exists():
    named = {
        (path.relative_to(ROOT).as_posix(), extra)
        for path in FILES
        for extras in re.findall(
            r"(?:pip install[^\n]*['\"\s./](?:\.|autogen|autogen-search)|\.)\[([a-z, ]+)\]['\"]",
            path.read_text(encoding="utf-8"),
        )
        for extra in re.split(r", ?", extras)
    }
    assert len(named) > 6
    assert {one for one in named if one[1] not in EXTRAS} == set()


def test_nothing_is_told_to_be_installed_from_an_index_that_has_it_not():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if re.search(r"pip install [^\n`]*autogen-search", path.read_text(encoding="utf-8"))
    ]
    assert found == []
