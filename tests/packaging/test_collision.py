"""Another project has the same import name: what is said when both are in one environment."""

import os
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
    (tmp_path / "autogen_search.py").write_text((OWN.parent / "autogen_search.py").read_text())
    return tmp_path


def python(folder, code, *flags):
    inside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        cwd=folder,
        env=inside,
        capture_output=True,
        text=True,
        check=False,
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


@pytest.mark.parametrize(
    "theirs",
    [
        '__version__ = "0.14.1"\n',
        "from .agentchat import Agent\n",  # its import fails for want of what it needs
        '"""\u00e9"""\nraise ImportError\n',
    ],
)
def test_the_command_looks_whose_package_it_is_before_it_imports_any(package, theirs):
    (package / "autogen/__init__.py").write_text(theirs, encoding="latin-1")
    done = python(package, "import autogen_search; autogen_search.main()")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: another project of the same import name")
    assert str(package / "autogen/__init__.py") in done.stderr


def test_the_command_says_that_the_other_took_our_file_with_it(package):
    (package / "autogen/__init__.py").unlink()  # as pip uninstalls what was installed before ours
    code = "import autogen_search; autogen_search.main()"
    done = python(package, code, "-S")  # without site-packages, where there may be a whole one
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "__init__.py is missing" in done.stderr
    assert "install autogen-search again" in done.stderr


def test_our_own_package_is_known(package):
    done = python(package, "import sys, autogen_search; sys.argv = ['autogen', '-V']; autogen_search.main()")
    assert (done.stdout, done.stderr) == (f"autogen {autogen.__version__}\n", "")
