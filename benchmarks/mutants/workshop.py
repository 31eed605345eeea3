"""Runs tests on a mutated copy of the package: the working tree is never changed.

A mutant's tests run in a fork of this process, which has the heavy packages loaded already: that saves most
of the seconds that a new interpreter needs. Nothing of the checkout is loaded before the fork.
"""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.results import ROOT

#: What a mutant's run needs of the checkout.
_COPIED = ("autogen", "tests", "benchmarks", "search_spaces", "docs", "pyproject.toml")
#: Options of pytest; plugins that the tests do not need are left out.
_OPTIONS = ("-x", "-q", *(f"-pno:{name}" for name in ("cacheprovider", "xdist", "hypothesispytest", "anyio")))
_OURS = ("autogen", "tests", "benchmarks")
_LOADED = (
    "torch",
    "pandas",
    "scipy.stats",
    "scipy.sparse",
    "sklearn.ensemble",
    "sklearn.datasets",
)
#: Codes at which a fork ends: of pytest, for a package that is not the copy, and where pytest did not start.
_PASSED, _FAILED, _INTERRUPTED, _INTERNAL, _FOREIGN, _BROKEN = 0, 1, 2, 3, 99, 98


class Workshop:
    """A copy of the checkout in which one file at a time is changed.

    Args:
        folder: Empty folder for the copy.

    Attributes:
        most: Seconds after which tests count as failed.
    """

    most = 120.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._sources: dict[str, str] = {}
        for name in _COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, self.folder / name)
        for package in _LOADED:
            with contextlib.suppress(ImportError):
                importlib.import_module(package)
        gc.freeze()  # what is loaded is never looked through again

    def read(self, file: str) -> str:
        """Read the source of a file of the package as it was when the copy was made."""
        if file not in self._sources:
            self._sources[file] = (self.folder / file).read_text()
        return self._sources[file]

    def notices(self, file: str, source: str, tests: Sequence[Sequence[str]]) -> bool:
        """Tell if tests fail with another source of a file; the first that fails ends it.

        Args:
            file: Path in the checkout.
            source: Source that the copy gets for the time of the tests.
            tests: Groups of arguments of pytest, run one after the other.

        Raises:
            RuntimeError: pytest finds no tests, or the tests do not run on the copy.
        """
        path = self.folder / file
        self._write(path, source)
        try:
            return any(self._fails(group) for group in tests)
        finally:
            self._write(path, self.read(file))

    def log(self) -> str:
        """What the last tests have printed, its end."""
        return (self.folder / "log.txt").read_text()[-2000:]

    def _write(self, path: Path, source: str) -> None:
        path.write_text(source)
        for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            stale.unlink()  # one of the same second and size would be taken for fresh

    def _fails(self, arguments: Sequence[str]) -> bool:
        began, child = time.monotonic(), os.fork()
        if child == 0:
            self._test(arguments)
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if time.monotonic() - began > self.most:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return True
            time.sleep(0.02)
        code = os.waitstatus_to_exitcode(status)
        if code in (_PASSED, _FAILED, _INTERRUPTED, _INTERNAL) or code < 0:
            return code != _PASSED
        raise RuntimeError(f"{' '.join(arguments)} ended with {code}, so it shows nothing:\n{self.log()}")

    def _test(self, arguments: Sequence[str]) -> None:
        """Run tests in this fork, and end it."""
        code = _INTERNAL
        try:
            os.setpgid(0, 0)
            log = os.open(self.folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self.folder)
            os.environ["PYTHONPATH"] = str(self.folder)
            elsewhere = {"", str(ROOT)}
            sys.path[:] = [str(self.folder), *(one for one in sys.path if one not in elsewhere)]
            for name in [one for one in sys.modules if one.partition(".")[0] in _OURS]:
                del sys.modules[name]
            sys.dont_write_bytecode = False  # else each run compiles the whole copy
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            code = int(pytest.main([*_OPTIONS, *arguments]))
            package = sys.modules.get("autogen")
            if code == _PASSED and not str(package and package.__file__).startswith(str(self.folder)):
                code = _FOREIGN
        except BaseException:
            code = _BROKEN
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
