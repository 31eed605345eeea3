"""Data of a report as plain values, which the engine gathers and the page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from autogen.data.kind import ColumnReading
from autogen.errors import printable
from autogen.hpo.objective import Objective
from autogen.report.leaderboard import Trial
from autogen.report.markup import Content
from autogen.report.result import Result


@dataclass(frozen=True)
class Rows:
    """A few rows of a table, or texts as a table of one column."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Tune:
    """A piece of music.

    Attributes:
        notes: Start and length in seconds, and MIDI pitch, of each note.
        midi: The piece as a MIDI file.
    """

    notes: Sequence[tuple[float, float, int]]
    midi: bytes


#: A PNG with a grid of images, rows, or pieces of music.
Preview = bytes | Rows | tuple[Tune, ...]


@dataclass(frozen=True)
class Marginal:
    """Distribution of a column, or of what was measured of each sample, in real and in generated samples.

    Attributes:
        name: Name of the column or of the measured quantity.
        places: Middles of K bins, or K categories; ISO dates on a scale of time.
        real: Share of unseen real samples in each bin or category, (K,).
        fake: Share of generated samples in each bin or category, (K,).
        missing: Shares of missing values, real and generated; empty if there are none, or a category holds
            them.
        scale: ``date`` for bins of time; default empty.
    """

    name: str
    places: Sequence[float] | Sequence[str]
    real: Sequence[float]
    fake: Sequence[float]
    missing: Sequence[float] = ()
    scale: str = ""

    @property
    def difference(self) -> float:
        """Total variation distance, 0 to 1: the share that would have to move for both to be equal."""
        return sum(abs(a - b) for a, b in zip(self.real, self.fake, strict=True)) / 2


@dataclass(frozen=True)
class Nearest:
    """Distances of generated samples to the closest training samples.

    Attributes:
        generated: Distance of each generated sample to the closest training sample.
        unseen: Distance of each unseen real sample to the closest training sample.
        count: Number of pairs that are shown.
        pairs: Generated samples with the smallest distances and their neighbors, alternately; ``None`` where
            no real samples are shown.
    """

    generated: Sequence[float]
    unseen: Sequence[float]
    count: int
    pairs: Preview | None


@dataclass(frozen=True)
class Relations:
    """Relations between the columns of a table, in real and in generated rows.

    Attributes:
        columns: Names of the D modeled columns.
        differences: Association of each pair in generated minus in real rows, D rows of D numbers.
        pairs: The most different pairs: ``columns``, association in ``real``, ``holdout`` and ``synthetic``
            rows, ``distance`` and ``holdout_distance`` of the joint distributions.
        rules: Rules of the real rows: ``rule`` in words, ``support``, shares of ``holdout`` and ``synthetic``
            rows that break it, and ``binding``, the rule as ``--rule`` takes it, if every real row keeps it.
        binding: Binding rules, with the same entries.
        utility: ``target``, ``measure``, skill by ``real`` and by ``synthetic`` rows, skill by ``chance`` and
            the share kept ``above_chance``, ``ratio``, columns that leaked the target; ``None`` without a
            target.
    """

    columns: Sequence[str]
    differences: Sequence[Sequence[float]]
    pairs: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    utility: Mapping[str, Any] | None = None
    binding: Sequence[Mapping[str, Any]] = ()

    def options(self) -> list[str]:
        """List the rules that can be made binding, as ``--rule`` takes them."""
        try:
            rules = [rule.get("binding") for rule in self.rules]
        except (TypeError, AttributeError):  # no report of ours
            return []
        return [printable(rule) for rule in rules if rule and isinstance(rule, str)]


@dataclass(frozen=True)
class Progress:
    """Progress of a study without a verdict.

    Attributes:
        running: True if a process runs it.
        chapter: Current or last chapter of the study.
        seconds: Second on the study's clock.
        limit: Time budget in seconds; ``None`` for no limit.
        confirmed: Number of finished trainings of finalists on fresh seeds.
        planned: Number of planned trainings of finalists on fresh seeds.
        about: Data, search space, metric and budget in one line.
        resume: Command to resume the study.
        why: Reason why a study that does not run stopped; empty if none was recorded.
        refresh: Seconds after which the page of a running study reloads itself; default 10.
    """

    running: bool
    chapter: Literal["search", "compare", "test"]
    seconds: float
    limit: float | None = None
    confirmed: int = 0
    planned: int = 0
    about: str = ""
    resume: str = ""
    why: str = ""
    refresh: float = 10.0


@dataclass(frozen=True)
class ReportData:
    """Data of the page.

    Attributes:
        data: Name of the data set, as the user gave it.
        objective: Objective of the search.
        trials: A dict for each trial: ``number``, ``family``, ``config``, ``state``, ``steps`` (planned),
            ``curve`` (pairs of step and score), ``score`` (``None`` unless complete), ``reason``,
            ``seconds``.
        result: Content of ``result.json``; ``None`` without a verdict.
        progress: Progress of the study; ``None`` with a verdict.
        notes: Decisions of reading and splitting the data, one per sentence.
        columns: How each column of a table was read.
        shows_real: True if the page shows real samples; default true.
        real: Samples of the test split; ``None`` where no real samples are shown.
        fake: Samples of the delivered model, as many as ``real``.
        marginals: Distributions of columns, or of measured quantities of each sample.
        nearest: Distances of samples of the delivered model to the training samples.
        relations: Pairs, rules and utility of a table's columns.
        provenance: Versions, hashes, seed and command that make the run repeatable.
        run: Path of the run folder, for commands.
        file: File of samples, for commands.
    """

    data: str
    objective: Objective
    trials: Sequence[Trial]
    result: Result | None = None
    progress: Progress | None = None
    notes: Sequence[str] = ()
    columns: Sequence[ColumnReading] = ()
    shows_real: bool = True
    real: Preview | None = None
    fake: Preview | None = None
    marginals: Sequence[Marginal] = ()
    nearest: Nearest | None = None
    relations: Relations | None = None
    provenance: Mapping[str, Content] = field(default_factory=dict)
    run: str = "RUN"
    file: str = "FILE"
