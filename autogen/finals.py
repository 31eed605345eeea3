"""The last chapter of a study: finalists and baselines on the select split, then once on test."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from autogen.confirm import Confirmed
from autogen.data.base import DataModule, Samples
from autogen.data.real_rows import real_rows, unseen_rows
from autogen.families.baselines import Baseline, baselines_for
from autogen.final_diagnostics import FinalDiagnostics
from autogen.final_judging import FinalJudging, JudgedMean
from autogen.goals import Goals
from autogen.metrics.calibration import calibrated
from autogen.metrics.memorisation import Memorisation, memorisation
from autogen.objective import Direction
from autogen.pareto import Losses, unbeaten
from autogen.selection import (
    Comparison,
    Contender,
    Interval,
    Verdict,
    cheapest,
    interval,
    jackknife_groups,
    judge,
)
from autogen.study_state import StudyState
from autogen.tradeoffs import Tradeoffs
from autogen.training.efficiency import Efficiency
from autogen.training.generated import GeneratedModel
from autogen.training.trial_folder import SAMPLES
from autogen.trial import Config, State, derived_seed

#: Share of the way from floor to ceiling that may be given up for a lower cost, in the mean.
TOLERATED = 0.1


@dataclass
class Standing:
    """What is known of one contender.

    Attributes:
        name: ``trial 12``, or the baseline's.
        role: ``finalist``; ``baseline``, to be beaten; ``control``, there to show that the measure works.
        config: Of a finalist; empty otherwise.
        trial: Number of a finalist's trial in the search.
        models: Numbers of its trainings on fresh seeds, one a seed.
        select: Scores on the select split, one a seed.
        test: Scores on the test split, one a seed.
        replicates: The same with groups of rows left out: float64 (S, G).
        gate: Whether it copies the train split.
        each: Seconds of each of these trainings.
        seconds: Their mean; ``None`` for a baseline.
        judged: What judges beside the objective think of the samples, by name.
        efficiency: What the first of a finalist's models costs.
        diagnostics: Its samples by every other metric, mean and interval over the fresh seeds.
        losses: Of a finalist in each objective, the main one first, where there are several.
        excluded: Why it cannot win; empty otherwise.
    """

    name: str
    role: str
    config: Config = field(default_factory=dict)
    trial: int | None = None
    models: tuple[int, ...] = ()
    select: np.ndarray = field(default_factory=lambda: np.empty(0))
    test: np.ndarray = field(default_factory=lambda: np.empty(0))
    replicates: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    gate: Memorisation | None = None
    each: tuple[float, ...] = ()
    seconds: float | None = None
    judged: dict[str, JudgedMean] = field(default_factory=dict)
    efficiency: Efficiency | None = None
    diagnostics: dict[str, dict[str, float]] = field(default_factory=dict)
    losses: list[Losses] = field(default_factory=list)
    excluded: str = ""


@dataclass(frozen=True)
class FinalVerdict:
    """The outcome of a study.

    Attributes:
        kind: ``winner``, ``tie`` or ``baseline``.
        chosen: The finalist whose model is delivered.
        model: Number of the training that is delivered: its best on the select split.
        standings: Finalists, best on select first, then baselines.
        verdict: The comparisons; ``None`` where no finalist could stand for the test.
        intervals: Mean test score of each contender by name, with its interval.
        floor: Test score of the best baseline that knows nothing of what columns or pixels have to do
            with each other.
        ceiling: Test score of real rows.
        tune_scores: Scores of baselines and of real rows on the tune split, by name.
        direction: Of the metric.
        judges: What is to be known of the judges beside the objective.
        front: Names of finalists that no other one beats, where there are several objectives.
    """

    kind: str
    chosen: Standing
    model: int
    standings: tuple[Standing, ...]
    verdict: Verdict | None
    intervals: dict[str, Interval]
    floor: float
    ceiling: float
    tune_scores: dict[str, float]
    direction: Direction = "minimize"
    judges: tuple[dict[str, Any], ...] = ()
    front: frozenset[str] = frozenset()

    def calibrated(self, score: float) -> float | None:
        """A test score between the best trivial baseline (0) and real rows (1)."""
        return calibrated(score, self.floor, self.ceiling, self.direction)

    def comparison(self, name: str) -> Comparison | None:
        """A contender's comparison with the leader."""
        found = [c for c in (self.verdict.comparisons if self.verdict else ()) if c.rival == name]
        return found[0] if found else None


