"""Folder of a run: the paths of its files, and its safe creation."""

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autogen.documents import parse_json, parse_toml
from autogen.engine.settings import MOST_BYTES
from autogen.errors import RunError, resume_command
from autogen.files import near_path, read_file
from autogen.generator.delivered import check_published
from autogen.report.result import Result


class RunFolder:
    """Paths of a run; docs/run-folder.md explains each file.

    Attributes:
        path: Absolute path of the folder.
        study: study.toml, the settings in force with versions and hashes.
        space: space.toml, the search space that the run began with.
        lessons: lessons.json, the trials of earlier runs that the study learns from.
        private: private.json, the noisy counts of a study with epsilon.
        start: start/, the models that training may start from.
        drift: start/drift.json, what an update found of the new data before.
        journal: journal.jsonl, all events of the study.
        trials: Folder of the trials.
        finalists: Folder of the finalists.
        best: Folder of the returned model.
        refit: Folder of the returned config, trained again on all rows.
        exhibits: Folder of the sample previews.
        columns: exhibits/columns.json, how each column of the data was read.
        leaderboard: leaderboard.csv, all trials by score.
        result: result.json, the verdict.
        report: report.html, the report.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.study = self.path / "study.toml"
        self.space = self.path / "space.toml"
        self.lessons = self.path / "lessons.json"
        self.private = self.path / "private.json"
        self.start = self.path / "start"
        self.drift = self.start / "drift.json"
        self.journal = self.path / "journal.jsonl"
        self.trials = self.path / "trials"
        self.finalists = self.path / "finalists"
        self.best = self.path / "best"
        self.refit = self.path / "refit"
        self.exhibits = self.path / "exhibits"
        self.columns = self.exhibits / "columns.json"
        self.shown = self.exhibits / "shown.json"
        self.leaderboard = self.path / "leaderboard.csv"
        self.result = self.path / "result.json"
        self.report = self.path / "report.html"

    @classmethod
    def refuse_used(cls, path: Path) -> None:
        """Raise ``RunError`` if a folder for a new run is not empty."""
        if path.is_dir() and any(path.iterdir()):
            known = f"resume its run: {resume_command(path)}; or " if cls(path).study.exists() else ""
            raise RunError(f"the output folder {path} is not empty; {known}choose another with --out")

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """Create the folder of a new run.

        Raises:
            RunError: the folder is not empty, or cannot be written.
        """
        folder = cls(path)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            cls.refuse_used(path)
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
            RunError: the folder has no study.toml, or holds a link, a device or a pipe.
        """
        folder = cls(path)
        folder.check()
        if (odd := next(folder.strange(), None)) is not None:
            raise RunError(
                f"{odd} is a link, or no file: autogen writes neither, and would write to where it leads; "
                "remove it, or copy the run without links (cp -rL)"
            )
        return folder

    def check(self) -> None:
        """Check that this is the folder of a run. Raises ``RunError`` if it has no study.toml."""
        if not os.path.lexists(self.study):
            near = "" if self.path.exists() else near_path(self.path)
            hint = f"; did you mean {near!r}?" if near else ""
            raise RunError(f"{self.path} is not the folder of a run: it lacks study.toml{hint}")

    def strange(self) -> Iterator[Path]:
        """Find what is neither a folder nor a regular file."""
        folders = [str(self.path)]
        while folders:
            for entry in _entries(folders.pop()):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)

    def trial(self, number: int) -> Path:
        """Return the folder of a trial."""
        return self.trials / f"{number:04d}"

    def scored_rows(self) -> int:
        """Read how many rows of each held-out split scores use; 0 for all, as in runs that do not say it."""
        found = self.read_study().get("scored")
        rows = str(found.get("rows", "")) if isinstance(found, dict) else ""
        return int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 10 else 0

    def read_study(self) -> dict[str, Any]:
        """Read study.toml. Raises ``RunError`` if it is missing or damaged."""
        try:
            return parse_toml(read_file(self.study, MOST_BYTES).decode())
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
                f"write it again: {resume_command(self.path)}"
            ) from error

    def read_result_json(self) -> dict[str, Any]:
        """Read result.json as it is.

        Raises:
            RunError: the run has no result yet, it is damaged, or it or the delivered model is not as the
                journal recorded it.
        """
        check_published(self.path)
        try:
            result: dict[str, Any] = parse_json(read_file(self.result, MOST_BYTES))
        except OSError as error:
            raise RunError(
                f"{self.path} has no result yet ({error.strerror}); finish it: {resume_command(self.path)}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise RunError(
                f"{self.result} is damaged; write it again: {resume_command(self.path)}"
            ) from error
        return result


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError as error:
        raise RunError(f"cannot read {folder}: {error.strerror}") from error


def unused_folder(data: str) -> Path:
    """Find the first folder of runs/<data>-1, -2 ... that does not exist."""
    stem = re.sub(r"[^\w.-]+", "-", Path(data).name.split(".")[0]) or "data"
    names: Iterator[Path] = (Path("runs") / f"{stem}-{number}" for number in itertools.count(1))
    return next(path for path in names if not path.exists())
