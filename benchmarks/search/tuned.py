"""Ray Tune with ASHA and OptunaSearch over the same space and our trial's program."""

import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autogen.hpo.objective import Objective
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Measurement, State, TrialBatch, config_key
from autogen.training.worker.work import GenerativeWork
from benchmarks.search.asked import NINTHS, resource, task_of
from benchmarks.search.setting import WORKERS, Setting
from benchmarks.search.suggest import config_of, suggested
from benchmarks.search.trace import Trace


def train(
    params: dict[str, Any], work: GenerativeWork, space: SearchSpace, objective: Objective, seed: int
) -> None:
    """Train one trial and report each rung."""
    from ray import tune

    config = config_of(params, space)
    task = task_of(config, int(config_key(config)[:8], 16), seed)

    def report(measured: Sequence[Measurement]) -> list[bool]:
        (one,) = measured
        figures = {"ninths": resource(task, one.step), "score": one.score, "loss": objective.loss(one.score)}
        tune.report(figures | {"spent": one.train_seconds + one.eval_seconds})
        return [True]

    (ended,) = work(TrialBatch((task,)), report)
    if ended.state is not State.COMPLETE:
        raise RuntimeError(ended.reason)


@dataclass(frozen=True)
class Define:
    """Define-by-run function of a space; Tune pickles it."""

    space: SearchSpace

    def __call__(self, trial: Any) -> None:
        """Suggest a config; the values are taken from the trial."""
        suggested(trial, self.space)


def search(setting: Setting, seconds: float, trace: Trace) -> None:
    """Search for so many seconds from the first trial's start."""
    os.environ |= {"TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1", "RAY_AIR_NEW_OUTPUT": "0"}
    import ray
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler
    from ray.tune.search.optuna import OptunaSearch

    class Noting(tune.Callback):
        """Writes the trace."""

        def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any) -> None:
            trace.measured(trial.trial_id, result["spent"])
            if result["ninths"] == NINTHS[-1]:
                trace.complete(result["score"], result["config"]["family"])

    class Over(tune.Stopper):
        """Ends the search when its time is up."""

        def __call__(self, trial_id: str, result: Any) -> bool:
            return False

        def stop_all(self) -> bool:
            return trace.clock() > trace.ready + seconds

    space = setting.space

    given = {"work": setting.work(), "space": space, "objective": setting.objective, "seed": setting.seed}
    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": logging.ERROR}
    ray.init("local", num_cpus=WORKERS, **quiet)
    with tempfile.TemporaryDirectory() as folder:
        tune.Tuner(
            tune.with_parameters(train, **given),
            tune_config=tune.TuneConfig(
                metric="loss",
                mode="min",
                search_alg=OptunaSearch(space=Define(space), metric="loss", mode="min", seed=setting.seed),
                scheduler=ASHAScheduler(time_attr="ninths", max_t=9, grace_period=1, reduction_factor=3),
                num_samples=-1,
                max_concurrent_trials=WORKERS,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0, callbacks=[Noting()], stop=Over()),
        ).fit()
    ray.shutdown()
