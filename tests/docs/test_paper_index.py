"""The paper index and the citations in the code say the same."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "paper_index.md"
ARXIV = re.compile(r"arxiv\.org/abs/(\d{4}\.\d{4,5})")
#: A row of the index: what the paper is called in the code, its year, and the rest of the row.
ROW = re.compile(r"^\| \[?(?P<name>[^\]\d|]+) (?P<year>\d{4})\b(?P<rest>.*)$", re.MULTILINE)
FILE = re.compile(r"\]\(\.\./([^)]+)\)")
ROWS = [match.groupdict() for match in ROW.finditer(INDEX.read_text(encoding="utf-8"))]


def cited() -> list[tuple[str, str]]:
    """Each arXiv number with a file of the package or a search space that links it."""
    files = [*(ROOT / "autogen").rglob("*.py"), *(ROOT / "search_spaces").glob("*.toml")]
    found = {
        (paper, file.relative_to(ROOT).as_posix())
        for file in files
        for paper in ARXIV.findall(file.read_text(encoding="utf-8"))
    }
    return sorted(found)


def followed() -> list[tuple[str, str, str]]:
    """Each paper of the index, by name and year, with a file that is said to follow it."""
    return [(row["name"], row["year"], file) for row in ROWS for file in FILE.findall(row["rest"])]


@pytest.mark.parametrize(("paper", "file"), cited())
def test_a_file_that_links_a_paper_stands_beside_it_in_the_index(paper, file):
    assert any(paper in row["rest"] and file in FILE.findall(row["rest"]) for row in ROWS)


@pytest.mark.parametrize(("name", "year", "file"), followed())
def test_a_file_in_the_index_exists_and_cites_the_paper(name, year, file):
    text = re.sub(r"[\s#:]+", " ", (ROOT / file).read_text(encoding="utf-8"))
    assert re.search(rf"\b{name}(?: and \w+)?(?:'s)? \(?{year}\b", text)


def test_the_index_is_read_row_by_row():
    lines = INDEX.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| paper |")]
    assert len(rows) == len(ROWS) > 90
