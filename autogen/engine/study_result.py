"""A study's result as Python code holds it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autogen.engine.report_data import gather
from autogen.engine.run_folder import RunFolder
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel
from autogen.generator.load import load
from autogen.hpo.study.journal import read
from autogen.hpo.trial import Config
from autogen.report.gallery import Gallery
from autogen.report.leaderboard import from_csv
from autogen.report.result import Result


@dataclass(frozen=True)
class Best:
    """The model that a study delivers.

    Attributes:
        path: Folder of the model: weights, config, codec, model card, samples.
        trial: Number of the trial that found its config; ``None`` for a baseline.
        family: Of the model.
        config: The point of the search space.
        test_score: This very model's score on the test split.
    """

    path: Path
    trial: int | None
    family: str
    config: Config
    test_score: float | None

    def load(self) -> GeneratedModel | BaselineModel:
        """Load the model; ``.sample(n, seed)`` draws from it."""
        return load(self.path)


class StudyResult:
    """What a study found; a view of its run folder.

    Args:
        folder: Of the run; it must have a result.

    Attributes:
        folder: Of the run.
        document: Contents of result.json, typed.

    Raises:
        RunError: the folder is no run, or has no result yet.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = RunFolder.open(Path(folder))
        self.document: Result = self.folder.read_result()

    @cached_property
    def record(self) -> dict[str, Any]:
        """Contents of result.json as in the file."""
        return self.folder.read_result_json()

    @property
    def verdict(self) -> str:
        """``winner``, ``unrivaled``, ``tie`` or ``baseline``."""
        return self.document.verdict

    @cached_property
    def best(self) -> Best:
        """The model that is delivered."""
        best = self.document.best
        return Best(self.folder.best, best.trial, best.family, best.config, best.test_score)

    @cached_property
    def plot(self) -> Gallery:
        """Figures of the study: ``result.plot.history().show()``; see docs/report.md."""
        return Gallery(gather(self.folder, read(self.folder.journal), self.document))

    def leaderboard(self) -> Any:
        """A DataFrame of all trials, complete ones first, the best on top."""
        return from_csv(self.folder.leaderboard)

    def __repr__(self) -> str:
        return f"StudyResult({self.verdict}: {self.document.statement})"
