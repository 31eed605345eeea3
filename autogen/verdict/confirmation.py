"""Train the finalists on fresh seeds, the same seeds for all, so that they can be compared in pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autogen.hpo.executor import Executor
from autogen.hpo.objective import Objective, losses_of
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Confirm, Finalists
from autogen.hpo.study.log import RETRIES, StudyLog
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Cohort, Finished, Measurement, State, Task
from autogen.verdict.pareto import spread_out
from autogen.verdict.scheduler import Scorekeeper


@dataclass(frozen=True)
class Confirmed:
    """One finalist trained on one fresh seed.

    Attributes:
        trial: Number of the finalist's trial in the search.
        seed_index: Which of the fresh seeds, from 0.
        task: What was trained; its number names the folder.
        state: ``COMPLETE`` or ``FAILED``.
        why: Why it failed.
        seconds: Of training.
        evaluation: Seconds of drawing and scoring samples at its end.
    """

    trial: int
    seed_index: int
    task: Task
    state: State
    why: str
    seconds: float
    evaluation: float = 0.0


def pick_finalists(
    complete: Sequence[TrialRecord], count: int, objectives: Sequence[Objective] = ()
) -> list[TrialRecord]:
    """The best trial of each family, then the next best until there are ``count``; the best first.

    Where there are several objectives: trials that stand for the whole front, the best in each
    objective among them, and where the front has too few, the next best by the main objective.

    Args:
        complete: Trials at full fidelity, the best first.
        count: How many are wanted; more where there are more families, fewer where too few trials.
        objectives: The main one first.
    """
    if len(objectives) > 1 and complete:
        losses = [[trial.losses[-1], *losses_of(trial.values, objectives[1:])] for trial in complete]
        spread = [complete[place] for place in spread_out(np.array(losses), count)]
        return sorted(spread, key=lambda trial: trial.losses[-1])
    champions: dict[object, TrialRecord] = {}
    for trial in complete:
        champions.setdefault(trial.task.config["family"], trial)
    numbers = {trial.task.number for trial in champions.values()}
    others = [trial for trial in complete if trial.task.number not in numbers]
    chosen = [*champions.values(), *others[: max(0, count - len(champions))]]
    return sorted(chosen, key=lambda trial: trial.losses[-1])


def goes_on(earlier: Finalists, now: Finalists) -> bool:
    """Whether a confirmation that was begun is gone on with, however little time is left for it by now.

    With time for more finalists, where the budget has grown, it is begun anew.

    Args:
        earlier: What the journal says of it.
        now: What would be begun: ``after`` so many trials of the search.
    """
    same = earlier.trials == now.trials
    fewer = earlier.after == now.after and set(now.trials) <= set(earlier.trials)
    return (same or fewer) and earlier.seeds == now.seeds


class Confirmation:
    """The trainings of all finalists on all fresh seeds; goes on where the journal says it stopped.

    Args:
        log: Log of the study.
        executor: Started with the study's work.
        finalists: To be trained.
        seeds: Fresh random seeds, the same for all finalists.
        keep_samples: Samples to leave of each model.
        folder: Where the models are left.
        timeout: Seconds after which a training's worker is given up; ``None`` for no limit.
        first: Number of the first training; trainings of an earlier confirmation have lower ones.
    """

    def __init__(
        self,
        log: StudyLog,
        executor: Executor,
        finalists: Sequence[TrialRecord],
        *,
        seeds: Sequence[int],
        keep_samples: int,
        folder: str,
        timeout: float | None = None,
        first: int = 0,
    ) -> None:
        self.log = log
        self.executor = executor
        self.folder = folder
        self.timeout = timeout
        self.done: dict[int, Confirmed] = {}
        self._plan: dict[int, tuple[int, int, Task]] = {}
        for seed_index, seed in enumerate(seeds):
            for trial in finalists:
                number = first + len(self._plan)
                steps = trial.task.steps
                task = Task(number, trial.task.config, seed, steps, (steps,), keep_samples)
                self._plan[number] = (trial.task.number, seed_index, task)
        self._lost: dict[int, int] = {}
        self._measured: dict[int, Measurement] = {}
        for event in log.journal.events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take in one event of the journal, from this process or an earlier one."""
        if not isinstance(event, Confirm) or event.task not in self._plan:
            return
        trial, seed_index, task = self._plan[event.task]
        one = Confirmed(trial, seed_index, task, event.state, event.why, event.train, event.eval)
        self.done[event.task] = one

    def run(self, scores: Scorekeeper, trained: Callable[[Confirmed], None]) -> list[Confirmed]:
        """Train what is not trained yet; workers that are not needed for that any more score meanwhile.

        Args:
            scores: What is to be scored.
            trained: Called with each training that has ended, from an earlier process's journal or now.
        """
        for one in self.done.values():
            trained(one)
        waiting = [entry[2] for number, entry in self._plan.items() if number not in self.done]
        waiting.sort(key=lambda task: -self._length(task))  # the longest first, so that all end together
        flying: set[int] = set()
        while waiting or flying:
            while waiting and len(flying) + scores.flying < self.executor.workers:
                task = waiting.pop(0)
                self.executor.submit(Cohort((task,), self.folder, self.timeout))
                flying.add(task.number)
            scores.submit(self.executor.workers - len(flying) - scores.flying)
            for finished in self.executor.results(self._note, timeout=1.0):
                if finished.number < 0:
                    scores.take(finished)
                    continue
                flying.discard(finished.number)
                waiting += self._finish(finished)
                if finished.number in self.done:
                    trained(self.done[finished.number])
            self.log.note_crew(self.executor.crew)
        return [self.done[number] for number in sorted(self.done)]

    def _length(self, task: Task) -> float:
        """Seconds that the same config took in the search."""
        return self.log.state.trials[self._plan[task.number][0]].curve[-1].train_seconds

    def _note(self, measured: Measurement) -> bool:
        self._measured[measured.number] = measured
        return True

    def _finish(self, finished: Finished) -> list[Task]:
        """Write down how a training ended; returns what has to be tried again."""
        number = finished.number
        lost = self._lost.get(number, 0)
        if finished.retry and lost < RETRIES:
            self._lost[number] = lost + 1
            return [self._plan[number][2]]
        trial, seed_index, task = self._plan[number]
        last = self._measured.get(number, Measurement(number, task.steps, 0.0))
        train, evaluation = round(last.train_seconds, 3), round(last.eval_seconds, 3)
        event = Confirm(
            number, trial, seed_index, finished.state, train, evaluation, finished.reason, finished.node
        )
        self.log.record(event)
        self.apply(event)
        return []
