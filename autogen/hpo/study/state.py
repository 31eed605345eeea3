"""State of a study: the replay of its journal, a pure function of the journal's events."""

import math
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autogen.errors import JournalError
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.ranking import Ranking
from autogen.hpo.study import events
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Start
from autogen.hpo.trial import Config, Measurement, Outcome, State, Task

#: Reason of a trial that was stopped because the budget was spent.
SPENT = "stopped when the budget was spent"
#: Reason of a trial that is restarted with fewer steps, or stopped if there is no time for that.
TOO_LONG = "too long for the budget"
#: Word in the reason of a suspicion of copying; another suspicion is a sentence of its own.
COPIES = "copies"


def out_of_time(reason: str) -> bool:
    """Tell if the budget stopped a pruned trial, by its reason, and not the pruner."""
    return reason in (SPENT, TOO_LONG)


@dataclass(slots=True)
class TrialRecord:
    """Record of one trial in the journal.

    Attributes:
        task: Config, seed and rungs.
        proposed: Config as the sampler proposed it; ``task`` has fewer steps if the trial was cut.
        curve: Measurements, one per rung.
        kept: True for each rung after which the trial was to go on.
        losses: Scores oriented so that lower is better, one per rung.
        state: State of the trial.
        reason: Reason of a failure or a stop; empty otherwise.
        values: Further objectives and constrained quantities by name.
        lost: Number of times that its worker was lost.
        suspect: Reason to rank it behind all other complete trials; empty for none.
        check: Seconds of the test behind ``suspect``; 0 for none.
        cut: True if it was restarted with fewer steps.
        asked_at: Second on the study's clock at which it was proposed.
        ended_at: Second on the study's clock at which it ended; ``nan`` while it runs.
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
    suspect: str = ""
    check: float = 0.0
    cut: bool = False
    asked_at: float = 0.0
    ended_at: float = math.nan

    @property
    def steps_share(self) -> float:
        """Share of the proposed training steps that the trial has: below 1 to keep the budget."""
        return round(self.task.steps / int(self.proposed.get("training.steps", self.task.steps)), 2)

    @property
    def score(self) -> float | None:
        """Score at full fidelity; ``None`` unless the trial is complete."""
        return self.curve[-1].score if self.state is State.COMPLETE else None

    @property
    def outcome(self) -> Outcome:
        """Outcome as samplers see it; what cannot win breaks a constraint."""
        state = State.INFEASIBLE if self.suspect else self.state
        failed = state in (State.FAILED, State.INFEASIBLE) or not self.losses
        share = 0.0 if failed else self.curve[-1].step / self.task.steps
        loss = None if failed else self.losses[-1]
        return Outcome(self.task.number, state, loss, share, self.values, self.seconds)

    @property
    def seconds(self) -> float:
        """Seconds of training and evaluation up to the last rung that was reached; 0 before the first."""
        return self.curve[-1].train_seconds + self.curve[-1].eval_seconds if self.curve else 0.0


@dataclass
class StudyState:
    """State of a study: the replay of its journal.

    Attributes:
        objective: Objective that orients scores.
        trials: Trials, in the order of their numbers.
        seconds: Second on the study's clock of the last record; the clock stops while no process runs the
            study.
        peers: Losses at a rung (index from 0) of all trials with the same rungs.
        running: Trials that have not ended, by number, in ascending order.
        ended: Number of trials that ended in each state.
        timeouts: Number of pruned trials that the budget stopped, not the pruner.
        limit: Time budget in seconds; ``None`` for no limit.
        shares: Share of the config's steps for further trials of a family that was cut, until the study is
            resumed with another budget.
        looks: Number of trials at each choice of finalists; there are several if the study was resumed.
    """

    objective: Objective
    trials: list[TrialRecord] = field(default_factory=list)
    seconds: float = 0.0
    peers: defaultdict[tuple[tuple[int, ...], int], Ranking] = field(
        default_factory=lambda: defaultdict(Ranking)
    )
    running: dict[int, TrialRecord] = field(default_factory=dict)
    ended: Counter[State] = field(default_factory=Counter)
    timeouts: int = 0
    limit: float | None = None
    shares: dict[str, float] = field(default_factory=dict)
    looks: list[int] = field(default_factory=list)
    _complete: list[TrialRecord] = field(default_factory=list)
    _look: int = 0  # of the last choice of finalists

    def replay(self, events: Iterable[Event], path: Path) -> None:
        """Apply all events of a journal.

        Raises:
            JournalError: an event does not fit those before it; the error names its line.
        """
        for line, event in enumerate(events, start=2):
            try:
                self.apply(event)
            except JournalError as error:
                raise JournalError(
                    f"{path} is damaged at line {line}: {error}; restore the file from a copy"
                ) from error

    def apply(self, event: Event) -> None:
        """Apply one event; events of the finals only move the clock.

        Raises:
            JournalError: the event does not fit those before it.
        """
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
                self._asked(event.n).lost += 1
            case events.Cut():
                self._cut(event)
            case events.Finalists():
                if event.look != self._look:  # else finalists were added to those that were refused
                    self.looks.append(len(self.trials))
                self._look = event.look

    def complete(self) -> Sequence[TrialRecord]:
        """List the trials at full fidelity that keep all constraints.

        The best comes first, of equal ones the oldest; suspects come last.
        """
        return self._complete

    def doubt(self) -> str:
        """Say which suspect has a better score than the best trial that is none; empty without such a one."""
        best = next((trial for trial in self._complete if not trial.suspect), None)
        ahead = (
            one for one in self._complete if one.suspect and (not best or one.losses[-1] < best.losses[-1])
        )
        return "" if (found := next(ahead, None)) is None else doubted(found)

    def _start(self, event: events.Start) -> None:
        if event.seconds != self.limit:  # another budget may have time for all steps
            self.limit = event.seconds
            self.shares = {}

    def untried(self, families: Iterable[str]) -> list[str]:
        """List those of some families of which no trial was scored."""
        tried = {trial.task.config.get("family") for trial in self.trials if trial.curve}
        return [family for family in families if family not in tried]

    def cut(self) -> dict[str, float]:
        """Compute the least share of their steps of complete trials, by family, of families that were cut."""
        found: dict[str, float] = {}
        for trial in self._complete:
            if (share := trial.steps_share) < 1:
                family = str(trial.task.config.get("family"))
                found[family] = min(share, found.get(family, 1.0))
        return dict(sorted(found.items()))

    def _asked(self, number: int) -> TrialRecord:
        if number >= len(self.trials):
            raise JournalError(f"trial {number} was never asked")
        return self.trials[number]

    def _ask(self, event: events.Ask) -> None:
        if event.n != len(self.trials):
            raise JournalError(f"trial {len(self.trials)} is expected to be asked, not trial {event.n}")
        config = {**event.config, **event.inherited} if event.inherited else event.config
        task = _task(event.n, config, event.seed, event.rungs)
        trial = TrialRecord(task, event.config, asked_at=event.t)
        self.trials.append(trial)
        self.running[task.number] = trial

    def _rung(self, event: events.Rung) -> None:
        trial = self._asked(event.n)
        measured = Measurement(event.n, event.step, event.score, event.train, event.eval, event.fused)
        trial.curve.append(measured)
        loss = self.objective.loss(measured.score)
        self.peers[trial.task.rungs, len(trial.losses)].add(loss)
        trial.losses.append(loss)
        trial.kept.append(event.keep)
        trial.reason = event.why

    def _cut(self, event: events.Cut) -> None:
        trial = self._asked(event.n)
        task = trial.task
        trial.task = _task(task.number, task.config, task.seed, event.rungs)
        trial.curve, trial.kept, trial.losses, trial.reason, trial.cut = [], [], [], "", True
        self.shares[str(task.config.get("family"))] = event.share

    def _end(self, event: events.End) -> None:
        trial = self.running.pop(self._asked(event.n).task.number, None)
        if trial is None:
            raise JournalError(f"trial {event.n} ended before")
        if event.state is State.COMPLETE and not trial.losses:
            raise JournalError(f"trial {event.n} is complete without a score")
        trial.state = event.state
        self.ended[trial.state] += 1
        trial.reason = event.why or trial.reason
        self.timeouts += trial.state is State.PRUNED and out_of_time(trial.reason)
        trial.values = event.values
        trial.ended_at = event.t
        trial.suspect, trial.check = event.suspect, event.check
        if trial.state is State.COMPLETE:
            insort(self._complete, trial, key=_rank)
        if trial.state is State.INFEASIBLE or trial.suspect:  # trials that may win are not compared with it
            for rung, loss in enumerate(trial.losses):
                self.peers[trial.task.rungs, rung].remove(loss)


def replayed(events: Sequence[Event], path: Path) -> StudyState | None:
    """Replay a journal from its events; ``None`` if none of them names the objective.

    Args:
        events: Events of the journal.
        path: Its file, for messages.

    Raises:
        JournalError: an event does not fit those before it.
    """
    objectives = [one.objective for one in events if isinstance(one, Start) and one.objective]
    if not objectives:
        return None
    state = StudyState(objectives[-1])
    state.replay(events, path)
    return state


def doubted(trial: TrialRecord) -> str:
    """Say that a complete trial is a suspect: ``trial 0 (vae) scores 0.38 but is suspected of ...``."""
    name = f"trial {trial.task.number} ({trial.task.config['family']})"
    return f"{name} scores {trial.curve[-1].score:.4g} but {suspicion(trial.suspect)}"


def suspicion(reason: str) -> str:
    """Say what a suspect does: of copying in the words of all reports, of else as its test has it."""
    return "is suspected of copying training data" if COPIES in reason else reason


def _rank(trial: TrialRecord) -> tuple[bool, float, int]:
    return bool(trial.suspect), trial.losses[-1], trial.task.number


def _task(number: int, config: Config, seed: int, rungs: tuple[int, ...]) -> Task:
    """Make the task of a trial; the steps in its config are those of the last rung."""
    if not rungs or list(rungs) != sorted({*rungs}) or rungs[0] < 1:
        raise JournalError(f"the rungs of trial {number} do not ascend")
    asked = config.get("training.steps", 1)
    if not isinstance(asked, int) or asked < 1:
        raise JournalError(f"trial {number} has {asked!r:.60} training steps")
    steps = rungs[-1]
    config = config if config.get("training.steps", steps) == steps else {**config, "training.steps": steps}
    return Task(number, config, seed, steps, rungs)
