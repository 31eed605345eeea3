"""Each convention of docs/conventions.md is proven by a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/conventions.md").read_text()
NAMED = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_test_that_a_row_names_exists(file, name):
    path = ROOT / "tests" / file
    functions = {
        node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    }
    assert not name or name in functions


def test_every_row_of_a_table_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "you are used to" not in line]
    assert len(rows) > 50
    assert [row for row in rows if not re.search(r"`[\w/]+\.py", row)] == []
