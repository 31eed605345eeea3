"""What judges think of the finalists' samples, beside the objective: means, and constraints on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.errors import MetricError, SettingsError
from autogen.judging.metrics import JudgeMetric
from autogen.metrics.lookup import fits
from autogen.verdict.statistics import interval

#: Groups of texts that the jackknife of a mean leaves out, one at a time.
GROUPS = 10


@dataclass(frozen=True)
class JudgedMean:
    """A judge's mean grade of a contender's samples.

    Attributes:
        select: Mean over seeds by the judge of the select split, which constraints read; ``None`` where
            too few texts had a grade.
        mean: Mean over seeds by the judge of the test split.
        low: Of the mean's 95 % interval, over seeds and texts; ``None`` for one seed.
        high: Likewise.
        reason: Why there is no mean.
    """

    select: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


class FinalJudging:
    """Judges beside the objective, made once of the select split's real texts and once of the test split's.

    Args:
        data: The data, split.
        metrics: Judge metrics by the names that the user gave.
        least: The least mean that a winner must have, by name.
    """

    def __init__(
        self, data: DataModule, metrics: Mapping[str, JudgeMetric], least: Mapping[str, float]
    ) -> None:
        self.metrics = dict(metrics)
        self.least = dict(least)
        self._data = data
        self._references: dict[tuple[str, str], Any] = {}

    def check(self) -> None:
        """Put each judge to the test on the tune split, before anything is searched.

        Raises:
            SettingsError: one cannot be made of this data, or a constraint rests on one that is unreliable.
        """
        for name, metric in self.metrics.items():
            try:
                why = metric.why_unreliable(self._reference(name, "tune"))
            except MetricError as error:
                raise SettingsError(f"{self._data.source} cannot be judged: {error}") from error
            if why and name in self.least:
                raise SettingsError(f"{name} must not decide on {self._data.source}: {why}")

    def judge(self, select: Sequence[Samples], test: Sequence[Samples]) -> dict[str, JudgedMean]:
        """Judge a contender's samples, one set a seed."""
        return {name: self._judged(name, select, test) for name in self.metrics if len(test)}

    def refusal(self, judged: Mapping[str, JudgedMean]) -> str:
        """Why a contender must not win: the first constraint that it fails; empty where it keeps all."""
        for name, least in self.least.items():
            found = judged.get(name, JudgedMean(reason="it left no samples"))
            if found.select is None:
                return f"{name} could not be judged: {found.reason}"
            if found.select < least:
                return f"{name} {found.select:.2f} on the select split is below {least:g}"
        return ""

    def about(self, real: Samples) -> list[dict[str, Any]]:
        """What is to be known of each judge: its name, version, caveats, doubts, and what real texts get.

        Args:
            real: Real texts of no split that was judged by.
        """
        return [
            {
                "name": name,
                "metric": metric.objective.name,
                "version": metric.objective.version,
                "least": self.least.get(name),
                "real": metric.score(self._reference(name, "test"), real),
                "unreliable": metric.why_unreliable(self._reference(name, "test")),
                "caveats": list(metric.warnings()),
            }
            for name, metric in self.metrics.items()
        ]

    def _reference(self, name: str, split: str) -> Any:
        if (name, split) not in self._references:
            real = self._data.split(split)
            self._references[name, split] = self.metrics[name].prepare(real, self._data.codec)
        return self._references[name, split]

    def _judged(self, name: str, select: Sequence[Samples], test: Sequence[Samples]) -> JudgedMean:
        metric = self.metrics[name]
        references = [self._reference(name, split) for split in ("select", "test")]
        try:
            chosen = float(np.mean([metric.score(references[0], fake) for fake in select]))
            scores = np.array([metric.score(references[1], fake) for fake in test])
            parts = np.stack([metric.replicates(references[1], fake, GROUPS) for fake in test])
        except MetricError as error:
            return JudgedMean(reason=str(error))
        found = interval(scores, parts)
        low, high = (bound if np.isfinite(bound) else None for bound in (found.low, found.high))
        return JudgedMean(chosen, found.mean, low, high)


def parse_judges(wanted: Sequence[str], kind: str) -> tuple[dict[str, JudgeMetric], dict[str, float]]:
    """Judges and constraints as users write them: ``fluency.embedded`` or ``fluency.embedded=3.5``.

    Args:
        wanted: What was written.
        kind: Of the data.

    Returns:
        The metrics by name, and the least means.

    Raises:
        SettingsError: no judge of texts, or a least mean outside 1 to 5.
    """
    metrics: dict[str, JudgeMetric] = {}
    least: dict[str, float] = {}
    for told in wanted:
        name, _, bound = told.partition("=")
        metric = registry.get("metric", name.strip())()
        if not isinstance(metric, JudgeMetric) or not fits(name.strip(), kind):
            raise SettingsError(
                f"judge is a judge of texts such as fluency.embedded, not {told!r} for {kind}"
            )
        metrics[name.strip()] = metric
        if bound:
            least[name.strip()] = _least(told, bound)
    return metrics, least


def _least(told: str, bound: str) -> float:
    try:
        value = float(bound)
    except ValueError:
        value = float("nan")
    if not 1 <= value <= 5:
        raise SettingsError(
            f"the least mean of a judge lies from 1 to 5, as in fluency.embedded=3.5: {told!r}"
        )
    return value
