"""The finals of a study: rank finalists on select, then read test once, with fresh draws.

``rank``, ``admit`` (the hard tests) and ``read_test`` are the steps; after the first one the study records
that it reads test.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autogen.data.module import DataModule, real_rows
from autogen.errors import MetricError
from autogen.verdict.admission import Admission
from autogen.verdict.contenders import (
    ContenderResult,
    Entry,
    Measured,
    Ranked,
    Ranking,
    Rules,
    Tested,
    losses,
    place,
    with_scores,
)
from autogen.verdict.goals import Goals
from autogen.verdict.judges import FinalJudging
from autogen.verdict.measuring.diagnostics import FinalDiagnostics, FinalMeasurements
from autogen.verdict.measuring.evaluations import FromSamples, Source, replicates_of, scores_of
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import RANKING_DRAWS, Champion, FinalFeedback, Sources, trimmed
from autogen.verdict.outcome import Delivered, FinalVerdict, Scale, grade
from autogen.verdict.pareto import Tradeoffs, unbeaten
from autogen.verdict.statistics import (
    TOLERATED,
    Contender,
    Scores,
    Verdict,
    interval,
    interval_of,
    judge,
    level,
    normalized,
)

#: Name of real rows among the contenders.
REAL_ROWS = "real rows"


class Finals:
    """Ranks and compares finalists and baselines, and gives the verdict.

    Args:
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
        seed: Random seed of the study.
        queue: Queue of evaluations for the workers.
        judging: Judges besides the objective; default none.
        champion: Model of an earlier run that competes as a baseline; default none.
        feedback: What marks of users change; default none.
    """

    def __init__(
        self,
        data: DataModule,
        goals: Goals,
        seed: int,
        queue: EvaluationQueue,
        judging: FinalJudging | None = None,
        champion: Champion | None = None,
        feedback: FinalFeedback | None = None,
    ) -> None:
        self.data = data
        self.goals = goals
        self.queue = queue
        self.judging = judging
        self.sources = Sources(data, goals.metric, seed, queue, champion, feedback)
        self.tradeoffs = Tradeoffs(data, goals)
        other = FinalDiagnostics(data, goals, self.sources.known_by)
        self.measurements = FinalMeasurements(queue, self.sources, other)
        self._sign = goals.metric.objective.loss(1.0)

    def ahead(self) -> list[str]:
        """Queue the evaluations that need neither test nor a finalist; returns their keys."""
        competing = [entry for entry in self.sources.entries() if entry.role == "baseline"]
        return [key for entry in competing for key in self.sources.add(entry, "select", RANKING_DRAWS)]

    def rank(self, finalists: Sequence[Entry]) -> Ranking:
        """Score finalists and baselines on select.

        Args:
            finalists: Entries of models or of recipes.

        Raises:
            RunError: no finalist can be scored.
        """
        keys = [key for entry in finalists for key in self.sources.add(entry, "select", len(entry.select))]
        self.queue.run([*keys, *self.ahead()])
        ranked = sorted(map(self._ranked, finalists), key=self._order)
        with_scores(ranked)
        return Ranking(tuple(ranked), tuple(map(self._ranked, self.sources.entries())))

    def near(self, ranking: Ranking, rules: Rules) -> list[Entry]:
        """List the leader on select and its near rivals, before the hard tests."""
        return [ranked.entry for ranked in self._admission(rules).near(ranking.finalists)]

    def admit(self, ranking: Ranking, rules: Rules) -> Ranking:
        """Exclude contenders that fail a hard test or a constraint; drop those clearly worse on select.

        Returns:
            Finalists and baselines; those with ``gate`` that are not excluded are to be compared on test.
        """
        return self._admission(rules).admit(trimmed(ranking, rules))

    def read_test(self, ranking: Ranking, rules: Rules) -> FinalVerdict:
        """Score admitted finalists and the baselines on test, and give the verdict.

        Raises:
            MetricError: real rows, or all trivial baselines, cannot be scored.
        """
        finalists, baselines = self._test(ranking, rules)
        scale = self._scale(baselines)
        verdict = self._judge(finalists, baselines, scale, rules)
        front = unbeaten({one.name: one.losses for one in finalists if one.losses and not one.excluded})
        beside = self._yardsticks(finalists, baselines, verdict, rules)
        measured, known = self.measurements.measure(finalists, rules.limit, rules.counting, verdict, beside)
        baselines = self._admission(rules).with_controls(baselines)
        others = (ContenderResult(one, diagnostics=known.get(one.name, {})) for one in baselines)
        results = [self._concluded(result, scale, verdict, front) for result in (*measured, *others)]
        outcome = self._outcome(results, verdict, scale, rules)
        real = self.measurements.diagnostics.of_real(known.get(REAL_ROWS, {}))
        return replace(outcome, real_diagnostics=real)

    def _yardsticks(
        self, finalists: Sequence[Tested], baselines: Sequence[Tested], verdict: Verdict | None, rules: Rules
    ) -> dict[str, Callable[[], Source]]:
        """Sources of what has diagnostics beside a model's: real rows, the floor, what is delivered."""
        trivial = [one for one in baselines if one.test and one.entry.trivial]
        shown = [min(trivial, key=lambda one: self._losses(one.test).mean if one.test else np.inf)]
        _, instead, _ = self._instead([*finalists, *baselines], verdict, rules)
        shown += [one for one in instead if self.sources.can_save(one.entry)][:1]
        real = {REAL_ROWS: lambda: FromSamples(real_rows(self.data, "test"))}
        return real | {one.name: partial(self.sources.first, one.entry) for one in shown}

    def _admission(self, rules: Rules) -> Admission:
        return Admission(self.goals, self.sources, self.tradeoffs, self.judging, rules)

    def _ranked(self, entry: Entry) -> Ranked:
        if entry.role == "control":
            return Ranked(entry, excluded=entry.excluded)
        select, why = self.sources.measured(entry, "select", len(entry.select) or RANKING_DRAWS)
        return Ranked(entry, select, excluded=entry.excluded or why)

    def _order(self, ranked: Ranked) -> tuple[bool, float]:
        return place(ranked, self._sign)

    def _test(self, ranking: Ranking, rules: Rules) -> tuple[list[Tested], list[Tested]]:
        """Score the contenders on test, also excluded ones, but not those dropped on select."""
        everyone = (*ranking.finalists, *ranking.baselines)
        keys = [
            key
            for one in everyone
            if _compared(one, rules)
            for key in self.sources.add(one.entry, "test", rules.draws)
        ]
        self.queue.run([*keys, self.sources.add_real("test")])
        finalists = [self._tested(one, rules) for one in ranking.finalists]
        finalists.sort(key=lambda tested: bool(tested.excluded))
        return finalists, [self._tested(one, rules) for one in ranking.baselines]

    def _tested(self, ranked: Ranked, rules: Rules) -> Tested:
        if not _compared(ranked, rules):
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

    def _scale(self, baselines: Sequence[Tested]) -> Scale:
        """Make the scale of normalized scores: the best trivial baseline on test, and real rows."""
        values = self.queue.values("test/real rows/1")
        ceiling = Scores(self._sign * scores_of(values), self._sign * replicates_of(values))
        trivial = [self._losses(one.test) for one in baselines if one.test and one.entry.trivial]
        if not trivial:
            why = "; ".join(f"{one.name}: {one.excluded}" for one in baselines if one.excluded)
            raise MetricError(f"no trivial baseline could be scored: {why}")
        return Scale(min(trivial, key=lambda scores: scores.mean), ceiling)

    def _judge(
        self, finalists: Sequence[Tested], baselines: Sequence[Tested], scale: Scale, rules: Rules
    ) -> Verdict | None:
        """Compare the leader, which select chose, with its rivals and the best baseline on test."""
        eligible = [one for one in finalists if one.test and not one.excluded]
        rivals = [one for one in baselines if one.test and one.entry.role == "baseline"]
        if not eligible:
            return None
        champion = [one for one in rivals if self.sources.champion_of(one.entry)]
        ordinary = [one for one in rivals if one not in champion]
        best = min(ordinary or rivals, key=lambda one: self._order(one.ranked))
        champion = [one for one in champion if one is not best and not one.excluded]
        leader, *others = map(self._contender, eligible)
        margin, alpha = TOLERATED * scale.room, level(rules.look, rules.claim)
        verdict = judge(
            leader,
            others,
            [self._contender(one) for one in (best, *champion)],
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
            tune_scores=self.sources.score_on_tune(rules.limit),
            look=rules.look,
            draws=(max(len(one.entry.select) for one in results), rules.draws),
            direction=self.goals.metric.objective.direction,
            judges=tuple(self.judging.about(real_rows(self.data, "test"))) if self.judging else (),
        )

    def _returned(
        self, results: Sequence[ContenderResult], verdict: Verdict | None, rules: Rules
    ) -> tuple[ContenderResult, Delivered]:
        """Choose the model for ``best/``: a finalist, or the baseline that none was shown to beat."""
        named = {one.name: one for one in results}
        chosen, ahead, best = self._instead([one.tested for one in results], verdict, rules)
        for one in ahead:
            champion = self.sources.champion_of(one.entry)
            baseline = None if champion else self.sources.saved(one.entry)
            if champion or baseline:
                select, test = one.ranked.select, one.test
                assert select is not None
                assert test is not None
                withheld, folder = best if one.name != best else "", champion.folder if champion else None
                return named[one.name], Delivered(folder, select.mean, test.mean, baseline, withheld)
        return named[chosen.name], replace(self._delivered(named[chosen.name]), withheld=best)

    def _instead(
        self, tested: Sequence[Tested], verdict: Verdict | None, rules: Rules
    ) -> tuple[Tested, list[Tested], str]:
        """The chosen finalist, the baselines to return instead, the first first, and the best one's name."""
        finalists = [one for one in tested if one.test and one.entry.role == "finalist"]
        chosen = next((one for one in finalists if verdict and one.name == verdict.chosen), finalists[0])
        if verdict and verdict.kind != "baseline":
            return chosen, [], ""
        scored = [one for one in tested if one.entry.role == "baseline" and one.test]
        allowed = [one for one in scored if one.ranked.gate and not one.excluded]
        if rules.models_only:
            allowed = [one for one in allowed if self.sources.champion_of(one.entry)]
        allowed.sort(key=lambda one: self._order(one.ranked))
        beaten = {one.rival for one in verdict.comparisons if one.separated} if verdict else set()
        if any(one.name in beaten for one in allowed):  # the other baselines were behind a beaten one
            allowed = [one for one in allowed if self.sources.champion_of(one.entry)]
        allowed = [one for one in allowed if one.name not in beaten]
        own = self._order(chosen.ranked)
        ahead = [one for one in allowed if chosen.excluded or self._order(one.ranked) <= own]
        best = ahead[0].name if ahead else ""
        if not rules.models_only:
            ahead = ahead or self._unbeaten(allowed, verdict)
        return chosen, ahead, best

    def _unbeaten(self, allowed: list[Tested], verdict: Verdict | None) -> list[Tested]:
        """Select the first baseline that the verdict rests on, whatever select said of it.

        An earlier model is none: behind on select and not beaten on test, it gives way.
        """
        others = [one for one in allowed if not self.sources.champion_of(one.entry)]
        compared = [one.rival for one in verdict.comparisons] if verdict else [one.name for one in others]
        return [one for one in others if one.name in compared][:1]

    def _delivered(self, chosen: ContenderResult) -> Delivered:
        """Return the model itself, or the best of a recipe's trainings on select."""
        entry, test = chosen.entry, chosen.tested.test
        select = chosen.tested.ranked.select
        assert test is not None
        assert select is not None
        if len(entry.models) == 1:
            return Delivered(entry.models[0], select.mean, test.mean)
        own = replace(entry, select=entry.test)
        draws = len(own.select)
        self.queue.run(self.sources.add(own, "select", draws))
        scores = [scores_of(self.queue.values(key))[0] for key in self.sources.keys(own, "select", draws)]
        best = int(np.argmin(self._sign * np.array(scores)))
        return Delivered(entry.models[best], float(scores[best]), float(test.scores[best]))

    def _losses(self, measured: Measured) -> Scores:
        return losses(measured, self._sign)


def _compared(ranked: Ranked, rules: Rules) -> bool:
    """Tell if a contender is scored on test: checked, or part of the floor.

    What cannot win is scored too, to show its score, but for baselines where time is short.
    """
    if ranked.entry.trivial:
        return True
    if rules.short and ranked.entry.role != "finalist" and ranked.excluded:
        return False
    return ranked.gate is not None
