"""Types of ``result.json``, field by field as in the file.

``python -m autogen.report.json_schema`` makes the JSON schema beside this file and the tables of
docs/result.md from these types: a new field needs its line here and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autogen.hpo.objective import Direction
from autogen.hpo.trial import Config
from autogen.report.hard_tests import Diversity, Memorization, Rejection

#: Version of ``result.json``.
VERSION = 1
#: Result of the comparison of a contender with the leader.
Relation = Literal["worse", "better", "undecided"]
#: Verdict of a study; ``Result.verdict`` tells what each means.
VerdictKind = Literal["winner", "unrivaled", "tie", "baseline"]


def absent() -> Any:
    """A field that the file leaves out if it does not apply."""
    return field(default=None, metadata={"optional": True})


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its 95 % interval.

    Attributes:
        mean: Mean over the draws of samples, or over the fresh trainings; ``null`` without a score.
        low: Lower end of the interval; ``null`` for none.
        high: Upper end of the interval; ``null`` for none.
    """

    mean: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The metric that was optimized.

    Attributes:
        name: Name, with the feature space.
        version: Version of the definition; scores of two versions are not comparable.
        direction: ``minimize`` or ``maximize``.
        feature_space: Feature space of the metric; empty for none.
        split_sha256: SHA-256 of the content of each split's rows, whatever their order.
    """

    name: str
    version: int = 1
    direction: Direction = "minimize"
    feature_space: str = ""
    split_sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ObjectiveUnit:
    """One of several objectives.

    Attributes:
        name: Name of the metric or cost.
        version: Version of the definition.
        direction: ``minimize`` or ``maximize``.
        unit: Unit of a cost; empty for a metric.
    """

    name: str
    version: int = 1
    direction: Direction = "minimize"
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Efficiency:
    """Costs of a finalist that was compared on test, measured while nothing else ran.

    ``null`` stands for what could not be counted within 20 seconds, or within a fiftieth of a time budget.

    Attributes:
        device: Device of the measurement.
        threads: Torch threads of the measurement (1).
        parameters: Number of trained parameters.
        flops_per_sample: Floating-point operations of one sample; a multiplication with its addition is
            two, and fused kernels are counted part by part.
        latency_ms: Milliseconds to draw one sample, the least of up to 15 repeats after a warm-up.
        throughput_per_s: Samples per second with the best batch size.
        peak_memory_mb: Megabytes (10^6 bytes) of weights and of all tensors held at once while 64 samples are
            drawn, without the workspace of kernels.
        latency_by_batch: Milliseconds by batch size: 1, 8, 64.
        latency_by_length: Milliseconds of one sequence of a quarter, half and all of the data's length, with
            fresh weights; empty for images and tables.
        train_seconds: Seconds of training; for a recipe the mean over the fresh trainings.
    """

    device: str = ""
    threads: int | None = None
    parameters: int | None = None
    flops_per_sample: int | None = None
    latency_ms: float | None = None
    throughput_per_s: float | None = None
    peak_memory_mb: float | None = None
    latency_by_batch: Mapping[str, float | None] = field(default_factory=dict)
    latency_by_length: Mapping[str, float | None] = field(default_factory=dict)
    train_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Diagnostic(Interval):
    """Score of a finalist by a further metric, which never selects.

    Attributes:
        seeds: Number of draws of samples that there was time for; left out for real rows.
    """

    seeds: int | None = absent()


@dataclass(frozen=True, kw_only=True)
class Scores(Interval):
    """Scores on the test split.

    Attributes:
        calibrated: Normalized score: 0 for the best trivial baseline, 1 for real rows; ``null`` without such
            a scale.
        calibrated_low: Lower end of the normalized score's 95 % interval.
        calibrated_high: Upper end of the normalized score's 95 % interval.
        scores: Score of each draw of samples, or of each fresh training.
        seeds: Number of draws of samples, or of fresh trainings.
    """

    calibrated: float | None = None
    calibrated_low: float | None = None
    calibrated_high: float | None = None
    scores: tuple[float, ...] = ()
    seeds: int = 0


@dataclass(frozen=True, kw_only=True)
class Test(Scores):
    """Scores of the delivered model on the test split, and the ends of the normalized scale.

    Attributes:
        floor: Test score of the best trivial baseline.
        ceiling: Test score of real rows.
        uncalibrated: Reason why there is no normalized score; empty if there is one.
    """

    floor: float | None = None
    ceiling: float | None = None
    uncalibrated: str = ""


@dataclass(frozen=True, kw_only=True)
class Contender(Scores):
    """Fields that finalists and baselines share.

    Attributes:
        select: Mean score on the select split; ``null`` for none.
        excluded: Reason why it cannot win; empty if it can.
        memorisation: Memorization test; ``null`` if it was not done.
        diversity: Diversity test; ``null`` if it was not done.
        rejection: Test on samples of the kind that users rejected; left out without feedback.
        difference: Difference to the leader, above zero where the leader is better; left out for the leader.
        p_value: P-value of the difference; left out for the leader.
        separated: True if it is worse than the leader beyond chance; left out for the leader.
        relation: ``worse`` or ``better`` than the leader beyond chance, or ``undecided``; left out for the
            leader.
        diagnostics: Every other metric of the kind on at most 2,000 test rows, and the exact negative
            log-likelihood if the family knows it. For tables also ``authenticity``: share of samples
            farther from their nearest train row than that row is from any other; for texts
            ``copied_span``: mean length of the longest span that also occurs in train; both with the
            value of real rows. Of baselines only the best trivial one and real rows have any.
    """

    select: float | None = None
    excluded: str = ""
    memorisation: Memorization | None = None
    diversity: Diversity | None = None
    rejection: Rejection | None = field(default=None, metadata={"optional": True})
    difference: Interval | None = field(default=None, metadata={"optional": True})
    p_value: float | None = absent()
    separated: bool | None = absent()
    relation: Relation | None = field(default=None, metadata={"optional": True})
    diagnostics: Mapping[str, Diagnostic] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finalist(Contender):
    """A model that was compared in the end, or with ``--retrain`` a config.

    Attributes:
        trial: Number of its trial.
        family: Model family.
        config: Point of the search space.
        seconds: Mean seconds of training; ``null`` if every training failed.
        dropped: True if it is not compared on test: it is clearly worse than the leader on select, or it is
            worse there and there was no time (then it is in ``left_out``).
        efficiency: Costs; ``null`` if they were not measured.
        suspected: True if the search suspected its trial of copying and ranked it last.
    """

    trial: int
    family: str
    config: Config = field(default_factory=dict)
    seconds: float | None = None
    dropped: bool = False
    efficiency: Efficiency | None = None
    suspected: bool = False


@dataclass(frozen=True, kw_only=True)
class Baseline(Contender):
    """A baseline, or real rows.

    Attributes:
        name: Name.
        role: ``baseline``; ``control``, which the memorization test must refuse; ``ceiling``: real rows.
        trivial: True for a trivial baseline; the best of these is the floor of the normalized score. False
            in files of the first autogen.
    """

    name: str
    role: str
    trivial: bool = False


@dataclass(frozen=True, kw_only=True)
class Best:
    """The delivered model, or the baseline that no model was shown to beat.

    Attributes:
        trial: Number of its trial; ``null`` for a baseline.
        family: Model family, or the baseline's name.
        baseline: Name among ``baselines`` of an earlier run's model that an update keeps; else empty.
        config: Point of the search space; empty for a baseline without a family.
        model: Folder within the run that the model was copied from; empty for a baseline. In files of the
            first autogen the number of its training.
        withheld: Baseline that no model was shown to beat but that keeps training rows, so it is not saved;
            empty for none.
        select_score: Score of this very model on the select split.
        test_score: Score of this very model on the test split.
        parameters: Number of trained parameters.
        steps_share: Share of its proposed training steps that its trial had: below 1 if the budget had no
            time for all of them; ``null`` for a baseline.
    """

    trial: int | None
    family: str
    baseline: str = ""
    config: Config = field(default_factory=dict)
    model: str | int = ""
    withheld: str = ""
    select_score: float | None = None
    test_score: float | None = None
    parameters: int = 0
    steps_share: float | None = None

    @property
    def name(self) -> str:
        """Name among ``baselines``, for what is no trial's model."""
        return self.baseline or self.family


