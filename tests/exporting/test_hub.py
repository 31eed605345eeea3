"""The folder for the Hub: ``huggingface_hub`` reads its card, it holds no real row, and it loads again."""

import json
import shutil

import numpy as np
import pytest
import yaml
from safetensors.torch import load_file

import autogen
from autogen.errors import RunError, SettingsError
from autogen.exporting.hub import export_hub
from tests.hpo.study.logs import without_digests

pytestmark = pytest.mark.slow


def test_the_card_is_read_by_the_hub_s_own_library(finished_run, tmp_path):
    hub = pytest.importorskip("huggingface_hub", reason="needs huggingface_hub")
    folder = export_hub(finished_run.folder.path, tmp_path / "hub", license_="apache-2.0", language="en")
    card = hub.ModelCard.load(folder / "README.md")
    data = card.data
    assert (data.license, data.language, data.library_name) == ("apache-2.0", "en", "autogen")
    assert {"image", "synthetic-data", finished_run.best.family} <= set(data.tags)
    (score,) = data.eval_results
    assert score.metric_value == pytest.approx(finished_run.document.test.mean)
    assert score.metric_type == finished_run.document.objective.name
    assert finished_run.document.statement in card.text
    front = (folder / "README.md").read_text().split("---\n")[1]
    assert yaml.safe_load(front)["model-index"][0]["results"]


def test_the_folder_holds_the_model_and_no_real_row(finished_run, tmp_path):
    folder = export_hub(finished_run.folder.path, tmp_path / "hub")
    names = {path.name for path in folder.iterdir()}
    assert {"README.md", "model.safetensors", "config.toml", "data.json"} <= names
    assert not any(name.startswith("real") or name == "card.md" for name in names)
    assert load_file(folder / "model.safetensors")  # as the Hub's own library reads it
    assert "real.*" not in (folder / "README.md").read_text()
    assert np.array_equal(autogen.load(folder).sample(5, seed=3), finished_run.model.sample(5, seed=3))


def test_what_cannot_be_published_is_said_in_a_line(finished_run, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").touch()
    with pytest.raises(RunError, match="is not empty"):
        export_hub(finished_run.folder.path, tmp_path / "full")
    with pytest.raises(SettingsError, match="license must be an identifier"):
        export_hub(finished_run.folder.path, tmp_path / "hub", license_="a\nb: c")
    assert not (tmp_path / "hub").exists()


def test_a_model_that_copies_is_exported_with_a_warning(finished_run, tmp_path, command_line):
    run = shutil.copytree(finished_run.folder.path, tmp_path / "run")
    result = json.loads((run / "result.json").read_text())
    assert result["memorisation"]["passed"]
    assert command_line("export", run, "--hub", tmp_path / "clean")[2] == ""
    result["memorisation"]["passed"] = False
    (run / "result.json").write_text(json.dumps(result))
    without_digests(run / "journal.jsonl")
    code, _, err = command_line("export", run, "--hub", tmp_path / "hub")
    said = "warning: The model copies its training data and should not be used as it is.\n"
    assert (code, err) == (0, said)


def test_each_complete_trial_has_its_model(finished_run):
    board = finished_run.leaderboard()
    for number in board["trial"][board["state"] == "complete"]:
        model = finished_run.model_of(number)
        assert model.sample(2).shape[0] == 2
        assert np.array_equal(autogen.load(finished_run.folder.trial(number)).sample(3), model.sample(3))
        assert np.array_equal(autogen.load(f"{finished_run.folder.path}:{number}").sample(3), model.sample(3))
    with pytest.raises(RunError, match="trial 99 has no model: leaderboard"):
        finished_run.model_of(99)
    with pytest.raises(RunError, match="has no trial 99; its trials are 0 to"):
        autogen.load(f"{finished_run.folder.path}:99")
    with pytest.raises(RunError, match="is not the folder of a run.*did you mean"):
        autogen.load(f"{finished_run.folder.path}x:0")


def test_a_trial_without_a_model_is_no_model(finished_run, tmp_path):
    run = shutil.copytree(finished_run.folder.path, tmp_path / "run")
    (run / "trials/0000/model.safetensors").unlink()  # as trials that were stopped early leave it
    with pytest.raises(RunError, match="trial 0 of .* has no model: .*leaderboard.csv"):
        autogen.load(f"{run}:0")
