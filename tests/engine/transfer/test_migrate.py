"""A run of an earlier version is brought to the formats of this one, and loses nothing."""

import shutil
from pathlib import Path

import pytest

import autogen
from autogen.engine.audit import audit, notes
from autogen.engine.settings import Settings
from autogen.engine.transfer.migrate import migrate
from autogen.errors import JournalError, RunError
from autogen.hpo.study.journal import Journal, contents, read

RUNS = Path(__file__).parents[2] / "runs"


@pytest.fixture
def run(tmp_path):
    return shutil.copytree(RUNS / "version_1", tmp_path / "run")


def test_a_journal_of_version_1_gets_checksums_and_the_same_events(run, command_line):
    events, settings = read(run / "journal.jsonl"), Settings.load(run / "study.toml")
    code, out, _ = command_line("migrate", run)
    assert code == 0
    assert "journal.jsonl: version 1 to 2, a checksum for each of" in out
    assert (
        "in place of address, device, gpus_per_trial, memory_per_trial, storage, timeout, confirm_seeds"
        in out
    )
    assert contents(run / "journal.jsonl").chain.version == 2
    assert read(run / "journal.jsonl") == events
    assert Settings.of(Settings.load(run / "study.toml"), "") == Settings.of(settings, "")
    assert audit(run) == []
    assert not any("version 1" in note for note in notes(run))


def test_the_old_files_are_kept_beside_the_new_ones(run):
    before = {name: (run / name).read_bytes() for name in ("journal.jsonl", "study.toml")}
    migrate(run)
    assert (run / "journal.before-migration.jsonl").read_bytes() == before["journal.jsonl"]
    assert (run / "study.before-migration.toml").read_bytes() == before["study.toml"]


def test_a_migrated_run_is_sampled_and_its_journal_goes_on(run):
    rows = autogen.load(run).sample(3, seed=0)
    migrate(run)
    assert autogen.load(run).sample(3, seed=0).equals(rows)
    Journal(run / "journal.jsonl").close()


def test_a_copy_is_migrated_and_the_run_left_as_it_was(run, tmp_path):
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    migrate(run, tmp_path / "new")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    assert contents(tmp_path / "new/journal.jsonl").chain.version == 2
    with pytest.raises(RunError, match="is not empty"):
        migrate(run, tmp_path / "new")


def test_a_torn_last_line_is_left_out_and_said(run):
    with (run / "journal.jsonl").open("a") as file:
        file.write('{"e":"st')
    (change, _) = migrate(run)
    assert "its last line was torn (8 bytes) and is left out" in change


def test_a_run_of_this_version_has_nothing_to_migrate(tmp_path, command_line):
    run = shutil.copytree(RUNS / "version_2", tmp_path / "run")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    code, out, _ = command_line("migrate", run)
    assert (code, out) == (0, f"{run} has the formats of this version: there is nothing to migrate\n")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    migrate(shutil.copytree(RUNS / "version_1", tmp_path / "old"))
    assert migrate(tmp_path / "old") == []


def test_what_cannot_be_migrated_is_refused_in_a_line(run, tmp_path, command_line):
    journal = run / "journal.jsonl"
    whole = journal.read_text()
    journal.write_text(whole.replace('"version": 1', '"version": 9'))
    with pytest.raises(JournalError, match="has version 9, this autogen reads up to 2; update autogen"):
        migrate(run)
    journal.write_text(whole.replace('"e":"ask"', '"e":5', 1))
    with pytest.raises(JournalError, match="is damaged at line"):
        migrate(run)
    journal.write_text(whole)
    opened = Journal(journal)
    with pytest.raises(RunError, match="another process writes"):
        migrate(run)
    opened.close()
    code, _, err = command_line("migrate", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "lacks study.toml" in err


@pytest.mark.parametrize("name", ["journal.jsonl", "study.toml"])
def test_a_migration_that_was_killed_after_a_copy_is_completed(run, name):
    old = (run / name).read_bytes()
    kept = run / name.replace(".", ".before-migration.")
    kept.write_bytes(old)
    assert len(migrate(run)) == 2
    assert kept.read_bytes() == old
    assert migrate(run) == []
