"""The finals of a study: rank finalists on select, then read test once, with fresh draws.

``rank`` and ``read_test`` are the two steps; between them the study records that it reads test.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.data.real_rows import real_rows
from autogen.errors import MetricError
from autogen.verdict.contenders import (
    Claim,
    ContenderResult,
    Delivered,
    Entry,
    FinalVerdict,
    Measured,
    Ranked,
    Ranking,
    Rules,
    Scale,
    Tested,
    grade,
    with_scores,
)
from autogen.verdict.diagnostics import FinalDiagnostics, FinalMeasurements
from autogen.verdict.evaluations import constraints_of, replicates_of, scores_of
from autogen.verdict.goals import Goals
from autogen.verdict.judges import FinalJudging
from autogen.verdict.pareto import Tradeoffs, unbeaten
from autogen.verdict.scheduler import EvaluationQueue
from autogen.verdict.sources import DRAWS, Sources, trimmed
from autogen.verdict.statistics import (
    TOLERATED,
    Contender,
    Scores,
    Verdict,
    interval,
    interval_of,
    judge,
    level,
    near_leader,
    normalized,
)


class Finals:
    """Ranks and compares finalists and baselines, and gives the verdict.

    Args:
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
        seed: Random seed of the study.
        queue: Queue of evaluations for the workers.
        judging: Judges besides the objective; default none.
    """

    def __init__(
        self,
        data: DataModule,
        goals: Goals,
        seed: int,
        queue: EvaluationQueue,
        judging: FinalJudging | None = None,
    ) -> None:
        self.data = data
        self.goals = goals
        self.queue = queue
        self.judging = judging
        self.sources = Sources(data, goals.metric, seed, queue)
        self.tradeoffs = Tradeoffs(data, goals)
        self.measurements = FinalMeasurements(queue, self.sources, FinalDiagnostics(data, goals))
        self._sign = goals.metric.objective.loss(1.0)

    def ahead(self) -> list[str]:
        """Queue the evaluations that need neither test nor a finalist; returns their keys."""
        keys = []
        for entry in self.sources.entries():
            keys += self.sources.add(entry, "tune", 1)
            if entry.role == "baseline":  # controls do not compete
                keys += self.sources.add(entry, "select", DRAWS)
        return [*keys, self.queue.add("tune/real rows/1", lambda: self.sources.real("tune"))]

    def rank(self, finalists: Sequence[Entry]) -> Ranking:
        """Score finalists and baselines on select.

        Args:
            finalists: Entries of models or of recipes.

        Raises:
            RunError: no finalist can be scored.
        """
        keys = [key for entry in finalists for key in self.sources.add(entry, "select", DRAWS)]
        self.queue.run([*keys, *self.ahead()])
        ranked = sorted(map(self._ranked, finalists), key=self._order)
        with_scores(ranked)
        return Ranking(tuple(ranked), tuple(map(self._ranked, self.sources.entries())))

    def near(self, ranking: Ranking, claim: Claim = "model") -> list[Entry]:
        """List the leader on select and the finalists that are not clearly worse, before the hard tests."""
        eligible = [ranked for ranked in ranking.finalists if not ranked.excluded]
        return [ranked.entry for ranked in self._near(eligible, claim)]

    def read_test(self, ranking: Ranking, rules: Rules) -> FinalVerdict:
        """Score the leader, its near rivals and the baselines on test, and give the verdict.

        Raises:
            MetricError: real rows, or all trivial baselines, cannot be scored.
        """
        ranking = self._admit(trimmed(ranking, rules), rules)
        finalists, baselines = self._test(ranking, rules)
        scale = self._scale(baselines)
        verdict = self._judge(finalists, baselines, scale, rules)
        front = unbeaten({one.name: one.losses for one in finalists if one.losses and not one.excluded})
        measured = self.measurements.measure(finalists, rules.limit, rules.counting, verdict)
        results = [
            self._concluded(result, scale, verdict, front)
            for result in (*measured, *map(ContenderResult, baselines))
        ]
        return self._outcome(results, verdict, scale, rules)

    # ---- select

    def _ranked(self, entry: Entry) -> Ranked:
        if entry.role == "control":
            return Ranked(entry, excluded=entry.excluded)
        select, why = self.sources.measured(entry, "select", DRAWS)
        return Ranked(entry, select, excluded=entry.excluded or why)

    def _order(self, ranked: Ranked) -> tuple[bool, float]:
        return bool(ranked.excluded), self._sign * ranked.select.mean if ranked.select else np.inf

    def _near(self, eligible: Sequence[Ranked], claim: Claim) -> list[Ranked]:
        """Select the leader and its near rivals; all of them for recipes or several objectives."""
        if claim == "recipe" or self.goals.multi_objective or not eligible:
            return list(eligible)
        scores = [self._losses(ranked.select) for ranked in eligible if ranked.select]
        return [
            eligible[0],
            *(r for r, kept in zip(eligible[1:], near_leader(scores[0], scores[1:]), strict=True) if kept),
        ]

    def _admit(self, ranking: Ranking, rules: Rules) -> Ranking:
        """Exclude contenders that fail a hard test or a constraint; drop those clearly worse on select."""
        known = {ranked.entry.name: ranked for ranked in ranking.finalists}
        known |= {one.entry.name: one for one in self._checked(ranking.baselines, rules)}
        checked: set[str] = set()
        while True:
            eligible = [one for r in ranking.finalists if not (one := known[r.entry.name]).excluded]
            near = [
                ranked for ranked in self._near(eligible, rules.claim) if ranked.entry.name not in checked
            ]
            if not near:
                break
            checked |= {ranked.entry.name for ranked in near}
            known |= {one.entry.name: one for one in self._checked(near, rules)}
        finalists = [known[ranked.entry.name] for ranked in ranking.finalists]
        finalists = [
            replace(one, dropped=not one.excluded and one.entry.name not in checked) for one in finalists
        ]
        baselines = [known[ranked.entry.name] for ranked in ranking.baselines]
        return Ranking(tuple(sorted(finalists, key=self._order)), tuple(baselines))

    def _checked(self, contenders: Sequence[Ranked], rules: Rules) -> list[Ranked]:
        """Check contenders by the hard tests and constraints."""
        keys = [self.sources.add_hard_tests(ranked.entry, rules.draws) for ranked in contenders]
        self.queue.run(keys)
        return [self._check(ranked, key, rules) for ranked, key in zip(contenders, keys, strict=True)]

    def _check(self, ranked: Ranked, key: str, rules: Rules) -> Ranked:
        entry, excluded = ranked.entry, ranked.excluded
        if why := self.queue.error(key):
            return replace(ranked, excluded=excluded or f"the hard tests could not be done: {why}")
        gate = constraints_of(self.queue.values(key))
        excluded = excluded or gate.reason
        judged = {}
        if self.judging:
            sets = (self.sources.samples(entry, split, rules.draws) for split in ("select", "test"))
            judged = self.judging.judge(*sets)
        if entry.role == "finalist" and self.judging:
            excluded = excluded or self.judging.refusal(judged)
        if entry.role == "finalist" and self.goals.extra_metrics:
            excluded = excluded or self._breaks(entry, rules)
        return replace(ranked, gate=gate, judged=judged, excluded=excluded)

    def _breaks(self, entry: Entry, rules: Rules) -> str:
        """Describe the constraints that a finalist breaks; empty for none."""
        try:
            samples = self.sources.samples(entry, "select", rules.draws)
            return self.tradeoffs.breaks(entry.name, self.sources.models(entry), entry.each, samples)
        except MetricError as error:
            return f"could not be measured: {error}"

    # ---- test

    def _test(self, ranking: Ranking, rules: Rules) -> tuple[list[Tested], list[Tested]]:
        """Score the contenders on test, also excluded ones, but not those dropped on select."""
        compared = [one for one in (*ranking.finalists, *ranking.baselines) if one.gate is not None]
        keys = [key for one in compared for key in self.sources.add(one.entry, "test", rules.draws)]
        self.queue.run([*keys, self.queue.add("test/real rows/1", lambda: self.sources.real("test"))])
        finalists = [self._tested(one, rules) for one in ranking.finalists]
        finalists.sort(key=lambda tested: bool(tested.excluded))
        return finalists, [self._tested(one, rules) for one in ranking.baselines]

    def _tested(self, ranked: Ranked, rules: Rules) -> Tested:
        if ranked.gate is None:
            return Tested(ranked, excluded=ranked.excluded)
        test, why = self.sources.measured(ranked.entry, "test", rules.draws)
        excluded = ranked.excluded or why
        losses: tuple[Any, ...] = ()
        if test and ranked.entry.role == "finalist" and self.goals.multi_objective:
            entry, groups = ranked.entry, test.replicates.shape[1]
            try:
                samples = self.sources.samples(entry, "test", rules.draws)
                more = self.tradeoffs.losses(
                    entry.name, self.sources.models(entry), entry.each, samples, groups
                )
                losses = ((self._sign * test.scores, self._sign * test.replicates), *more)
            except MetricError as error:
                excluded = excluded or f"could not be measured: {error}"
        return Tested(ranked, test, losses, excluded)

    # ---- verdict

    def _scale(self, baselines: Sequence[Tested]) -> Scale:
        """Make the scale of normalized scores: the best trivial baseline on test, and real rows."""
        values = self.queue.values("test/real rows/1")
        ceiling = Scores(self._sign * scores_of(values), self._sign * replicates_of(values))
        kinds = self.sources.baselines
        trivial = [self._losses(one.test) for one in baselines if one.test and kinds[one.name].trivial]
        if not trivial:
            raise MetricError(f"no baseline could be scored: {baselines[0].excluded}")
        return Scale(min(trivial, key=lambda scores: scores.mean), ceiling)

    def _judge(
        self, finalists: Sequence[Tested], baselines: Sequence[Tested], scale: Scale, rules: Rules
    ) -> Verdict | None:
        """Compare the leader, which select chose, with its rivals and the best baseline on test."""
        eligible = [one for one in finalists if one.test and not one.excluded]
        rivals = [one for one in baselines if one.test and one.entry.role == "baseline"]
        if not eligible:
            return None
        allowed = [one for one in rivals if not one.excluded] or rivals
        best = min(allowed, key=lambda one: self._order(one.ranked))
        leader, *others = map(self._contender, eligible)
        margin, alpha = TOLERATED * scale.room, level(rules.look, rules.claim)
        verdict = judge(
            leader,
            others,
            [self._contender(best)],
            margin=margin,
            alpha=alpha,
            giving_up=self.goals.multi_objective,
        )
        front = unbeaten({one.name: one.losses for one in eligible if one.losses})
        # A cheaper model off the front must not be returned.
        if front and verdict.chosen not in front:
            return replace(verdict, chosen=leader.name, given_up=None)
        return verdict

    def _contender(self, tested: Tested) -> Contender:
        assert tested.test is not None
        cost = float(np.mean(tested.losses[1][0])) if tested.losses else tested.entry.seconds or 0.0
        return Contender(tested.name, self._losses(tested.test), cost)

    def _concluded(
        self, result: ContenderResult, scale: Scale, verdict: Verdict | None, front: frozenset[str]
    ) -> ContenderResult:
        test = result.tested.test
        if test is None:
            return result
        found = [c for c in (verdict.comparisons if verdict else ()) if c.rival == result.name]
        return replace(
            result,
            interval=interval(test.scores, test.replicates),
            normalized=normalized(self._losses(test), scale.floor, scale.ceiling),
            comparison=found[0] if found else None,
            on_front=result.name in front,
        )

    def _outcome(
        self, results: Sequence[ContenderResult], verdict: Verdict | None, scale: Scale, rules: Rules
    ) -> FinalVerdict:
        chosen, delivered = self._returned(results, verdict, rules)
        return FinalVerdict(
            kind=verdict.kind if verdict else "baseline",
            claim=rules.claim,
            grade="not usable" if chosen.excluded else grade(chosen.normalized),
            chosen=chosen,
            delivered=delivered,
            results=tuple(results),
            verdict=verdict,
            floor=self._sign * scale.floor.mean,
            ceiling=interval_of(scale.ceiling, self._sign),
            scaled=chosen.normalized is not None,
            tune_scores=self.sources.tune_scores(),
            look=rules.look,
            draws=(DRAWS, rules.draws),
            direction=self.goals.metric.objective.direction,
            judges=tuple(self.judging.about(real_rows(self.data, "test"))) if self.judging else (),
        )

    def _returned(
        self, results: Sequence[ContenderResult], verdict: Verdict | None, rules: Rules
    ) -> tuple[ContenderResult, Delivered]:
        """Choose the model for ``best/``: a finalist, or the baseline that none was shown to beat."""
        tested = [one for one in results if one.tested.test and one.entry.role == "finalist"]
        chosen = next((one for one in tested if verdict and one.name == verdict.chosen), tested[0])
        if rules.models_only or (verdict and verdict.kind != "baseline"):
            return chosen, self._delivered(chosen)
        allowed = [
            one for one in results if one.entry.role == "baseline" and one.tested.test and not one.excluded
        ]
        allowed.sort(key=lambda one: self._order(one.tested.ranked))
        best = allowed[0].name if allowed else ""
        for one in allowed:
            ahead = chosen.excluded or self._order(one.tested.ranked) <= self._order(chosen.tested.ranked)
            if ahead and (baseline := self.sources.saved(one.entry)):
                select, test = one.tested.ranked.select, one.tested.test
                assert select is not None
                assert test is not None
                withheld = best if one.name != best else ""
                return one, Delivered(None, select.mean, test.mean, baseline, withheld)
        return chosen, replace(self._delivered(chosen), withheld=best)

    def _delivered(self, chosen: ContenderResult) -> Delivered:
        """Return the model itself, or the best of a recipe's trainings on select."""
        entry, test = chosen.entry, chosen.tested.test
        select = chosen.tested.ranked.select
        assert test is not None
        assert select is not None
        if len(entry.models) == 1:
            return Delivered(entry.models[0], select.mean, test.mean)
        own = replace(entry, select=entry.test)
        self.queue.run(self.sources.add(own, "select", DRAWS))
        scores = [scores_of(self.queue.values(key))[0] for key in self.sources.keys(own, "select", DRAWS)]
        best = int(np.argmin(self._sign * np.array(scores)))
        return Delivered(entry.models[best], float(scores[best]), float(test.scores[best]))

    def _losses(self, measured: Measured) -> Scores:
        return Scores(self._sign * measured.scores, self._sign * measured.replicates)
