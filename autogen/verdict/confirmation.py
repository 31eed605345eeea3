"""Retraining of the best configs on fresh seeds, the same for all, so that recipes can be compared in pairs.

The first seeds rank the recipes on select, and the claim on test rests on the others: if the same seeds did
both, the leader's score would be too good (a winner's curse over seeds).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autogen.hpo.executor import Executor
from autogen.hpo.objective import Objective, losses_of
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Confirm, Finalists
from autogen.hpo.study.log import RETRIES, StudyLog
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import Finished, Measurement, State, Task, TrialBatch, derived_seed
from autogen.verdict.contenders import Entry
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import of_model, of_trainings
from autogen.verdict.pareto import spread_out

#: Number of fresh seeds that rank recipes, in addition to those that the claim rests on.
RANKING = 2
#: Most configs that are trained again.
RECIPES = 3


@dataclass(frozen=True)
class Confirmed:
    """Training of one finalist on one fresh seed.

    Attributes:
        trial: Number of the finalist's trial in the search.
        seed_index: Index of the fresh seed, from 0.
        task: Task of the training; its number is the name of the folder.
        state: ``COMPLETE`` or ``FAILED``.
        why: Reason of a failure; empty otherwise.
        seconds: Seconds of training.
    """

    trial: int
    seed_index: int
    task: Task
    state: State
    why: str
    seconds: float


def pick_finalists(
    complete: Sequence[TrialRecord], count: int, objectives: Sequence[Objective] = ()
) -> list[TrialRecord]:
    """Choose the best trial of each family, then the next best until there are ``count``.

    The best suspected copy is the second finalist if it is better than all trials that are not suspected: the
    memorization test of the finals looks at more rows, and decides.

    With several objectives: trials that represent the Pareto front, among them the best in each objective;
    if the front has too few, the next best by the main objective.

    Args:
        complete: Trials at full fidelity, the best first, suspected copies last.
        count: Number of finalists; there are more if there are more families, fewer with fewer trials.
        objectives: Objectives, the main one first; default one objective.

    Returns:
        The best of each family first, so that a shorter list keeps as many families as possible.
    """
    if len(objectives) > 1 and complete:
        losses = [[trial.losses[-1], *losses_of(trial.values, objectives[1:])] for trial in complete]
        spread = [complete[place] for place in spread_out(np.array(losses), count)]
        return sorted(spread, key=lambda trial: trial.losses[-1])
    champions: dict[object, TrialRecord] = {}
    for trial in complete:
        champions.setdefault(trial.task.config["family"], trial)
    first = list(champions.values())
    ahead = [trial for trial in complete if trial.suspect and trial.losses[-1] < complete[0].losses[-1]]
    if ahead:
        first = [first[0], ahead[0], *(trial for trial in first[1:] if trial is not ahead[0])]
    others = [trial for trial in complete if all(trial is not one for one in first)]
    return [*first, *others[: max(0, count - len(first))]]


def can_resume(earlier: Finalists, now: Finalists) -> bool:
    """Tell if started finals are resumed, whatever time is left for them.

    They start again if a larger budget has time for more finalists.

    Args:
        earlier: Event of the started finals.
        now: Event of the finals that would start now.
    """
    same = earlier.trials == now.trials
    fewer = earlier.after == now.after and set(now.trials) <= set(earlier.trials)
    return (same or fewer) and earlier.seeds == now.seeds


def models(state: StudyState, numbers: Sequence[int], folder: Path, select: int, test: int) -> list[Entry]:
    """Make the entries of models of the search.

    Args:
        state: State of the search.
        numbers: Numbers of their trials.
        folder: Folder of the trials.
        select: Number of sampling seeds of each on select.
        test: Number of sampling seeds of each on test.
    """
    entries = []
    for number in numbers:
        trial, place = state.trials[number], folder / f"{number:04d}"
        seconds = (trial.curve[-1].train_seconds,)
        config = trial.task.config
        draws = of_model(place, select), of_model(place, test)
        entries.append(Entry(f"trial {number}", "finalist", config, number, *draws, seconds))
    return entries


def recipes(state: StudyState, confirmed: Sequence[Confirmed], folder: Path) -> list[Entry]:
    """Make the entries of recipes; one with a failed training cannot win.

    Args:
        state: State of the search.
        confirmed: Trainings on fresh seeds.
        folder: Folder of these trainings.
    """
    entries = []
    for number in dict.fromkeys(one.trial for one in confirmed):
        runs = sorted((one for one in confirmed if one.trial == number), key=lambda one: one.seed_index)
        good = [one for one in runs if one.state is State.COMPLETE]
        failed = [one.why for one in runs if one.state is not State.COMPLETE]
        ranking, claim = (
            [one for one in good if (one.seed_index < RANKING) is first] for first in (True, False)
        )
        entries.append(
            Entry(
                f"trial {number}",
                "finalist",
                state.trials[number].task.config,
                number,
                of_trainings(folder / f"{one.task.number:04d}" for one in ranking),
                of_trainings(folder / f"{one.task.number:04d}" for one in claim),
                tuple(one.seconds for one in claim),
                f"failed on {len(failed)} of {len(runs)} fresh seeds: {failed[0]}" if failed else "",
            )
        )
    return entries


def fresh_seeds(seed: int, count: int) -> list[int]:
    """Derive the random seeds of the retraining, which no trial of the search has.

    Args:
        seed: Random seed of the study.
        count: Number of seeds.
    """
    return [derived_seed(seed, "confirm", index) for index in range(count)]


class Confirmation:
    """Trains recipes on all fresh seeds; resumes where the journal ends.

    Args:
        log: Log of the study.
        executor: Executor, started with the study's work.
        trials: Trials whose configs are trained again.
        seeds: Fresh random seeds, the same for all trials; the first ``RANKING`` rank.
        folder: Folder for the models.
        timeout: Seconds after which the worker of a training is given up; ``None`` for no limit.
        first: Number of the first training; an earlier confirmation has lower ones. Default 0.
    """

    def __init__(
        self,
        log: StudyLog,
        executor: Executor,
        trials: Sequence[TrialRecord],
        *,
        seeds: Sequence[int],
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
            for trial in trials:
                number = first + len(self._plan)
                steps = trial.task.steps
                task = Task(number, trial.task.config, seed, steps, (steps,), keep_samples=1)
                self._plan[number] = (trial.task.number, seed_index, task)
        self._lost: dict[int, int] = {}
        self._measured: dict[int, Measurement] = {}
        for event in log.journal.events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Apply one event of the journal, of this process or an earlier one."""
        if not isinstance(event, Confirm) or event.task not in self._plan:
            return
        trial, seed_index, task = self._plan[event.task]
        self.done[event.task] = Confirmed(trial, seed_index, task, event.state, event.why, event.train)

    def run(self, queue: EvaluationQueue) -> list[Confirmed]:
        """Train all that is not trained yet; idle workers score what is in the queue."""
        waiting = [entry[2] for number, entry in self._plan.items() if number not in self.done]
        waiting.sort(
            key=lambda task: -self._length(task)
        )  # the longest first, so that all end at about the same time
        in_flight: set[int] = set()
        while waiting or in_flight:
            while waiting and len(in_flight) + queue.in_flight < self.executor.workers:
                task = waiting.pop(0)
                self.executor.submit(TrialBatch((task,), self.folder, self.timeout))
                in_flight.add(task.number)
            queue.submit(self.executor.workers - len(in_flight) - queue.in_flight)
            for finished in self.executor.results(self._note, timeout=1.0):
                if finished.number < 0:
                    queue.receive(finished)
                    continue
                in_flight.discard(finished.number)
                waiting += self._finish(finished)
            self.log.note_workers(self.executor.status)
        return [self.done[number] for number in sorted(self.done)]

    def _length(self, task: Task) -> float:
        """Seconds of training of the same config in the search."""
        return self.log.state.trials[self._plan[task.number][0]].curve[-1].train_seconds

    def _note(self, measured: Measurement) -> bool:
        self._measured[measured.number] = measured
        return True

    def _finish(self, finished: Finished) -> list[Task]:
        """Record how a training ended; returns the tasks to try again."""
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
