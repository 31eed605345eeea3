"""Layers, doors and lightness of the package, and what tests keep their hands off, read from the sources."""

import ast
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import autogen
from autogen.registry import BUILT_IN

ROOT = Path(autogen.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
TESTS = sorted(Path(__file__).parent.rglob("*.py"))

#: Low to high; a package or module imports only from lower rows and from itself.
LAYERS = (
    ("errors", "registry", "files", "documents", "threads"),
    ("hpo", "privacy"),
    ("data",),
    ("families", "report"),
    ("metrics",),
    ("training", "judging"),
    ("generator",),
    ("executors", "verdict"),
    ("engine",),
    ("tracking", "exporting", "federated"),
    ("api", "benchmarking", "testing"),
    ("cli",),
)
ROW = {name: row for row, names in enumerate(LAYERS) for name in names}
#: Inside the lowest row: what the registry and the writer of files need is errors.
INSIDE = {("registry", "errors"), ("files", "errors")}
#: ``autogen`` itself and ``__main__`` only point at others.
FREE = {"__init__", "__main__"}
#: Python files in one folder, its ``__init__`` left out.
MOST_FILES = 12

#: Methods with an underscore that are there to be overridden: ``docs/extending.md`` documents them.
HOOKS = {"_on_ask", "_on_tell"}

#: The file with the parsers that survive any document, and what reads only what this process just wrote.
PARSERS = {
    *("documents.py", "judging/llm/replies.py", "hpo/study/chain.py"),
    *("executors/process.py", "executors/local/nursery.py", "data/texts/bpe.py", "testing/data.py"),
}

#: Heavy or dangerous dependencies, each with the patterns of the only files that may import it.
DOORS = {
    # Its TPE proposes configs; a study is mirrored into its storages, and learned from.
    "optuna": "hpo/samplers/bayesian.py hpo/optuna_storages.py tracking/optuna_*.py",
    "mlflow": "tracking/mlflow.py",
    "wandb": "tracking/wandb.py",
    "onnx": "exporting/onnx.py",
    "plotly": "report/figures/plot.py",
    # Our own models; a user's encoder; messages between owners of rows.
    "safetensors": "training/checkpoint.py judging/embedded/encoder.py federated/messages.py",
    "opacus": "privacy/accountant.py",
    "openai": "judging/llm/endpoint.py",
    # Learns tokens; cuts as a user's encoder does.
    "tokenizers": "data/texts/bpe.py judging/embedded/encoder.py",
    "transformers": "families/pretrained/library.py",
    "peft": "families/pretrained/library.py",
    "diffusers": "families/autoregressive/autoencoder.py",
    "fsspec": "training/worker/storage.py",
    "PIL": "data/images/files.py",
    "openpyxl": "data/tables/sources/excel.py",
    "sqlalchemy": "data/tables/sources/database.py hpo/optuna_storages.py",
    "symusic": "data/music/midi.py",
    "typer": "cli/*.py",
    "rich": "cli/*.py",
    "ray": "executors/ray/*.py",
    "pickle": "executors/*.py",
    "fcntl": "hpo/study/journal.py",  # absent on Windows
    "resource": "executors/process.py",  # absent on Windows
}
WITHOUT_TORCH = (
    "autogen",
    "autogen.hpo.space",
    "autogen.hpo.samplers.random",
    "autogen.hpo.pruners.hyperband",
    "autogen.hpo.study.study",
    "autogen.report.page.page",
    "autogen.report.leaderboard",
    "autogen.engine.report_data",
)


def place(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> frozenset[str]:
    """Absolute names of all modules that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written out in full"
            module = node.module or ""
            found |= {home(module, alias.name) for alias in node.names}
    return frozenset(found)


def home(module: str, name: str) -> str:
    """The module that ``from module import name`` reads."""
    if module == "autogen":
        return "autogen" if name == "__version__" else autogen._PUBLIC.get(name, f"autogen.{name}")
    inner = f"{module}.{name}"
    return inner if inner in MODULES else module


def dotted(path: Path) -> str:
    parts = ("autogen", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


MODULES = {dotted(path): path for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_imports_only_lower_layers(path):
    if (own := place(path)) in FREE:
        return
    for module in sorted(name for name in imports(path) if name.startswith("autogen.")):
        other = module.split(".")[1]
        assert {own, other} <= set(ROW), f"{named(path)}: put {own} and {other} into a layer"
        lower = other == own or ROW[other] < ROW[own] or (own, other) in INSIDE
        assert lower, f"{named(path)} imports {module}: not a lower layer"


def test_no_imports_go_round_in_a_circle_even_inside_functions():
    arrows = {name: sorted(imports(path) & set(MODULES) - {name}) for name, path in MODULES.items()}
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"a circle: {' -> '.join([*way[way.index(name) :], name])}"
        if name not in done:
            for other in arrows[name]:
                walk(other, (*way, name))
            done.add(name)

    for name in sorted(set(MODULES) - {"autogen"}):
        walk(name, ())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_a_folder_holds_few_files(folder):
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= MOST_FILES


@pytest.mark.slow
def test_no_kind_of_data_and_no_executor_is_asked_for_by_its_name():
    """But where they are at home: what depends on them is declared, so that others can be added."""
    names = {*BUILT_IN["data"], *BUILT_IN["executor"]}
    found = [
        f"{named(path)}:{node.lineno}"
        for path in FILES
        if place(path) not in ("data", "executors")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(isinstance(one, ast.Constant) and one.value in names for one in ast.walk(node))
    ]
    assert found == []


@pytest.mark.parametrize("package", sorted(DOORS))
def test_a_heavy_dependency_enters_through_its_door(package):
    users = {named(path) for path in FILES if package in {name.split(".")[0] for name in imports(path)}}
    doors = DOORS[package].split()
    assert {user for user in users if not any(fnmatch(user, door) for door in doors)} == set()


def test_json_and_toml_are_parsed_where_any_document_is_survived():
    parsers = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(call in path.read_text() for call in ("json.load", "tomllib.load", "JSONDecoder("))
    }
    assert parsers <= PARSERS


def test_what_the_command_line_needs_at_once_imports_no_torch():
    code = f"import sys, {', '.join(WITHOUT_TORCH)}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "False"), run.stderr


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_short_and_has_nothing_to_hide(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    assert "TYPE_CHECKING" not in text


def private(name: object) -> bool:
    """Whether the last part of a dotted name begins with one underscore, or is a class's own dictionary."""
    last = str(name).rpartition(".")[2] if isinstance(name, str) else ""
    return last == "__dict__" or (last.startswith("_") and not last.startswith("__"))


def set_targets(node: ast.AST) -> list[ast.expr]:
    """What a statement assigns to or deletes; of ``x.y[z] = 1`` the attribute ``x.y``."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        found = [one for target in node.targets for one in ast.walk(target) if isinstance(one, ast.expr)]
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        found = [node.target]
    return found


def reaches_inside(node: ast.AST, inherited: set[str]) -> bool:
    """Whether a statement fakes an object by a namespace, or changes a private part of another's class."""
    if isinstance(node, ast.Name | ast.Attribute | ast.alias):
        named = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}[type(node)]
        return getattr(node, named) == "SimpleNamespace"
    if isinstance(node, ast.ClassDef):
        methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef) and private(one.name)}
        return bool(node.bases and methods & inherited - HOOKS)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        names = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
        changed = [one.attr for one in node.args[:1] if isinstance(one, ast.Attribute)]
        if called in ("setattr", "delattr", "object"):
            return any(map(private, names))
        return called in ("setitem", "delitem") and any(map(private, changed))
    return any(
        isinstance(one, ast.Attribute)
        and private(one.attr)
        and not (isinstance(one.value, ast.Name) and one.value.id in ("self", "cls"))
        for one in set_targets(node)
    )


