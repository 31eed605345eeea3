"""Admission to the test split: the hard tests and constraints, and which contenders are near the leader."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from autogen.errors import MetricError
from autogen.hpo.study.forecast import SHORT
from autogen.verdict.contenders import Entry, Ranked, Ranking, Rules, Tested, losses, place
from autogen.verdict.goals import Goals
from autogen.verdict.judges import FinalJudging
from autogen.verdict.measuring.evaluations import constraints_of
from autogen.verdict.measuring.sources import Sources
from autogen.verdict.pareto import Tradeoffs
from autogen.verdict.statistics import near_leader


class Admission:
    """Decides which contenders are compared on test.

    Args:
        goals: Objectives and constraints of the study.
        sources: Samples and models of the contenders.
        tradeoffs: Measurements for constraints and several objectives.
        judging: Judges besides the objective; ``None`` for none.
        rules: Rules for the reading of the test split.
    """

    def __init__(
        self,
        goals: Goals,
        sources: Sources,
        tradeoffs: Tradeoffs,
        judging: FinalJudging | None,
        rules: Rules,
    ) -> None:
        self.goals = goals
        self.sources = sources
        self.tradeoffs = tradeoffs
        self.judging = judging
        self.rules = rules
        self._sign = goals.metric.objective.loss(1.0)

    def admit(self, ranking: Ranking) -> Ranking:
        """Exclude contenders that fail a hard test or a constraint; drop those clearly worse on select."""
        near, batches = self.near(ranking.finalists), self._baselines(ranking.baselines)
        first = [*itertools.chain(*batches[:1])]
        keys = list(map(self._add, [*near, *first]))
        if self.rules.short:  # no worker waits between the hard tests and what is scored on test in any case
            floor = [one for one in ranking.baselines if one.entry.trivial]
            likely = [one for one in first if one not in floor and self.sources.can_save(one.entry)]
            for one in (*near, *floor, *likely):
                keys += self.sources.add(one.entry, "test", self.rules.draws)
            keys.append(self.sources.add_real("test"))
        self.sources.queue.run(keys)  # all workers are busy from the start
        finalists = self._admitted(ranking.finalists)
        baselines = self._admitted_baselines(ranking.baselines)
        return Ranking(tuple(sorted(finalists, key=self._place)), tuple(baselines))

    def near(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """Select the leader and its near rivals; all of them for recipes or several objectives."""
        eligible = [one for one in ranked if not one.excluded]
        if self.rules.claim == "recipe" or self.goals.multi_objective or not eligible:
            return eligible
        if self.rules.short:
            return eligible[:SHORT]
        scores = [losses(one.select, self._sign) for one in eligible if one.select]
        kept = near_leader(scores[0], scores[1:])
        return [eligible[0], *(one for one, near in zip(eligible[1:], kept, strict=True) if near)]

    def with_controls(self, baselines: Sequence[Tested]) -> list[Tested]:
        """Check the controls, if that was left for the end, while there is time: no verdict rests on them."""
        left = [one for one in baselines if one.entry.role == "control" and not one.ranked.gate]
        keys = {one.name: self._add(one.ranked) for one in left}
        self.sources.queue.run(keys.values(), self.rules.limit)
        known = {name: key for name, key in keys.items() if self.sources.queue.known(key)}
        found = []
        for one in baselines:
            ranked = self._check(one.ranked, known[one.name]) if one.name in known else one.ranked
            found.append(replace(one, ranked=ranked, excluded=one.excluded or ranked.excluded))
        return found

    def _admitted(self, finalists: Sequence[Ranked]) -> list[Ranked]:
        """Check the leader and its near rivals until all of those that are left have passed."""
        known = {ranked.entry.name: ranked for ranked in finalists}
        checked: set[str] = set()
        while True:
            near = self.near([known[ranked.entry.name] for ranked in finalists])
            waiting = [one for one in near if one.entry.name not in checked]
            if not waiting or (len(waiting) < len(near) and self._late):
                break
            checked |= {ranked.entry.name for ranked in waiting}
            known |= {one.entry.name: one for one in self._checked(waiting)}
        found = [known[ranked.entry.name] for ranked in finalists]
        dropped = [not one.excluded and one.entry.name not in checked for one in found]
        return [
            replace(one, dropped=out, late=out and self.rules.short)
            for one, out in zip(found, dropped, strict=True)
        ]

    def _admitted_baselines(self, baselines: Sequence[Ranked]) -> list[Ranked]:
        """Check the baselines, in batches, until one has passed that can be saved."""
        known = {one.entry.name: one for one in baselines}
        for batch in self._baselines(baselines):
            checked = self._checked(batch)
            known |= {one.entry.name: one for one in checked}
            passed = [one for one in checked if one.entry.role == "baseline" and not one.excluded]
            if any(self.sources.can_save(one.entry) for one in passed) or (passed and self._late):
                break
        return [known[one.entry.name] for one in baselines]

    def _baselines(self, baselines: Sequence[Ranked]) -> list[list[Ranked]]:
        """All baselines in one batch; where time is short, those that compete, the best first, one by one.

        One that cannot be saved does not end the search for one that can: those before the first that can be
        are one batch with it.
        """
        if not self.rules.short:
            return [list(baselines)]
        competing = (one for one in baselines if one.entry.role == "baseline")
        ordered = sorted(competing, key=self._place)
        savable = [place for place, one in enumerate(ordered) if self.sources.can_save(one.entry)]
        first = ordered[: savable[0] + 1 if savable else 1]
        # An earlier model is always compared, so it is checked beside the best one.
        first += [one for one in ordered if self.sources.champion_of(one.entry) and one not in first]
        return [first, *([one] for one in ordered if one not in first)] if ordered else []

    @property
    def _late(self) -> bool:
        """True if time was short and is over: what is there has to do."""
        return self.rules.short and self.sources.queue.log.seconds > self.rules.limit

    def _checked(self, contenders: Sequence[Ranked]) -> list[Ranked]:
        """Check contenders by the hard tests and constraints."""
        keys = [self._add(ranked) for ranked in contenders]
        self.sources.queue.run(keys)
        return [self._check(ranked, key) for ranked, key in zip(contenders, keys, strict=True)]

    def _add(self, ranked: Ranked) -> str:
        return self.sources.add_hard_tests(ranked.entry, self.rules.draws)

    def _check(self, ranked: Ranked, key: str) -> Ranked:
        entry, excluded = ranked.entry, ranked.excluded
        if why := self.sources.queue.error(key):
            return replace(ranked, excluded=excluded or f"the hard tests could not be done: {why}")
        gate = constraints_of(self.sources.queue.values(key))
        excluded = excluded or gate.reason
        judged = {}
        if self.judging:
            sets = (self.sources.samples(entry, split, self.rules.draws) for split in ("select", "test"))
            judged = self.judging.judge(*sets)
        if entry.role == "finalist" and self.judging:
            excluded = excluded or self.judging.refusal(judged)
        if entry.role == "finalist" and self.goals.extra_metrics:
            excluded = excluded or self._breaks(entry)
        return replace(ranked, gate=gate, judged=judged, excluded=excluded)

    def _breaks(self, entry: Entry) -> str:
        """Describe the constraints that a finalist breaks; empty for none."""
        try:
            samples = self.sources.samples(entry, "select", self.rules.draws)
            return self.tradeoffs.breaks(entry.name, self.sources.models(entry), entry.each, samples)
        except MetricError as error:
            return f"could not be measured: {error}"

    def _place(self, ranked: Ranked) -> tuple[bool, float]:
        return place(ranked, self._sign)
