"""The result of a study for Python."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from numbers import Integral
from pathlib import Path
from typing import Any

from autogen.engine.report_data import gather, relations_of
from autogen.engine.run_folder import RunFolder
from autogen.errors import RunError, suggesting
from autogen.generator.baseline import BaselineModel
from autogen.generator.conditioning import Condition
from autogen.generator.generator import GeneratedModel
from autogen.generator.load import load
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import replayed
from autogen.hpo.study.views import Trial
from autogen.hpo.trial import Config
from autogen.report.figures.gallery import Gallery
from autogen.report.leaderboard import from_csv
from autogen.report.page.evidence.utility import utility_line
from autogen.report.result import Result
from autogen.training.checkpoint import MODEL


@dataclass(frozen=True)
class Best:
    """Delivered model of a study.

    Attributes:
        path: Folder of the model: weights, config, codec, model card, samples.
        trial: Number of its trial; ``None`` for a baseline, and for the earlier model that an update keeps.
        family: Model family, or the name of the baseline.
        config: Point of the search space; empty for a baseline.
        test_score: Score of this very model on the test split.
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
    """Result of a finished study, a view of its run folder.

    Args:
        folder: Folder of the run, with a result.

    Attributes:
        folder: Paths of the run: ``folder.path``, ``folder.best``, ``folder.report`` and so on.
        document: Content of result.json, typed.

    Raises:
        RunError: the folder is no run, or has no result yet.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = RunFolder.open(Path(folder))
        self.document: Result = self.folder.read_result()

    @cached_property
    def record(self) -> dict[str, Any]:
        """Content of result.json as in the file."""
        return self.folder.read_result_json()

    @property
    def verdict(self) -> str:
        """``winner``, ``unrivaled``, ``tie`` or ``baseline``."""
        return self.document.verdict

    @cached_property
    def best(self) -> Best:
        """Delivered model."""
        best = self.document.best
        return Best(self.folder.best, best.trial, best.family, best.config, best.test_score)

    @cached_property
    def plot(self) -> Gallery:
        """Figures of the study: ``result.plot.history().show()``; see docs/report.md."""
        return Gallery(gather(self.folder, read(self.folder.journal), self.document))

    @cached_property
    def found_rules(self) -> list[str]:
        """Rules between columns that every real row keeps, as ``rules`` takes them."""
        found = relations_of(self.folder)
        return found.options() if found else []

    @property
    def utility(self) -> str:
        """Say what a predictor of the target learns from samples (TSTR); empty without a target."""
        return utility_line(relations_of(self.folder))

    def leaderboard(self) -> Any:
        """Read the DataFrame of all trials, complete ones first, the best on top."""
        return from_csv(self.folder.leaderboard)

    @property
    def best_params(self) -> Config:
        """Config of the delivered model; empty for a baseline."""
        return self.best.config

    @cached_property
    def trials(self) -> list[Trial]:
        """All trials of the search, in the order of their numbers."""
        state = replayed(read(self.folder.journal), self.folder.journal)
        return [] if state is None else [Trial.of(record) for record in state.trials]

    @property
    def best_trial(self) -> Trial | None:
        """Trial of the delivered model; ``None`` for a baseline. Its params are ``best_params``."""
        return None if self.best.trial is None else self.trials[self.best.trial]

    @property
    def best_value(self) -> float | None:
        """Score of ``best_trial`` in the search, on the tune split; ``best.test_score`` is that on test."""
        return None if self.best_trial is None else self.best_trial.value

    @cached_property
    def model(self) -> GeneratedModel | BaselineModel:
        """Delivered model, loaded once."""
        return self.best.load()

    def model_of(self, trial: int) -> GeneratedModel | BaselineModel:
        """Load the model of a complete trial, such as a finalist that was not delivered.

        Args:
            trial: Number of the trial.

        Raises:
            RunError: the trial has no model: it was pruned, failed, or there is none of this number; or this
                is no number.
        """
        folder = self.folder.trial(_number(trial))
        if not (folder / MODEL).exists():
            raise RunError(f"trial {trial} has no model: leaderboard() lists the complete trials of this run")
        return load(folder)

    @suggesting("sample")
    def sample(
        self,
        n: int = 1,
        seed: int | None = None,
        condition: Condition | None = None,
        *,
        random_state: int | None = None,
    ) -> Any:
        """Draw n samples of the delivered model; equal arguments give equal samples.

        Args:
            n: Number of samples, at least 1.
            seed: Seed of the draws; default 0.
            condition: Condition on all samples: values by column of a table, ``{"label": name}`` for images
                with classes.
            random_state: Another name of ``seed``.

        Returns:
            Tables: a DataFrame of n rows. Images: uint8 (n, H, W, C). Texts and music: a list of n.

        Raises:
            SettingsError: an argument is of another type, or n is below 1.
            DataError: the data has no such column, value or class, or the model cannot keep to it.
        """
        return self.model.sample(n, seed, condition, random_state=random_state)

    def trials_dataframe(self) -> Any:
        """Read the DataFrame of all trials, as Optuna's ``study.trials_dataframe()``: ``leaderboard()``."""
        return self.leaderboard()

    def summary(self) -> str:
        """Say verdict, score and place of the report in a few lines."""
        lines = [f"verdict: {self.verdict}", self.document.statement, f"report: {self.folder.report}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{escape(self.verdict)}</b> {escape(self.document.statement)}</p>"]
        parts.append(self.leaderboard().head(10).to_html(index=False))
        parts.append(f"<p>report: {escape(str(self.folder.report))}</p>")
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"StudyResult({self.verdict}: {self.document.statement})"


def _number(trial: object) -> int:
    """Read the number of a trial. Raises ``RunError`` if it is none."""
    if isinstance(trial, bool) or not isinstance(trial, Integral) or trial < 0:
        raise RunError(
            f"a trial is named by its whole number, such as 0; got {trial!r:.40}: leaderboard() lists the "
            "trials of this run"
        )
    return int(trial)
