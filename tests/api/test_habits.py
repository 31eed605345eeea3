"""Names of other tools, and what they mean here."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.api.habits import budget_of, listener, names_of, paths_of, texts_of, workers_of
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import RunError, SettingsError, UserError
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Ask, End, Rung
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.views import Study
from autogen.hpo.trial import State
from tests.tracking.runs import searched


def test_the_signature_names_every_setting_with_its_default():
    signature = inspect.signature(autogen.search).parameters
    two_names = {"budget": None, "objective": None, "workers": None, "seed": None, "features": ""}
    tables = {"constraints", "columns", "options", "asking", "executor_options"}
    for item in fields(Settings):
        if item.name in ("update", "older"):  # which autogen.update sets
            continue
        if item.name == "privacy":  # a table in study.toml
            assert [signature[name].default for name in ("epsilon", "delta", "ranges")] == [None] * 3
            continue
        default = signature[item.name].default
        if item.name == "data":
            assert default is inspect.Parameter.empty
        elif item.name in two_names or item.name in tables:
            assert default == two_names.get(item.name)
        else:
            assert default == item.default
    assert {"n_trials", "timeout", "random_state", "n_jobs", "metric", "callbacks", "verbose"} <= set(
        signature
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((60, None, None), "60s"),
        ((0.5, None, None), "0.5s"),
        (("10min", None, None), "10min"),
        ((None, 50, None), "50trials"),
        ((None, None, 600), "600s"),
        ((None, 50, 600), "600s,50trials"),
        ((None, None, "10m"), "10m"),
        ((1e-5, None, None), "0.00001s"),
        ((None, 5, 1e16), "10000000000000000s,5trials"),
        ((None, None, None), None),
    ],
)
def test_seconds_trials_and_texts_are_budgets(given, expected):
    text = budget_of(*given)
    assert text == expected
    assert text is None or Budget.parse(str(Budget.parse(text))) == Budget.parse(text)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("1m", 50, None), "not both"),
        ((60, None, 60), "not both"),
        ((None, 2.5, None), "n_trials must be a whole number, at least 1; got 2.5"),
        ((None, 0, None), "n_trials must be a whole number, at least 1; got 0"),
        ((None, None, float("nan")), "timeout must be seconds above 0"),
        ((0, None, None), "budget must be seconds above 0"),
        ((None, True, None), "n_trials must be a whole number"),
        (([60], None, None), "budget must be seconds above 0, or a text such as 10m"),
        ((None, None, False), "timeout must be seconds"),
        ((None, 5, "20trials"), "timeout must be seconds above 0, .*; got '20trials'; .* is n_trials"),
        ((None, None, "10m,20trials"), "timeout must be seconds above 0"),
        ((None, None, "soon"), "timeout must be seconds above 0"),
    ],
)
def test_what_is_no_budget_is_refused(given, why):
    with pytest.raises(SettingsError, match=why):
        budget_of(*given)


def test_words_of_states_are_those_of_optuna_but_two():
    optuna = pytest.importorskip("optuna")
    theirs = {state.name for state in optuna.trial.TrialState}
    assert {state.name for state in State} - theirs == {"FAILED", "INFEASIBLE"}
    assert theirs - {state.name for state in State} == {"FAIL", "WAITING"}


def test_numbers_of_numpy_are_numbers():
    assert budget_of(None, np.int64(3), np.float32(2)) == "2s,3trials"
    assert workers_of(None, np.int64(2)) == 2


def test_jobs_are_workers():
    assert [workers_of(None, jobs) for jobs in (None, 1, 4, -1)] == [0, 1, 4, 0]
    assert workers_of(3, None) == 3
    for wrong in (0, -2, 1.5, True):
        with pytest.raises(SettingsError, match="n_jobs must be"):
            workers_of(None, wrong)
    with pytest.raises(SettingsError, match="not both"):
        workers_of(2, 2)


@pytest.mark.slow
def test_names_of_scikit_learn_reach_the_study(tmp_path):
    class StoppedError(Exception):
        """Nothing is trained: the settings are written by now."""

    def stop(event, state):
        raise StoppedError

    with pytest.raises(StoppedError):
        searched(tmp_path, n_jobs=2, random_state=3, metric="fd", listen=stop)
    study = RunFolder(tmp_path / "run").read_study()
    assert (study["seed"], study["objective"], study["workers"]) == (3, "fd", 2)
    assert study["budget"] == "3trials"


def test_a_public_name_with_a_typo_is_answered_with_the_nearest():
    with pytest.raises(AttributeError, match="has no attribute 'searchx'; .* Did you mean 'search'"):
        autogen.searchx  # noqa: B018
    assert not hasattr(autogen, "__wrapped__")


def test_names_are_a_text_or_a_list():
    assert names_of("families", "vae, gan") == names_of("families", ["vae", "gan"]) == ("vae", "gan")
    assert names_of("families", "vae") == ("vae",)
    assert names_of("families", "") == ()
    assert texts_of("rules", "a, b -> c") == ("a, b -> c",)


def test_callbacks_hear_of_each_trial_that_ends_and_listeners_of_all(capsys):
    heard, events, stopped = [], [], []
    listen = listener(
        lambda event, _: events.append(event),
        [lambda study, trial: heard.append((study, trial))],
        verbose=1,
        stop=lambda: stopped.append(True),
    )
    state = StudyState(Objective("kd"))
    story = [Ask(0, {"family": "vae"}, 0, (1,)), Rung(0, 1, 0.5, True), End(0, State.COMPLETE)]
    for event in story:
        state.apply(event)
        listen(event, state)
    ((study, trial),) = heard
    assert (trial.number, trial.value, trial.params["family"]) == (0, 0.5, "vae")
    assert (trial.state.name, trial.intermediate_values) == ("COMPLETE", {1: 0.5})
    assert study.trials == [trial] == [study.best_trial]
    assert (study.best_value, study.best_params, study.direction) == (0.5, trial.params, "minimize")
    study.stop()
    assert stopped == [True]
    assert events == story
    assert capsys.readouterr().out == "trial 0 (vae): complete, 0.5; best 0.5 (trial 0)\n"
    assert listener(None, [], 0, stopped.clear) is None
    for wrong in (print, 5, None, [5]):
        with pytest.raises(SettingsError, match="callbacks must be a list"):
            listener(None, wrong, 0, stopped.clear)
    with pytest.raises(SettingsError, match="listen must be a function"):
        listener(5, [], 0, stopped.clear)
    with pytest.raises(SettingsError, match="verbose must be a whole number"):
        listener(None, [], "loud", stopped.clear)


def test_a_study_without_a_complete_trial_has_no_best_one():
    study = Study(StudyState(Objective("kd")), print)
    assert study.trials == []
    with pytest.raises(RunError, match="no trial is complete yet"):
        study.best_value  # noqa: B018


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: autogen.resume("run", buget=60), "autogen.resume has no parameter 'buget'; .*'budget'"),
        (lambda: autogen.Generator(bugdet=60), "autogen.Generator has no parameter 'bugdet'; .*'budget'"),
        (lambda: autogen.GeneratorOverSampler(random_sate=1), "did you mean 'random_state'"),
        (
            lambda: autogen.Generator().set_params(familys="vae"),
            "autogen.Generator has no parameter 'familys'; did you mean 'families'",
        ),
        (
            lambda: autogen.GeneratorOverSampler().set_params(sampling_stategy=1),
            "autogen.GeneratorOverSampler has no .*'sampling_strategy'",
        ),
        (
            lambda: autogen.GeneratorOverSampler(autogen.Generator()).set_params(generator__bugdet=1),
            "autogen.Generator has no parameter 'bugdet'; did you mean 'budget'",
        ),
        (
            lambda: autogen.GeneratorOverSampler().set_params(generator__budget=1),
            "generator__budget is a parameter of generator, but generator is None; give an estimator",
        ),
        (lambda: autogen.load(pth="run"), "autogen.load has no parameter 'pth'; did you mean 'path'"),
        (lambda: autogen.score([], against_=[]), "autogen.score has no parameter 'against_'; .*'against'"),
        (lambda: autogen.judge("a", metric="x"), "autogen.judge has no parameter 'metric'; .*'metrics'"),
        (lambda: autogen.update("a", "b", budgt="1m"), "autogen.update has no parameter 'budgt'; .*'budget'"),
        (lambda: autogen.benchmark("a", outt="b"), "autogen.benchmark has no parameter 'outt'; .*'out'"),
        (lambda: autogen.load(zzz=1), "autogen.load has no parameter 'zzz'; it has path"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest_one(call, why):
    with pytest.raises(SettingsError, match=why):
        call()


@pytest.mark.parametrize(
    ("habit", "ours"),
    [
        ("time_limit", "did you mean 'timeout'"),
        ("n_iter", "did you mean 'n_trials'"),
        ("num_samples", "did you mean 'n_trials'"),
        ("scoring", "did you mean 'metric'"),
        ("model", "did you mean 'families'"),
        ("label", "did you mean 'target'"),
        ("X", "did you mean 'data'"),
        ("study_name", "did you mean 'out'"),
        ("show_progress_bar", "did you mean 'verbose'"),
        ("gpus", "did you mean 'device'"),
        ("direction", "leave it out: each metric knows whether lower or higher"),
        ("gc_after_trial", "leave it out: trials run in processes of their own"),
        ("catch", "leave it out: a trial that fails is recorded as FAILED"),
        ("load_if_exists", "leave it out: autogen.resume"),
        ("batch_size", "leave it out: the search chooses it"),
    ],
)
def test_parameters_of_other_tools_are_answered_with_ours(habit, ours):
    with pytest.raises(SettingsError, match=f"autogen.search has no parameter '{habit}'; {ours}"):
        autogen.search("wine", **{habit: 1})


def test_what_other_tools_call_a_number_of_samples_is_n(tmp_path):
    with pytest.raises(SettingsError, match="sample has no parameter 'num_rows'; did you mean 'n'"):
        autogen.Generator().sample(num_rows=5)
    with pytest.raises(SettingsError, match="autogen.Generator has no parameter 'time_limit'; it has budget"):
        autogen.Generator(time_limit=5)
    with pytest.raises(SettingsError, match="autogen.Generator has no parameter 'cv'; leave it out"):
        autogen.Generator(cv=5)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("TPESampler", "bayesian"), ("RandomSampler", "random"), ("HyperbandPruner", "hyperband")],
)
def test_objects_of_optuna_are_answered_with_a_name_of_ours(theirs, ours):
    optuna = pytest.importorskip("optuna")
    kind = "sampler" if theirs.endswith("Sampler") else "pruner"
    made = getattr(getattr(optuna, f"{kind}s"), theirs)()
    with pytest.raises(SettingsError, match=f"{kind} must be a name, not an object; did you mean '{ours}'"):
        autogen.search("wine", **{kind: made})


def test_the_storage_of_an_optuna_study_is_a_tracker():
    with pytest.raises(SettingsError, match='track="optuna:sqlite:///study.db"'):
        autogen.search("wine", storage="sqlite:///study.db")


def test_verbose_is_a_number_or_true(capsys):
    state = StudyState(Objective("kd"))
    assert listener(None, [], False, print) is None
    tell = listener(None, [], True, print)
    for event in [Ask(0, {"family": "vae"}, 0, (1,)), Rung(0, 1, 0.5, True), End(0, State.COMPLETE)]:
        state.apply(event)
        tell(event, state)
    assert capsys.readouterr().out.startswith("trial 0 (vae): complete")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"budget": 60, "n_trials": 3}, "not both"),
        ({"n_trials": 0}, "n_trials must be a whole number"),
        ({"workers": 1, "n_jobs": 1}, "give workers or n_jobs"),
        ({"verbose": "loud"}, "verbose must be a whole number"),
        ({"callbacks": print}, "callbacks must be a list"),
        ({"track": "nosuch"}, "nosuch"),
        ({"executor_options": 5}, "executor_options must be a dictionary"),
    ],
)
def test_what_is_wrong_when_a_run_goes_on_is_said_in_a_line(wrong, why, tmp_path):
    with pytest.raises(UserError, match=why):
        autogen.resume(tmp_path, **wrong)
    with pytest.raises(SettingsError, match="run must be the folder"):
        autogen.resume(5)


@pytest.mark.slow
def test_a_callback_stops_the_search_and_more_trials_are_had_afterwards(tmp_path):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 2)), columns=["a", "b"])
    settings = {"families": "trees", "executor": "inprocess", "metric": "kd", "models_only": True}
    once = [lambda study, _: study.stop()]
    first = autogen.search(table, n_trials=9, callbacks=once, out=tmp_path / "run", **settings)
    assert [trial.number for trial in first.trials] == [0]
    assert first.best_trial == first.trials[0]
    assert first.best_params == first.best_trial.params
    assert first.best_value == first.best_trial.value
    numbers = []
    told = [lambda _, trial: numbers.append(trial.number)]
    again = autogen.resume(first, source=table, n_trials=2, callbacks=told, n_jobs=1)
    assert numbers == [1]
    assert len(again.trials) == 2


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"random_states": 1}, "no parameter 'random_states'; did you mean 'random_state'"),
        ({"n_trial": 1}, "did you mean 'n_trials'"),
        ({"seed": 1, "random_state": 1}, "give seed or random_state, but not both"),
        ({"objective": "kd", "metric": "kd"}, "give objective or metric, but not both"),
        ({"trial_timeout": "3trials"}, "trial_timeout must be a time"),
        ({"trial_timeout": 0}, "trial_timeout must be"),
        ({"families": 5}, "families must be a text or a list of texts; got 5"),
        ({"rules": None}, "rules must be a text or a list of texts"),
        ({"options": "x"}, "options must be a dictionary with names as keys; got 'x'"),
        ({"columns": {5: "number"}}, "columns must be a dictionary with names as keys"),
        ({"constraints": ["a"]}, "constraints must be a dictionary"),
        ({"random_state": "x"}, "random_state must be a whole number, at least 0; got 'x'"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"n_jobs": "a"}, "n_jobs must be a number of parallel trials"),
        ({"metric": 5}, "objective must be a text; got 5"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(wrong, why, tmp_path):
    with pytest.raises(SettingsError, match=why):
        autogen.search("wine", out=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()


def test_the_package_can_be_completed():
    assert {"search", "load", "score", "Generator"} <= set(dir(autogen))
    with pytest.raises(AttributeError, match="it has .*search"):
        autogen.nosuch  # noqa: B018


def test_editors_are_told_the_public_names():
    stub = Path(autogen.__file__).with_suffix(".pyi").read_text()
    told = set(re.findall(r"import .* as (\w+)|, \w+ as (\w+)", stub))
    names = {name for pair in told for name in pair if name} | set(re.findall(r"import (\w+) as", stub))
    assert names == set(autogen.__all__) - {"__version__"}


def test_the_folder_must_be_a_path_and_empty(tmp_path):
    with pytest.raises(SettingsError, match="out must be the path of a folder; got 5"):
        autogen.search("wine", out=5)
    (tmp_path / "study.toml").touch()
    for search in (autogen.search, lambda data, out: autogen.Generator(out=out).fit(data)):
        with pytest.raises(
            SettingsError, match=r"is not empty; resume its run: autogen.resume\('.*'\); or give"
        ):
            search(["a", "b"], out=tmp_path)


def test_a_setting_by_its_former_name_and_today_s_is_refused():
    with pytest.raises(SettingsError, match="timeout is the former name of trial_timeout"):
        Settings.of({"data": "wine", "timeout": "5m", "trial_timeout": "1h"}, "study.toml")
    assert Settings.of({"data": "wine", "timeout": "5m"}, "study.toml").trial_timeout == "5m"


def test_folders_of_runs_are_paths_or_texts(tmp_path):
    assert paths_of("learn_from", [tmp_path, "runs/b"]) == (str(tmp_path), "runs/b")
    assert paths_of("init_from", None) == ()
    with pytest.raises(SettingsError, match="init_from must be the folder of a run"):
        paths_of("init_from", 3)
