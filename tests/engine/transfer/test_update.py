"""``autogen update``: drift first, then a short search from where the earlier run ended, or nothing."""

import json
import re
import shutil

import pytest

import autogen
from autogen.engine.engine import begin
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.transfer.earlier import find_updated
from autogen.engine.transfer.notes import read_drift
from autogen.engine.transfer.space import KEY
from autogen.engine.transfer.update import third, updated
from autogen.errors import DataError, RunError, SettingsError, WriteError
from autogen.hpo.study.events import Ask
from autogen.hpo.study.journal import read
from autogen.report.typed_json import written
from autogen.training.checkpoint import MODEL
from tests.data.texts.makers import words
from tests.engine.transfer.study import search
from tests.hpo.study.logs import without_digests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def update(earlier):
    """An update of the earlier run with names of other letters, and what was found of them before."""
    data = earlier / "moved.txt"
    data.write_text("\n".join(f"{word}ßé" for word in words(160, seed=5)))
    return autogen.update(earlier / "run", data, budget="4trials", out=earlier / "moved")


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The folder of a run whose model is counted, so that there are no weights to start from."""
    folder = tmp_path_factory.mktemp("counted")
    (folder / "names.txt").write_text("\n".join(words(400)))
    return search(folder / "names.txt", folder, "run", families="markov", budget="1trials").folder.path


def test_nothing_is_trained_where_nothing_moved_and_the_model_still_does(counted, tmp_path, command_line):
    data = tmp_path / "more.txt"
    data.write_text("\n".join(words(600)[400:]))
    code, out, _ = command_line("update", counted, "--data", data, "--quiet")
    assert code == 0
    assert "are not shown to differ" in out
    assert "nothing is trained" in out
    record = json.loads(command_line("update", counted, "--data", data, "--json")[1])
    assert (record["trained"], record["drift"]["drifted"]) == (False, False)
    assert not (tmp_path / "runs").exists()


def test_a_model_without_weights_to_start_from_is_fitted_again_where_the_user_says_so(counted, tmp_path):
    data = tmp_path / "more.txt"
    data.write_text("\n".join(words(600)[400:]))
    found = autogen.update(counted, data, budget="1trials", train_anyway=True, out=tmp_path / "out")
    assert not found.drift.drifted
    assert found.result.folder.read_result().start.update.answer in ("old", "fresh")


def test_names_of_optuna_reach_an_update_and_its_callbacks_may_stop_it(counted, tmp_path, capsys):
    data = tmp_path / "more.txt"
    data.write_text("\n".join(words(600)[400:]))
    heard = []

    def stop(study, trial):
        heard.append(trial.number)
        study.stop()

    shown = f"logging:{tmp_path / 'log.txt'}"
    wanted = {"n_trials": 9, "n_jobs": 1, "callbacks": [stop], "verbose": True, "track": shown}
    found = autogen.update(counted, data, train_anyway=True, out=tmp_path / "out", **wanted)
    assert heard == [0] == [trial.number for trial in found.result.trials]
    assert found.result.folder.read_study()["budget"] == "9trials"
    assert "trial 0 (markov): complete" in capsys.readouterr().out
    assert "trial 0" in (tmp_path / "log.txt").read_text()
    with pytest.raises(SettingsError, match="run must be the folder"):
        autogen.update(5, data)


def test_a_model_that_is_kept_is_returned_with_its_family_and_its_config(counted, tmp_path):
    shutil.copytree(counted, tmp_path / "run")
    space = tmp_path / "run/space.toml"
    space.write_text(re.sub(r"order = \d+", "order = 1", space.read_text()))  # no new model can be as good
    data = tmp_path / "more.txt"
    data.write_text("\n".join(words(800)[400:]))
    found = autogen.update(tmp_path / "run", data, budget="1trials", train_anyway=True, out=tmp_path / "out")
    result, before = found.result.folder.read_result(), RunFolder(counted).read_result()
    assert (result.start.update.answer, result.start.used) == ("old", False)
    assert (result.best.family, result.best.config) == ("markov", before.best.config)
    assert result.best.name == "earlier_model"
    assert "earlier_model" in result.statement
    use = (tmp_path / "out/best/card.md").read_text().partition("## Intended use")[2].partition("\n## ")[0]
    assert f"It is the model of the earlier run {tmp_path / 'run'}, which the update keeps" in use.replace(
        "\\", ""
    )
    assert "baseline" not in use


def test_other_names_are_said_to_differ_before_training(update):
    assert update.drift.drifted
    assert update.drift.joint.drifted
    assert update.drift.joint.distance > update.drift.joint.chance
    assert "older and new rows differ" in repr(update)


def test_older_training_rows_are_trained_on_and_new_ones_alone_score(update, earlier):
    result = update.result.folder.read_result()
    before = RunFolder(earlier / "run").read_result().data.rows
    assert result.data.rows["older"] == before["tune"] + before["test"]
    assert result.data.rows["train"] > before["train"]
    data = Plan(
        Settings.of(Settings.load(RunFolder(earlier / "moved").study), ""), str(earlier / "moved.txt")
    )
    for name in ("tune", "select", "test"):
        assert all(text.endswith("ßé") for text in data.data.split(name))


def test_the_first_trial_is_the_earlier_config_from_the_earlier_weights(update, earlier):
    state = [event for event in read(update.result.folder.journal) if isinstance(event, Ask)]
    config = RunFolder(earlier / "run").read_result().best.config
    assert state[0].config[KEY] == "earlier"
    assert state[0].config["training.lr"] == config["training.lr"]
    assert {event.config[KEY] for event in state} == {"earlier", "fresh"}


def test_the_earlier_model_is_scored_on_the_new_test_rows_and_the_answer_is_said(update):
    result = update.result.folder.read_result()
    old = next(one for one in result.baselines if one.name == "earlier_model")
    assert old.mean is not None
    assert old.low <= old.mean <= old.high
    assert result.start.update.answer in ("old", "tuned", "fresh", "baseline")
    assert "This is an update of" in result.statement
    assert result.start.update.drift == update.drift


def test_drift_stands_on_the_page_and_in_the_folder(update):
    folder = update.result.folder
    assert "New data beside older data" in folder.report.read_text()
    assert json.loads(folder.drift.read_text())["drifted"] is True


def test_the_lineage_scores_both_models_on_the_same_rows(update, earlier, command_line):
    code, out, _ = command_line("history", earlier / "moved", "--json")
    assert code == 0
    runs = json.loads(out)["runs"]
    assert [one["run"] for one in runs] == [str(earlier / "moved"), str(earlier / "run")]
    assert all(one["common"] is not None for one in runs)


def test_an_update_can_be_updated_without_the_folder_of_the_first_run(update, earlier, tmp_path):
    data = tmp_path / "third.txt"
    data.write_text("\n".join(f"{word}ßé" for word in words(80, seed=9)))
    settings = updated(RunFolder(earlier / "moved"), str(data))
    assert settings.older == (str(earlier / "names.txt"), str(earlier / "moved.txt"))
    rows = Plan(settings, str(data)).data.rows
    before = update.result.folder.read_result().data.rows
    assert rows["older"].size == before["older"] + before["tune"] + before["test"]
    assert rows["train"].size == before["train"] + 48


def test_a_kept_model_brings_its_own_codec_to_the_next_update(update, earlier, tmp_path):
    """As if the update had kept the earlier model."""
    shutil.copytree(earlier / "moved", tmp_path / "kept")
    shutil.rmtree(tmp_path / "kept/best")
    shutil.copytree(earlier / "moved/start/delivered", tmp_path / "kept/best")
    without_digests(tmp_path / "kept/journal.jsonl")
    data = tmp_path / "third.txt"
    data.write_text("\n".join(f"{word}ßé" for word in words(80, seed=9)))
    plan = Plan(updated(RunFolder(tmp_path / "kept"), str(data)), str(data))
    own = (earlier / "run/best" / MODEL).read_bytes()
    assert plan.champion.folder.joinpath(MODEL).read_bytes() == own
    assert plan.champion.codec.to_json() != plan.data.codec.to_json()
    assert "ß" in plan.earlier.codec.symbols  # models that training starts from have the codec of the update


def test_a_journal_without_trials_of_the_space_teaches_nothing(update, earlier, tmp_path):
    shutil.copytree(earlier / "moved", tmp_path / "run")
    space = tmp_path / "run/space.toml"
    space.write_text(space.read_text().replace("depth = 1", "depth = 2"))
    data = tmp_path / "third.txt"
    data.write_text("\n".join(f"{word}ßé" for word in words(80, seed=9)))
    found = autogen.update(tmp_path / "run", data, budget="1trials", train_anyway=True, out=tmp_path / "out")
    assert Settings.load(found.result.folder.study)["learn_from"] == []


def test_a_run_is_forgotten_where_the_user_says_so(earlier, tmp_path):
    result = autogen.update(
        earlier / "run", earlier / "moved.txt", budget="2trials", out=tmp_path / "out", forget=True
    ).result.folder.read_result()
    assert "older" not in result.data.rows
    assert result.data.rows["train"] == 96


def test_older_rows_cannot_be_forgotten_where_the_new_data_holds_them(earlier, tmp_path):
    both = "\n".join([(earlier / "names.txt").read_text(), (earlier / "moved.txt").read_text()])
    (tmp_path / "both.txt").write_text(both)
    with pytest.raises(SettingsError, match="of 320 in .*, 160 are fresh"):
        autogen.update(earlier / "run", tmp_path / "both.txt", forget=True, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("few.txt", "\n".join(words(172)), "12 texts that the older data has not; at least 20"),
        ("other.csv", "a,b\n" + "\n".join(f"{n},{n}" for n in range(40)), "tabular|kind|text"),
    ],
)
def test_data_that_does_not_go_with_the_run_is_refused_in_a_line(earlier, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message) as refusal:
        autogen.update(earlier / "run", tmp_path / name)
    assert "\n" not in str(refusal.value)


def test_what_is_no_finished_run_of_a_file_is_refused_in_a_line(earlier, tmp_path):
    with pytest.raises(RunError, match="lacks study.toml"):
        autogen.update(tmp_path, earlier / "moved.txt")
    shutil.copytree(earlier / "run", tmp_path / "run")
    study = tmp_path / "run/study.toml"
    study.write_text(study.read_text().replace(str(earlier / "names.txt"), ""))
    with pytest.raises(RunError, match="given in memory"):
        autogen.update(tmp_path / "run", earlier / "moved.txt")
    (tmp_path / "run/result.json").unlink()
    with pytest.raises(RunError, match="has no result yet"):
        autogen.update(tmp_path / "run", earlier / "moved.txt")


def test_a_run_whose_data_has_changed_since_is_refused_in_a_line(earlier, tmp_path):
    shutil.copytree(earlier / "run", tmp_path / "run")
    (tmp_path / "names.txt").write_text("\n".join(words(161)))
    study = tmp_path / "run/study.toml"
    study.write_text(study.read_text().replace(str(earlier / "names.txt"), str(tmp_path / "names.txt")))
    for message in ("has changed since; an update needs it as it was", "cannot be read again .* put it back"):
        with pytest.raises(RunError, match=message) as refusal:
            find_updated(RunFolder(tmp_path / "run"))
        assert "\n" not in str(refusal.value)
        (tmp_path / "names.txt").unlink(missing_ok=True)


def test_a_run_with_a_cluster_and_a_storage_is_updated_where_both_are_named_again(earlier, tmp_path):
    shutil.copytree(earlier / "run", tmp_path / "run")
    study, few = tmp_path / "run/study.toml", tmp_path / "few.txt"
    few.write_text("\n".join(words(172)))
    ray = '\n[executor_options]\naddress = "ray://cluster:10001"\nstorage = "s3://bucket"\n'
    text = study.read_text().replace('executor = "local"', 'executor = "ray"')
    study.write_text(re.sub(r"\n\[executor_options\]\n[^\[]*", ray + "\n", text))
    named = {"address": "ray://cluster:10001", "executor_options": {"storage": "s3://bucket"}}
    for given, option in (
        ({}, "--address ray"),
        ({"address": "auto"}, "--executor-option storage=s3://bucket"),
    ):
        with pytest.raises(SettingsError, match=f"autogen update .* --data .* {option}"):
            autogen.update(tmp_path / "run", few, **given)
    with pytest.raises(DataError, match="12 texts"):  # what comes after the check
        autogen.update(tmp_path / "run", few, **named)


def test_what_was_found_before_is_kept_from_the_start(earlier, update, tmp_path):
    data = str(earlier / "moved.txt")
    settings = updated(RunFolder(earlier / "run"), data)
    (tmp_path / "trials").write_text("")  # where the run then stops
    with pytest.raises(WriteError, match="trials"):
        begin(RunFolder(tmp_path), Plan(settings, data, drift=written(update.drift)))
    assert read_drift(RunFolder(tmp_path).drift) == written(update.drift)


@pytest.mark.parametrize(
    ("budget", "part"), [("90s", "30s"), ("10m,50trials", "200s,16trials"), ("2trials", "1trial")]
)
def test_an_update_has_a_third_of_the_budget(budget, part):
    assert third(budget) == part
