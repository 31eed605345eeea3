"""Reports of studies that have no verdict yet, from their journals."""

import json
import re
from dataclasses import replace

import pytest

from autogen.engine import report_data as reporting
from autogen.engine.run_folder import RunFolder
from autogen.errors import RunError
from autogen.hpo.objective import Objective
from autogen.hpo.study import events
from autogen.hpo.study.journal import Journal
from autogen.hpo.trial import State

OBJECTIVE = Objective("kd[random_conv-v1]")
CONFIG = {"family": "vae", "training.lr": 0.001, "training.steps": 40}


def start(**more):
    return events.Start("digits: image", "r", 90.0, 2, OBJECTIVE, ("No duplicates.",), **more)


def trial(number, *scores, state="complete", family="vae"):
    """Events of a trial: asked, measured after 20 and 40 steps, ended."""
    asked = events.Ask(number, CONFIG | {"family": family}, 1, (20, 40), t=number)
    measured = [
        events.Rung(number, step, score, True, 1.0, 0.2, t=number + 0.5)
        for step, score in zip((20, 40), scores, strict=False)
    ]
    ended = [events.End(number, State(state), t=number + 0.9)] if state else []
    return [asked, *measured, *ended]


@pytest.fixture
def run(tmp_path):
    """A run's folder and its journal, open as by a process that is at it."""
    folder = RunFolder.create(tmp_path / "run")
    folder.study.write_text('data = "digits"\nseed = 0\n\n[versions]\nautogen = "0.1.0"\n')
    journal = Journal(folder.journal)
    yield folder, journal
    journal.close()


def wrote(run, *records):
    folder, journal = run
    for record in records:
        journal.append(record)
    return folder


def heading(folder):
    return re.search(r"<h1>(.*?)</h1>", folder.report.read_text())[1]


def test_a_running_study_is_said_to_run_and_its_best_to_be_no_verdict(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5), *trial(1, 0.8, 0.25, family="gan"), *trial(2, state=""))
    reporting.write_report(folder)
    said = "Running: 2 trials, best so far 0.25 by trial 1 (GAN) (tune split, not a verdict)"
    assert heading(folder) == said


def test_a_suspect_is_not_the_best_so_far_and_is_marked(run):
    suspect = trial(0, 0.9, 0.1)
    suspect[-1] = replace(suspect[-1], suspect="its samples seem to be copies of the train split")
    folder = wrote(run, start(), *suspect)
    reporting.write_report(folder)
    assert "best so far 0.1 by trial 0 (VAE), suspected of copying training data" in heading(folder)
    folder = wrote(run, *trial(1, 0.8, 0.25, family="gan"))
    reporting.write_report(folder)
    assert "best so far 0.25 by trial 1 (GAN) (tune split" in heading(folder)
    text = folder.report.read_text()
    row = re.search(r"<tr><td[^>]*>2</td><td[^>]*>0</td>.*?</tr>", text, re.S)[0]
    assert '<span class="pill fair"' in row
    assert ">suspected</span>" in row
    assert "Trial 1, the newest with a score, found the best one so far" in text


