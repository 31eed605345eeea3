"""All that a report shows, as plain values: what its writer gathers and its page lays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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
        midi: The same as a MIDI file.
    """

    notes: Sequence[tuple[float, float, int]]
    midi: bytes


#: A PNG of a grid of images, rows, or pieces of music.
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
    """How near generated samples lie to training samples.

    Attributes:
        generated: Distance of each generated sample from the training sample nearest to it.
        unseen: The same of real samples that no model has seen.
        count: Pairs that are shown.
        pairs: The generated samples nearest of all and their neighbours, alternately.
    """

    generated: Sequence[float]
    unseen: Sequence[float]
    count: int
    pairs: Preview


@dataclass(frozen=True)
class Relations:
    """What a table's columns have to do with each other, and what generated rows keep of it.

    Attributes:
        columns: Names of the learnt columns, D.
        differences: Association of each pair in generated minus in real rows, D rows of D numbers.
        pairs: The most different pairs: ``columns``, association in ``real``, ``holdout`` and ``synthetic``
            rows, ``distance`` and ``holdout_distance`` of the joint distributions.
        rules: Rules of the real rows: ``rule`` in words, ``support``, shares of ``holdout`` and ``synthetic``
            rows that break it.
        utility: ``target``, ``measure``, skill by ``real`` and by ``synthetic`` rows, skill by ``chance`` and
            the share kept ``above_chance``, ``ratio``; ``None`` without a target.
    """

    columns: Sequence[str]
    differences: Sequence[Sequence[float]]
    pairs: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    utility: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Progress:
    """Where a study stands that has no verdict yet.

    Attributes:
        running: Whether a process is at it.
        chapter: What it is doing, or was when it stopped.
        seconds: On the study's clock.
        limit: Seconds of its budget; ``None`` where it has no limit of time.
        confirmed: Trainings of finalists on fresh seeds that have ended.
        planned: How many there are to be.
        about: What is searched, in one line.
        resume: The command that goes on with it.
        refresh: Seconds after which the page loads itself again while the study runs.
    """

    running: bool
    chapter: Literal["search", "compare", "test"]
    seconds: float
    limit: float | None = None
    confirmed: int = 0
    planned: int = 0
    about: str = ""
    resume: str = ""
    refresh: float = 10.0


@dataclass(frozen=True)
class ReportData:
    """All that the page shows.

    Attributes:
        data: The data set, as the user named it.
        objective: What was optimised.
        trials: One dict a trial: ``number``, ``family``, ``config``, ``state``, ``steps`` (to be trained),
            ``curve`` (pairs of step and score), ``score`` (``None`` unless complete), ``reason``,
            ``seconds``.
        result: What ``result.json`` holds; ``None`` while there is no verdict.
        progress: Where the study stands; ``None`` once there is a verdict.
        notes: Decisions of reading and splitting the data, one a sentence.
        real: Samples of the test split.
        fake: As many samples of the best model.
        marginals: Distributions of columns, or of what was measured of each sample.
        nearest: The winner's distances from the training samples.
        relations: Of a table's columns: pairs, rules, utility.
        provenance: Versions, hashes, seed, command: whatever makes the run repeatable.
    """

    data: str
    objective: Objective
    trials: Sequence[Trial]
    result: Result | None = None
    progress: Progress | None = None
    notes: Sequence[str] = ()
    real: Preview | None = None
    fake: Preview | None = None
    marginals: Sequence[Marginal] = ()
    nearest: Nearest | None = None
    relations: Relations | None = None
    provenance: Mapping[str, Content] = field(default_factory=dict)
