"""The document ``result.json``: the outcome of a study."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autogen.data.kind import WARNING
from autogen.hpo.study.timing import Times
from autogen.privacy.guarantee import Guarantee
from autogen.report.hard_tests import Diversity, Feedback, Memorization, Rejection
from autogen.report.schema import (
    VERSION,
    Baseline,
    Best,
    BindingRule,
    Finalist,
    FrontEntry,
    Interval,
    Judge,
    Objective,
    ObjectiveUnit,
    Test,
    VerdictKind,
)
from autogen.report.typed_json import Json, read, written

#: What an update returns; ``Updated.answer`` tells what each means.
Answer = Literal["old", "tuned", "fresh", "baseline"]


@dataclass(frozen=True, kw_only=True)
class TrialCounts:
    """Number of trials of the search in each final state; those out of time are part of the pruned ones.

    Attributes:
        complete: Trials that were trained to the end.
        pruned: Trials that were stopped before their end, by the pruner or by the budget.
        out_of_time: Those of the pruned trials that the budget stopped.
        failed: Trials that failed.
        infeasible: Trials that break a constraint.
        total: All trials.
    """

    complete: int = 0
    pruned: int = 0
    out_of_time: int = 0
    failed: int = 0
    infeasible: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class TimeSpent(Times):
    """Seconds of a study; seconds of work are sums over the workers.

    Attributes:
        kept: True if the budget was overrun by at most a twentieth.
    """

    kept: bool = True


@dataclass(frozen=True, kw_only=True)
class Data:
    """The data set.

    Attributes:
        source: Path or name as given.
        kind: Kind of data.
        sha256: SHA-256 of the content of all rows, whatever their order; not that of the file.
        rows: Number of rows of each split.
        notes: Decisions of reading, cleaning and splitting, one per sentence.
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
        space: Name or path of the search space; empty for that of the kind.
        sampler: Name of the sampler.
        pruner: Name of the pruner.
        budget: Budget as given.
        families: Model families that were searched; empty for all of the space.
    """

    seed: int = 0
    space: str = ""
    sampler: str = ""
    pruner: str = ""
    budget: str = ""
    families: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Number of sampling seeds of each contender.

    Attributes:
        select: Number of seeds on the select split.
        test: Number of seeds on the test split; a recipe has one for each fresh training.
    """

    select: int = 1
    test: int = 1


@dataclass(frozen=True, kw_only=True)
class ColumnDrift:
    """How far the distribution of a column moved.

    Attributes:
        name: Name of the column.
        distance: Distance of new from older rows in [0, 1]: Kolmogorov-Smirnov for quantities, total
            variation for categories.
        chance: Distance that 19 of 20 random dealings of the same rows stay below.
        p_value: P-value of no move, adjusted for the number of columns.
        drifted: True if the column moved beyond chance.
    """

    name: str
    distance: float
    chance: float
    p_value: float
    drifted: bool = False


@dataclass(frozen=True, kw_only=True)
class JointDrift:
    """How far the distribution of whole samples moved, in the feature space of the kind of data.

    Attributes:
        distance: Squared kernel distance (MMD) of new from older samples.
        chance: Distance that 19 of 20 random dealings of the same samples stay below.
        p_value: P-value of no move.
        drifted: True if it moved beyond chance.
    """

    distance: float
    chance: float
    p_value: float
    drifted: bool = False


