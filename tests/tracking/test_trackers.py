"""Each tracker against the real tool: what it wrote is read back by the tool's own reader."""

import json
import logging
import struct
import time

import pytest

from autogen.hpo.study.events import End, Result, Rung, Start
from autogen.hpo.study.journal import read
from autogen.tracking.session import Tracking, export_study, trackers_of

pytestmark = pytest.mark.slow


@pytest.fixture
def trials(finished_run):
    """Trials of the run by number, from its leaderboard."""
    return finished_run.leaderboard().set_index("trial")


def exported(finished_run, name):
    export_study(finished_run.folder.path, trackers_of([name]))


def test_logging_writes_a_line_for_each_step(finished_run, tmp_path):
    exported(finished_run, f"logging:{tmp_path}/study.log")
    lines = (tmp_path / "study.log").read_text().splitlines()
    assert "INFO autogen.study: study run: " in lines[0]
    assert lines[-1].endswith(f"verdict {finished_run.verdict}: {finished_run.document.statement}")
    assert not logging.getLogger("autogen.study").handlers


def test_tensorboard_reads_a_curve_and_hyperparameters_of_each_trial(finished_run, trials, tmp_path):
    pytest.importorskip("tensorboard", reason="needs the extra tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    exported(finished_run, f"tensorboard:{tmp_path}/tb")
    for number, trial in trials.iterrows():
        events = EventAccumulator(str(tmp_path / f"tb/trial-{number:04d}")).Reload()
        curve = [(point.step, point.value) for point in events.Scalars("score")]
        if trial["state"] == "complete":
            assert curve[-1][1] == pytest.approx(trial["score"], rel=1e-5)
        assert events.PluginTagToContent("hparams")
    study = EventAccumulator(str(tmp_path / "tb/study")).Reload()
    best = [point.value for point in study.Scalars("best score")]
    assert best == sorted(best, reverse=finished_run.document.objective.direction == "minimize")


def test_tensorboard_s_best_score_of_a_resumed_run_gets_no_worse(finished_run, tmp_path):
    pytest.importorskip("tensorboard", reason="needs the extra tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = read(finished_run.folder.journal)
    (start,) = [place for place, one in enumerate(events) if isinstance(one, Start)]
    (verdict,) = [place for place, one in enumerate(events) if isinstance(one, Result)]
    exported(finished_run, f"tensorboard:{tmp_path}/tb")
    board = finished_run.leaderboard()
    worst = int(board[board["state"] == "complete"]["trial"].iloc[-1])
    ended = [one for one in events if isinstance(one, End) and one.n == worst]
    with Tracking(trackers_of([f"tensorboard:{tmp_path}/tb"]), patience=None) as tracking:
        tracking.replay(events[start:verdict])
        tracking.replay(ended)  # as of a trial of the second process, with the worst score
    study = EventAccumulator(str(tmp_path / "tb/study")).Reload()
    assert len(study.Scalars("best score")) <= len(board)
    best = [point.value for point in study.Scalars("best score")]
    assert best == sorted(best, reverse=finished_run.document.objective.direction == "minimize")


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # of MLflow's own tables
def test_mlflow_reads_a_run_with_a_child_for_each_trial(finished_run, trials, tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="needs the extra mlflow")
    monkeypatch.chdir(tmp_path)  # where it puts artifacts
    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    exported(finished_run, f"mlflow:{uri}")
    exported(finished_run, f"mlflow:{uri}")  # again: nothing is doubled
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("autogen").experiment_id
    runs = client.search_runs([experiment])
    children = {int(r.data.tags["autogen.trial"]): r for r in runs if "autogen.trial" in r.data.tags}
    (parent,) = [r for r in runs if "autogen.trial" not in r.data.tags]
    assert sorted(children) == sorted(trials.index)
    for number, child in children.items():
        if trials.loc[number, "state"] == "complete":
            assert child.data.metrics["score"] == pytest.approx(trials.loc[number, "score"])
        assert child.data.params["family"] == trials.loc[number, "family"]
        assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert parent.data.tags["verdict"] == finished_run.verdict
    assert parent.data.metrics["test score"] == pytest.approx(finished_run.document.test.mean)
    assert "report.html" in {one.path for one in client.list_artifacts(parent.info.run_id)}


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # of MLflow's own tables
def test_mlflow_has_each_rung_of_a_resumed_trial_once(finished_run, tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="needs the extra mlflow")
    monkeypatch.chdir(tmp_path)
    from mlflow.tracking import MlflowClient

    uri, events = f"sqlite:///{tmp_path}/mlflow.db", read(finished_run.folder.journal)
    first = next(place for place, one in enumerate(events) if isinstance(one, Rung))
    for _ in range(2):
        with Tracking(trackers_of([f"mlflow:{uri}"]), patience=None) as tracking:
            tracking.replay(events[: first + 1])
    client = MlflowClient(tracking_uri=uri)
    runs = client.search_runs([client.get_experiment_by_name("autogen").experiment_id])
    assert sum(len(client.get_metric_history(one.info.run_id, "score")) for one in runs) == 1


def records(data):
    """The records of a W&B file, which has the form of LevelDB logs: 32 KiB blocks of checksummed pieces."""
    place, whole = 7, b""
    while place + 7 <= len(data):
        if (left := 32768 - place % 32768) < 7:
            place += left
            continue
        length, kind = struct.unpack_from("<HB", data, place + 4)
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # the whole record, or its last piece
            yield whole
            whole = b""


def logged(path):
    """The rows of a W&B file; its own process may still be writing it."""
    from wandb.proto import wandb_internal_pb2

    rows = []
    for data in records(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        if record.HasField("history"):
            rows.append({".".join(i.nested_key) or i.key: i.value_json for i in record.history.item})
    return [row for row in rows if "state" in row]


def test_weights_and_biases_has_every_trial_in_the_table_of_a_resumed_run(
    finished_run, trials, tmp_path, monkeypatch
):
    pytest.importorskip("wandb", reason="needs the extra wandb")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        exported(finished_run, "wandb:proj")
        time.sleep(1.1)  # W&B names its folders by the second
    tables = list(tmp_path.glob("wandb/offline-run-*/files/media/table/*.json"))
    assert len(tables) == 2
    assert {len(json.loads(one.read_text())["data"]) for one in tables} == {len(trials)}


def test_weights_and_biases_writes_into_the_folder_of_each_export(finished_run, tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="needs the extra wandb")
    for name in ("one", "other"):  # its service is started in the first
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        exported(finished_run, "wandb:proj")
        assert len(list(tmp_path.glob(f"{name}/wandb/offline-run-*/run-*.wandb"))) == 1


def test_weights_and_biases_writes_an_offline_run(finished_run, trials, tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="needs the extra wandb")
    monkeypatch.chdir(tmp_path)
    exported(finished_run, "wandb:proj")
    (file,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    for _ in range(120):
        if len(rows := logged(file)) == len(trials):
            break
        time.sleep(0.25)
    assert [int(row["trial"]) for row in rows] == sorted(trials.index)
    for row in rows:
        assert row["state"].strip('"') == trials.loc[int(row["trial"]), "state"]
        assert row["config/family"].strip('"') == trials.loc[int(row["trial"]), "family"]
