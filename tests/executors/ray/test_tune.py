"""Needs Ray; one small cluster serves all tests that train."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from autogen import registry
from autogen.errors import RunError, SettingsError, SpaceError
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import State

pytest.importorskip("ray.tune")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),
]  # Ray's own, at import and at its end

SPACE = """
[vae.model]
latent_dim = { int = [2, 8], default = 4 }
[vae.training]
lr = { float = [1e-3, 1e-2], log = true, default = 3e-3 }
steps = 60
"""


def searcher(**settings):
    from autogen.executors.ray.tune import AutogenSearcher

    return AutogenSearcher(SearchSpace.parse(SPACE), "loss", "min", **settings)


def outcomes(made):
    return [event["outcome"] for event in made._story if "outcome" in event]


def test_a_trial_that_tune_stopped_is_told_with_its_true_fidelity():
    made = searcher()
    made.suggest("a")
    made.suggest("b")
    made.on_trial_complete("a", {"loss": 0.1, "step": 20})
    made.on_trial_complete("b", {"loss": 0.5, "step": 60})
    first, second = outcomes(made)
    assert (first["state"], first["fidelity"]) == (State.PRUNED, 1 / 3)
    assert (second["state"], second["fidelity"]) == (State.COMPLETE, 1.0)


@pytest.mark.parametrize("result", [None, {"loss": math.nan, "step": 60}, {"step": 60}, {"loss": math.inf}])
def test_nothing_but_a_finite_score_is_a_result(result):
    made = searcher()
    made.suggest("a")
    made.on_trial_complete("a", result)
    assert [(one["state"], one["loss"]) for one in outcomes(made)] == [(State.FAILED, None)]


def test_an_error_is_a_failure_whatever_was_reported_before():
    made = searcher()
    made.suggest("a")
    made.on_trial_result("a", {"loss": 0.1, "step": 20})
    made.on_trial_complete("a", error=True)
    assert outcomes(made)[0]["state"] == State.FAILED


def test_a_trial_ended_while_paused_counts_as_far_as_it_had_come():
    made = searcher()
    made.suggest("a")
    made.on_trial_result("a", {"loss": 0.1, "step": 40})
    made.on_trial_complete("a")
    assert (outcomes(made)[0]["state"], outcomes(made)[0]["loss"]) == (State.PRUNED, 0.1)


def test_scores_to_maximise_are_turned_round():
    from autogen.executors.ray.tune import AutogenSearcher

    made = AutogenSearcher(SearchSpace.parse(SPACE), "score", "max")
    made.suggest("a")
    made.on_trial_complete("a", {"score": 0.25, "step": 60})
    assert outcomes(made)[0]["loss"] == -0.25


def test_a_restored_search_goes_on_as_if_it_had_never_stopped(tmp_path):
    def tell(made, name, loss):
        made.on_trial_complete(name, {"loss": loss, "step": 60})

    made = searcher(seed=3)
    for number in range(8):
        made.suggest(f"t{number}")
        if number % 3:
            tell(made, f"t{number}", 1 / (1 + number))
    made.save(str(tmp_path / "state.json"))
    again = searcher(seed=3)
    again.restore(str(tmp_path / "state.json"))
    for one in (made, again):
        tell(one, "t3", 0.01)
    assert [made.suggest(f"u{n}") for n in range(4)] == [again.suggest(f"u{n}") for n in range(4)]


def test_what_is_saved_is_json_and_nothing_else_is_restored(tmp_path):
    made = searcher()
    made.suggest("a")
    made.save(str(tmp_path / "state"))
    assert json.loads((tmp_path / "state").read_text())["story"][0]["trial"] == "a"
    (tmp_path / "foreign").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(RunError, match="does not hold a search"):
        made.restore(str(tmp_path / "foreign"))


def test_a_space_that_runs_out_ends_the_search():
    from ray.tune.search import Searcher

    from autogen.executors.ray.tune import AutogenSearcher

    text = "[a.model]\nx = { choice = [1, 2], default = 1 }\n[a.training]\nsteps = 1\n"
    made = AutogenSearcher(SearchSpace.parse(text), "loss", "min", sampler="grid")
    assert [type(made.suggest(str(n))) for n in range(2)] == [dict, dict]
    assert made.suggest("2") == Searcher.FINISHED


def test_a_space_without_steps_needs_to_be_told_where_trials_end():
    from autogen.executors.ray.tune import AutogenSearcher, Fidelity

    text = "[a.model]\nx = { choice = [1, 2], default = 1 }\n"
    with pytest.raises(SettingsError, match="where a trial ends"):
        AutogenSearcher(SearchSpace.parse(text))
    made = AutogenSearcher(SearchSpace.parse(text), "loss", "min", fidelity=Fidelity("epoch", 10))
    made.suggest("a")
    made.on_trial_complete("a", {"loss": 1.0, "epoch": 5})
    assert outcomes(made)[0]["fidelity"] == 0.5


def test_a_pruner_and_a_scheduler_are_refused_together_in_one_line():
    from ray.tune.schedulers import ASHAScheduler

    from autogen.executors.ray.tune import tune_config

    with pytest.raises(SettingsError, match="both stop trials; leave out one") as raised:
        tune_config(
            SearchSpace.parse(SPACE),
            "loss",
            "min",
            trials=1,
            concurrent=1,
            pruner="halving",
            scheduler=ASHAScheduler(),
        )
    assert "\n" not in str(raised.value)
    made = tune_config(SearchSpace.parse(SPACE), "loss", "min", trials=3, concurrent=2)
    assert (made.num_samples, made.max_concurrent_trials) == (3, 2)


def test_our_pruner_stops_trials_of_tune_as_it_stops_ours():
    from autogen.executors.ray.tune import PruningScheduler

    class Trial:
        def __init__(self, number):
            self.trial_id, self.config = str(number), {"training.steps": 9}

    scheduler = PruningScheduler(HalvingPruner())
    scheduler.set_search_properties("loss", "min")
    answers = []
    for number, loss in enumerate([3.0, 2.0, 5.0, 1.0]):
        scheduler.on_trial_add(None, Trial(number))
        answers.append(scheduler.on_trial_result(None, Trial(number), {"loss": loss, "step": 1}))
    assert answers == ["CONTINUE", "CONTINUE", "STOP", "CONTINUE"]
    assert scheduler.on_trial_result(None, Trial(0), {"loss": 9.0, "step": 9}) == "CONTINUE"


@pytest.fixture(scope="module")
def small_ray(address):
    """This process, in the small cluster."""
    import ray

    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    ray.init(address, logging_level="ERROR", log_to_driver=False)
    yield address
    ray.shutdown()


@pytest.fixture(scope="module")
def driven(small_ray, tmp_path_factory):
    """A folder, and the results of a tuner in it that our search and our pruner drove."""
    from ray import tune

    from autogen.executors.ray.tune import trainable, tune_config

    folder = tmp_path_factory.mktemp("driven")
    tuner = tune.Tuner(
        trainable("wine", objective="kd", rungs=3),
        tune_config=tune_config(
            SearchSpace.parse(SPACE),
            "kd",
            "min",
            trials=6,
            concurrent=1,
            sampler="random",
            pruner="halving",
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(storage_path=str(folder), name="run", verbose=0),
    )
    return folder, tuner.fit()


def whole_of(results):
    return next(result for result in results if result.metrics["step"] == 60)


def test_our_search_and_our_pruner_drive_a_tuner_and_models_can_be_loaded(driven):
    import autogen

    folder, results = driven
    assert results.num_errors == 0
    steps = [result.metrics["step"] for result in results]
    assert max(steps) == 60
    assert min(steps) < 60
    last = max((folder / "run").glob("searcher-state*"))  # Tune keeps one a session, named by its time
    story = json.loads(last.read_text())["story"]
    told = sorted(event["outcome"]["fidelity"] for event in story if "outcome" in event)
    assert told == sorted(step / 60 for step in steps)
    assert len(autogen.load(whole_of(results).checkpoint.path).sample(5)) == 5
    files = {path.suffix for path in (folder / "run").glob("*/checkpoint_*/*")}
    assert files <= {".safetensors", ".toml", ".json"}


def test_a_trial_goes_on_from_its_checkpoint_with_the_same_numbers(driven, tmp_path):
    from ray import tune

    from autogen.executors.ray.tune import trainable

    whole = whole_of(driven[1])
    (checkpoint,) = [one for one, told in whole.best_checkpoints if told["step"] == 20]
    train = trainable("wine", objective="kd", rungs=3)

    def go_on(config):
        with mock.patch.object(tune, "get_checkpoint", return_value=checkpoint):
            train(config)

    run_config = tune.RunConfig(storage_path=str(tmp_path), name="again", verbose=0)
    went_on = tune.Tuner(go_on, param_space=whole.config, run_config=run_config).fit()[0]
    assert went_on.metrics["kd"] == whole.metrics["kd"]
    assert len(went_on.metrics_dataframe) == 2


def power_cut(mark, after):
    """End Tune in the middle, once: when so many checkpoints are there."""
    from ray.tune import Stopper

    class PowerCut(Stopper):
        def __call__(self, trial_id, result):
            return False

        def stop_all(self):
            if not mark.exists() and len(list(mark.parent.glob("run/*/checkpoint_*"))) >= after:
                mark.touch()
                raise RuntimeError("power cut")
            return False

    return PowerCut()


def test_a_tuner_that_was_cut_off_is_restored_and_our_search_goes_on(small_ray, tmp_path, monkeypatch):
    from ray import tune

    from autogen.executors.ray.tune import trainable, tune_config

    monkeypatch.setenv("TUNE_GLOBAL_CHECKPOINT_S", "0")
    train = trainable("wine", objective="kd", rungs=2)
    space = SearchSpace.parse(SPACE)
    more = {"sampler": "random", "seed": 7, "reuse_actors": True}  # a new process imports for seconds
    config = tune_config(space, "kd", "min", trials=3, concurrent=1, **more)
    run_config = tune.RunConfig(storage_path=str(tmp_path), name="run", verbose=0)
    run_config.stop = power_cut(tmp_path / "cut", after=2)
    with pytest.raises(Exception, match="power cut"):
        tune.Tuner(train, tune_config=config, run_config=run_config).fit()
    results = tune.Tuner.restore(str(tmp_path / "run"), train, resume_unfinished=True).fit()
    assert [result.metrics["step"] for result in results] == [60] * 3
    last = max((tmp_path / "run").glob("searcher-state*"))  # Tune keeps one a session, named by its time
    story = json.loads(last.read_text())["story"]
    configs = [event["config"] for event in story if "config" in event]
    told = [event["trial"] for event in story if "outcome" in event]
    assert configs == [dict(one) for one in registry.get("sampler", "random")(space, 7).ask(3)]
    assert len(told) == len(set(told)) == 3


def test_the_example_runs(address, tmp_path):
    root = Path(__file__).parents[3]
    environment = os.environ | {"RAY_ADDRESS": address, "TMPDIR": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, str(root / "examples/ray_tune.py"), "wine", "1"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "alcohol" in done.stdout


def test_our_trials_run_under_a_search_and_scheduler_of_tune(small_ray, tmp_path):
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    from autogen.executors.ray.tune import trainable

    space = {"family": "vae", "training.steps": 60, "training.lr": tune.loguniform(1e-3, 1e-2)}
    results = tune.Tuner(
        trainable("wine", objective="kd", rungs=3),
        param_space=space,
        tune_config=tune.TuneConfig(
            metric="kd",
            mode="min",
            num_samples=3,
            max_concurrent_trials=1,
            reuse_actors=True,
            scheduler=ASHAScheduler(time_attr="step", max_t=60, grace_period=20, reduction_factor=2),
        ),
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0),
    ).fit()
    assert results.num_errors == 0
    assert all(math.isfinite(result.metrics["kd"]) for result in results)
    assert {result.metrics["step"] for result in results} <= {20, 40, 60}


def test_a_config_that_is_wrong_is_an_error_of_its_trial():
    from autogen.executors.ray.trainable import _trial

    with pytest.raises(SpaceError, match="latent_dims"):
        _trial({"family": "vae", "model.latent_dims": 3}, work=None, rungs=3, seed=0)
