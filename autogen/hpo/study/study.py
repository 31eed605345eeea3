"""The search controller: ask, batch, submit, tell, until the budget is spent.

The state of a study is ``StudyState``, a pure function of the journal's events: an event is written before it
is applied, in a live study and in a resumed one.
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
from autogen.hpo.study.deadline import TimeBudget
from autogen.hpo.study.event import Event
from autogen.hpo.study.log import RETRIES, StudyLog
from autogen.hpo.study.state import SPENT, TOO_LONG, StudyState, TrialRecord
from autogen.hpo.trial import (
    Config,
    Finished,
    Measurement,
    Outcome,
    State,
    Task,
    TrialBatch,
    architecture,
    config_key,
    derived_seed,
)

#: Number of failures, with not one measurement between them, after which the search ends.
HOPELESS = 20


@dataclass(frozen=True)
class Strategy:
    """Strategy of a search.

    Attributes:
        sampler: Sampler that proposes configs.
        pruner: Pruner that stops trials early.
        defaults: Configs that the pruner never stops.
        constraints: Bounds that a trial must keep to be complete.
        fused: Most trials to submit together, to be trained as one program; default 1.
        together: Function of a config that gives the settings that trials must share with it to be trained
            as one program, ``None`` where it cannot be; default those of its architecture.
        inherited: Function of a config that gives settings that its trial has besides; default none.
    """

    sampler: Sampler
    pruner: Pruner
    defaults: Sequence[Config] = ()
    constraints: Sequence[Constraint] = ()
    fused: int = 1
    together: Callable[[Config], Config | None] = architecture
    inherited: Callable[[Config], Config] | None = None


@dataclass(frozen=True)
class Limits:
    """Limits of a search.

    Attributes:
        budget: Seconds and trials of the study.
        timeout: Seconds after which the worker of a trial is given up; ``None`` for no limit.
        reserve: Function of the state that gives the seconds of the budget to keep for the finals.
        stopped: Function that tells if no further trial should start; ``None`` for never.
    """

    budget: Budget
    timeout: float | None = None
    reserve: Callable[[StudyState], float] | None = None
    stopped: Callable[[], bool] | None = None


class SpareWork(Protocol):
    """Evaluations for workers that are idle while the last trials end; their numbers are below zero."""

    @property
    def in_flight(self) -> int:
        """Number of workers at an evaluation."""
        ...

    def submit(self, workers: int) -> None:
        """Submit evaluations to so many workers."""

    def receive(self, finished: Finished) -> None:
        """Take the outcome of an evaluation."""


class Study:
    """One search over one space and one data set.

    Args:
        strategy: Strategy of the search.
        executor: Executor that runs the trials.
        log: Log of the study; the search resumes where its journal ends.
        limits: Limits of the search.
        seed: Random seed from which the seeds of the trials derive; default 0.
        folder: Folder for the checkpoints of trials; default none.

    Attributes:
        spare: Work for idle workers; ``None`` for none.
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
            # constraints that no trial keeps should end a search sooner than trials that are merely slow
            patience=2.0 if strategy.constraints else 10.0,
            reserve=limits.reserve,
        )
        self._strategy = strategy
        self._defaults = {config_key(config) for config in strategy.defaults}
        self.spare: SpareWork | None = None
        self._exhausted = False
        self._in_flight: dict[int, int] = {}  # trial to the first trial of its trial batch
        self._canceled: set[int] = set()
        self._trial_batches: Counter[int] = (
            Counter()
        )  # first trial of a trial batch to the number of its running trials
        for event in log.journal.events:
            self._replay(event)

    def run(self, work: Work) -> StudyState:
        """Search until the budget is spent or the space has no further point.

        Args:
            work: Work of a worker with each trial batch.

        Raises:
            RunError: the journal cannot be written, or was removed or replaced.
        """
        self.executor.start(work)
        for trial in list(self.state.running.values()):
            self._submit([trial.task])
        self._fill()
        while self._in_flight:
            for finished in self.executor.results(self._decide, timeout=1.0):
                if self.spare and finished.number < 0:
                    self.spare.receive(finished)
                    continue
                self._tell(finished)
                self._fill()  # now, since a busy cluster always has more results
            self._fill()
            self._cancel()
            self.log.journal.check_place()
        self.log.journal.sync()
        return self.state

    def _replay(self, event: Event) -> None:
        """Replay an earlier process's ``ask`` or ``tell`` for the sampler."""
        if isinstance(event, events.Ask):
            self.sampler.replay(event.config)
        elif isinstance(event, events.End):
            self.sampler.tell([self._outcome(self.state.trials[event.n])])

    def _fill(self) -> None:
        """Submit a trial batch to each idle worker, as long as there are trial batches to submit."""
        self.log.note_workers(self.executor.status)
        busy = self.spare.in_flight if self.spare else 0
        while len(self._trial_batches) + busy < self.executor.workers and (tasks := self._next_tasks()):
            self._submit(tasks)
        if self.spare and self._trial_batches:
            self.spare.submit(self.executor.workers - len(self._trial_batches) - busy)

    def _next_tasks(self) -> list[Task]:
        """Make the tasks of the next trial batch; none if the budget or the space is exhausted."""
        left = self._trials_left()
        if left < 1 or self._exhausted or self._hopeless():
            return []
        family = self.pace.family(self.log.seconds)
        configs = self.sampler.ask(1, fixed={"family": family} if family else None)
        if configs and self._strategy.fused > 1 and (shared := self._strategy.together(configs[0])):
            configs += self.sampler.ask(min(self._strategy.fused, left) - 1, fixed=shared)
        self._exhausted = not configs and not family
        return [self._ask(config) for config in configs]

    def _hopeless(self) -> bool:
        return self.state.ended[State.FAILED] >= HOPELESS and not self.state.peers

    def _trials_left(self) -> int:
        if self.pace.ends(self.log.seconds) or (self.limits.stopped and self.limits.stopped()):
            return 0
        most = self.limits.budget.trials
        return 2**31 if most is None else most - len(self.state.trials)

    def _cancel(self) -> None:
        """Cancel trials that are past their deadline once the time is up."""
        if not self._in_flight or not self.pace.is_up(self.log.seconds):
            return
        for number in self._in_flight:
            if self.pace.timed_out(number, self.log.seconds):
                self._canceled.add(number)
                self.executor.cancel(number)

    def _ask(self, config: Config) -> Task:
        number = len(self.state.trials)
        rungs = self._rungs(config, number, self.state.shares.get(str(config.get("family")), 1.0))
        seed = derived_seed(self.seed, "trial", number)
        # The sampler's own dict if it is one: a million copies would take memory.
        config = config if isinstance(config, dict) else dict(config)
        inherited = self._strategy.inherited(config) if self._strategy.inherited else {}
        self.log.record(events.Ask(number, config, seed, rungs, inherited))
        return self.state.trials[number].task

    def _rungs(self, config: Config, number: int, share: float) -> tuple[int, ...]:
        """Steps at which a trial with this share of its config's steps is measured."""
        return self.pruner.rungs(max(1, round(share * int(config.get("training.steps", 1)))), number)

    def _submit(self, tasks: Sequence[Task]) -> None:
        self._in_flight |= {task.number: tasks[0].number for task in tasks}
        self._trial_batches[tasks[0].number] += len(tasks)
        self.executor.submit(TrialBatch(tuple(tasks), self.folder, self.limits.timeout))

    def _decide(self, measured: Measurement) -> bool:
        """Decide if a trial goes on; a rung that was decided before an interruption is decided alike."""
        trial = self.state.trials[measured.number]
        done = sum(known.step <= measured.step for known in trial.curve)
        if done and trial.curve[done - 1].step == measured.step:
            return trial.kept[done - 1]
        why = self._stop_reason(trial, measured)
        train, evaluation = round(measured.train_seconds, 3), round(measured.eval_seconds, 3)
        self.log.record(
            events.Rung(
                measured.number,
                measured.step,
                measured.score,
                not why,
                train,
                evaluation,
                why,
                measured.fused,
            )
        )
        return not why

    def _stop_reason(self, trial: TrialRecord, measured: Measurement) -> str:
        """Give the reason to stop a trial at this rung; empty to go on."""
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
        """Record how a trial ended, or try it again."""
        first = self._in_flight.pop(finished.number)
        self._trial_batches[first] -= 1
        if not self._trial_batches[first]:
            del self._trial_batches[first]
        trial = self.state.trials[finished.number]
        if finished.retry and finished.number in self._canceled:
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
        suspect = finished.suspect if state is State.COMPLETE else ""
        values = dict(finished.values)
        ended = events.End(
            finished.number, state, finished.node, values, reason, suspect, finished.check_seconds
        )
        self.log.record(ended)
        self.sampler.tell([self._outcome(trial)])

    def _outcome(self, trial: TrialRecord) -> Outcome:
        """Return the outcome of a trial as the sampler learns it; its seconds count with a time budget only.

        Without one, proposals do not depend on the speed of the machine.
        """
        timed = self.limits.budget.seconds is not None
        return trial.outcome if timed else replace(trial.outcome, seconds=0.0)

    def _cut(self, trial: TrialRecord) -> bool:
        """Restart a trial with fewer steps; False if there is no time even for that."""
        number, share = trial.task.number, self.pace.share(trial, self.log.seconds)
        if share is None:
            return False
        rungs = self._rungs(trial.task.config, number, share)
        self.log.record(events.Cut(number, share, rungs, TOO_LONG))
        self._submit([trial.task])
        return True
