"""What a study found as a whole: the document ``result.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autogen.hpo.study.timing import Times
from autogen.report.hard_tests import Diversity, Memorization
from autogen.report.schema import (
    VERSION,
    Baseline,
    Best,
    BindingRule,
    Draws,
    Finalist,
    FrontEntry,
    Interval,
    Judge,
    Objective,
    ObjectiveUnit,
    Test,
)
from autogen.report.typed_json import Json, read, written


@dataclass(frozen=True, kw_only=True)
class TrialCounts:
    """Trials of the search by how they ended.

    Attributes:
        complete: Trials that were trained to the end.
        pruned: Trials that were stopped early.
        failed: Trials that failed.
        infeasible: Trials that break a constraint.
        total: All trials.
    """

    complete: int = 0
    pruned: int = 0
    failed: int = 0
    infeasible: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class TimeSpent(Times):
    """Seconds of a study; those of work are added up over the workers.

    Attributes:
        kept: Whether the budget was overrun by a twentieth at most.
    """

    kept: bool = True


@dataclass(frozen=True, kw_only=True)
class Data:
    """The data set.

    Attributes:
        source: Path or name, as it was given.
        kind: Kind of data.
        sha256: Hash of the data.
        rows: Rows of each split.
        notes: Decisions of reading, cleaning and splitting, one a sentence.
    """

    source: str = ""
    kind: str = ""
    sha256: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """Settings of the search; all settings stand in study.toml.

    Attributes:
        seed: Random seed of the study.
        space: Name or path of the search space; empty for the one of the kind.
        sampler: Name of the sampler.
        pruner: Name of the pruner.
        budget: Budget, as it was given.
        families: Model families that were searched; empty for all of the space.
    """

    seed: int = 0
    space: str = ""
    sampler: str = ""
    pruner: str = ""
    budget: str = ""
    families: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """The document.

    Attributes:
        schema: Version of this document.
        verdict: ``winner``: it beats every other finalist that was compared (see ``left_out``) and the best
            baseline. ``unrivaled``: it beats the best baseline, and no other finalist was compared with it.
            ``tie``: it beats the best baseline, but not all finalists. ``baseline``: no model was shown to
            beat the best baseline. See docs/verdict.md.
        claim: ``model``: the score is that of the model in ``best/``. ``recipe``: it is the mean over fresh
            trainings of its config.
        grade: ``close to real``, ``usable``, ``weak`` or ``not usable``; empty where there is no scale or no
            interval.
        statement: Verdict in sentences.
        tied: Trials of the finalists that are not shown to be worse than the leader.
        given_up: Loss of the returned model minus that of the leader, where a cheaper one is returned; else
            ``null``.
        refit: Rows that ``refit/`` was trained on; ``null`` without ``--refit``.
        rules: Binding rules of a table, checked on samples of what is delivered; empty for none.
        objective: Metric that was optimized.
        objectives: All objectives, the main one first.
        directions: Whether lower or higher is better (``minimize``, ``maximize``), of every metric of the
            kind.
        constraints: Bounds that a model had to keep.
        best: What is delivered.
        test: Scores of what is delivered on the test split.
        finalists: Finalists, best on select first.
        pareto: Finalists by several objectives; empty for one objective.
        baselines: Baselines, and real rows.
        tune: Scores of the baselines and of real rows on the split that steered the search.
        memorisation: Memorization test of what is delivered; ``null`` where it was not done.
        diversity: Diversity test of what is delivered; ``null`` where it was not done.
        judging: Judges that were asked for with ``--judge``.
        trials: Trials of the search by how they ended.
        configurations_tried: Configs that the search looked at.
        left_out: Trials that would have been finalists, had there been time to compare them.
        cut: By family the least share of their steps that its complete trials had, where some were cut so
            that the budget could be kept.
        seconds: Seconds on the study's clock until this file was written, with imports and reading the data.
        evaluation_share: Share of all seconds of work that was no training.
        time: Seconds of the study by what they were spent on.
        optimism: Test loss minus the loss by which the search saw this config: above zero where the search
            flattered it.
        test_reads: Sets of finalists that this study has judged by the test split; above 1 after
            ``resume --budget``, and then said among the warnings.
        draws: Sampling seeds of each contender; ``null`` in files of the first autogen.
        alpha: Two-sided level of the comparisons; ``null`` where there are none.
        data: Data set.
        settings: Settings of the search.
        warnings: What a reader must know before trusting the numbers.
    """

    schema: int = VERSION
    verdict: str
    claim: str = "recipe"
    grade: str = ""
    statement: str = ""
    tied: tuple[int, ...] = ()
    given_up: Interval | None = None
    refit: int | None = None
    rules: tuple[BindingRule, ...] = ()
    objective: Objective
    objectives: tuple[ObjectiveUnit, ...] = ()
    directions: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    best: Best
    test: Test
    finalists: tuple[Finalist, ...] = ()
    pareto: tuple[FrontEntry, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    tune: Mapping[str, float] = field(default_factory=dict)
    memorisation: Memorization | None = None
    diversity: Diversity | None = None
    judging: tuple[Judge, ...] = ()
    trials: TrialCounts = TrialCounts()
    configurations_tried: int = 0
    left_out: tuple[int, ...] = ()
    cut: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    evaluation_share: float | None = None
    time: TimeSpent | None = None
    optimism: float | None = None
    test_reads: int = 1
    draws: Draws | None = None
    alpha: float | None = None
    data: Data = Data()
    settings: SearchSettings = SearchSettings()
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, record: Mapping[str, Json]) -> "Result":
        """Read what ``result.json`` holds; fields that this version does not know are left out.

        Raises:
            RunError: a field is missing, or holds something else.
        """
        return read(cls, record)

    def to_json(self) -> dict[str, Json]:
        """The document as JSON."""
        return written(self)
