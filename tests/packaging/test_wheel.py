"""The wheel, installed where neither the checkout nor the network is at hand."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import jsonschema
import pytest

CHECKOUT = Path(__file__).parents[2]
SPACES = {path.name for path in (CHECKOUT / "search_spaces").glob("*.toml")}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(*command: object, cwd: Path) -> str:
    """Run a command away from the checkout; its output, or a failure that shows what it said."""
    hidden = {"PYTHONPATH", "PYTHONHOME", "AUTOGEN_DATA"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a new environment that holds the wheel alone and borrows our dependencies.

    Paths of a ``.pth`` file come last and their own ``.pth`` files are not read, so that the
    checkout's editable install does not come along.
    """
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin/python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--no-index", "--no-deps", "--quiet", wheel, cwd=folder)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_wheel_holds_the_package_its_spaces_and_its_licence(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"autogen/search_spaces/{name}" for name in SPACES} <= held
    assert {"autogen/plans/public.toml", "autogen/plans/tiny.toml"} <= held
    assert {
        "autogen_search.py",
        "autogen/__init__.py",
        "autogen/__init__.pyi",
        "autogen/py.typed",
        "autogen/report/page/page.css",
        "autogen/report/result.schema.json",
    } <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in held)


def test_the_installed_package_is_the_wheels(scripts, tmp_path):
    where = run(scripts / "python", "-c", "import autogen; print(autogen.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(scripts.parent)


def test_the_installed_command_knows_the_shipped_spaces(scripts, tmp_path):
    said = run(scripts / "autogen", "spaces", cwd=tmp_path)
    assert all(name.removesuffix(".toml") in said for name in SPACES)


def test_the_installed_command_searches_digits(scripts, tmp_path):
    said = run(
        scripts / "autogen", "run", "digits", "--budget", "20s", "--out", "run", "--json", cwd=tmp_path
    )
    result = json.loads(said)
    jsonschema.validate(result, json.loads((CHECKOUT / "autogen/report/result.schema.json").read_text()))
    assert result == json.loads((tmp_path / "run/result.json").read_text())
    assert (tmp_path / "run/report.html").stat().st_size > 0


def test_the_wheel_holds_the_types_and_schemas(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {"autogen/__init__.pyi", "autogen/hpo/study/journal.schema.json"} <= held
    assert {
        "autogen/tracking/session.py",
        "autogen/exporting/onnx.py",
        "autogen/cli/terminal/help.py",
    } <= held
