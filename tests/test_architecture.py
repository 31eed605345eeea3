"""Layers, doors and lightness of the package, read from its import statements."""

import ast
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

import autogen

ROOT = Path(autogen.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

#: Low to high; a package or module imports only from lower rows and from itself.
LAYERS = (
    ("errors",),
    ("registry", "objective", "trial", "run_folder"),
    ("space", "budget", "costs"),
    ("constraint",),
    ("samplers", "pruners", "journal", "data", "report", "settings"),
    ("families", "metrics", "audit", "times"),
    ("judging",),
    ("training",),
    ("executors", "selection", "opening", "sampling", "goals", "study_state"),
    ("pace",),
    ("study", "pareto", "answering"),
    ("scorekeeping", "final_scoring", "final_judging", "tradeoffs"),
    ("confirm", "forecast", "final_diagnostics", "standings"),
    ("finals", "scoring"),
    ("result", "reporting"),
    ("study_result", "exhibits"),
    ("publish", "plan", "benchmarking"),
    ("safeguards",),
    ("engine",),
    ("cli",),
)
ROW = {name: row for row, names in enumerate(LAYERS) for name in names}
#: ``autogen.testing`` is a product for tests; ``autogen`` itself and ``__main__`` only point at others.
FREE = {"testing", "__init__", "__main__"}

#: Heavy or dangerous dependencies, each with the patterns of the only files that may import it.
DOORS = {
    "optuna": "samplers/bayesian.py",
    "plotly": "report/plots.py",
    "safetensors": "training/checkpoint.py judging/encoder.py",  # our own models; a user's encoder
    "openai": "judging/endpoint.py",
    "tokenizers": "data/text_bpe.py judging/encoder.py",  # learns tokens; cuts as a user's encoder does
    "fsspec": "training/storage.py",
    "PIL": "data/image_files.py",
    "symusic": "data/midi_files.py",
    "typer": "cli*.py",
    "rich": "cli*.py",
    "ray": "executors/ray*.py",
    "pickle": "executors/*.py",
    "fcntl": "journal.py",  # absent on Windows
    "resource": "executors/companion.py",  # absent on Windows
}
WITHOUT_TORCH = ("autogen", "autogen.space", "autogen.samplers.random", "autogen.pruners.hyperband")
WITHOUT_TORCH += ("autogen.journal", "autogen.report.html", "autogen.report.leaderboard", "autogen.reporting")


def place(path: Path) -> str:
    return layer(path.relative_to(ROOT).parts[0].removesuffix(".py"))


def layer(name: str) -> str:
    """The layer of a part of the package; ``cli_run`` and the like belong to ``cli``."""
    return "cli" if name.startswith("cli") else name


def imports(path: Path) -> set[str]:
    """Absolute names of all modules that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written out in full"
            module = node.module or ""
            found |= {home(alias.name) for alias in node.names} if module == "autogen" else {module}
    return found


def home(name: str) -> str:
    """The module behind a name that ``autogen`` itself offers."""
    return "autogen" if name == "__version__" else autogen._PUBLIC.get(name, f"autogen.{name}")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_imports_only_lower_layers(path):
    if (own := place(path)) in FREE:
        return
    for module in sorted(name for name in imports(path) if name.startswith("autogen.")):
        other = layer(module.split(".")[1])
        assert {own, other} <= set(ROW), f"{named(path)}: put {own} and {other} into a layer"
        assert other == own or ROW[other] < ROW[own], f"{named(path)} imports {module}: not a lower layer"


@pytest.mark.parametrize("package", sorted(DOORS))
def test_a_heavy_dependency_enters_through_its_door(package):
    users = {named(path) for path in FILES if package in {name.split(".")[0] for name in imports(path)}}
    doors = DOORS[package].split()
    assert {user for user in users if not any(fnmatch(user, door) for door in doors)} == set()


def test_what_the_command_line_needs_at_once_imports_no_torch():
    code = f"import sys, {', '.join(WITHOUT_TORCH)}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "False"), run.stderr


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_short_and_has_nothing_to_hide(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    assert "TYPE_CHECKING" not in text
