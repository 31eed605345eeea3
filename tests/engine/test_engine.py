"""The Python API from data to verdict, on trials of a moment."""

import json
import multiprocessing
import sys
import time
from typing import get_args

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

import autogen
from autogen.cli import app as cli
from autogen.engine import conclusion
from autogen.engine.engine import _tidy
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import DataError, RunError, SettingsError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Ask, Finalists, Rung, Scored
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.state import SPENT, StudyState, TrialRecord
from autogen.hpo.trial import Task
from autogen.report.json_schema import JOURNAL, RESULT
from autogen.report.schema import VerdictKind
from autogen.training.checkpoint import CHECKPOINT

SPACE = """
about = "Trials of a moment."
[vae.model]
latent_dim = { int = [4, 16], default = 8 }
width = 32
depth = 1
prior = "normal"
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 30
"""

pytestmark = pytest.mark.slow


def few_digits(folder):
    """A file of 300 digits: a study of all 1,797 costs three times as much and shows no more here."""
    path = folder / "few.npz"
    np.savez(path, images=load_digits().images[:300].astype(np.uint8))
    return str(path)


def settings_in(folder):
    path = folder / "space.toml"
    path.write_text(SPACE)
    return {"space": str(path), "budget": "3trials", "finalists": 2, "seed": 7}


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A study that has ended, its best model returned; nobody changes its folder."""
    folder = tmp_path_factory.mktemp("done")
    return autogen.search(
        few_digits(folder), out=folder / "run", workers=1, models_only=True, **settings_in(folder)
    )


@pytest.fixture(scope="module")
def at_random(tmp_path_factory):
    """The same study by random search in this process and on two workers, by the number of workers."""
    found = {}
    for workers in (1, 2):
        folder = tmp_path_factory.mktemp(f"workers{workers}")
        more = {"workers": workers, "sampler": "random", "pruner": "none"}
        found[workers] = autogen.search(few_digits(folder), out=folder / "run", **more, **settings_in(folder))
    return found


def _place(event):
    """Order of an event of ``asked`` in any study that asks for the same trials."""
    return event.n, event.step if isinstance(event, Rung) else 0


def asked(run):
    return [event for event in read(run / "journal.jsonl") if isinstance(event, (Ask, Rung))]


def test_a_study_gives_the_same_numbers_in_this_process_and_on_two_workers(at_random):
    stories = [sorted(asked(result.folder.path), key=_place) for result in at_random.values()]
    told = [
        [event.config if isinstance(event, Ask) else (event.n, event.step, event.score) for event in events]
        for events in stories
    ]
    assert told[0] == told[1]
    one, two = (_without_seconds(result.record["finalists"]) for result in at_random.values())
    assert one == two


def test_a_result_tells_where_the_seconds_went_and_the_journal_each_score(at_random):
    result = at_random[2]
    time = result.record["time"]
    assert min(time[name] for name in time if name not in ("budget", "kept", "confirmation_training")) > 0
    assert (time["budget"], time["kept"], result.record["left_out"]) == (None, True, [])
    assert 0 < result.record["evaluation_share"] < 1
    events = read(result.folder.journal)
    keys = [event.key for event in events if isinstance(event, Scored)]
    assert len(keys) == len(set(keys))
    read_at = next(place for place, event in enumerate(events) if event.NAME == "test")
    before = [event.key for event in events[:read_at] if isinstance(event, Scored)]
    assert {key.split("/")[0] for key in before} <= {"tune", "select"}


def test_a_run_keeps_to_the_schemas_that_ship(done):
    jsonschema.validate(done.record, json.loads(RESULT.read_text()))
    validator = jsonschema.Draft202012Validator(json.loads(JOURNAL.read_text()))
    for line in done.folder.journal.read_text().splitlines():
        validator.validate(json.loads(line))


def test_what_is_delivered_is_what_was_tested_byte_by_byte(done):
    run, best = done.folder.path, done.record["best"]
    assert best["model"] == f"trials/{best['trial']:04d}"
    tested = (run / best["model"] / "model.safetensors").read_bytes()
    assert (run / "best/model.safetensors").read_bytes() == tested
    assert best["test_score"] == done.record["test"]["mean"]
    assert done.record["claim"] == "model"
    assert not list((run / "finalists").glob("0*"))  # nothing is trained again


def test_recipes_are_trained_again_where_that_is_asked_for_and_one_of_them_is_delivered(tmp_path, settings):
    run = tmp_path / "run"
    more = {"retrain": 2, "models_only": True, "refit": True}
    result = autogen.search(few_digits(tmp_path), out=run, workers=1, **settings, **more)
    record = result.record
    assert (record["claim"], record["test"]["seeds"], record["draws"]["test"]) == ("recipe", 2, 2)
    assert record["best"]["model"].startswith("finalists/")
    assert record["best"]["test_score"] in record["test"]["scores"]
    tested = (run / record["best"]["model"] / "model.safetensors").read_bytes()
    assert (run / "best/model.safetensors").read_bytes() == tested
    assert (run / "refit/model.safetensors").read_bytes() != tested
    assert "all 300 rows" in (run / "refit/card.md").read_text()


def test_a_time_budget_without_time_for_rivals_confirms_the_leader_alone(tmp_path, settings):
    settings |= {"budget": "2s", "finalists": 3}  # less than workers take to start and a page to be written
    result = autogen.search("digits", out=tmp_path / "run", workers=2, **settings)
    confirmed = [event for event in read(tmp_path / "run/journal.jsonl") if isinstance(event, Finalists)]
    assert len(confirmed[0].trials) == len(result.record["finalists"]) == 1
    assert confirmed[0].needed > 2
    assert not result.record["time"]["kept"]
    assert any("more than its budget of 2 s" in warning for warning in result.record["warnings"])


def test_a_golden_study_of_three_trials_asks_what_it_always_asked(at_random):
    asks = [event for event in asked(at_random[1].folder.path) if isinstance(event, Ask)]
    drawn = [(event.config["model.latent_dim"], event.config["training.lr"]) for event in asks]
    golden = [(9, 3.617908915565574e-3), (11, 8.330289496988914e-4), (10, 1.016780862266477e-3)]
    assert drawn == [pytest.approx(pair, rel=1e-9) for pair in golden]
    seeds = [event.seed for event in asks]
    assert seeds == [1061091401652379385, 1057027621354929104, 5717197657540312099]


def test_images_in_memory_are_searched_and_resumed_when_given_again(tmp_path, settings):
    images = (load_digits().images * 15).astype(np.uint8)[:300]
    result = autogen.search(images, out=tmp_path / "run", workers=1, **settings)
    assert result.best.load().sample(5, seed=1).shape == (5, 8, 8, 1)
    assert len(result.leaderboard()) == 3
    with pytest.raises(RunError, match="given in memory"):
        autogen.resume(tmp_path / "run", budget="+1trials")
    again = autogen.resume(tmp_path / "run", source=images, budget="+1trials")
    assert again.record["trials"]["total"] == 4


@pytest.mark.parametrize("count", [50, 60])
def test_images_of_which_few_are_held_out_end_in_a_verdict(tmp_path, settings, count):
    images = (load_digits().images * 15).astype(np.uint8)[:count]
    settings["budget"] = "2trials"
    result = autogen.search(images, out=tmp_path / "run", workers=1, **settings)
    assert result.record["test"]["mean"] is not None
    assert (result.record["test"]["low"] is None) == (count == 50)


def test_images_of_which_too_few_are_held_out_are_refused_before_anything_is_written(tmp_path, settings):
    images = (load_digits().images * 15).astype(np.uint8)[:45]
    with pytest.raises(DataError, match=r"too small for a score on held-out rows: .* got 9; bring more data"):
        autogen.search(images, out=tmp_path / "run", workers=1, **settings)
    assert not (tmp_path / "run").exists()


def test_what_an_executor_refuses_leaves_no_folder_behind(tmp_path, settings, monkeypatch):
    def refused(_):
        raise SettingsError("Ray is not installed")

    monkeypatch.setattr(Settings, "warmed_executor", refused)
    with pytest.raises(SettingsError, match="Ray is not installed"):
        autogen.search("digits", out=tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_waiting_for_the_processor_makes_a_machine_slow_and_waiting_for_files_before_does_not(monkeypatch):
    class Clock:
        """A machine on which this thread gets a share of a core."""

        def __init__(self, share):
            self.share, self.now = share, 1000.0

        def perf_counter(self):
            return self.now

        def thread_time(self):
            self.now += 0.001
            return self.share * self.now

    for share, expected in ((1.0, 1.0), (0.25, 4.0)):
        monkeypatch.setattr(conclusion, "time", Clock(share))
        assert conclusion.slowness() == pytest.approx(expected, rel=0.1)


def test_canceled_trials_leave_no_checkpoint(tmp_path):
    folder = RunFolder.create(tmp_path / "run")
    tasks = [Task(number, {"family": "vae"}, 0, 9, (9,)) for number in range(3)]
    trials = [TrialRecord(task, reason=why) for task, why in zip(tasks, ("", SPENT, "worse"), strict=True)]
    for number in range(2):
        folder.trial(number).mkdir()
        (folder.trial(number) / CHECKPOINT).touch()
    _tidy(folder, StudyState(Objective("kd"), trials))
    assert [(folder.trial(number) / CHECKPOINT).exists() for number in range(3)] == [True, False, False]


def test_a_metric_that_cannot_be_sent_to_workers_is_refused_before_the_search(settings):
    plan = Plan(Settings.of({"data": "wine", **settings}, "a test"), "wine")
    plan.metric.of_a_file = lambda: None
    with pytest.raises(SettingsError, match=r"c2st.* cannot be sent to workers"):
        plan.check()


def test_an_official_test_part_that_is_too_small_is_refused_before_the_search(tmp_path, settings):
    plan = Plan(Settings.of({"data": "wine", **settings}, "a test"), "wine")
    plan.check()
    short = Plan(plan.settings, "wine")
    short.data.rows["test"] = short.data.rows["test"][:8]
    with pytest.raises(DataError, match=r"8 test\).* got 8; bring more data"):
        short.check()


def test_a_table_in_memory_comes_back_as_a_table_of_the_same_kind(tmp_path, settings):
    draw = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": draw.integers(18, 90, 200),
            "pay": draw.lognormal(10, 1, 200).round(2),
            "job": draw.choice(["cook", "nurse", None], 200),
        }
    )
    settings["objective"] = "kd"  # which metric leads does not matter here, and c2st fits many trees
    result = autogen.search(table, out=tmp_path / "run", workers=1, **settings)
    made = autogen.load(tmp_path / "run").sample(50)
    assert list(made.columns) == list(table.columns)
    assert made.dtypes.equals(table.dtypes)
    assert set(made["job"].dropna()) <= {"cook", "nurse"}
    assert result.verdict in get_args(VerdictKind)


def test_a_run_whose_data_has_changed_is_refused(tmp_path, settings):
    table = pd.DataFrame({"a": np.arange(200) % 13, "b": np.arange(200) % 7})
    table.to_csv(tmp_path / "data.csv", index=False)
    settings |= {"budget": "1trials", "finalists": 1, "objective": "kd"}
    autogen.search(tmp_path / "data.csv", out=tmp_path / "run", workers=1, **settings)
    table.iloc[:-1].to_csv(tmp_path / "data.csv", index=False)
    with pytest.raises(RunError, match="has changed"):
        autogen.resume(tmp_path / "run", budget="+1trials")


def test_a_second_process_on_a_run_is_refused(done):
    journal = Journal(done.folder.path / "journal.jsonl")
    with pytest.raises(RunError, match="another process"):
        autogen.resume(done.folder.path, budget="+1trials")
    journal.close()


def test_data_too_small_to_be_judged_leaves_no_folder(tmp_path, settings):
    with pytest.raises(DataError, match="too small"):
        autogen.search(pd.DataFrame({"a": [1.5, 2.5, 4.0] * 10}), out=tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def moved(done, tmp_path):
    """The study's folder at another place, and nothing where it was; it is brought back afterwards."""
    place = done.folder.path.rename(tmp_path / "moved")
    yield place
    place.rename(done.folder.path)


