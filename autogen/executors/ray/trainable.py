"""Model families as a trainable of Ray Tune, for any of its search algorithms and schedulers."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autogen.data.open import open_data
from autogen.errors import SettingsError
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import Measurement, Task, config_key, derived_seed
from autogen.metrics.lookup import default_metric, metric_for
from autogen.threads import torch_threads
from autogen.training.checkpoint import (
    CHECKPOINT,
    MODEL,
    TimeSpent,
    restore_program,
    save_program,
    write_tensors,
)
from autogen.training.loop import train
from autogen.training.program import Program
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.training.worker.work import GenerativeWork, typed

try:
    from ray import tune
except ImportError as error:
    raise SettingsError("this needs Ray Tune; run: pip install 'ray[tune]'") from error


def trainable(
    data: Any,
    *,
    objective: str = "",
    kind: str | None = None,
    rungs: int = 5,
    seed: int = 0,
    device: str = "cpu",
    **options: Any,
) -> Callable[[dict[str, Any]], None]:
    """Make a trainable of Tune that trains the families on a data set.

    It takes flat configs (``{"family": "vae", "training.steps": 300, "training.lr": 1e-3}``; missing
    parameters have their defaults) and reports, at evenly spaced rungs, the score on the tune split under
    the objective's name in the registry, ``step``, ``steps``, ``train_seconds`` and ``eval_seconds``.
    Each report has a checkpoint, from which a trial resumes; the last one holds the model, which
    ``autogen.load`` opens. Nothing in it is pickled.

    Args:
        data: built-in name, path, table or array of images.
        objective: name of the metric; by default the first one of the kind of data.
        kind: name of the kind of data; detected by default.
        rungs: number of reports of a trial.
        seed: random seed of the split, of the samples and, with its config, of each trial.
        device: torch device of the training.
        options: options of the reader.
    """
    opened = open_data(data, kind=kind, seed=seed, options=options)
    name = objective or default_metric(opened.kind.name)
    metric = metric_for(name, opened.kind.name)
    work = GenerativeWork(
        train=opened.encoded("train"),
        codec=opened.codec,
        metric=name,
        reference=metric.prepare_with(opened.split("tune"), opened.codec, opened.split("train")),
        rows=len(opened.rows["tune"]),
        seed=derived_seed(seed, "sampling"),
        device=device,
    )
    made: Callable[[dict[str, Any]], None] = tune.with_parameters(_trial, work=work, rungs=rungs, seed=seed)
    return made


def _trial(config: dict[str, Any], work: GenerativeWork, rungs: int, seed: int) -> None:
    """Train one trial; errors are raised, so that Tune sees them."""
    task = _task(config, rungs, seed)
    program = work.program(task)
    progress = _go_on(program)
    with tempfile.TemporaryDirectory() as made, torch_threads(work.threads):
        folder = Path(made)

        def report(measured: Sequence[Measurement]) -> list[bool]:
            if program.step < task.steps:
                save_program(folder / CHECKPOINT, program, progress)
            else:
                (folder / CHECKPOINT).unlink(missing_ok=True)
                _save_model(folder, task, program, work)
            tune.report(
                _figures(measured[0], task, work.metric),
                checkpoint=tune.Checkpoint.from_directory(folder),
            )
            return [True]

        train(program, task, work.evaluation(), report, progress=progress)


def _task(config: dict[str, Any], rungs: int, seed: int) -> Task:
    steps = typed(config)[1].training.steps
    evenly = sorted({-(-steps * rung // rungs) for rung in range(1, rungs + 1)})
    return Task(0, config, derived_seed(seed, "trial", config_key(config)), steps, tuple(evenly))


def _go_on(program: Program) -> TimeSpent:
    """Restore a program from the checkpoint of Tune, if there is one."""
    checkpoint = tune.get_checkpoint()
    if checkpoint is None:
        return TimeSpent()
    with checkpoint.as_directory() as folder:
        path = Path(folder) / CHECKPOINT
        return restore_program(path, program) if path.exists() else TimeSpent()


def _save_model(folder: Path, task: Task, program: Program, work: GenerativeWork) -> None:
    write_config(folder / CONFIG, task.config)
    write_tensors(folder / MODEL, program.weights(), {"step": program.step})
    GeneratedModel.of_trial(folder, work.codec).save(folder)


def _figures(measured: Measurement, task: Task, metric: str) -> dict[str, float]:
    return {
        metric: measured.score,
        "step": measured.step,
        "steps": task.steps,
        "train_seconds": measured.train_seconds,
        "eval_seconds": measured.eval_seconds,
    }
