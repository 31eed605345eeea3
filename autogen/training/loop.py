"""Training loop: advance to a rung, sample, score, report, continue with the trials that are kept.

A trial is a generator that waits for its training at each rung, so that it goes the same way alone and
beside others in one program. It knows neither where it runs nor who decides: its only way out is ``report``.
"""

import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from autogen.errors import Diverged
from autogen.hpo.trial import Finished, Measurement, State, Task
from autogen.training.checkpoint import TimeSpent
from autogen.training.fused.choice import Choice, Stretch, Trained
from autogen.training.program import Program

#: report(measurements of one rung, one for each trial in training) -> whether each trial goes on.
Report = Callable[[Sequence[Measurement]], Sequence[bool]]


@dataclass
class Evaluation:
    """Scoring of a program's samples.

    Attributes:
        score: Function from encoded samples, name to (n, ...), to the objective's score.
        rows: n, samples drawn for a score.
        seed: Seed of the draws, the same for all trials of a study, so that their scores are paired.
        early: Scoring before the last rung; ``None`` for the same as at the last.
    """

    score: Callable[[dict[str, np.ndarray]], float]
    rows: int
    seed: int
    early: "Evaluation | None" = None


@dataclass
class Hooks:
    """Callbacks at rungs besides the report.

    Attributes:
        measured: Called with each measurement once the report was answered.
        kept: Called when training goes on after a rung.
    """

    measured: Callable[[Measurement], None] = field(default=lambda _: None)
    kept: Callable[[], None] = field(default=lambda: None)


#: A trial: it waits for stretches of training, and returns how it ended. A failure is thrown into it.
Trial = Generator[Stretch, Trained, Finished]


class Deadline:
    """Time at which training is stopped; it moves on while a trial waits for its controller.

    Args:
        seconds: Seconds from now; ``None`` for no limit.

    Attributes:
        at: Time of ``time.monotonic()``; ``None`` for no limit.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.at = None if seconds is None else time.monotonic() + seconds

    def paused(self, report: Report) -> Report:
        """Return the same report, whose time does not count."""

        def waiting(measured: Sequence[Measurement]) -> Sequence[bool]:
            asked = time.monotonic()
            answers = report(measured)
            if self.at is not None:
                self.at += time.monotonic() - asked
            return answers

        return waiting


def train(
    program: Program,
    task: Task,
    evaluation: Evaluation,
    report: Report,
    *,
    progress: TimeSpent | None = None,
    hooks: Hooks | None = None,
) -> Finished:
    """Train one program to its last rung; see ``rungs``.

    Raises:
        TrialFailure: the program diverged.
    """
    (finished,) = conduct([rungs(program, task, evaluation, report, progress=progress, hooks=hooks)])
    return finished


def conduct(
    trials: Sequence[Trial], choice: Choice | None = None, deadline: Deadline | None = None
) -> list[Finished]:
    """Train trials to their ends: several as one program where they can be and ``choice`` finds that faster.

    Args:
        trials: Trials that have not begun.
        choice: What is known of one program's speed; it is added to.
        deadline: Time at which all training is stopped; default none.

    Returns:
        How each trial ended.
    """
    choice, deadline = choice or Choice(), deadline or Deadline()
    ended: dict[int, Finished] = {}
    waiting: dict[int, Stretch] = {}

    def go_on(number: int, act: Callable[[], Stretch]) -> None:
        try:
            waiting[number] = act()
        except StopIteration as end:
            waiting.pop(number, None)
            ended[number] = end.value

    for number, trial in enumerate(trials):
        go_on(number, partial(next, trial))
    while waiting:
        group = choice.group(waiting)
        programs = [waiting[number].program for number in group]
        trained = choice.advance(programs, waiting[group[0]].step, deadline.at)
        for number, one in zip(group, trained, strict=True):
            trial = trials[number]
            go_on(number, partial(trial.throw, one.failure) if one.failure else partial(trial.send, one))
    return [ended[number] for number in sorted(ended)]


def rungs(
    program: Program,
    task: Task,
    evaluation: Evaluation,
    report: Report,
    *,
    progress: TimeSpent | None = None,
    hooks: Hooks | None = None,
) -> Trial:
    """Go from rung to rung; those that the program has passed before are not reported again.

    Args:
        program: Program, fresh or restored from a checkpoint.
        task: Task of the trial.
        evaluation: Scoring of samples.
        report: Callback that takes the measurement of a rung and answers whether the trial goes on.
        progress: Time spent before; updated in place.
        hooks: Further callbacks at rungs.

    Returns:
        How the task ended: complete or pruned.

    Raises:
        TrialFailure: samples or scores are not finite, or what was thrown.
    """
    progress, hooks = progress or TimeSpent(), hooks or Hooks()
    for rung in task.rungs:
        if rung <= program.step:
            continue
        trained = yield Stretch(program, rung)
        began = time.perf_counter()
        last = rung == task.rungs[-1]
        early = None if last else evaluation.early
        score = _score(program, early or evaluation)
        progress.train_seconds += trained.seconds
        progress.eval_seconds += time.perf_counter() - began
        spent = progress.train_seconds, progress.eval_seconds
        measured = Measurement(task.number, rung, score, *spent, trained.fused)
        (goes_on,) = report([measured])
        hooks.measured(measured)
        if last:
            break
        if not goes_on:
            return Finished(task.number, State.PRUNED)
        hooks.kept()
    return Finished(task.number, State.COMPLETE)


def _score(program: Program, evaluation: Evaluation) -> float:
    samples = program.sample(evaluation.rows, evaluation.seed)
    _check_samples(samples, program.step)
    score = float(evaluation.score(samples))
    if not math.isfinite(score):
        raise Diverged(f"the score is {score} at step {program.step}")
    return score


def _check_samples(samples: Mapping[str, np.ndarray], step: int) -> None:
    for name, array in samples.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Diverged(f"samples ({name}) are not finite at step {step}")