class Finals:
    """Scores everything that a verdict rests on.

    Args:
        data: The data, split.
        goals: What finalists are judged by.
        seeds: Fresh seeds of finalists; baselines are sampled as often.
        seed: Of the study.
        judging: Judges beside the objective.
    """

    def __init__(
        self, data: DataModule, goals: Goals, seeds: int, seed: int, judging: FinalJudging | None = None
    ) -> None:
        self.judging = judging
        self.data = data
        self.goals = goals
        self.metric = goals.metric
        self.tradeoffs = Tradeoffs(data, goals)
        self.diagnostics = FinalDiagnostics(data, goals)
        self.seeds = seeds
        self.seed = seed
        self.loss = goals.metric.objective.loss
        self._references: dict[str, Any] = {}
        self._kinds: dict[str, type[Baseline]] = baselines_for(data.kind.name)
        self._models: dict[str, Baseline] = {}

    def reference(self, split: str) -> Any:
        """What the metric prepared of a split."""
        if split not in self._references:
            self._references[split] = self.metric.prepare(self.data.split(split), self.data.codec)
        return self._references[split]

    def tune_scores(self) -> dict[str, float]:
        """Scores of the baselines, and of real rows, on the split that steers the search."""
        n = len(self.data.rows["tune"])
        scores = {
            name: self.metric.score(self.reference("tune"), self._baseline_samples(name, "tune", n, 0))
            for name in self._kinds
        }
        return scores | {"real rows": self.metric.score(self.reference("tune"), real_rows(self.data, "tune"))}

    def verdict(self, state: StudyState, confirmed: Sequence[Confirmed], folder: Path) -> FinalVerdict:
        """Rank on select, read test once, and say what may be claimed.

        Args:
            state: Of the search.
            confirmed: Trainings of the finalists on fresh seeds.
            folder: Where these left their samples.
        """
        finalists = sorted(self._finalists(state, confirmed), key=self._rank)
        for standing in finalists:
            self._score_finalist(standing, folder)
        finalists.sort(key=self._rank)
        baselines = [self._baseline(name) for name in self._kinds]
        ceiling = self.metric.score(self.reference("test"), real_rows(self.data, "test"))
        standings = (*finalists, *baselines)
        intervals = {s.name: interval(s.test, s.replicates) for s in standings if len(s.test)}
        floor = min((intervals[s.name].mean for s in baselines if self._kinds[s.name].trivial), key=self.loss)
        rivals = [s for s in baselines if s.role == "baseline"]
        eligible = [s for s in finalists if not s.excluded]
        verdict = self._judge(eligible, rivals) if eligible else None
        front = unbeaten({s.name: s.losses for s in eligible if s.losses})
        if verdict and self.goals.several:
            near = self._near(eligible, self.loss(floor) - self.loss(ceiling))
            tied = [s for s in near if s.name in verdict.tied]
            offered = [s for s in tied if s.name in front] or tied
            verdict = replace(verdict, chosen=cheapest([*map(self._contender, offered)]).name)
        chosen = next((s for s in finalists if verdict and s.name == verdict.chosen), finalists[0])
        best = int(np.argmin([self.loss(score) for score in chosen.select]))
        return FinalVerdict(
            verdict.kind if verdict else "baseline",
            chosen,
            chosen.models[best],
            standings,
            verdict,
            intervals,
            floor,
            ceiling,
            self.tune_scores(),
            self.metric.objective.direction,
            tuple(self.judging.about(real_rows(self.data, "test"))) if self.judging else (),
            front,
        )

    def _near(self, eligible: Sequence[Standing], scale: float) -> list[Standing]:
        """The leader, and who is worse in the mean by at most a tenth of the way from floor to ceiling.

        Not to be told apart is not enough to be taken for a lower cost: few seeds tell nothing apart.
        """
        means = [self.loss(float(np.mean(standing.test))) for standing in eligible]
        most = means[0] + TOLERATED * max(0.0, scale)
        return [s for s, mean in zip(eligible, means, strict=True) if mean <= most]

    def _judge(self, eligible: Sequence[Standing], baselines: Sequence[Standing]) -> Verdict:
        """The leader is chosen on select; what is claimed of it rests on test."""
        allowed = [s for s in baselines if not s.excluded] or list(baselines)
        best_baseline = min(allowed, key=self._rank)
        return judge(
            self._contender(eligible[0]),
            [self._contender(s) for s in eligible[1:]],
            [self._contender(best_baseline)],
        )

    def _contender(self, standing: Standing) -> Contender:
        sign = self.loss(1.0)
        cost = float(np.mean(standing.losses[1][0])) if standing.losses else standing.seconds or 0.0
        return Contender(standing.name, sign * standing.test, sign * standing.replicates, cost)

    def _rank(self, standing: Standing) -> tuple[bool, float]:
        mean = self.loss(float(np.mean(standing.select))) if len(standing.select) else np.inf
        return bool(standing.excluded), mean

    def _finalists(self, state: StudyState, confirmed: Sequence[Confirmed]) -> list[Standing]:
        """One standing a finalist; one with a failed training cannot win."""
        standings = []
        for number in dict.fromkeys(one.trial for one in confirmed):
            runs = [one for one in confirmed if one.trial == number]
            good = [one for one in runs if one.state is State.COMPLETE]
            failed = [one.why for one in runs if one.state is not State.COMPLETE]
            standing = Standing(f"trial {number}", "finalist", state.trials[number].task.config, number)
            standing.models = tuple(one.task.number for one in good)
            standing.each = tuple(one.seconds for one in good)
            standing.seconds = float(np.mean(standing.each)) if good else None
            if failed:
                standing.excluded = f"failed on {len(failed)} of {len(runs)} fresh seeds: {failed[0]}"
            standings.append(standing)
        return standings

    def _score_finalist(self, standing: Standing, folder: Path) -> None:
        drawn = [self._samples(folder, number) for number in standing.models]
        self._score(standing, [pair[0] for pair in drawn], [pair[1] for pair in drawn])
        if not standing.models:
            return
        models = [GeneratedModel.of_trial(folder / f"{n:04d}", self.data.codec) for n in standing.models]
        standing.efficiency = models[0].efficiency()
        standing.diagnostics = self.diagnostics.of(models, [pair[1] for pair in drawn])
        if self.goals.also:
            weighed = self.tradeoffs.weigh(models, standing.each, drawn, standing.replicates.shape[1])
            standing.excluded = standing.excluded or weighed.breaks
            if weighed.losses:
                sign = self.loss(1.0)
                standing.losses = [(sign * standing.test, sign * standing.replicates), *weighed.losses]

    def _samples(self, folder: Path, number: int) -> tuple[Samples, Samples]:
        """A model's samples for select and for test."""
        with np.load(folder / f"{number:04d}" / SAMPLES, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        size = len(self.data.rows["select"])
        decode = self.data.codec.decode
        return (
            decode({name: array[:size] for name, array in arrays.items()}, self.seed),
            decode({name: array[size:] for name, array in arrays.items()}, self.seed),
        )

    def _baseline(self, name: str) -> Standing:
        kind = self._kinds[name]
        standing = Standing(name, "control" if kind.control else "baseline")
        sets = {
            split: [
                self._baseline_samples(name, split, len(self.data.rows[split]), s) for s in range(self.seeds)
            ]
            for split in ("select", "test")
        }
        self._score(standing, sets["select"], sets["test"])
        return standing

    def _score(self, standing: Standing, select: list[Samples], test: list[Samples]) -> None:
        standing.select = np.array([self.metric.score(self.reference("select"), fake) for fake in select])
        if not test:
            return
        groups = jackknife_groups(len(self.data.rows["test"]))
        scored = [self.metric.jackknife(self.reference("test"), fake, groups) for fake in test]
        standing.test = np.array([score for score, _ in scored])
        standing.replicates = np.stack([replicates for _, replicates in scored])
        standing.gate = self.gate(self.data.kind.concatenate(test))
        if not standing.gate.passed and not standing.excluded:
            standing.excluded = "its samples are copies of the train split"
        if self.judging:
            standing.judged = self.judging.judge(select, test)
            if standing.role == "finalist" and not standing.excluded:
                standing.excluded = self.judging.refusal(standing.judged)

    def gate(self, fake: Samples) -> Memorisation:
        """Whether samples lie nearer to train than unseen rows do."""
        return memorisation(fake, self.data.split("train"), unseen_rows(self.data), self.data.codec)

    def _baseline_samples(self, name: str, split: str, n: int, index: int) -> Samples:
        model = self._fitted(name)
        return model.sample(n, np.random.default_rng(derived_seed(self.seed, name, split, index)))

    def _fitted(self, name: str) -> Baseline:
        if name not in self._models:
            self._models[name] = self._kinds[name]()
            self._models[name].fit(self.data.split("train"), self.data.codec)
        return self._models[name]
