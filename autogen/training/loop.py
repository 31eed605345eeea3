"""Training loop: advance to a rung, sample, score, report, continue with the trials that are kept.

The loop knows neither where it runs nor who decides: its only way out is ``report``.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autogen.errors import Diverged
from autogen.hpo.trial import Finished, Measurement, State, Task
from autogen.training.checkpoint import TimeSpent
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


def train(
    program: Program,
    tasks: Sequence[Task],
    evaluation: Evaluation,
    report: Report,
    *,
    progress: TimeSpent | None = None,
    hooks: Hooks | None = None,
    deadline: float | None = None,
) -> list[Finished]:
    """Train the tasks of a program's members to their last rung; rungs passed before are not reported again.

    Args:
        program: Program, fresh or restored from a checkpoint.
        tasks: One task for each member, with equal rungs.
        evaluation: Scoring of samples.
        report: Callback that takes the measurements of a rung and answers which trials go on.
        progress: Time spent before; updated in place.
        hooks: Further callbacks at rungs.
        deadline: Time of ``time.monotonic()`` at which training is stopped; waiting for ``report`` does not
            count.

    Returns:
        How each task ended: complete or pruned.

    Raises:
        TrialFailure: the program diverged or ran past its deadline.
    """
    progress, hooks = progress or TimeSpent(), hooks or Hooks()
    running = list(tasks)
    ended: list[Finished] = []
    for rung in tasks[0].rungs:
        if rung <= program.step:
            continue
        measured = _measure(program, running, rung, evaluation, progress, deadline)
        asked = time.monotonic()
        answers = report(measured)
        if deadline is not None:  # waiting for an answer is not the trial's fault
            deadline += time.monotonic() - asked
        for measurement in measured:
            hooks.measured(measurement)
        if rung == tasks[0].rungs[-1]:
            return ended + [Finished(task.number, State.COMPLETE) for task in running]
        kept = [member for member, go_on in enumerate(answers) if go_on]
        stopped = [task for task, go_on in zip(running, answers, strict=True) if not go_on]
        ended += [Finished(task.number, State.PRUNED) for task in stopped]
        if not kept:
            break
        program.keep(kept)
        running = [running[member] for member in kept]
        hooks.kept()
    return ended


def _measure(
    program: Program,
    tasks: Sequence[Task],
    rung: int,
    evaluation: Evaluation,
    progress: TimeSpent,
    deadline: float | None,
) -> list[Measurement]:
    """Train up to a rung and score each member; seconds are shared evenly among the members."""
    start = time.perf_counter()
    program.advance(rung, deadline)
    trained = time.perf_counter()
    last = rung == tasks[0].rungs[-1]
    used = evaluation if last or evaluation.early is None else evaluation.early
    scores = [_score(program, member, used) for member in range(len(tasks))]
    progress.train_seconds += (trained - start) / len(tasks)
    progress.eval_seconds += (time.perf_counter() - trained) / len(tasks)
    return [
        Measurement(task.number, rung, score, progress.train_seconds, progress.eval_seconds)
        for task, score in zip(tasks, scores, strict=True)
    ]


def _score(program: Program, member: int, evaluation: Evaluation) -> float:
    samples = program.sample(evaluation.rows, evaluation.seed, member)
    _check_samples(samples, program.step)
    score = float(evaluation.score(samples))
    if not math.isfinite(score):
        raise Diverged(f"the score is {score} at step {program.step}")
    return score


def _check_samples(samples: Mapping[str, np.ndarray], step: int) -> None:
    for name, array in samples.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Diverged(f"samples ({name}) are not finite at step {step}")
