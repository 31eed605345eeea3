"""The work of a worker: files of a trial, continuation from a checkpoint, failures as results."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Scoring, State, TrialBatch
from autogen.training.checkpoint import read_tensors
from autogen.training.solo import SoloProgram
from autogen.training.worker.work import failure
from tests.training.toys import Toy, ToyCodec, ToyMetric, toy_task, toy_work

pytestmark = pytest.mark.usefixtures("toys")


class Stop(BaseException):
    """Stands for a worker that is killed."""


def keep(seen=None, stop_at=None, prune_at=None):
    def report(measured):
        for one in measured:
            if one.step == stop_at:
                raise Stop
            if seen is not None:
                seen.append(one)
        return [one.step != prune_at for one in measured]

    return report


def curve(folder, number=0):
    return [json.loads(line) for line in (folder / f"{number:04d}/curve.jsonl").read_text().splitlines()]


def test_a_complete_trial_leaves_config_curve_and_model(tmp_path):
    seen = []
    task = toy_task(number=7, lr=0.02)
    ended = toy_work()(TrialBatch((task,), str(tmp_path)), keep(seen))
    folder = tmp_path / "0007"
    assert [(f.number, f.state, f.reason) for f in ended] == [(7, State.COMPLETE, "")]
    assert sorted(p.name for p in folder.iterdir()) == ["config.toml", "curve.jsonl", "model.safetensors"]
    assert [(line["step"], line["score"]) for line in curve(tmp_path, 7)] == [(m.step, m.score) for m in seen]
    assert [m.step for m in seen] == [10, 20, 40]
    space = SearchSpace.load(folder / "config.toml")
    assert space.default("toy") == dict(task.config)
    tensors, about = read_tensors(folder / "model.safetensors")
    assert about["step"] == 40
    assert not any("optimizer" in name for name in tensors)


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert toy_work()(TrialBatch((toy_task(),)), keep())[0].state is State.COMPLETE
    assert list(tmp_path.iterdir()) == []


def test_a_pruned_trial_leaves_no_weights(tmp_path):
    ended = toy_work()(TrialBatch((toy_task(),), str(tmp_path)), keep(prune_at=20))
    assert ended[0].state is State.PRUNED
    assert sorted(p.name for p in (tmp_path / "0000").iterdir()) == ["config.toml", "curve.jsonl"]
    assert [line["step"] for line in curve(tmp_path)] == [10, 20]


def test_an_interrupted_trial_continues_from_its_checkpoint(tmp_path):
    straight, resumed = [], []
    work = toy_work()
    work(TrialBatch((toy_task(ema=0.9),), str(tmp_path / "a")), keep(straight))
    trial_batch = TrialBatch((toy_task(ema=0.9),), str(tmp_path / "b"))
    with pytest.raises(Stop):
        work(trial_batch, keep(resumed, stop_at=40))
    assert (tmp_path / "b/0000/checkpoint.safetensors").exists()
    work(trial_batch, keep(resumed))
    assert [(m.step, m.score) for m in resumed] == [(m.step, m.score) for m in straight]
    assert resumed[-1].train_seconds > resumed[-2].train_seconds
    assert [line["step"] for line in curve(tmp_path / "b")] == [10, 20, 40]
    a, b = (read_tensors(tmp_path / name / "0000/model.safetensors")[0] for name in "ab")
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_trial_interrupted_before_its_first_checkpoint_starts_again(tmp_path):
    trial_batch = TrialBatch((toy_task(),), str(tmp_path))
    with pytest.raises(Stop):
        toy_work()(trial_batch, keep(stop_at=10))
    (tmp_path / "0000/curve.jsonl").write_text('{"step": 10, "score": 1.0}\n{"st')
    assert toy_work()(trial_batch, keep())[0].state is State.COMPLETE
    assert [line["step"] for line in curve(tmp_path)] == [10, 20, 40]


def test_a_damaged_checkpoint_fails_its_trial_with_its_name(tmp_path):
    folder = tmp_path / "0000"
    folder.mkdir()
    (folder / "checkpoint.safetensors").write_bytes(b"junk")
    ended = toy_work()(TrialBatch((toy_task(),), str(tmp_path)), keep())[0]
    assert (ended.state, ended.retry) == (State.FAILED, False)
    assert "checkpoint.safetensors is damaged" in ended.reason


def test_samples_are_kept_where_the_task_asks_for_them(tmp_path):
    task = replace(toy_task(), keep_samples=30)
    toy_work(seed=4)(TrialBatch((task,), str(tmp_path)), keep())
    with np.load(tmp_path / "0000/samples.npz", allow_pickle=False) as saved:
        kept = {name: saved[name] for name in saved}
    assert {name: len(array) for name, array in kept.items()} == {"codes": 30, "positions": 30}
    program = toy_work(seed=4).program(task)
    program.advance(40)
    assert np.array_equal(program.sample(30, 4)["positions"], kept["positions"])


def test_a_finalists_samples_are_drawn_once_and_not_scored(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(SoloProgram, "sample", _counting(SoloProgram.sample, drawn))
    reported = []
    task = replace(toy_task(), rungs=(40,), keep_samples=30)
    toy_work()(TrialBatch((task,), str(tmp_path)), keep(reported))
    assert drawn == [30]
    assert [one.score for one in reported] == [0.0]


def _counting(sample, drawn):
    def counted(self, n, seed):
        drawn.append(n)
        return sample(self, n, seed)

    return counted


def test_a_scoring_is_measured_and_timed_and_its_failure_is_reported():
    good, bad = Scoring.of(-1, lambda: {"score": 2.0}), Scoring.of(-2, lambda: [][0])
    found = toy_work()(TrialBatch((good, bad)), keep())
    assert (found[0].state, found[0].values["score"]) == (State.COMPLETE, 2.0)
    assert found[0].values["seconds"] >= 0
    assert (found[1].number, found[1].state) == (-2, State.FAILED)
    assert "IndexError" in found[1].reason


def test_the_tasks_steps_rule_over_the_configs():
    task = replace(toy_task(steps=999), steps=40)
    assert toy_work().program(task).config.training.steps == 40


def test_trials_of_a_trial_batch_do_not_hang_on_each_other():
    alone, together = [], []
    toy_work()(TrialBatch((toy_task(1),)), keep(alone))
    toy_work()(TrialBatch((toy_task(0), toy_task(1))), keep(together))
    assert [m.score for m in alone] == [m.score for m in together if m.number == 1]


def test_one_failing_trial_leaves_the_others_of_its_trial_batch():
    ended = toy_work()(TrialBatch((toy_task(0, poison="loss", poison_at=2), toy_task(1))), keep())
    assert [f.state for f in ended] == [State.FAILED, State.COMPLETE]
    assert "not finite" in ended[0].reason or "is nan" in ended[0].reason
    assert not ended[0].retry


def test_a_diverged_trial_leaves_no_checkpoint(tmp_path):
    task = toy_task(poison="loss", poison_at=15)
    ended = toy_work()(TrialBatch((task,), str(tmp_path)), keep())[0]
    assert ended.state is State.FAILED
    assert not (tmp_path / "0000/checkpoint.safetensors").exists()


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"family": "toy", "model.depth": 3}, r"toy.model.depth is not a setting of this family"),
        ({"family": "toi"}, "Did you mean 'toy'"),
        ({"lr": 3}, "must name its family"),
        ({"family": "toy", "training.optimizer": "lion"}, "training.optimizer must be one of"),
    ],
)
def test_a_wrong_config_is_a_failure_that_no_retry_fixes(config, reason):
    ended = toy_work()(TrialBatch((replace(toy_task(), config=config),)), keep())[0]
    assert (ended.state, ended.retry) == (State.FAILED, False)
    assert reason in ended.reason


def test_a_passed_deadline_is_reported_in_seconds():
    trial_batch = TrialBatch((toy_task(rungs=(100_000,)),), deadline=0.2)
    ended = toy_work()(trial_batch, keep())[0]
    assert (ended.reason, ended.retry) == ("ran past its deadline of 0.2 s", True)


def test_an_unwritable_folder_is_a_failure_with_its_name(tmp_path):
    (tmp_path / "file").write_text("")
    ended = toy_work()(TrialBatch((toy_task(),), str(tmp_path / "file")), keep())[0]
    assert ended.state is State.FAILED
    assert "cannot write" in ended.reason


@pytest.mark.parametrize(
    ("error", "reason", "retry"),
    [
        (MemoryError(), "out of memory", True),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
            "out of memory: Default",
            True,
        ),
        (RuntimeError("CUDA out of memory. Tried\nmore"), "out of memory: CUDA", True),
        (KeyError("net"), "KeyError: 'net'", False),
        (RuntimeError("shapes\ndiffer"), "RuntimeError: shapes", False),
    ],
)
def test_what_a_plug_in_raises_becomes_one_line(error, reason, retry):
    ended = failure(3, error)
    assert ended.reason.startswith(reason)
    assert "\n" not in ended.reason
    assert ended.retry is retry


def test_the_number_of_threads_is_given_back():
    before = torch.get_num_threads()
    inside = []
    toy_work(threads=before + 1)(
        TrialBatch((toy_task(rungs=(2,)),)), lambda _: inside.append(torch.get_num_threads()) or [True]
    )
    assert (inside, torch.get_num_threads()) == ([before + 1], before)


def test_the_toys_are_what_the_registry_promises():
    assert isinstance(Toy(), Toy)
    assert ToyMetric().score(np.zeros(3), ToyCodec().decode({"positions": np.zeros((5, 3))})) < 1e-2


def test_a_trial_continues_from_a_storage_where_its_folder_is_gone(tmp_path):
    straight, seen = [], []
    toy_work()(TrialBatch((toy_task(),)), keep(straight))
    stored = str(tmp_path / "stored")
    with pytest.raises(Stop):
        toy_work()(TrialBatch((toy_task(),), str(tmp_path / "one"), storage=stored), keep(stop_at=40))
    toy_work()(TrialBatch((toy_task(),), str(tmp_path / "two"), storage=stored), keep(seen))
    assert [m.step for m in seen] == [40]
    assert seen[0].score == straight[-1].score
    assert [line["step"] for line in curve(tmp_path / "two")] == [10, 20, 40]
    assert list((tmp_path / "stored").iterdir()) == []


def test_a_damaged_checkpoint_in_the_storage_costs_time_and_nothing_else(tmp_path):
    stored, seen = tmp_path / "stored", []
    with pytest.raises(Stop):
        toy_work()(TrialBatch((toy_task(),), str(tmp_path / "one"), storage=str(stored)), keep(stop_at=40))
    checkpoint = stored / "0000/checkpoint.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    ended = toy_work()(TrialBatch((toy_task(),), str(tmp_path / "two"), storage=str(stored)), keep(seen))
    assert ended[0].state is State.COMPLETE
    assert [m.step for m in seen] == [10, 20, 40]
