"""Conclusion of a study: finalists, claim and draws by the time left, then the verdict."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.families.baselines.lookup import baselines_for
from autogen.hpo.executor import Executor
from autogen.hpo.study.events import Finalists, Test
from autogen.hpo.study.forecast import DESCRIBING, PUBLISHING, Extent, Forecast
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import State
from autogen.metrics.base import HasSelfCheck
from autogen.training.worker.efficiency import COUNTING
from autogen.verdict.confirmation import (
    RANKING,
    RECIPES,
    Confirmation,
    Confirmed,
    can_resume,
    fresh_seeds,
    models,
    pick_finalists,
    recipes,
)
from autogen.verdict.contenders import Claim, Entry, Ranking, Rules
from autogen.verdict.finals import Finals
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import DRAWS, FEW_DRAWS, FinalFeedback
from autogen.verdict.outcome import FinalVerdict

#: Largest share of a time budget that is reserved for the finals; half if the user sets ``--retrain N``, or
#: if comparing one finalist takes that long, as it does for tables of hundreds of columns.
RESERVED, RESERVED_FOR_RETRAINING = 0.2, 0.5
#: What the finals measure, and what they do where that leaves fewer than ``ENOUGH`` finalists.
WHOLE, IN_SHORT = Extent(DRAWS, DRAWS), Extent(1, FEW_DRAWS, short=True)
ENOUGH = 3
#: Share of the budget by which a study may end late.
LATE = 0.05
#: Share of the budget in which a model's operations must be counted, and its memory.
COUNTING_SHARE = 0.02
#: Most by which a busy machine is taken to be slower than an idle one.
_SLOWEST = 5.0
#: Seconds of processor time by which the load of the machine is measured.
_PROBE = 0.05


class Conclusion:
    """Compares finalists after the search within what is left of the budget.

    Args:
        plan: Plan of the study.
        folder: Folder of the run.
        executor: Executor of the study.
    """

    def __init__(self, plan: Plan, folder: RunFolder, executor: Executor) -> None:
        self.plan = plan
        self.folder = folder
        self.executor = executor
        self.seconds = plan.budget.seconds
        self.seeds = plan.settings.retrain_seeds
        self.baselines = len(baselines_for(plan.data.kind.name)) + bool(plan.champion)
        self.slowness = min(_SLOWEST, slowness())

    @property
    def forecast(self) -> Forecast:
        """Cost model for the present number of workers."""
        return self._forecast(self.baselines)

    def _forecast(self, baselines: int) -> Forecast:
        early = self.plan.early
        ratio = len(self.plan.data.rows["tune"]) / early.rows if early else 1.0
        return Forecast(baselines, self.executor.workers, self.slowness, ratio)

    def finals(self, log: StudyLog) -> Finals:
        """Make the finals; if a judge is the objective, this process does all scoring, for its limits."""
        workers = None if isinstance(self.plan.metric, HasSelfCheck) else self.executor
        queue = EvaluationQueue(log, workers, self.plan.timeout)
        plan = self.plan
        found, train = plan.feedback, plan.data.rows["train"]
        feedback = FinalFeedback(found.test, found.drawn(train)) if found else None
        given = plan.judging, plan.champion, feedback
        return Finals(plan.data, plan.goals, plan.settings.seed, queue, *given)

    def reserve(self) -> Callable[[StudyState], float]:
        """Make the function that estimates the seconds of the finals, at most half of the budget."""
        asked = self.plan.settings.retrain not in ("auto", "no")
        share = RESERVED_FOR_RETRAINING if asked else RESERVED
        most = share * (self.seconds or 0.0)
        half = RESERVED_FOR_RETRAINING * (self.seconds or 0.0)
        known: dict[int, float] = {}

        def seconds(state: StudyState) -> float:
            done = state.ended[State.COMPLETE]
            done -= done % max(1, done // 100)  # among many, a few more change next to nothing
            if not done:  # the finals of what is being trained, by its early scores
                measured = [trial for trial in state.running.values() if trial.curve]
                return self.forecast.shortest(measured, IN_SHORT, half)
            if done not in known:
                finalists = self._candidates(state)
                least = self.forecast.shortest(finalists, IN_SHORT, half)
                known[done] = max(least, min(most, self._needed(finalists, most)))
            return known[done]

        return seconds

    def _needed(self, finalists: Sequence[TrialRecord], most: float) -> float:
        needed = self.forecast.finals(finalists, WHOLE)
        if needed > most:
            needed = self.forecast.finals(finalists, IN_SHORT)
        if self.seeds and finalists:
            again = self.forecast.retraining(finalists[:RECIPES], self.seeds + RANKING)
            asked = self.plan.settings.retrain != "auto"
            needed = again if asked or again <= most else needed
        return needed

    def verdict(self, log: StudyLog, finals: Finals) -> tuple[FinalVerdict, Finalists]:
        """Compare the finalists, or resume doing so, and give the verdict.

        Args:
            log: Log of a study whose search has ended, with at least one complete trial.
            finals: Finals of the study.

        Returns:
            The outcome, and the event that named the finalists.
        """
        chosen = self._finalists(log)
        claim: Claim = "recipe" if chosen.seeds else "model"
        extent = self._extent(chosen)
        if claim == "recipe":
            entries = recipes(log.state, self._retrain(log, chosen, finals), self.folder.finalists)
        else:
            entries = models(log.state, chosen.trials, self.folder.trials, extent.select, extent.test)
        draws, seconds = extent.test, self.seconds
        limit = inf if seconds is None else seconds - self.slowness * (DESCRIBING + PUBLISHING)
        counting = COUNTING if seconds is None else min(COUNTING, max(1.0, COUNTING_SHARE * seconds))
        rules = Rules(
            claim, draws, chosen.look, limit, counting, self.plan.settings.models_only, extent.short
        )
        admitted = self._admitted(log, finals, entries, rules)
        while not chosen.seeds and (more := self._one_more(log, chosen, admitted)):
            chosen = more
            log.record(chosen)
            entries = models(log.state, chosen.trials, self.folder.trials, extent.select, extent.test)
            admitted = self._admitted(log, finals, entries, rules)
        return finals.read_test(admitted, rules), chosen

    def _admitted(self, log: StudyLog, finals: Finals, entries: Sequence[Entry], rules: Rules) -> Ranking:
        """Rank the finalists on select, and find out which of them may win."""
        ranking = finals.rank(entries)
        near = (entry.trial for entry in finals.near(ranking, rules))
        log.record(Test(tuple(trial for trial in near if trial is not None), rules.draws, rules.look))
        return finals.admit(ranking, rules)

    def _one_more(self, log: StudyLog, chosen: Finalists, admitted: Ranking) -> Finalists | None:
        """Add the next trial if none of the finalists may win, and there is time after all."""
        if not chosen.left_out or self.seconds is None:
            return None
        if any(not one.excluded for one in admitted.finalists):
            return None
        number, *others = chosen.left_out
        alone = self._forecast(baselines=0)  # which are scored already
        needed = log.seconds + alone.finals([log.state.trials[number]], self._extent(chosen))
        if needed > (1 + LATE) * self.seconds:
            return None
        return replace(
            chosen, trials=(*chosen.trials, number), left_out=tuple(others), needed=round(needed, 1)
        )

    def _finalists(self, log: StudyLog) -> Finalists:
        """Return the event that names the finalists: from the journal, or decided and recorded now."""
        earlier = [event for event in log.journal.events if isinstance(event, Finalists)]
        now = self._next(log)
        if earlier and can_resume(earlier[-1], now):
            last = earlier[-1]
            return replace(last, draws=last.draws or now.draws, trainings=last.trainings or now.trainings)
        # finalists that were added to others, once these were refused, are no look of their own
        chosen = replace(now, look=1 + len({(event.look, event.after) for event in earlier}))
        log.record(chosen)
        return chosen

    def _next(self, log: StudyLog) -> Finalists:
        wanted = self._candidates(log.state)
        left = None if self.seconds is None else (1 + LATE) * self.seconds - log.seconds
        extent, seeds = WHOLE, 0
        chosen = self.forecast.fitting(wanted, left, extent)
        needed = self.forecast.finals(chosen, extent)
        short = left is not None and (needed > left or len(chosen) < min(ENOUGH, len(wanted)))
        if short and not self.plan.goals.multi_objective:
            extent = IN_SHORT
            chosen = self.forecast.fitting(wanted, left, extent, spare=LATE * (self.seconds or 0.0))
            needed = self.forecast.finals(chosen, extent)
        draws = extent.select
        again = self._retrained(wanted, left)
        if again:
            chosen, seeds, draws = again, self.seeds, self.seeds
            needed = self.forecast.retraining(again, seeds + RANKING)
        others = [trial for trial in (wanted[:RECIPES] if again else wanted) if trial not in chosen]
        return Finalists(
            trials=tuple(trial.task.number for trial in chosen),
            seeds=seeds,
            left_out=tuple(trial.task.number for trial in others),
            after=len(log.state.trials),
            needed=round(log.seconds + needed, 1),
            draws=draws,
            trainings=seeds + RANKING if seeds else 0,
        )

    def _extent(self, chosen: Finalists) -> Extent:
        """Return what is measured of the finalists that were named."""
        if chosen.seeds:
            return Extent(RANKING, chosen.seeds)
        return IN_SHORT if chosen.draws == IN_SHORT.select else Extent(chosen.draws, chosen.draws)

    def _retrained(self, wanted: Sequence[TrialRecord], left: float | None) -> list[TrialRecord]:
        """Select the trials whose configs there is time to train again; empty without ``--retrain``."""
        for count in range(min(RECIPES, len(wanted)) if self.seeds else 0, 0, -1):
            needed = self.forecast.retraining(wanted[:count], self.seeds + RANKING)
            if left is None or needed <= left:
                return list(wanted[:count])
        return []

    def _retrain(self, log: StudyLog, chosen: Finalists, finals: Finals) -> list[Confirmed]:
        now = chosen.look, chosen.after
        events = (event for event in log.journal.events if isinstance(event, Finalists))
        earlier = [event for event in events if (event.look, event.after) != now]
        first = sum(len(one.trials) * (one.trainings or one.seeds) for one in earlier)
        confirmation = Confirmation(
            log,
            self.executor,
            [log.state.trials[number] for number in chosen.trials],
            seeds=fresh_seeds(self.plan.settings.seed, chosen.trainings),
            folder=str(self.folder.finalists),
            timeout=self.plan.timeout,
            first=first,
        )
        finals.ahead()
        return confirmation.run(finals.queue)

    def _candidates(self, state: StudyState) -> list[TrialRecord]:
        return pick_finalists(state.complete(), self.plan.settings.finalists, self.plan.goals.objectives)


def slowness() -> float:
    """Measure wall-clock over processor time of this thread now: 1 on an idle machine, 2 for half a core.

    Reading files does not count, which takes long once after a start of the machine.
    """
    began, used = time.perf_counter(), time.thread_time()
    while (spent := time.thread_time() - used) < _PROBE:
        pass
    return max(1.0, (time.perf_counter() - began) / spent)
