"""Folder of a run: the paths of its files, and its safe creation."""

from pathlib import Path
from typing import Any

from autogen.documents import parse_json, parse_toml
from autogen.errors import RunError
from autogen.report.result import Result


class RunFolder:
    """Paths of a run; docs/run-folder.md explains each file.

    Attributes:
        path: Absolute path of the folder.
        study: study.toml, the settings in force with versions and hashes.
        journal: journal.jsonl, all events of the study.
        trials: Folder of the trials.
        finalists: Folder of the finalists.
        best: Folder of the returned model.
        refit: Folder of the returned config, trained again on all rows.
        exhibits: Folder of the sample previews.
        leaderboard: leaderboard.csv, all trials by score.
        result: result.json, the verdict.
        report: report.html, the report.
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
        """Create the folder of a new run.

        Raises:
            RunError: the folder is not empty, or cannot be written.
        """
        folder = cls(path)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            if any(folder.path.iterdir()):
                known = f"resume its run: autogen resume {path}; or " if folder.study.exists() else ""
                raise RunError(f"the output folder {path} is not empty; {known}choose another with --out")
            for inner in (folder.trials, folder.finalists):
                inner.mkdir()
        except OSError as error:
            raise RunError(
                f"cannot create the output folder {path}: {error.strerror}; choose another with --out"
            ) from error
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open the folder of an existing run.

        Raises:
            RunError: the folder has no study.toml.
        """
        folder = cls(path)
        if not folder.study.is_file():
            raise RunError(f"{path} is not the folder of a run: it lacks study.toml")
        return folder

    def trial(self, number: int) -> Path:
        """Return the folder of a trial."""
        return self.trials / f"{number:04d}"

    def read_study(self) -> dict[str, Any]:
        """Read study.toml. Raises ``RunError`` if it is missing or damaged."""
        try:
            return parse_toml(self.study.read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(f"cannot read {self.study}: {error.strerror}") from error
        except ValueError as error:
            raise RunError(f"{self.study} is damaged: {error}; repair it, or start a new run") from error

    def read_result(self) -> Result:
        """Read result.json.

        Raises:
            RunError: the run has no result yet, or the file cannot be read.
        """
        record = self.read_result_json()
        try:
            return Result.from_json(record)
        except RunError as error:
            raise RunError(
                f"{self.result} is not as this version of autogen writes it: {error}; "
                f"write it again: autogen resume {self.path}"
            ) from error

    def read_result_json(self) -> dict[str, Any]:
        """Read result.json as it is. Raises ``RunError`` if the run has no result yet, or it is damaged."""
        try:
            result: dict[str, Any] = parse_json(self.result.read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(
                f"{self.path} has no result yet ({error.strerror}); finish it: autogen resume {self.path}"
            ) from error
        except ValueError as error:
            raise RunError(f"{self.result} is damaged; write it again: autogen resume {self.path}") from error
        return result
