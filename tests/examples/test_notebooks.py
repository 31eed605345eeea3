"""The notebooks run from top to bottom, in an empty folder."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
NOTEBOOKS = sorted((CHECKOUT / "examples" / "notebooks").glob("*.ipynb"))

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    """Sources of the cells of a kind."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["nbformat"] == 4
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind]


def displayed(source):
    """A cell as a notebook runs it: the value of a last expression is shown."""
    tree = ast.parse(source)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1].value
        tree.body[-1] = ast.parse(f"_shown({ast.unparse(last)})").body[0]
    return ast.unparse(tree)


def test_there_are_three_and_each_is_explained_and_saved_without_outputs():
    assert len(NOTEBOOKS) == 3
    for path in NOTEBOOKS:
        assert cells(path, "markdown")[0].startswith("# ")
        document = json.loads(path.read_text(encoding="utf-8"))
        assert not any(cell.get("outputs") for cell in document["cells"])


@pytest.mark.slow
@by_name
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    html = "getattr(value, '_repr_html_', lambda: repr(value))()"
    show = f"def _shown(value):\n    print(repr(value), len({html}))\n"
    script = tmp_path / "notebook.py"
    parts = [show, *map(displayed, cells(path, "code"))]
    script.write_text("\n\n".join(parts), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", script.name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.glob("*/report.html"))
