"""The contract of a tracker: what another tool is told of a study."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from autogen.engine.plan import goals_of
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.hpo.objective import Constraint, Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Start
from autogen.hpo.study.state import COPIES, TrialRecord
from autogen.hpo.trial import Measurement, State
from autogen.report.result import Result


@dataclass(frozen=True)
class TrackedStudy:
    """Facts about a study that do not change while it runs.

    Attributes:
        folder: Paths of the run.
        about: Data, search space, metric and budget in one line.
        settings: Settings in force.
        space: Search space.
        objectives: Objectives, the main one first.
        constraints: Bounds that a model must keep.
    """

    folder: RunFolder
    about: str
    settings: Settings
    space: SearchSpace
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...]

    @property
    def name(self) -> str:
        """Name of the run's folder."""
        return self.folder.path.name

    @classmethod
    def of(cls, folder: RunFolder, start: Start, kind: str) -> "TrackedStudy":
        """Read what a run has written before its first trial.

        Args:
            folder: Folder of the run, with study.toml and space.toml.
            start: First event of the process that runs the study.
            kind: Kind of data.
        """
        settings = Settings.of(Settings.load(folder.study), str(folder.study))
        goals = goals_of(settings, kind)
        main = start.objective or goals.objectives[0]
        return cls(
            folder,
            start.about,
            settings,
            SearchSpace.load(folder.space),
            (main, *goals.objectives[1:]),
            goals.constraints,
        )

    def values(self, trial: TrialRecord) -> list[float] | None:
        """List the values of the objectives of a trial; ``None`` unless all are known."""
        if not trial.curve:
            return None
        others = [trial.values.get(one.name) for one in self.objectives[1:]]
        known = [value for value in others if value is not None]
        return [trial.curve[-1].score, *known] if len(known) == len(others) else None

    def violations(self, trial: TrialRecord) -> Mapping[str, float]:
        """Compute by how much a trial breaks each bound; 0 or less where it keeps it.

        A trial that was refused before its quantities were measured breaks by 1, as does a suspect: of
        copying, or of drawing what users rejected.
        """
        found = {}
        for bound in self.constraints:
            value = trial.values.get(bound.name)
            if value is not None:
                found[str(bound)] = value - bound.bound if bound.most else bound.bound - value
        refused = trial.state is State.INFEASIBLE and all(amount <= 0 for amount in found.values())
        copied = COPIES in trial.suspect
        doubts = {"memorization": 1.0 if copied else 0.0}
        doubts |= {"rejected": 1.0} if trial.suspect and not copied else {}
        return found | doubts | ({"refused": 1.0} if refused else {})


class Tracker(ABC):
    """Tells another tool of a study; it runs beside the search, on a thread of its own.

    A plug-in is an entry point of the group ``autogen.tracker``. Its constructor takes the part of
    ``NAME:TARGET`` that follows the colon, and raises ``ImportError`` where its package is not installed.

    Args:
        target: Where to write to, such as a folder or a URL; empty for the tool's usual place.
    """

    def __init__(self, target: str = "") -> None:
        self.target = target

    @abstractmethod
    def begin(self, study: TrackedStudy) -> bool:
        """Take note of a study that starts or is resumed.

        Returns:
            True to be told of its earlier trials as well.
        """

    def remembered(self, trial: TrialRecord) -> None:  # noqa: B027
        """Take note of an earlier trial that ended, where ``begin`` did not ask to be told of them."""

    def asked(self, trial: TrialRecord) -> None:  # noqa: B027 - most need nothing
        """Take note of a trial that starts."""

    def measured(self, trial: TrialRecord, at: Measurement) -> None:  # noqa: B027
        """Take note of a measurement at a rung."""

    @abstractmethod
    def ended(self, trial: TrialRecord) -> None:
        """Take note of a trial that ended."""

    def concluded(self, result: Result) -> None:  # noqa: B027
        """Take note of the verdict."""

    def close(self) -> None:  # noqa: B027
        """Write what is left; no call follows. There may have been no study to ``begin`` with."""
