"""The folder of a run: what lies where, made only where nothing is lost by it."""

import json
import tomllib
from pathlib import Path
from typing import Any

from autogen.errors import RunError
from autogen.report.result import Result


class RunFolder:
    """Paths of a run; see DESIGN or docs/run-folder.md for what each file holds.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.study = self.path / "study.toml"
        self.journal = self.path / "journal.jsonl"
        self.trials = self.path / "trials"
        self.finalists = self.path / "finalists"
        self.best = self.path / "best"
        self.refit = self.path / "refit"
        self.exhibits = self.path / "exhibits"
        self.leaderboard = self.path / "leaderboard.csv"
        self.result = self.path / "result.json"
        self.report = self.path / "report.html"

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """Make a new run's folder.

        Raises:
            RunError: it holds something already, or cannot be written.
        """
        folder = cls(path)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            if any(folder.path.iterdir()):
                known = f"go on with it: autogen resume {path}; or " if folder.study.exists() else ""
                raise RunError(f"the output folder {path} is not empty; {known}choose another with --out")
            for inner in (folder.trials, folder.finalists):
                inner.mkdir()
        except OSError as error:
            raise RunError(
                f"cannot make the output folder {path}: {error.strerror}; choose another with --out"
            ) from error
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open an existing run's folder.

        Raises:
            RunError: it is none.
        """
        folder = cls(path)
        if not folder.study.is_file():
            raise RunError(f"{path} is not the folder of a run: it lacks study.toml")
        return folder

    def trial(self, number: int) -> Path:
        """Folder of a trial."""
        return self.trials / f"{number:04d}"

    def read_study(self) -> dict[str, Any]:
        """Read study.toml. Raises ``RunError`` where it is damaged."""
        try:
            return tomllib.loads(self.study.read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(f"cannot read {self.study}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RunError(f"{self.study} is damaged: {error}; mend it, or start a new run") from error

    def read_result(self) -> Result:
        """Read result.json.

        Raises:
            RunError: the run has no result yet, or one that cannot be read.
        """
        record = self.read_result_json()
        try:
            return Result.from_json(record)
        except RunError as error:
            raise RunError(
                f"{self.result} is not as this autogen writes it: {error}; "
                f"make it anew: autogen resume {self.path}"
            ) from error

    def read_result_json(self) -> dict[str, Any]:
        """Read result.json as it is. Raises ``RunError`` where the run has no result yet."""
        try:
            result: dict[str, Any] = json.loads(self.result.read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(
                f"{self.path} has no result yet ({error.strerror}); finish it: autogen resume {self.path}"
            ) from error
        except ValueError as error:
            raise RunError(f"{self.result} is damaged; make it anew: autogen resume {self.path}") from error
        return result
