"""What a study knows: the replay of its journal, a pure function of the journal's records."""

import math
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autogen.hpo.objective import Objective
from autogen.hpo.pruners.ranking import Ranking
from autogen.hpo.study.journal import Record
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
    values: dict[str, float] = field(default_factory=dict)
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

    def apply(self, record: Record) -> None:
        """Take in one record; records of other chapters of the journal only move the clock."""
        self.seconds = max(self.seconds, record.get("t", 0.0))
        apply = _APPLY.get(record["e"])
        if apply:
            apply(self, record)

    def complete(self) -> Sequence[TrialRecord]:
        """Trials that reached full fidelity and break no constraint, best first, then oldest."""
        return self._complete

    def _start(self, record: Record) -> None:
        if record.get("seconds") != self.limit:  # with another budget there may be time for all steps
            self.limit = record.get("seconds")
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

    def _ask(self, record: Record) -> None:
        task = _task(record["n"], record["config"], record["seed"], record["rungs"])
        trial = TrialRecord(task, record["config"], asked_at=record["t"])
        self.trials.append(trial)
        self.running[task.number] = trial

    def _rung(self, record: Record) -> None:
        trial = self.trials[record["n"]]
        measured = Measurement(record["n"], record["step"], record["score"], record["train"], record["eval"])
        trial.curve.append(measured)
        loss = self.objective.loss(measured.score)
        self.peers[trial.task.rungs, len(trial.losses)].add(loss)
        trial.losses.append(loss)
        trial.kept.append(record["keep"])
        trial.reason = record.get("why", "")

    def _lost(self, record: Record) -> None:
        self.trials[record["n"]].lost += 1

    def _cut(self, record: Record) -> None:
        trial = self.trials[record["n"]]
        task = trial.task
        trial.task = _task(task.number, task.config, task.seed, record["rungs"])
        trial.curve, trial.kept, trial.losses, trial.reason, trial.cut = [], [], [], "", True
        self.shares[str(task.config.get("family"))] = record["share"]

    def _end(self, record: Record) -> None:
        trial = self.running.pop(record["n"])
        trial.state = State(record["state"])
        self.ended[trial.state] += 1
        trial.reason = record.get("why", "") or trial.reason
        trial.values = record.get("values", {})
        trial.ended_at = record["t"]
        if trial.state is State.COMPLETE:
            insort(self._complete, trial, key=lambda one: (one.losses[-1], one.task.number))
        if trial.state is State.INFEASIBLE:  # no measure for those that may win
            for rung, loss in enumerate(trial.losses):
                self.peers[trial.task.rungs, rung].remove(loss)


def _task(number: int, config: Config, seed: int, rungs: Sequence[int]) -> Task:
    """A trial's task; its config says how many steps it has, should these be fewer than were proposed."""
    steps = rungs[-1]
    config = config if config.get("training.steps", steps) == steps else {**config, "training.steps": steps}
    return Task(number, config, seed, steps, tuple(rungs))


_APPLY: dict[str, Callable[[StudyState, Record], None]] = {
    "start": StudyState._start,
    "ask": StudyState._ask,
    "rung": StudyState._rung,
    "lost": StudyState._lost,
    "cut": StudyState._cut,
    "end": StudyState._end,
}