@cache
def private_methods() -> set[str]:
    """Names of all methods of the package that begin with an underscore."""
    classes = (
        n for path in FILES for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ClassDef)
    )
    methods = (one.name for node in classes for one in node.body if isinstance(one, ast.FunctionDef))
    return set(filter(private, methods))


@pytest.mark.slow
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(TESTS[0].parent).as_posix())
def test_a_test_fakes_no_object_and_changes_no_private_part(path):
    """What it needs it gives by an argument, a registered name or a class of the contract."""
    nodes = ast.walk(ast.parse(path.read_text()))
    found = [node.lineno for node in nodes if reaches_inside(node, private_methods())]
    assert found == [], f"{path.name} at these lines"


@pytest.mark.parametrize(
    "line",
    [
        "from types import SimpleNamespace",
        "made = types.SimpleNamespace(trials=[])",
        "study._trials = []",
        "study._trials[0], other = 1, 2",
        "goals.__dict__['metric'] = metric",
        "del study._trials",
        "monkeypatch.setattr(local, '_IDLE', 4.0)",
        "monkeypatch.setattr('autogen.metrics.distance._PAIRS', 18)",
        "patch.setitem(vars(x).__dict__, 'a', 1)",
        "class Fake(Driver):\n    def _hire(self): ...",
    ],
)
def test_what_reaches_inside_is_found(line):
    assert any(reaches_inside(node, {"_hire"}) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "self._seen = []",
        "made.folder = path",
        "monkeypatch.setattr(gate, 'MOST', 1)",
        "class Own:\n    def _hire(self): ...",
        "class Told(Sampler):\n    def _on_tell(self, outcome): ...",
    ],
)
def test_what_is_a_test_s_own_is_left_alone(line):
    assert not any(reaches_inside(node, {"_hire", "_on_tell"}) for node in ast.walk(ast.parse(line)))