def test_the_page_loads_itself_again_only_while_the_study_runs(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    reporting.write_report(folder, refresh=7)
    assert '<meta http-equiv="refresh" content="7">' in folder.report.read_text()
    run[1].close()
    reporting.write_report(folder)
    text = folder.report.read_text()
    assert "http-equiv" not in text.partition("<style>")[0]
    assert heading(folder).startswith("Stopped: 1 trial, best so far 0.5")
    assert f"autogen resume {folder.path}" in text


def test_a_study_without_a_complete_trial_says_so(run):
    folder = wrote(run, start(), *trial(0, 0.9, state=""))
    reporting.write_report(folder)
    assert heading(folder) == "Running: 0 trials, none trained to the end yet"


def test_a_record_that_is_being_written_is_left_out(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    with folder.journal.open("a") as file:
        file.write('{"e":"end","n":1,"sta')
    reporting.write_report(folder)
    assert heading(folder).startswith("Running: 1 trial,")


def test_progress_of_the_confirmation_is_counted_from_its_finalists(run):
    chosen = events.Finalists((0,), 2, t=9.0)
    done = events.Confirm(0, 0, 0, State.COMPLETE, 1.0, t=10.0)
    folder = wrote(run, start(), *trial(0, 0.9, 0.5), chosen, done)
    page = reporting.write_report(folder)
    assert (page.progress.chapter, page.progress.confirmed, page.progress.planned) == ("compare", 1, 2)


def test_a_finished_study_that_got_more_budget_is_shown_as_running(run):
    chosen = events.Finalists((0,), 2, t=9.0)
    ended = [events.Test(t=10.0), events.Result("tie", t=11.0)]
    folder = wrote(run, start(), *trial(0, 0.9, 0.5), chosen, *ended, start(), *trial(1, 0.9, state=""))
    assert reporting.write_report(folder).progress.chapter == "search"


def test_the_leaderboard_of_a_running_study_holds_its_running_trials(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5), *trial(1, 0.7, state=""))
    reporting.write_report(folder)
    states = [line.split(",")[3] for line in folder.leaderboard.read_text().splitlines()]
    assert states == ["state", "complete", "running"]


def test_cleaning_decisions_are_there_from_the_start(run):
    folder = wrote(run, start())
    reporting.write_report(folder)
    assert "No duplicates." in folder.report.read_text()


def test_a_study_that_has_not_begun_has_nothing_to_report(run):
    with pytest.raises(RunError, match="nothing to report yet"):
        reporting.write_report(run[0])


@pytest.mark.parametrize("again", [1, 2])
def test_the_only_preview_of_an_older_run_is_not_lost_when_it_is_left_out(run, again):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    folder.best.mkdir()
    (folder.best / "real.csv").write_text("name\nada\n")
    for _ in range(again):
        reporting.write_report(folder, real_rows=False)
        assert not (folder.best / "real.csv").exists()
    reporting.write_report(folder, real_rows=True)
    assert (folder.best / "real.csv").read_text() == "name\nada\n"


def test_what_is_said_of_real_rows_before_there_are_any_is_kept(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    reporting.write_report(folder, real_rows=False)
    folder.best.mkdir()
    (folder.exhibits / "real.txt").write_text("a real text\n")
    reporting.write_report(folder)
    assert not (folder.best / "real.txt").exists()


def test_watching_writes_until_no_process_is_at_the_study(run, monkeypatch):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    naps = []

    def nap(seconds):
        naps.append(seconds)
        for record in trial(len(naps), 0.9, 0.4):
            run[1].append(record)
        if len(naps) == 2:
            run[1].close()

    monkeypatch.setattr(reporting.time, "sleep", nap)
    said = []
    reporting.watch(folder, 3, said.append)
    assert naps == [3, 3]
    assert [line.partition(":")[0] for line in said] == ["trials", "trials", "the study has stopped"]
    assert heading(folder).startswith("Stopped: 3 trials")


def test_looking_whether_a_journal_is_in_use_does_not_lock_its_writer_out(run):
    folder, journal = run
    journal.close()
    with folder.journal.open("rb") as held:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_SH)
        with pytest.raises(RunError, match="another process"):
            Journal(folder.journal)
        fcntl.flock(held, fcntl.LOCK_UN)
    Journal(folder.journal).close()
    assert json.loads(folder.journal.read_text().splitlines()[0])["format"] == "autogen-journal"


def test_whether_real_rows_are_shown_is_remembered(run):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    folder.best.mkdir()
    folder.exhibits.mkdir()
    (folder.exhibits / "real.csv").write_text("name\nAda\n")
    shown = []
    for said in (None, False, None, True, None):
        reporting.write_report(folder, real_rows=said)
        shown.append((folder.best / "real.csv").exists())
    assert shown == [True, False, False, True, True]


@pytest.mark.parametrize("damaged", ["", "[1]", '{"real_rows": "no"}', "{"])
def test_damaged_words_on_real_rows_count_as_none(run, damaged):
    folder = wrote(run, start(), *trial(0, 0.9, 0.5))
    folder.exhibits.mkdir()
    folder.shown.write_text(damaged)
    assert reporting.write_report(folder).shows_real
