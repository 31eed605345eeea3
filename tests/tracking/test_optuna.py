"""The mirror in Optuna: the same trials, plots that draw, and optuna-dashboard on PostgreSQL in a browser."""

import contextlib
import math
import shutil
import threading
import time
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import pytest
from optuna.trial import TrialState

from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import SettingsError
from autogen.hpo.objective import Objective, parse_constraints
from autogen.hpo.optuna_storages import open_storage
from autogen.hpo.space import space_names
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study import events
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from autogen.tracking.base import TrackedStudy
from autogen.tracking.optuna_space import OptunaSpace
from autogen.tracking.optuna_storage import OptunaTracker
from autogen.tracking.session import export_study, trackers_of
from benchmarks.postgres import postgres
from tests.report.chromium import Chromium, needed

HAS_POSTGRES = bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
SPACE = """
[vae.model]
prior = { choice = ["gmm", "flow"] }
width = { int = [8, 32], step = 8 }
latent = { int = [4, 64], log = true, factor = 2 }
[gan.model]
prior = { choice = ["normal", "gmm"] }
width = { choice = ["small", "large"] }
latent = { int = [2, 32], log = true }
[gan.training]
lr = { float = [1e-4, 1e-2], log = true }
"""
CONFIGS = (
    {"family": "vae", "model.prior": "flow", "model.width": 16, "model.latent": 32},
    {
        "family": "gan",
        "model.prior": "normal",
        "model.width": "small",
        "model.latent": 3,
        "training.lr": 1e-3,
    },
)


def test_parameters_of_families_are_one_where_they_fit_together():
    space = OptunaSpace(SearchSpace.parse(SPACE))
    values, distributions = space.point(CONFIGS[0])
    assert values == {"family": "vae", "model.prior": "flow", "vae.model.width": 16, "model.latent": 32}
    assert distributions["model.prior"].choices == ("gmm", "flow", "normal")
    assert (distributions["model.latent"].low, distributions["model.latent"].high) == (2, 64)
    assert distributions["vae.model.width"].step == 8
    values, _ = space.point(CONFIGS[1])
    assert values["gan.model.width"] == "small"


@pytest.fixture
def mirrored(tmp_path):
    """A study in SQLite of one trial in each state, with a bound and two objectives or one."""

    def mirror(*objectives):
        tracker = OptunaTracker(f"sqlite:///{tmp_path}/study.db")
        bounds = parse_constraints({"latency": "<= 20ms"})
        study = TrackedStudy(
            RunFolder(tmp_path / "mine"), "about", Settings(), SearchSpace.parse(SPACE), objectives, bounds
        )
        assert tracker.begin(study)
        state = StudyState(objectives[0])
        story = [events.Ask(n, CONFIGS[n % 2], 7, (5, 10)) for n in range(6)]
        story += [events.Rung(n, 5, 0.5 + n / 10, n != 1) for n in range(5)]
        story += [events.Rung(n, 10, 0.6 + n / 10, True) for n in (0, 2, 3)]
        story += [
            events.End(0, State.COMPLETE, values={"latency": 12.0}),
            events.End(1, State.PRUNED, why="worse than half"),
            events.End(2, State.COMPLETE, values={"latency": 15.0}, suspect="copies of the train split"),
            events.End(3, State.INFEASIBLE, values={"latency": 30.0}, why="latency 30 ms"),
            events.End(4, State.FAILED, why="diverged"),
        ]
        for event in story:
            state.apply(event)
            if isinstance(event, events.Ask):
                tracker.asked(state.trials[event.n])
            elif isinstance(event, events.Rung):
                tracker.measured(state.trials[event.n], state.trials[event.n].curve[-1])
            else:
                tracker.ended(state.trials[event.n])
        again = OptunaTracker(f"sqlite:///{tmp_path}/study.db")
        again.begin(study)
        for trial in state.trials:  # what is there already is not written again
            again.asked(trial)
            again.ended(trial) if trial.state is not State.RUNNING else None
        return optuna.load_study(study_name="mine", storage=f"sqlite:///{tmp_path}/study.db")

    return mirror


@pytest.mark.slow
def test_states_values_rungs_and_constraints_are_those_of_the_journal(mirrored):
    study = mirrored(Objective("kd", direction="maximize"))
    states = [trial.state for trial in study.trials]
    assert states == [
        TrialState[n] for n in ("COMPLETE", "PRUNED", "COMPLETE", "COMPLETE", "FAIL", "RUNNING")
    ]
    assert study.trials[0].intermediate_values == {5: 0.5, 10: 0.6}
    assert study.trials[0].value == pytest.approx(0.6)
    bound = "latency <= 20 ms"
    assert study.trials[0].constraints == {bound: -8.0, "memorization": 0.0}
    assert study.trials[2].constraints["memorization"] > 0
    assert study.trials[3].constraints[bound] == pytest.approx(10.0)
    assert study.best_trial.number == 0  # better ones break a bound, or copy
    assert study.trials[1].user_attrs["reason"] == "worse than half"
    assert study.trials[4].user_attrs["reason"] == "diverged"
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE


@pytest.mark.slow
def test_two_objectives_are_two_values(mirrored):
    study = mirrored(Objective("kd"), Objective("latency"))
    assert study.metric_names == ["kd", "latency"]
    assert study.trials[0].values == pytest.approx([0.6, 12.0])
    assert study.trials[1].state is TrialState.PRUNED
    assert [trial.number for trial in study.best_trials] == [0]


def test_a_place_that_is_no_storage_is_refused():
    for wrong, why in {"": "needs a place", "study.db": "no Optuna storage; give sqlite:///"}.items():
        with pytest.raises(SettingsError, match=why):
            open_storage(wrong)


def same_trials(finished_run, study):
    """Whether Optuna has the trials of a run, with their numbers, scores and families."""
    board = finished_run.leaderboard().set_index("trial")
    assert sorted(board.index) == [trial.number for trial in study.trials]
    for trial in study.trials:
        row = board.loc[trial.number]
        assert trial.params["family"] == row["family"]
        if trial.state is TrialState.COMPLETE:
            assert math.isclose(trial.value, row["score"], rel_tol=1e-9)
    assert study.user_attrs["verdict"] == finished_run.verdict


@pytest.mark.slow
@pytest.mark.parametrize("place", ["sqlite:///{}/study.db", "journal:{}/study.log"])
def test_a_run_is_exported_and_optuna_draws_it(finished_run, tmp_path, place):
    url = place.format(tmp_path)
    export_study(finished_run.folder.path, trackers_of([f"optuna:{url}"]))
    export_study(finished_run.folder.path, trackers_of([f"optuna:{url}"]))  # again: nothing is doubled
    study = optuna.load_study(study_name="run", storage=open_storage(url))
    same_trials(finished_run, study)
    figures = optuna.visualization
    for draw in (figures.plot_optimization_history, figures.plot_intermediate_values, figures.plot_slice):
        assert draw(study).data
    assert figures.plot_parallel_coordinate(study, params=["family", "training.lr"]).data


class Silent(WSGIRequestHandler):
    """Requests without lines on stderr."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def dashboard(storage):
    """optuna-dashboard on a port of its own; gives its address."""
    wsgi = pytest.importorskip("optuna_dashboard", reason="needs optuna-dashboard").wsgi
    server = make_server("127.0.0.1", 0, wsgi(storage), handler_class=Silent)

    def serve():
        server.serve_forever()
        storage.remove_session()  # of this thread

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def waited(browser, expression, enough):
    """The value of an expression on the page, once it is enough or half a minute has passed."""
    for _ in range(120):
        if enough(found := browser.ask(expression)):
            break
        time.sleep(0.25)
    return found


@pytest.mark.slow
@needed
@pytest.mark.skipif(not HAS_POSTGRES, reason="needs a PostgreSQL server (apt-get install postgresql)")
def test_the_dashboard_on_postgresql_shows_every_trial_in_a_browser(finished_run, tmp_path):
    pytest.importorskip("psycopg", reason="needs psycopg")
    with postgres() as url:
        export_study(finished_run.folder.path, trackers_of([f"optuna:{url}"]))
        storage = open_storage(url)
        study = optuna.load_study(study_name="run", storage=storage)
        same_trials(finished_run, study)
        with dashboard(storage) as address, Chromium(tmp_path) as browser:
            browser.call("Page.navigate", url=f"{address}/dashboard/studies/{study._study_id}/trials")
            wanted = [f"Trial {trial.number}" for trial in study.trials]
            text = waited(
                browser, "document.body?.innerText ?? ''", lambda shown: all(w in shown for w in wanted)
            )
            assert [name for name in wanted if name not in text] == []
            browser.call("Page.navigate", url=f"{address}/dashboard/studies/{study._study_id}")
            assert waited(browser, "document.querySelectorAll('.js-plotly-plot').length", bool)
        storage.remove_session()
        storage.engine.dispose()


@pytest.mark.parametrize("name", space_names())
def test_the_defaults_of_every_shipped_space_are_trials_of_optuna(name):
    space = SearchSpace.load(name)
    for family in space.families:
        values, distributions = OptunaSpace(space).point(space.default(family))
        frozen = optuna.trial.create_trial(params=values, distributions=distributions, value=1.0)
        assert frozen.params["family"] == family