@dataclass(frozen=True, kw_only=True)
class StillGood:
    """The earlier model beside the best baseline, against new validation rows.

    Attributes:
        model: Score of the earlier run's model.
        baseline: Name of the best baseline that passes the hard tests, fitted on older and new training rows.
        score: Its score.
        difference: Loss of the model minus that of the baseline, with its 95 % interval.
        worse: True if the model is worse beyond chance.
    """

    model: float
    baseline: str
    score: float
    difference: Interval
    worse: bool = False


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What an update found of the new data before any training.

    Attributes:
        older: Number of older rows that were compared.
        newer: Number of new rows that were compared; none of the test split.
        columns: Columns, the one that moved most beyond chance first; empty for data without columns.
        joint: Test of whole samples; ``null`` for a kind of data without a feature space.
        model: The earlier model beside the best baseline; ``null`` if they could not be compared.
        drifted: True if any of the tests finds a move beyond chance.
    """

    older: int
    newer: int
    columns: tuple[ColumnDrift, ...] = ()
    joint: JointDrift | None = None
    model: StillGood | None = None
    drifted: bool = False


@dataclass(frozen=True, kw_only=True)
class Updated:
    """An update of an earlier run (``autogen update``).

    Attributes:
        run: Run that was updated.
        answer: ``old``: its model is returned. ``tuned``: a model that started from its weights. ``fresh``: a
            model with fresh weights. ``baseline``: a baseline.
        drift: What was found of the new data before training.
    """

    run: str
    answer: Answer
    drift: Drift


@dataclass(frozen=True, kw_only=True)
class EarlierStart:
    """Earlier models that training could start from (``--init-from``).

    Attributes:
        source: Run, trial or folder as given.
        sha256: SHA-256 of each model's file of weights, by family.
        used: True if the delivered model started from one.
        trials: Number of complete trials of these families by start: ``earlier`` and ``fresh``.
        tune: Best score of these trials on the split that steered the search, by start.
        update: The update that this run is; left out for a run that is none.
    """

    source: str
    sha256: Mapping[str, str] = field(default_factory=dict)
    used: bool = False
    trials: Mapping[str, int] = field(default_factory=dict)
    tune: Mapping[str, float] = field(default_factory=dict)
    update: Updated | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, kw_only=True)
class Result:
    """The outcome of a study.

    Attributes:
        schema: Version of this document.
        verdict: ``winner``: it beats every other finalist that was compared (see ``left_out``) and the best
            baseline. ``unrivaled``: it beats the best baseline, and no other finalist was compared with it.
            ``tie``: it beats the best baseline, but not all finalists. ``baseline``: no model was shown to
            beat the best baseline. See docs/verdict.md.
        claim: ``model``: the score is that of the model in ``best/``. ``recipe``: it is the mean over fresh
            trainings of its config.
        grade: ``close to real``, ``usable``, ``weak`` or ``not usable``; empty without a scale.
        statement: Verdict in sentences.
        tied: Trials of the leader and of the finalists that are not shown to be worse.
        given_up: Loss of the model minus the leader's, if a cheaper one is delivered; else ``null``.
        refit: Number of rows that ``refit/`` was trained on; ``null`` without ``--refit``.
        rules: Binding rules of a table, checked on samples of the delivered model; empty for none.
        objective: Metric that was optimized.
        objectives: All objectives, the main one first.
        about: What each metric measures, what 0 and 1 are and what a good value is, by name; empty in files
            of earlier versions.
        directions: Direction of every metric of the kind by name: ``minimize`` or ``maximize``.
        constraints: Constraints of the study.
        best: Delivered model.
        test: Scores of the delivered model on the test split.
        finalists: Finalists, the best on select first.
        pareto: Finalists by several objectives; empty for one objective.
        baselines: Baselines, and real rows.
        tune: Scores of baselines and real rows on the split that steered the search, if there was time.
        memorisation: Memorization test of the delivered model; ``null`` if it was not done.
        diversity: Diversity test of the delivered model; ``null`` if it was not done.
        rejection: Test of the delivered model on rejected samples; left out without feedback.
        judging: Judges of ``--judge``.
        trials: Number of trials of the search in each final state.
        configurations_tried: Number of configs of the search that were scored at least once.
        left_out: Trials that would be finalists if there had been time to compare them.
        cut: Least share of their steps that complete trials had, by family, of families whose trials were
            cut to keep the budget.
        seconds: Seconds on the study's clock until this file was written, with imports and reading the data.
        evaluation_share: Share of all seconds of work that was not training.
        time: Seconds of the study by what they were spent on.
        optimism: Test loss minus the loss of the same config on tune: above zero if the search saw a better
            score than the test.
        test_reads: Number of sets of finalists that this study has judged by the test split; above 1 after
            ``resume --budget``, with a warning.
        draws: Number of sampling seeds of each contender; ``null`` in files of the first autogen.
        alpha: Two-sided level of the comparisons; ``null`` without any.
        start: Earlier models that training could start from; left out where there are none.
        feedback: Marks of users, and what they did; left out without ``--feedback``.
        privacy: Differential privacy of ``best/``; left out without ``--epsilon``.
        data: Data set.
        settings: Settings of the search.
        warnings: Warnings about the data and the figures, one per sentence.
    """

    schema: int = VERSION
    verdict: VerdictKind
    claim: str = "recipe"
    grade: str = ""
    statement: str = ""
    tied: tuple[int, ...] = ()
    given_up: Interval | None = None
    refit: int | None = None
    rules: tuple[BindingRule, ...] = ()
    objective: Objective
    objectives: tuple[ObjectiveUnit, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
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
    rejection: Rejection | None = field(default=None, metadata={"optional": True})
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
    start: EarlierStart | None = field(default=None, metadata={"optional": True})
    feedback: Feedback | None = field(default=None, metadata={"optional": True})
    privacy: Guarantee | None = field(default=None, metadata={"optional": True})
    data: Data = Data()
    settings: SearchSettings = SearchSettings()
    warnings: tuple[str, ...] = ()

    def cleared(self) -> list[Finalist]:
        """List finalists that the search suspected of copying and the memorization test did not refuse."""
        return [
            one for one in self.finalists if one.suspected and one.memorisation and one.memorisation.passed
        ]

    def not_warned(self, notes: Iterable[str]) -> list[str]:
        """List the notes on data that do not stand among the warnings."""
        return [note for note in notes if note.removeprefix(WARNING) not in self.warnings]

    @classmethod
    def from_json(cls, record: Mapping[str, Json]) -> "Result":
        """Read the content of ``result.json``; fields that this version does not know are ignored.

        Raises:
            RunError: a field is missing, or has another type.
        """
        return read(cls, record)

    def to_json(self) -> dict[str, Json]:
        """Convert to the content of ``result.json``."""
        return written(self)
