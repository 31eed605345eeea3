"""What is different about new data: moved columns, a joint test, and whether the earlier model still does."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.module import DataModule, unseen_rows
from autogen.data.specs import Samples
from autogen.data.split import OLDER
from autogen.engine.plan import Plan
from autogen.errors import MetricError
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.load import load
from autogen.hpo.trial import derived_seed
from autogen.metrics.base import HasSelfCheck
from autogen.metrics.features.permutation import dealings, kernel_test
from autogen.metrics.features.space import scale_of, standardize
from autogen.metrics.lookup import space_for
from autogen.metrics.memorization.constraints import check
from autogen.report.result import ColumnDrift, Drift, JointDrift, StillGood
from autogen.report.schema import Interval
from autogen.verdict.measuring.sources import FEW_DRAWS
from autogen.verdict.statistics import Interval as Estimate
from autogen.verdict.statistics import Scores, compare_scores

#: Level of the report: the probability to find a move where there is none, all tests together.
LEVEL = 0.05
#: Most rows of each side that columns are compared by.
MOST = 2000
#: Most samples of each side that are compared whole, each with each.
MOST_WHOLE = 500


def measure(plan: Plan, run: Path) -> Drift:
    """Compare the new rows of an update with the older ones, and its earlier model with baselines on them.

    The test split stays unread: rows are those of the train, tune and select splits.

    Args:
        plan: Plan of the update, with the older data.
        run: Folder of the run that is updated.

    Raises:
        MetricError: real rows cannot be compared.
    """
    data = plan.data
    older, newer = _sides(data, MOST)
    columns, joint = tuple(_columns(data, older, newer)), _joint(data, plan.settings.features or None)
    return Drift(
        older=len(older),
        newer=len(newer),
        columns=columns,
        joint=joint,
        model=_still_good(plan, run),
        drifted=any(one.drifted for one in columns) or bool(joint and joint.drifted),
    )


def _sides(data: DataModule, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw older rows, and new ones outside of the test split, int64 (N,) and (M,)."""
    assert data.raw.batches is not None
    known = np.unique(np.concatenate([data.rows[name] for name in ("train", "tune", "select", OLDER)]))
    newest = data.raw.batches[known] == data.raw.batches.max()
    rng = np.random.default_rng(0)
    older, newer = (np.sort(rng.permutation(side)[:most]) for side in (known[~newest], known[newest]))
    return older, newer


def _dealt(data: DataModule, older: np.ndarray, newer: np.ndarray) -> np.ndarray:
    """Deal the rows of both sides, older ones first, bool (P, N + M); groups stay whole."""
    units = None if data.raw.groups is None else data.raw.groups[np.concatenate([older, newer])]
    return dealings(np.repeat([False, True], [len(older), len(newer)]), units, int(data.sha256[:8], 16))


def _columns(data: DataModule, older: np.ndarray, newer: np.ndarray) -> Iterator[ColumnDrift]:
    """Test each column, the one that stands out most first; none for data without columns."""
    place = declared(data.kind.name).drift
    if not place:
        return
    sides = (data.kind.take(data.raw.samples, rows) for rows in (older, newer))
    found = registry.load(place)(*sides, data.codec, _dealt(data, older, newer))
    for name, one in sorted(found.items(), key=lambda item: (item[1].p_value, -item[1].distance)):
        yield ColumnDrift(name=name, **asdict(one), drifted=one.p_value <= LEVEL / 2)


def _joint(data: DataModule, features: str | None) -> JointDrift | None:
    """Test whole samples by a kernel in their feature space; ``None`` for a kind without one."""
    space = space_for(features, data.kind.name)
    if space is None:
        return None
    older, newer = _sides(data, MOST_WHOLE)
    samples = data.kind.take(data.raw.samples, np.concatenate([older, newer]))
    described = space.prepare(samples, data.codec)[1]
    found = kernel_test(standardize(described, *scale_of(described)), _dealt(data, older, newer))
    level = LEVEL / 2 if declared(data.kind.name).drift else LEVEL
    return JointDrift(**asdict(found), drifted=found.p_value <= level)


def _still_good(plan: Plan, run: Path) -> StillGood | None:
    """Compare the model of the earlier run with the best baseline that may be delivered, on new rows."""
    data, metric, sign = plan.data, plan.metric, plan.metric.objective.loss(1.0)
    if isinstance(metric, HasSelfCheck):  # a language model may be asked for each sample
        return None
    rows = len(data.rows["select"])
    seeds = [derived_seed(plan.settings.seed, "drift", draw) for draw in range(FEW_DRAWS)]
    try:
        reference = metric.prepare_with(data.split("select"), data.codec, data.split("train"))
        model = load(run)
        own = _loss(plan, reference, [model.draw(rows, seed) for seed in seeds])
    except MetricError:
        return None
    best = next(_rivals(plan, reference, rows, seeds), None)
    if best is None:
        return None
    name, scores = best
    found = compare_scores(scores, own)
    return StillGood(
        model=sign * own.mean,
        baseline=name,
        score=sign * scores.mean,
        difference=Interval(**_finite(found)),
        worse=bool(found.mean > 0 and found.p_value <= LEVEL),
    )


def _rivals(plan: Plan, reference: Any, rows: int, seeds: list[int]) -> Iterator[tuple[str, Scores]]:
    """Score the baselines of the kind, and yield those that pass the hard tests, the best first."""
    data, found = plan.data, []
    for name, kind in baselines_for(data.kind.name).items():
        if kind.control:
            continue
        baseline = kind()
        baseline.fit(data.split("train"), data.codec)
        draws = [baseline.sample(rows, np.random.default_rng(seed)) for seed in seeds]
        try:
            found.append((_loss(plan, reference, draws), name, draws))
        except MetricError:
            continue
    for scores, name, draws in sorted(found, key=lambda one: one[0].mean):
        tests = check(data.kind.concatenate(draws), data.split("train"), unseen_rows(data), data.codec)
        if not tests.reason:
            yield name, scores


def _loss(plan: Plan, reference: Any, draws: list[Samples]) -> Scores:
    """Score sets of samples of one source, as losses with their jackknife."""
    metric, sign = plan.metric, plan.metric.objective.loss(1.0)
    groups = metric.groups(min(map(len, draws)))
    pairs = [metric.jackknife(reference, samples, groups) for samples in draws]
    return Scores(
        sign * np.array([float(score) for score, _ in pairs]),
        sign * np.array([without for _, without in pairs]).reshape(len(pairs), groups),
    )


def _finite(found: Estimate) -> dict[str, float | None]:
    low, high = (bound if np.isfinite(bound) else None for bound in (found.low, found.high))
    return {"mean": found.mean, "low": low, "high": high}
