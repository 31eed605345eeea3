import sqlite3
from contextlib import closing

import optuna
import pytest

from autogen.engine.transfer.lessons import kept_name
from autogen.errors import SettingsError
from autogen.hpo.objective import Objective
from autogen.hpo.optuna_storages import earlier_study
from autogen.hpo.space.search_space import SearchSpace

SPACE = SearchSpace.parse("""
[vae.model]
width = { int = [8, 64], default = 32 }
[vae.training]
lr = { float = [1e-4, 1e-1], log = true, default = 1e-3 }
[gan.model]
width = { choice = ["small", "large"], default = "small" }
""")
OBJECTIVE = Objective("kd")


@pytest.fixture
def place(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    study = optuna.create_study(study_name="mine", storage=url)

    def value(trial):
        family = trial.suggest_categorical("family", ["vae", "gan"])
        if family == "gan":
            return 5.0 if trial.suggest_categorical("gan.model.width", ["small", "large"]) == "small" else 4.0
        width = trial.suggest_int("vae.model.width", 8, 128)
        return abs(width - 20) + trial.suggest_float("training.lr", 1e-4, 1e-1, log=True)

    for params in (
        {"family": "vae", "vae.model.width": 21, "training.lr": 0.01},
        {"family": "vae", "vae.model.width": 100, "training.lr": 0.01},
        {"family": "gan", "gan.model.width": "large"},
    ):
        study.enqueue_trial(params)
    study.optimize(value, n_trials=3)
    return url


def test_complete_trials_that_lie_in_the_space_are_learned_from(place):
    found = earlier_study(place, SPACE, OBJECTIVE)
    assert found.source == "optuna:mine"
    assert [config for config, _ in found.trials] == [
        {"family": "vae", "model.width": 21, "training.lr": 0.01},
        {"family": "gan", "model.width": "large"},
    ]
    assert found.best()[0] == found.trials[0][0]
    assert found.trials[0][1].loss == pytest.approx(1.01)
    assert earlier_study(f"{place}#mine", SPACE, OBJECTIVE).trials == found.trials


def test_a_trial_that_lacks_a_parameter_has_its_usual_value(place):
    text = "[vae.training]\nlr = { float = [1e-4, 1e-1], log = true, default = 1e-3 }\n"
    text += 'start = { choice = ["earlier", "fresh"], default = "earlier" }\n[vae.model]\n'
    space = SearchSpace.parse(text + "width = { int = [8, 64], default = 32 }")
    found = earlier_study(place, space, OBJECTIVE, {"training.start": "fresh"})
    assert found.best() == [
        {"model.width": 21, "training.lr": 0.01, "family": "vae", "training.start": "fresh"}
    ]


def test_what_cannot_be_learned_from_is_refused_in_a_line(place, tmp_path):
    with pytest.raises(SettingsError, match=r"name one of the studies of .*#NAME; it has mine"):
        earlier_study(f"{place}#other", SPACE, OBJECTIVE)
    with pytest.raises(SettingsError, match=r"has to minimize its value, but density is to maximize"):
        earlier_study(place, SPACE, Objective("density", direction="maximize"))
    with pytest.raises(SettingsError, match=r"none of the 3 complete trials of the study mine lies"):
        earlier_study(place, SearchSpace.parse("[trees]\nleaf = { int = [1, 9] }"), OBJECTIVE)
    with pytest.raises(SettingsError, match=r"'study.db' is no Optuna storage"):
        earlier_study("study.db", SPACE, OBJECTIVE)


@pytest.mark.parametrize("other", ["nosuch.db", "other.db", "text.db", "journal"])
def test_a_place_without_a_study_is_refused_and_stays_as_it_is(tmp_path, other):
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("create table mine (a)")
    (tmp_path / "text.db").write_text("no database")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    url = f"journal:{tmp_path}/nosuch.log" if other == "journal" else f"sqlite:///{tmp_path}/{other}"
    said = "no such table|file is not a database|there is no file"
    with pytest.raises(SettingsError, match=rf"cannot be read as an Optuna storage: .*({said})[^\[]*$"):
        earlier_study(url, SPACE, OBJECTIVE)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_settings_keep_no_password():
    kept = kept_name("optuna:postgresql://me:secret@host/studies#mine")
    assert kept == "optuna:postgresql://me:***@host/studies#mine"
