"""What benchmarks measure with has to be right, too."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from autogen.engine.audit import audit
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State, Task, TrialBatch
from benchmarks import augmentation, results, scale
from benchmarks.parallel import search
from benchmarks.problems import PROBLEMS
from benchmarks.scale import ROWS, Scale, resumed, simulate
from benchmarks.simulation import SimulatedExecutor, VirtualClock


def task(number, rungs=(1, 2)):
    return Task(number, {"training.lr": 1e-3}, number, rungs[-1], rungs)


def executor(**settings):
    clock = VirtualClock(charged=False)
    return SimulatedExecutor(clock=clock, training=lambda _: (10.0, 1.0, False), **settings)


def test_simulated_trials_last_as_long_as_they_say():
    made = executor(workers=1, losses=0.0)
    for number in range(3):
        made.submit(TrialBatch((task(number),)))
    ended = []
    while made._runs or made._queue:
        ended += list(made.results(lambda _: True))
    assert [one.state for one in ended] == [State.COMPLETE] * 3
    assert made.clock.now == 30.0
    assert made.tally.trained == 30.0


def test_a_simulated_worker_waits_while_the_controller_thinks():
    made = executor(workers=1, losses=0.0)
    made.submit(TrialBatch((task(0),)))

    def slow(measured):
        made.clock.now += 2.5
        return True

    while made._runs:
        list(made.results(slow))
    assert made.tally.waited == 2 * 2.5


@pytest.mark.slow
def test_a_study_on_dying_nodes_ends_each_trial_once_and_repeats_itself(tmp_path):
    stories = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.toml").touch()
        row = Scale(workers=64, trials=1500, space="image_tiny", losses=20.0)
        figures = simulate(row, tmp_path / name, charged=False)
        assert audit(tmp_path / name) == []
        assert resumed(row, tmp_path / name)["resume_peak_mib"] > 0
        stories.append(read(tmp_path / name / "journal.jsonl"))
    assert figures["nodes_lost"] > 0
    assert figures["retried"] > 0
    assert stories[0] == stories[1]


def test_a_parallel_search_has_always_as_many_trials_pending_as_workers():
    problem = PROBLEMS["combined"](0)
    asked_when_told = []

    class Watched(RandomSampler):
        """Notes how many configs had been asked for when an outcome came."""

        def tell(self, results):
            asked_when_told.extend(len(self.asked) for _ in results)
            super().tell(results)

    sampler = Watched(problem.space, 0)
    losses = search(sampler, problem, 0, workers=8, results=20)
    assert asked_when_told == list(range(8, 28))
    assert sorted(losses) != losses
    assert set(losses) <= {problem.loss(config) for config in sampler.asked}


def test_rows_that_were_not_run_again_stay_as_they_were(tmp_path, monkeypatch: pytest.MonkeyPatch, capsys):
    for module in (results, scale):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    shown = ("worker_seconds_per_trial", "trials_per_second", "cpu_ms_per_trial", "idle_share", "peak_mib")
    shown += ("kib_per_trial", "journal_mib", "resume_cpu_seconds", "resume_peak_mib")
    figures = dict.fromkeys(shown, 0.0)
    for place, mark in ((3, 1.0), (0, 2.0), (3, 3.0)):
        scale.keep(asdict(ROWS[place]) | figures | {"idle_share": mark})
    kept = json.loads((tmp_path / "scale.json").read_text())["rows"]
    assert [(row["trials"], row["idle_share"]) for row in kept] == [(1_000, 2.0), (100_000, 3.0)]
    assert "300.00%" in capsys.readouterr().out


def test_rows_that_are_set_aside_are_not_those_for_fitting_and_have_no_gaps_for_smote():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"row": np.arange(1000.0), "word": rng.choice(["a", None], 1000)})
    frame["class"] = np.where(np.arange(1000) < 100, "rare", "common")
    (rows, y), (unseen, truth) = augmentation.drawn(frame, "class", seed=1)
    assert not set(rows["row"]) & set(unseen["row"])
    assert y.mean() == pytest.approx(augmentation.RARE, abs=0.01)
    assert truth.mean() == pytest.approx(augmentation.RARE, abs=0.01)
    assert set(rows["row"][y == 1]) <= set(range(100))
    gaps = rows.assign(row=rows["row"].where(rows["row"] > 200))
    full = augmentation.without_gaps(gaps, gaps)
    assert not full.isna().any().any()
    more, labels = augmentation.interpolated(full, y, seed=0)
    assert labels.mean() == 0.5
    assert len(more) == 2 * (y == 0).sum()
    assert augmentation.drawn(frame.iloc[80:], "class", seed=1) is None  # 20 rare rows are too few
