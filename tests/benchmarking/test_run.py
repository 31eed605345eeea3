"""Whole benchmarks of a few steps: what they leave, and how they go on after a kill."""

import collections
import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import autogen
from autogen.benchmarking.cells import Ground
from autogen.benchmarking.events import End, Number, decode
from autogen.benchmarking.plan import read_plan
from autogen.benchmarking.run import benchmark
from autogen.data.open import open_data
from autogen.errors import DataError, RunError, SettingsError
from autogen.hpo.study.journal import read

pytestmark = pytest.mark.slow

PLAN = """
about = "A few steps."
seeds = 2
steps = [0.5, 1.0]
rows = [0.5, 1.0]
skip_absent = true
[spaces]
image = "image_tiny"
[sets.digits]
rows = 500
[sets.nowhere]
source = "nowhere.csv"
[models.small]
family = "vae"
model = { width = 16, depth = 1 }
training = { steps = 4 }
[models.broken]
family = "vae"
model = { width = 16, depth = 1 }
training = { steps = 4, lr = 1e30, optimizer = "sgd" }
"""
CELLS = 1 + 2 * 4 + 2 * 2 * 3


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "few.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture(scope="module")
def done(plan, tmp_path_factory):
    return benchmark(plan, out=tmp_path_factory.mktemp("out") / "few", workers=1)


def ends(folder):
    return [event for event in read(folder / "journal.jsonl", decode) if isinstance(event, End)]


def lines(folder):
    with (folder / "results.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_cell_has_a_line_with_its_score_or_its_reason(done):
    found = lines(done.folder)
    assert len(found) == CELLS + 1
    small = [line for line in found if line["model"] == "small"]
    assert all(line["state"] == "complete" and line["latency_ms"] and line["calibrated"] for line in small)
    broken = [line for line in found if line["model"] == "broken"]
    assert all(line["state"] == "failed" and line["reason"] and not line["score"] for line in broken)
    assert found[-1]["state"] == "absent"
    assert "nowhere.csv" in found[-1]["reason"]


def test_the_table_holds_the_means_of_the_results(done):
    table, results = done.table(), done.results()
    wanted = results[(results.model == "small") & (results.rows == 1) & (results.steps == 1)]
    row = table[table.model == "small"].iloc[0]
    assert row.score == pytest.approx(wanted.score.mean())
    assert row.seconds == pytest.approx(wanted.seconds.mean())
    assert row.low < row.score < row.high
    floor = results[results.model.isin(["marginals", "pca_gaussian"])].groupby("model").score.mean().min()
    ceiling = results[results.role == "real"].score.item()
    assert row.calibrated == pytest.approx((floor - row.score) / (floor - ceiling))


def test_the_summary_says_what_was_compared(done):
    summary = json.loads((done.folder / "summary.json").read_text())
    assert summary["cells"] == {"complete": 15, "failed": 6}
    assert summary["data"]["digits"]["metric"] == "kd[random_conv-v1]"
    assert "too few" in summary["ranks"]["note"]
    assert list(summary["absent"]) == ["nowhere"]
    assert summary["versions"]["autogen"] == autogen.__version__


def test_a_share_of_rows_is_what_a_model_is_trained_on(done):
    cells = [c for c in read(done.folder / "journal.jsonl", decode) if isinstance(c, Number)]
    folders = {(c.rows, c.steps): f"{c.n:04d}" for c in cells if c.model == "small"}
    curve = (done.folder / "cells" / folders[1.0, 0.5] / "curve.jsonl").read_text()
    assert json.loads(curve.splitlines()[-1])["step"] == 2
    scores = [np.load(done.folder / "cells" / folders[s, 1.0] / "samples.npz")["pixels"] for s in (0.5, 1.0)]
    assert not np.array_equal(*scores)


def test_started_again_it_does_nothing_twice(done, plan):
    before = (done.folder / "results.csv").read_text()
    again = benchmark(plan, out=done.folder, workers=1)
    assert len(ends(done.folder)) == CELLS
    assert (again.folder / "results.csv").read_text() == before


@pytest.mark.slow
def test_stopped_by_hand_it_shows_what_there_is(plan, tmp_path):
    def stop(done, total, cell, record):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        benchmark(plan, out=tmp_path / "stopped", workers=1, listen=stop)
    states = collections.Counter(line["state"] for line in lines(tmp_path / "stopped"))
    assert states == {"complete": 3, "waiting": CELLS - 3, "absent": 1}
    page = (tmp_path / "stopped/benchmark.html").read_text()
    assert f"{CELLS - 3} cells have not run yet; the same command resumes" in page


def test_more_seeds_keep_what_is_done(plan, done, tmp_path):
    more = tmp_path / "more.toml"
    more.write_text(PLAN.replace("seeds = 2", "seeds = 3").replace("[models.broken]", "[models.other]"))
    wanted = read_plan(more)
    ground = Ground(wanted.sets[0], open_data("digits", rows=500))
    keys = {cell.key for cell in ground.cells(wanted)}
    kept = {end.key for end in ends(done.folder)}
    assert len(keys) == 1 + 3 * (4 + 2 * 3)
    assert kept <= keys


@pytest.mark.slow
def test_killed_and_started_again_it_trains_no_cell_twice(plan, done, tmp_path):
    out = tmp_path / "killed"
    code = "import sys, autogen; autogen.benchmark(sys.argv[1], out=sys.argv[2], workers=2)"
    process = subprocess.Popen([sys.executable, "-c", code, plan, out], env=os.environ)
    until = time.monotonic() + 120
    while not (out / "journal.jsonl").exists() or len(ends(out)) < 5:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = ends(out)
    assert 5 <= len(kept) < CELLS
    benchmark(plan, out=out, workers=2)
    assert ends(out)[: len(kept)] == kept
    counts = collections.Counter(end.key for end in ends(out))
    assert len(counts) == CELLS
    assert set(counts.values()) == {1}
    scores = {line["data"] + line["model"] + line["seed"] + line["rows"] + line["steps"]: line["score"]
              for line in lines(out)}  # fmt: skip
    for line in lines(done.folder):
        assert (
            scores[line["data"] + line["model"] + line["seed"] + line["rows"] + line["steps"]]
            == line["score"]
        )


def test_data_that_is_not_there_is_one_line(plan, tmp_path):
    strict = tmp_path / "strict.toml"
    strict.write_text(PLAN.replace("skip_absent = true\n", ""))
    with pytest.raises(
        DataError, match=r"nowhere is missing: .*nowhere\.csv does not exist; correct .*skip_absent"
    ):
        benchmark(strict, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_plan_without_any_data_there_is_one_line(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('skip_absent = true\n[sets.a]\nsource = "a.csv"\n')
    with pytest.raises(SettingsError, match=r"all data sets of the plan are missing; the first of 1"):
        benchmark(path, out=tmp_path / "out")


def test_a_folder_of_something_else_is_left_alone(plan, tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(RunError, match="not empty and holds no benchmark"):
        benchmark(plan, out=tmp_path)
