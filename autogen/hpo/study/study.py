"""The search controller: ask, group, submit, tell, until the budget is spent.

What a study knows is ``StudyState``, a pure function of the journal's events: an event is written
first and applied then, in the live study and in a resumed one alike.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from autogen.hpo.budget import Budget
from autogen.hpo.executor import Executor, Work
from autogen.hpo.objective import Constraint, broken
from autogen.hpo.pruners.base import Pruner
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.study import events
from autogen.hpo.study.deadline import SPENT, TOO_LONG, TimeBudget
from autogen.hpo.study.event import Event
from autogen.hpo.study.log import RETRIES, StudyLog
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import (
    Config,
    Finished,
    Measurement,
    State,
    Task,
    TrialBatch,
    architecture,
    config_key,
    derived_seed,
)

#: After so many failures with not one measurement between them, the next config would fail too.
HOPELESS = 20


@dataclass(frozen=True)
class Strategy:
    """How a search looks for good trials.

    Attributes:
        sampler: Sampler that proposes configs.
        pruner: Pruner that stops trials early.
        defaults: Configs that are always trained to the end.
        constraints: Bounds that a trial must keep to be complete.
        cohort_size: Trials of one architecture to submit together.
    """

    sampler: Sampler
    pruner: Pruner
    defaults: Sequence[Config] = ()
    constraints: Sequence[Constraint] = ()
    cohort_size: int = 1


@dataclass(frozen=True)
class Limits:
    """What a search may spend.

    Attributes:
        budget: Seconds and trials of the study.
        timeout: Seconds after which a trial's worker is given up; ``None`` for no limit.
        reserve: Seconds of the budget to keep for what comes after the search, given the state.
    """

    budget: Budget
    timeout: float | None = None
    reserve: Callable[[StudyState], float] | None = None


class Spare(Protocol):
    """Evaluations for workers that would wait while the last trials end; their numbers are below zero."""

    @property
    def in_flight(self) -> int:
        """How many workers are at them."""
        ...

    def submit(self, workers: int) -> None:
        """Give some to so many workers."""

    def receive(self, finished: Finished) -> None:
        """Take in how one ended."""


class Study:
    """One search over one space and one data set.

    Args:
        strategy: How it looks for good trials.
        executor: Runs trials.
        log: Log of the study; a search goes on where its journal stopped.
        limits: What it may spend.
        seed: Random seed from which the trials' seeds derive.
        folder: Folder where trials leave their checkpoints; empty for none.

    Attributes:
        spare: Work for workers that would wait; ``None`` for none.
    """

    def __init__(
        self,
        strategy: Strategy,
        executor: Executor,
        log: StudyLog,
        limits: Limits,
        *,
        seed: int = 0,
        folder: str = "",
    ) -> None:
        self.sampler = strategy.sampler
        self.pruner = strategy.pruner
        self.executor = executor
        self.log = log
        self.state = log.state
        self.limits = limits
        self.seed = seed
        self.folder = folder
        self.pace = TimeBudget(
            log.state,
            limits.budget.seconds,
            # a bound that nothing keeps must not hold a study up as long as a trial that is merely slow
            patience=2.0 if strategy.constraints else 10.0,
            reserve=limits.reserve,
        )
        self._strategy = strategy
        self._defaults = {config_key(config) for config in strategy.defaults}
        self.spare: Spare | None = None
        self._exhausted = False
        self._flying: dict[int, int] = {}  # trial to the first trial of its cohort
        self._abandoned: set[int] = set()
        self._cohorts: Counter[int] = Counter()  # first trial of a cohort to how many of it fly
        for event in log.journal.events:
            self._replay(event)

    def run(self, work: Work) -> StudyState:
        """Search until the budget is spent or the space has no further point.

        Args:
            work: What is done with each cohort.
        """
        self.executor.start(work)
        for trial in list(self.state.running.values()):
            self._submit([trial.task])
        self._fill()
        while self._flying:
            for finished in self.executor.results(self._decide, timeout=1.0):
                if self.spare and finished.number < 0:
                    self.spare.receive(finished)
                    continue
                self._tell(finished)
                self._fill()  # now, since a busy cluster has always more at hand
            self._fill()
            self._abandon()
        self.log.journal.sync()
        return self.state

    def _replay(self, event: Event) -> None:
        """Let the sampler know what an earlier process asked it and told it."""
        if isinstance(event, events.Ask):
            self.sampler.replay(event.config)
        elif isinstance(event, events.End):
            self.sampler.tell([self.state.trials[event.n].outcome])

    def _fill(self) -> None:
        """Submit a cohort for each worker without one, as long as there are some to submit."""
        self.log.note_crew(self.executor.crew)
        busy = self.spare.in_flight if self.spare else 0
        while len(self._cohorts) + busy < self.executor.workers and (tasks := self._next_tasks()):
            self._submit(tasks)
        if self.spare and self._cohorts:
            self.spare.submit(self.executor.workers - len(self._cohorts) - busy)

    def _next_tasks(self) -> list[Task]:
        """The next cohort's tasks; none when the budget or the space has nothing left."""
        left = self._trials_left()
        if left < 1 or self._exhausted or self._hopeless():
            return []
        configs = self.sampler.ask(1)
        if configs and self._strategy.cohort_size > 1:
            more = min(self._strategy.cohort_size, left) - 1
            configs += self.sampler.ask(more, fixed=architecture(configs[0]))
        self._exhausted = not configs
        return [self._ask(config) for config in configs]

    def _hopeless(self) -> bool:
        return self.state.ended[State.FAILED] >= HOPELESS and not self.state.peers

    def _trials_left(self) -> int:
        if self.pace.ends(self.log.seconds):
            return 0
        most = self.limits.budget.trials
        return 2**31 if most is None else most - len(self.state.trials)

    def _abandon(self) -> None:
        """Do not wait, once the time is up, for trials that are not about to end."""
        if not self._flying or not self.pace.is_up(self.log.seconds):
            return
        for number in self._flying:
            if self.pace.timed_out(number, self.log.seconds):
                self._abandoned.add(number)
                self.executor.cancel(number)

    def _ask(self, config: Config) -> Task:
        number = len(self.state.trials)
        rungs = self._rungs(config, number, self.state.shares.get(str(config.get("family")), 1.0))
        seed = derived_seed(self.seed, "trial", number)
        # The sampler's own dict where it is one: a million copies would not be small.
        config = config if isinstance(config, dict) else dict(config)
        self.log.record(events.Ask(number, config, seed, rungs))
        return self.state.trials[number].task

    def _rungs(self, config: Config, number: int, share: float) -> tuple[int, ...]:
        """Steps at which a trial is measured that has this share of its config's steps."""
        return self.pruner.rungs(max(1, round(share * int(config.get("training.steps", 1)))), number)

    def _submit(self, tasks: Sequence[Task]) -> None:
        self._flying |= {task.number: tasks[0].number for task in tasks}
        self._cohorts[tasks[0].number] += len(tasks)
        self.executor.submit(TrialBatch(tuple(tasks), self.folder, self.limits.timeout))

    def _decide(self, measured: Measurement) -> bool:
        """Whether a trial goes on; a rung that was decided before an interruption is decided alike."""
        trial = self.state.trials[measured.number]
        done = sum(known.step <= measured.step for known in trial.curve)
        if done and trial.curve[done - 1].step == measured.step:
            return trial.kept[done - 1]
        why = self._stop_reason(trial, measured)
        train, evaluation = round(measured.train_seconds, 3), round(measured.eval_seconds, 3)
        self.log.record(
            events.Rung(measured.number, measured.step, measured.score, not why, train, evaluation, why)
        )
        return not why

    def _stop_reason(self, trial: TrialRecord, measured: Measurement) -> str:
        """Why a trial stops at this rung; empty to go on."""
        last = measured.step >= trial.task.steps
        if last:
            return ""
        if why := self.pace.stops(trial, measured, self.log.seconds):
            return why
        if config_key(trial.proposed) in self._defaults:
            return ""
        curve = [*trial.losses, self.state.objective.loss(measured.score)]
        peers = self.state.peers[trial.task.rungs, len(trial.losses)]
        if self.pruner.keep(curve, peers):
            return ""
        return f"worse than its peers after {measured.step} of {trial.task.steps} steps"

    def _tell(self, finished: Finished) -> None:
        """Write down how a trial ended, or try it again."""
        first = self._flying.pop(finished.number)
        self._cohorts[first] -= 1
        if not self._cohorts[first]:
            del self._cohorts[first]
        trial = self.state.trials[finished.number]
        if finished.retry and finished.number in self._abandoned:
            finished = replace(finished, state=State.PRUNED, reason=SPENT, retry=False)
        if finished.retry and trial.lost < RETRIES:
            self.log.record(events.Lost(finished.number, finished.reason, finished.node))
            self._submit([trial.task])
            return
        state, reason = finished.state, finished.reason
        if state is State.PRUNED and trial.reason == TOO_LONG and self._cut(trial):
            return
        if state is State.COMPLETE and not trial.losses:
            state, reason = State.FAILED, "it ended without a measurement at full fidelity"
        if state is State.COMPLETE and (breaks := broken(self._strategy.constraints, finished.values)):
            state, reason = State.INFEASIBLE, breaks
        self.log.record(events.End(finished.number, state, finished.node, dict(finished.values), reason))
        self.sampler.tell([trial.outcome])

    def _cut(self, trial: TrialRecord) -> bool:
        """Begin a trial anew with fewer steps; whether it was worth it by now."""
        number, share = trial.task.number, self.pace.share(trial, self.log.seconds)
        if share is None:
            return False
        rungs = self._rungs(trial.task.config, number, share)
        self.log.record(events.Cut(number, share, rungs, TOO_LONG))
        self._submit([trial.task])
        return True