@dataclass(frozen=True, kw_only=True)
class FrontEntry:
    """A finalist by several objectives.

    Attributes:
        trial: Number of the finalist's trial.
        scores: Mean and interval by objective.
        on_front: True if no other finalist is as good in the mean of every objective and better in one
            beyond chance.
    """

    trial: int
    scores: Mapping[str, Interval] = field(default_factory=dict)
    on_front: bool = False


@dataclass(frozen=True, kw_only=True)
class Grade(Interval):
    """Mean grade of one contender's texts by a judge.

    Attributes:
        name: Name of the finalist or baseline.
        role: ``finalist``, ``baseline`` or ``control``.
        trial: Number of a finalist's trial; ``null`` for a baseline.
        select: Mean grade on the select split, which a constraint reads.
        reason: Reason why there is no mean; empty if there is one.
    """

    name: str
    role: str = ""
    trial: int | None = None
    select: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A judge of ``--judge``, besides the objective.

    Attributes:
        name: Name as given to ``--judge``.
        metric: Full name of its metric.
        version: Version of the metric.
        least: Least mean grade of a winner; ``null`` for no constraint.
        real: Mean grade of real texts.
        unreliable: Reason why the judge is unreliable on this data; empty for none.
        caveats: Known limits of the judge, one per sentence.
        means: Mean grade of each contender.
    """

    name: str
    metric: str
    version: int = 1
    least: float | None = None
    real: float = 0.0
    unreliable: str = ""
    caveats: tuple[str, ...] = ()
    means: tuple[Grade, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BindingRule:
    """A rule between columns of a table that every sample keeps.

    Attributes:
        rule: The rule, as it can be given with ``--rule``.
        kind: ``determines``, ``ordered`` or ``missing``.
        columns: Columns that it is about, the right one last.
        support: Train rows that it speaks of.
        holdout: Share of the unseen real rows it speaks of that break it; ``null`` without any.
        synthetic: Share of the generated rows it speaks of that break it, 0; ``null`` without any.
        rows: Generated rows that it speaks of.
    """

    rule: str
    kind: str = ""
    columns: tuple[str, ...] = ()
    support: int = 0
    holdout: float | None = None
    synthetic: float | None = None
    rows: int = 0