def test_a_copied_run_is_opened_elsewhere_and_gives_the_same_samples(moved):
    first = autogen.load(moved).sample(8, seed=3)
    assert np.array_equal(first, autogen.load(moved / "best").sample(8, seed=3))
    best = autogen.StudyResult(moved).best
    assert best.family == json.loads((moved / "result.json").read_text())["best"]["family"]
    assert np.array_equal(first, best.load().sample(8, seed=3))


def test_a_run_killed_in_each_chapter_ends_with_the_same_result(tmp_path, settings, done):
    flags = ["--space", settings["space"], "--budget", "3trials", "--finalists", "2", "--models-only"]
    run = str(tmp_path / "killed")
    start = ["run", few_digits(tmp_path), *flags, "--seed", "7", "--workers", "1", "--out", run]
    journal = tmp_path / "killed/journal.jsonl"
    for events in (3, 8, 14):
        # forked, since a new interpreter imports for seconds
        process = multiprocessing.get_context("fork").Process(target=_command, args=start)
        process.start()
        while process.is_alive() and (
            not journal.exists() or len(journal.read_bytes().splitlines()) < events
        ):
            time.sleep(0.01)
        process.kill()
        process.join()
        start = ["resume", run]
    autogen.resume(run)
    killed = json.loads((tmp_path / "killed/result.json").read_text())
    for entry in ("verdict", "tied", "trials", "finalists", "baselines", "tune"):  # not what cost decides
        assert _without_seconds(killed[entry]) == _without_seconds(done.record[entry]), entry


def _command(*arguments):
    sys.argv = ["autogen", *arguments]
    cli.main()


def _without_seconds(value):
    if isinstance(value, dict):
        timed = ("seconds", "efficiency")
        return {name: _without_seconds(one) for name, one in value.items() if name not in timed}
    return [_without_seconds(one) for one in value] if isinstance(value, list) else value
