"""Judges of the finalists' samples besides the objective: mean grades, and constraints on them."""

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

#: Number of groups of texts in the jackknife of a mean.
GROUPS = 10


@dataclass(frozen=True)
class JudgedMean:
    """Mean grade of a contender's samples by a judge.

    Attributes:
        select: Mean over seeds on the select split, to which constraints apply; ``None`` if too few texts
            have a grade.
        mean: Mean over seeds on the test split.
        low: Lower end of the mean's 95 % interval over seeds and texts; ``None`` for one seed.
        high: Upper end of the interval; ``None`` for one seed.
        reason: Reason why there is no mean; empty otherwise.
    """

    select: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


class FinalJudging:
    """Judges besides the objective, prepared on the real texts of select and of test.

    Args:
        data: Data set with its splits.
        metrics: Judge metrics by the user's names.
        least: Least mean grade of a winner, by name.
    """

    def __init__(
        self, data: DataModule, metrics: Mapping[str, JudgeMetric], least: Mapping[str, float]
    ) -> None:
        self.metrics = dict(metrics)
        self.least = dict(least)
        self._data = data
        self._references: dict[tuple[str, str], Any] = {}

    def check(self) -> None:
        """Check each judge on the tune split before the search.

        Raises:
            SettingsError: a judge cannot be prepared on this data, or is unreliable and has a constraint.
        """
        for name, metric in self.metrics.items():
            try:
                why = metric.why_unreliable(self._reference(name, "tune"))
            except MetricError as error:
                raise SettingsError(f"{self._data.source} cannot be judged: {error}") from error
            if why and name in self.least:
                raise SettingsError(f"{name} must not decide on {self._data.source}: {why}")

    def judge(self, select: Sequence[Samples], test: Sequence[Samples]) -> dict[str, JudgedMean]:
        """Grade a contender's samples, one set for each seed."""
        return {name: self._judged(name, select, test) for name in self.metrics if len(test)}

    def refusal(self, judged: Mapping[str, JudgedMean]) -> str:
        """Give the first constraint that a contender breaks; empty for none."""
        for name, least in self.least.items():
            found = judged.get(name, JudgedMean(reason="it left no samples"))
            if found.select is None:
                return f"{name} could not be judged: {found.reason}"
            if found.select < least:
                return f"{name} {found.select:.2f} on the select split is below {least:g}"
        return ""

    def about(self, real: Samples) -> list[dict[str, Any]]:
        """Make the record of each judge: name, version, limits, doubts, and the mean grade of real texts.

        Args:
            real: Real texts outside select and test.
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
    """Parse judges and constraints: ``fluency.embedded`` or ``fluency.embedded=3.5``.

    Args:
        wanted: Texts of the setting.
        kind: Kind of data.

    Returns:
        Metrics by name, and least mean grades by name.

    Raises:
        SettingsError: a name is no judge of this kind of data, or a least mean is outside 1 to 5.
    """
    metrics: dict[str, JudgeMetric] = {}
    least: dict[str, float] = {}
    for text in wanted:
        name, _, bound = text.partition("=")
        metric = registry.get("metric", name.strip())()
        if not isinstance(metric, JudgeMetric) or not fits(name.strip(), kind):
            raise SettingsError(
                f"judge is a judge of texts such as fluency.embedded, not {text!r} for {kind}"
            )
        metrics[name.strip()] = metric
        if bound:
            least[name.strip()] = _least(text, bound)
    return metrics, least


def _least(text: str, bound: str) -> float:
    try:
        value = float(bound)
    except ValueError:
        value = float("nan")
    if not 1 <= value <= 5:
        raise SettingsError(
            f"the least mean of a judge is from 1 to 5, as in fluency.embedded=3.5, not {text!r}"
        )
    return value
