"""The last chapter of a study: finalists and baselines on the select split, then once on test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.data.real_rows import real_rows, unseen_rows
from autogen.errors import MetricError
from autogen.families.baselines.base import Baseline
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.generator import GeneratedModel
from autogen.hpo.study.events import Costs
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State, derived_seed
from autogen.metrics.calibration import noise_of
from autogen.verdict.confirmation import Confirmed
from autogen.verdict.contenders import FinalVerdict, Standing, near_leader, with_models
from autogen.verdict.costs import Tradeoffs
from autogen.verdict.diagnostics import FinalDiagnostics
from autogen.verdict.evaluations import (
    Drawn,
    Gate,
    Given,
    Left,
    Score,
    Source,
    gate_key,
    gate_of,
    others_key,
    replicates_of,
    samples_left,
    score_key,
    score_of,
)
from autogen.verdict.goals import Goals
from autogen.verdict.judges import FinalJudging
from autogen.verdict.pareto import unbeaten
from autogen.verdict.scheduler import Scorekeeper
from autogen.verdict.statistics import Contender, Verdict, cheapest, interval, judge


class Finals:
    """Scores everything that a verdict rests on.

    Args:
        data: The data, split.
        goals: What finalists are judged by.
        seeds: Fresh seeds of finalists; baselines are sampled as often.
        seed: Of the study.
        folder: Where the finalists' trainings leave their models and samples.
        scores: Has the workers score.
        judging: Judges beside the objective.
        limit: Second on the study's clock after which nothing is measured that a verdict can do without.
        counting: Seconds in which operations and memory of a model must be counted.
    """

    def __init__(
        self,
        data: DataModule,
        goals: Goals,
        seeds: int,
        seed: int,
        folder: Path,
        scores: Scorekeeper,
        *,
        judging: FinalJudging | None = None,
        limit: float = np.inf,
        counting: float = 20.0,
    ) -> None:
        self.judging = judging
        self.data = data
        self.goals = goals
        self.metric = goals.metric
        self.tradeoffs = Tradeoffs(data, goals)
        self.diagnostics = FinalDiagnostics(data, goals)
        self.seeds = seeds
        self.seed = seed
        self.folder = folder
        self.scores = scores
        self.limit = limit
        self.counting = counting
        self.loss = goals.metric.objective.loss
        self._references: dict[str, Any] = {}
        self._kinds: dict[str, type[Baseline]] = baselines_for(data.kind.name)
        self._models: dict[str, Baseline] = {}

    def reference(self, split: str) -> Any:
        """What the metric prepared of a split."""
        if split not in self._references:
            self._references[split] = self.metric.prepare(self.data.split(split), self.data.codec)
        return self._references[split]

    def ahead(self) -> list[str]:
        """Put in the queue what neither test nor any finalist is needed for; returns its names."""
        real = partial(Given, real_rows(self.data, "tune"))
        tune = {name: partial(self._drawn, name, "tune", 0) for name in self._kinds} | {"real rows": real}
        wanted = [self._want_score("tune", name, 0, source) for name, source in tune.items()]
        for name in self._kinds:
            wanted += self._want_baseline(name, "select")
        return wanted

    def trained(self, one: Confirmed) -> None:
        """Put the select score of a finalist's model in the queue."""
        if one.state is State.COMPLETE:
            number = one.task.number
            self._want_score("select", f"trial {one.trial}", number, partial(self._left, number, "select"))

    def verdict(self, state: StudyState, confirmed: Sequence[Confirmed]) -> FinalVerdict:
        """Rank on select, read test once, and say what may be claimed.

        Args:
            state: Of the search.
            confirmed: Trainings of the finalists on fresh seeds.

        Raises:
            MetricError: real rows, or all baselines, cannot be scored: there is nothing to judge by.
            RunError: no finalist can be judged.
        """
        finalists = self._finalists(state, confirmed)
        baselines = [
            Standing(name, "control" if kind.control else "baseline") for name, kind in self._kinds.items()
        ]
        self._measure(finalists, baselines)
        for standing in (*finalists, *baselines):
            self._fill_in(standing)
        finalists.sort(key=self._rank)
        self._describe([standing for standing in finalists if len(standing.test)])
        finalists.sort(key=self._rank)
        ceiling = score_of(self.scores.values(score_key("test", "real rows", 0)))
        standings = (*finalists, *baselines)
        intervals = {s.name: interval(s.test, s.replicates) for s in standings if len(s.test)}
        trivial = [intervals[s.name] for s in baselines if self._kinds[s.name].trivial and len(s.test)]
        if not trivial:
            raise MetricError(f"no baseline could be scored: {baselines[0].excluded}")
        floor = min(trivial, key=lambda found: self.loss(found.mean))
        rivals = [s for s in baselines if s.role == "baseline" and len(s.test)]
        eligible = [s for s in finalists if not s.excluded]
        verdict = self._judge(eligible, rivals) if eligible else None
        front = unbeaten({s.name: s.losses for s in eligible if s.losses})
        if verdict and self.goals.several:
            close = near_leader(eligible, self.loss, self.loss(floor.mean) - self.loss(ceiling))
            tied = [s for s in close if s.name in verdict.tied]
            offered = [s for s in tied if s.name in front] or tied
            verdict = replace(verdict, chosen=cheapest([*map(self._contender, offered)]).name)
        trained = with_models(finalists)
        chosen = next((s for s in trained if verdict and s.name == verdict.chosen), trained[0])
        best = int(np.argmin([self.loss(score) for score in chosen.select]))
        return FinalVerdict(
            verdict.kind if verdict else "baseline",
            chosen,
            chosen.models[best],
            standings,
            verdict,
            intervals,
            floor.mean,
            noise_of(floor.low, floor.high),
            ceiling,
            self._tune_scores(),
            self.metric.objective.direction,
            tuple(self.judging.about(real_rows(self.data, "test"))) if self.judging else (),
            front,
        )

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

    def _measure(self, finalists: Sequence[Standing], baselines: Sequence[Standing]) -> None:
        """Have the workers score all contenders on select and test, and look for copies."""
        wanted = self.ahead()
        for standing in finalists:
            for split in ("select", "test"):
                wanted += [
                    self._want_score(split, standing.name, number, partial(self._left, number, split))
                    for number in standing.models
                ]
        for standing in baselines:
            wanted += self._want_baseline(standing.name, "test")
        wanted += [self._want_gate(standing) for standing in (*finalists, *baselines)]
        ceiling = partial(Given, real_rows(self.data, "test"))
        self.scores.gather([*wanted, self._want_score("test", "real rows", 0, ceiling)])

    def _fill_in(self, standing: Standing) -> None:
        """Take in what the workers measured of a contender."""
        own = standing.models if standing.role == "finalist" else range(self.seeds)
        if not own:
            return
        chosen_by = () if standing.role == "control" else own
        select, test = (
            [score_key(split, standing.name, index) for index in indices]
            for split, indices in (("select", chosen_by), ("test", own))
        )
        gate = gate_key(standing.name, own[0])
        troubles = [why for key in (*select, *test, gate) if (why := self.scores.trouble(key))]
        if troubles:
            standing.excluded = standing.excluded or f"could not be scored: {troubles[0]}"
            return
        standing.select = np.array([score_of(self.scores.values(key)) for key in select])
        standing.test = np.array([score_of(self.scores.values(key)) for key in test])
        standing.replicates = np.stack([replicates_of(self.scores.values(key)) for key in test])
        standing.gate = gate_of(self.scores.values(gate))
        standing.excluded = standing.excluded or standing.gate.reason
        if self.judging:
            samples = [
                [source() for source in self._sources(standing, split)] for split in ("select", "test")
            ]
            standing.judged = self.judging.judge(*samples)
            if standing.role == "finalist" and not standing.excluded:
                standing.excluded = self.judging.refusal(standing.judged)

    def _describe(self, finalists: Sequence[Standing]) -> None:
        """Measure what selects nothing: costs while nothing else runs, then all else while there is time."""
        models = {number: self._model(number) for standing in finalists for number in standing.models}
        began = self.scores.study.seconds
        for standing in finalists:
            standing.efficiency = models[standing.models[0]].efficiency(counting=self.counting)
            if self.goals.also:
                self._weigh(standing, [models[number] for number in standing.models])
        nats = {standing.name: self._nats(standing, models) for standing in finalists}
        self.scores.study.record(Costs(round(self.scores.study.seconds - began, 3)))
        rounds = [*zip_longest(*(standing.models for standing in finalists))]
        keys = [[self._want_others(number) for number in turn if number is not None] for turn in rounds]
        for turn, own in enumerate(keys):  # one seed of each finalist, however late it is
            self.scores.gather(own, self.limit if turn else np.inf)
        for standing in finalists:
            found = [
                self.scores.values(key) for n in standing.models if self.scores.known(key := others_key(n))
            ]
            standing.diagnostics = self.diagnostics.of(found, nats[standing.name])

    def _nats(self, standing: Standing, models: Mapping[int, GeneratedModel]) -> list[float]:
        """Likelihoods of the test split by a finalist's models, of the first whatever the time."""
        found: list[float] = []
        for number in standing.models:
            late = self.scores.study.seconds > self.limit
            if models[number].exact and not (found and late):
                found.append(self.diagnostics.nats_a_unit(models[number]))
        return found

    def _weigh(self, standing: Standing, models: Sequence[GeneratedModel]) -> None:
        """Measure a finalist by the other objectives, and hold it to its bounds."""
        sets = [[source() for source in self._sources(standing, split)] for split in ("select", "test")]
        drawn = [*zip(*sets, strict=True)]
        try:
            weighed = self.tradeoffs.weigh(models, standing.each, drawn, standing.replicates.shape[1])
        except MetricError as error:
            standing.excluded = standing.excluded or f"could not be weighed: {error}"
            return
        standing.excluded = standing.excluded or weighed.breaks
        if weighed.losses:
            sign = self.loss(1.0)
            standing.losses = [(sign * standing.test, sign * standing.replicates), *weighed.losses]

    def _model(self, number: int) -> GeneratedModel:
        return GeneratedModel.of_trial(self.folder / f"{number:04d}", self.data.codec)

    def _tune_scores(self) -> dict[str, float]:
        """Scores of the baselines, and of real rows, on the split that steers the search."""
        keys = {name: score_key("tune", name, 0) for name in (*self._kinds, "real rows")}
        sound = {name: key for name, key in keys.items() if not self.scores.trouble(key)}
        return {name: score_of(self.scores.values(key)) for name, key in sound.items()}

    def _sources(self, standing: Standing, split: str) -> list[Source]:
        """Samples of a contender for a split, one source a seed."""
        if standing.role == "finalist":
            return [self._left(number, split) for number in standing.models]
        return [self._drawn(standing.name, split, index) for index in range(self.seeds)]

    def _left(self, number: int, split: str) -> Source:
        """A model's samples: the first are for select, the others for test."""
        size = len(self.data.rows["select"])
        rows = slice(size) if split == "select" else slice(size, None)
        arrays = {name: array[rows] for name, array in samples_left(self.folder, number).items()}
        return Left(arrays, self.data.codec, self.seed)

    def _drawn(self, name: str, split: str, index: int) -> Source:
        """A baseline's samples."""
        if name not in self._models:
            self._models[name] = self._kinds[name]()
            self._models[name].fit(self.data.split("train"), self.data.codec)
        seed = derived_seed(self.seed, name, split, index)
        return Drawn(self._models[name], len(self.data.rows[split]), seed)

    def _want_baseline(self, name: str, split: str) -> list[str]:
        """Put a baseline's scores in the queue; a control does not compete, so select has no use for it."""
        indices = range(0 if self._kinds[name].control and split == "select" else self.seeds)
        return [self._want_score(split, name, i, partial(self._drawn, name, split, i)) for i in indices]

    def _want_score(self, split: str, name: str, index: int, source: Callable[[], Source]) -> str:
        """Put a score in the queue; on test with its jackknife."""
        key = score_key(split, name, index)
        groups = self.metric.groups(len(self.data.rows["test"])) if split == "test" else 0
        groups = 0 if name == "real rows" else groups
        self.scores.want(key, lambda: Score(self.metric, self.reference(split), source(), groups))
        return key

    def _want_gate(self, standing: Standing) -> str:
        """Put the search for copies in the queue; a finalist of no model is not searched."""
        first = standing.models[0] if standing.models else 0
        key = gate_key(standing.name, first)
        if standing.models or standing.role != "finalist":
            self.scores.want(key, lambda: self._gate(self._sources(standing, "test")))
        return key

    def _gate(self, sources: Sequence[Source]) -> Gate:
        data = self.data
        return Gate(sources, data.kind, data.codec, data.split("train"), unseen_rows(data))

    def _want_others(self, number: int) -> str:
        key = others_key(number)
        self.scores.want(key, lambda: self.diagnostics.scoring(self._left(number, "test")))
        return key
