"""What a study knows: the replay of its journal, a pure function of the journal's events."""

import math
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autogen.hpo.objective import Objective
from autogen.hpo.pruners.ranking import Ranking
from autogen.hpo.study import events
from autogen.hpo.study.event import Event
from autogen.hpo.trial import Config, Measurement, Outcome, State, Task


@dataclass(slots=True)
class TrialRecord:
    """What the journal says of one trial.

    Attributes:
        task: Its config, seed and rungs.
        proposed: Its config as it was proposed: with all steps, where it was cut to fewer.
        curve: Its measurements, one a rung.
        kept: Whether it was to go on after each rung.
        losses: Its scores oriented so that lower is better, one a rung.
        state: Where it stands.
        reason: Why it failed or was stopped.
        values: Of further objectives and of what is constrained, by name.
        lost: Times its worker was lost.
        cut: Whether it was begun anew with fewer steps.
        asked_at: Seconds on the study's clock.
        ended_at: Seconds on the study's clock; ``nan`` while it runs.
    """

    task: Task
    proposed: Config = field(default_factory=dict)
    curve: list[Measurement] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    state: State = State.RUNNING
    reason: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    lost: int = 0
    cut: bool = False
    asked_at: float = 0.0
    ended_at: float = math.nan

    @property
    def score(self) -> float | None:
        """The score at full fidelity; ``None`` for any trial that is not complete."""
        return self.curve[-1].score if self.state is State.COMPLETE else None

    @property
    def outcome(self) -> Outcome:
        """How it ended, as samplers see it."""
        failed = self.state in (State.FAILED, State.INFEASIBLE) or not self.losses
        share = 0.0 if failed else self.curve[-1].step / self.task.steps
        loss = None if failed else self.losses[-1]
        return Outcome(self.task.number, self.state, loss, share, self.values)


@dataclass
class StudyState:
    """All that a study knows: the replay of its journal.

    Attributes:
        objective: Orients scores.
        trials: By number.
        seconds: The study's clock at the last record; it stands still while no process runs the study.
        peers: Losses at one rung (their number, from 0) of all trials with the same rungs.
        running: Trials that have not ended, by number, in order.
        ended: How many trials ended in each state.
        limit: Seconds of the budget; ``None`` for none.
        shares: Share of their configs' steps that trials have from now on, of families that were cut; until
            the study is gone on with by another budget.
    """

    objective: Objective
    trials: list[TrialRecord] = field(default_factory=list)
    seconds: float = 0.0
    peers: defaultdict[tuple[tuple[int, ...], int], Ranking] = field(
        default_factory=lambda: defaultdict(Ranking)
    )
    running: dict[int, TrialRecord] = field(default_factory=dict)
    ended: Counter[State] = field(default_factory=Counter)
    limit: float | None = None
    shares: dict[str, float] = field(default_factory=dict)
    _complete: list[TrialRecord] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        """Take in one event; those of other chapters of the journal only move the clock."""
        self.seconds = max(self.seconds, event.t)
        match event:
            case events.Rung():
                self._rung(event)
            case events.Ask():
                self._ask(event)
            case events.End():
                self._end(event)
            case events.Start():
                self._start(event)
            case events.Lost():
                self.trials[event.n].lost += 1
            case events.Cut():
                self._cut(event)

    def complete(self) -> Sequence[TrialRecord]:
        """Trials that reached full fidelity and break no constraint, best first, then oldest."""
        return self._complete

    def _start(self, event: events.Start) -> None:
        if event.seconds != self.limit:  # with another budget there may be time for all steps
            self.limit = event.seconds
            self.shares = {}

    def cut(self) -> dict[str, float]:
        """By family the least share of their steps that complete trials have; of families that were cut."""
        found: dict[str, float] = {}
        for trial in self._complete:
            share = round(trial.task.steps / int(trial.proposed.get("training.steps", trial.task.steps)), 2)
            if share < 1:
                family = str(trial.task.config.get("family"))
                found[family] = min(share, found.get(family, 1.0))
        return dict(sorted(found.items()))

    def _ask(self, event: events.Ask) -> None:
        task = _task(event.n, event.config, event.seed, event.rungs)
        trial = TrialRecord(task, event.config, asked_at=event.t)
        self.trials.append(trial)
        self.running[task.number] = trial

    def _rung(self, event: events.Rung) -> None:
        trial = self.trials[event.n]
        measured = Measurement(event.n, event.step, event.score, event.train, event.eval)
        trial.curve.append(measured)
        loss = self.objective.loss(measured.score)
        self.peers[trial.task.rungs, len(trial.losses)].add(loss)
        trial.losses.append(loss)
        trial.kept.append(event.keep)
        trial.reason = event.why

    def _cut(self, event: events.Cut) -> None:
        trial = self.trials[event.n]
        task = trial.task
        trial.task = _task(task.number, task.config, task.seed, event.rungs)
        trial.curve, trial.kept, trial.losses, trial.reason, trial.cut = [], [], [], "", True
        self.shares[str(task.config.get("family"))] = event.share

    def _end(self, event: events.End) -> None:
        trial = self.running.pop(event.n)
        trial.state = event.state
        self.ended[trial.state] += 1
        trial.reason = event.why or trial.reason
        trial.values = event.values
        trial.ended_at = event.t
        if trial.state is State.COMPLETE:
            insort(self._complete, trial, key=lambda one: (one.losses[-1], one.task.number))
        if trial.state is State.INFEASIBLE:  # no measure for those that may win
            for rung, loss in enumerate(trial.losses):
                self.peers[trial.task.rungs, rung].remove(loss)


def _task(number: int, config: Config, seed: int, rungs: tuple[int, ...]) -> Task:
    """A trial's task; its config says how many steps it has, should these be fewer than were proposed."""
    steps = rungs[-1]
    config = config if config.get("training.steps", steps) == steps else {**config, "training.steps": steps}
    return Task(number, config, seed, steps, rungs)
