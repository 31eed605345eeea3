"""Train the best configs again on fresh seeds, the same for all, so that recipes can be compared in pairs.

The first seeds rank the recipes on select, the others carry the claim on test: a choice by seeds that the
claim rests on as well would flatter the leader (a winner's curse over seeds).
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
from autogen.verdict.pareto import spread_out
from autogen.verdict.scheduler import EvaluationQueue
from autogen.verdict.sources import of_model, of_trainings

#: Fresh seeds that rank recipes, beside those that the claim rests on.
RANKING = 2
#: Configs that are trained again.
RECIPES = 3


@dataclass(frozen=True)
class Confirmed:
    """One finalist trained on one fresh seed.

    Attributes:
        trial: Number of the finalist's trial in the search.
        seed_index: Place among the fresh seeds, from 0.
        task: What was trained; its number names the folder.
        state: ``COMPLETE`` or ``FAILED``.
        why: Why it failed.
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
    """The best trial of each family, then the next best until there are ``count``.

    Where there are several objectives: trials that stand for the whole front, the best in each
    objective among them, and where the front has too few, the next best by the main objective.

    Args:
        complete: Trials at full fidelity, the best first.
        count: How many are wanted; more where there are more families, fewer where too few trials.
        objectives: The main one first.

    Returns:
        The best of each family first, so that a shorter list keeps as many families as it can.
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
    return [*champions.values(), *others[: max(0, count - len(champions))]]


def goes_on(earlier: Finalists, now: Finalists) -> bool:
    """Whether finals that were begun are resumed, however little time is left for them by now.

    With time for more finalists, where the budget has grown, they begin anew.

    Args:
        earlier: The journal's record of who was to be compared.
        now: What would be begun: ``after`` so many trials of the search.
    """
    same = earlier.trials == now.trials
    fewer = earlier.after == now.after and set(now.trials) <= set(earlier.trials)
    return (same or fewer) and earlier.seeds == now.seeds


def models(state: StudyState, numbers: Sequence[int], folder: Path, draws: int) -> list[Entry]:
    """Models of the search as they enter the finals.

    Args:
        state: State of the search.
        numbers: Trials that left them.
        folder: Folder of the trials.
        draws: Sampling seeds of each on select, and at most on test.
    """
    entries = []
    for number in numbers:
        trial, own = state.trials[number], of_model(folder / f"{number:04d}", draws)
        seconds = (trial.curve[-1].train_seconds,)
        config = trial.task.config
        entries.append(Entry(f"trial {number}", "finalist", config, number, own, own, seconds))
    return entries


def recipes(state: StudyState, confirmed: Sequence[Confirmed], folder: Path) -> list[Entry]:
    """Recipes as they enter the finals; one with a failed training cannot win.

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
    """Derive the random seeds on which all recipes are trained again; no trial of the search has one of them.

    Args:
        seed: Random seed of the study.
        count: How many.
    """
    return [derived_seed(seed, "confirm", index) for index in range(count)]


class Confirmation:
    """The trainings of recipes on all fresh seeds; resumes where the journal says it stopped.

    Args:
        log: Log of the study.
        executor: Started with the study's work.
        trials: Trials whose configs are trained again.
        seeds: Fresh random seeds, the same for all trials; the first ``RANKING`` rank.
        folder: Where the models are left.
        timeout: Seconds after which a training's worker is given up; ``None`` for no limit.
        first: Number of the first training; trainings of an earlier confirmation have lower ones.
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
        """Take in one event of the journal, from this process or an earlier one."""
        if not isinstance(event, Confirm) or event.task not in self._plan:
            return
        trial, seed_index, task = self._plan[event.task]
        self.done[event.task] = Confirmed(trial, seed_index, task, event.state, event.why, event.train)

    def run(self, queue: EvaluationQueue) -> list[Confirmed]:
        """Train what is not trained yet; workers with nothing left to train score what the queue holds."""
        waiting = [entry[2] for number, entry in self._plan.items() if number not in self.done]
        waiting.sort(key=lambda task: -self._length(task))  # the longest first, so that all end together
        flying: set[int] = set()
        while waiting or flying:
            while waiting and len(flying) + queue.in_flight < self.executor.workers:
                task = waiting.pop(0)
                self.executor.submit(TrialBatch((task,), self.folder, self.timeout))
                flying.add(task.number)
            queue.submit(self.executor.workers - len(flying) - queue.in_flight)
            for finished in self.executor.results(self._note, timeout=1.0):
                if finished.number < 0:
                    queue.receive(finished)
                    continue
                flying.discard(finished.number)
                waiting += self._finish(finished)
            self.log.note_workers(self.executor.status)
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
