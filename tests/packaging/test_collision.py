"""Another project has the same import name: what is said when both are in one environment."""

import subprocess
import sys
from pathlib import Path

import pytest

import autogen

OWN = Path(autogen.__file__).parent


@pytest.fixture
def package(tmp_path):
    """The files of this package in a folder to which others can be added."""
    (tmp_path / "autogen").mkdir()
    for path in OWN.iterdir():
        if path.name != "__pycache__":
            (tmp_path / "autogen" / path.name).symlink_to(path)
    (tmp_path / "autogen/__init__.py").unlink()
    (tmp_path / "autogen/__init__.py").write_text((OWN / "__init__.py").read_text())
    return tmp_path


def python(folder, code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def test_our_files_beside_those_of_the_other_are_noticed_at_import(package):
    code = "import sys, autogen; print('warnings' in sys.modules, autogen.__file__)"
    assert python(package, code).stderr == ""
    (package / "autogen/agentchat").mkdir()
    done = python(package, code)
    assert done.stdout.startswith(f"True {package}")
    (warning,) = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert "files of another project" in warning
    assert "make a new environment" in warning


def test_the_command_says_that_the_other_was_installed_over_it(package):
    (package / "autogen/__init__.py").write_text('__version__ = "0.14.1"\n')
    done = python(package, "from autogen.cli.app import main; main()")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "error: another project of the same import name (the distribution autogen or ag2)"
    )
    assert done.stderr.count("\n") == 1
