"""What a study delivered is known by its SHA-256: a changed figure or weight is named and not used."""

import json
import shutil

import pytest

import autogen
from autogen.engine.audit import audit, notes
from autogen.engine.transfer.earlier import find_earlier
from autogen.errors import RunError
from autogen.hpo.study.events import Result
from autogen.hpo.study.journal import last_event, read
from tests.engine.disk.study import DATA, search
from tests.hpo.study.logs import records, sealed, without_digests

pytestmark = pytest.mark.slow

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A finished run of seconds."""
    run = tmp_path_factory.mktemp("sound") / "run"
    search(run)
    return run


@pytest.fixture
def run(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "run")


def flip(path):
    """Flip one bit of the last byte: a weight, or a character of a document."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_the_result_records_what_was_delivered_and_every_stored_model(sound):
    recorded = last_event(sound / "journal.jsonl").sha256
    stored = {path.relative_to(sound).as_posix() for path in sound.rglob(WEIGHTS)}
    assert "trials/0000/model.safetensors" in stored
    assert stored | {"result.json", "best/config.toml", "best/data.json", "trials/data.json"} <= set(recorded)
    assert (audit(sound), notes(sound)) == ([], [])


@pytest.mark.parametrize("name", [f"best/{WEIGHTS}", "best/config.toml", f"trials/0000/{WEIGHTS}"])
def test_a_flipped_bit_is_found_and_neither_loaded_nor_reported(run, name, command_line):
    flip(run / name)
    folder = (run / name).parent
    (finding, *_) = [one for one in audit(run) if "SHA-256" in one]
    assert finding.startswith(f"{run / name} was changed or is damaged")
    with pytest.raises(RunError, match=f"{name} was changed or is damaged"):
        autogen.load(folder)
    source = f"{run}:0" if name.startswith("trials") else run
    code, _, err = command_line("sample", source, "-n", "3")
    assert (code, err.count("\n")) == (2, 1)
    assert name in err
    assert command_line("report", run)[0] == (0 if name.startswith("trials") else 2)


def test_an_edited_figure_is_found_refused_and_written_again(run, command_line):
    before = (run / "result.json").read_bytes()
    record = json.loads(before)
    record["best"]["test_score"] /= 2
    (run / "result.json").write_text(json.dumps(record, indent=2) + "\n")
    code, out, _ = command_line("check", run)
    assert code == 1
    assert f"{run / 'result.json'} was changed or is damaged" in out
    for use in (autogen.StudyResult, lambda run: command_line("report", run)):
        try:
            code, _, err = use(run)
        except RunError as refusal:
            code, err = 2, str(refusal)
        assert (code, "autogen resume" in err, err.strip().count("\n")) == (2, True, 0)
    first = last_event(run / "journal.jsonl")
    autogen.resume(run, source=DATA)
    again = last_event(run / "journal.jsonl")
    assert isinstance(again, Result)
    assert again.t >= first.t
    assert (
        json.loads((run / "result.json").read_text())["best"]["test_score"]
        == json.loads(before)["best"]["test_score"]
    )
    assert audit(run) == []


def test_a_result_is_not_written_again_from_a_changed_model(run):
    flip(run / "trials/0000" / WEIGHTS)
    with pytest.raises(RunError, match="trials/0000/model.safetensors was changed .* restore it from a copy"):
        autogen.resume(run, source=DATA)


@pytest.mark.parametrize("ended", [True, False])
def test_a_study_goes_on_from_no_changed_model(run, ended):
    """Else its next result would record the digest of the damage."""
    if not ended:  # it was resumed with more budget, and killed
        journal = run / "journal.jsonl"
        sealed(journal, *records(journal), records(journal)[0])  # a start
        assert not isinstance(last_event(journal), Result)
    flip(run / "trials/0000" / WEIGHTS)
    for budget in ("+1trials", None):
        with pytest.raises(RunError, match=f"trials/0000/{WEIGHTS} was changed"):
            autogen.resume(run, source=DATA, budget=budget)
    with pytest.raises(RunError, match=f"trials/0000/{WEIGHTS} was changed"):
        autogen.load(f"{run}:0")
    assert f"trials/0000/{WEIGHTS} was changed" in "".join(audit(run))


@pytest.mark.parametrize("trial", ["", ":0", "/trials/0000"])
def test_no_training_starts_from_a_changed_model(run, trial):
    assert find_earlier(f"{run}{trial}").models
    for path in run.rglob(WEIGHTS):
        flip(path)
    with pytest.raises(RunError, match=f"{WEIGHTS} was changed"):
        find_earlier(f"{run}{trial}")


def test_resuming_an_ended_study_cuts_off_what_is_torn(run):
    journal = run / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"e":"sco')
    assert "is torn: resuming the run cuts it off" in audit(run)[0]
    autogen.resume(run)
    assert (journal.read_bytes(), audit(run)) == (whole, [])


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_the_space_that_a_run_began_with_is_there_and_as_it_was(run, how):
    space = run / "space.toml"
    if how == "missing":
        space.unlink()
    else:
        space.write_text(space.read_text() + "# x\n")
    (finding,) = audit(run)
    assert f"{space}" in finding
    with pytest.raises(RunError, match="space.toml.* put it back from a copy of the run"):
        autogen.resume(run, source=DATA, budget="+1trials")


@pytest.mark.parametrize("ended", [True, False])
def test_a_model_of_a_complete_trial_that_is_missing_is_found(run, ended):
    if not ended:
        journal = run / "journal.jsonl"
        sealed(journal, *(line for line in records(journal) if line["e"] != "result"))
        (run / "result.json").unlink()
    (run / "trials/0000" / WEIGHTS).unlink()
    (finding,) = audit(run)
    assert finding.startswith(f"{run / 'trials/0000' / WEIGHTS} is missing, but ")


def test_a_run_of_an_earlier_version_is_checked_as_before_with_a_note(run, command_line):
    without_digests(run / "journal.jsonl")
    flip(run / "best" / WEIGHTS)
    code, out, _ = command_line("check", run)
    assert code == 0
    assert out.startswith("note: the journal has no SHA-256 of result.json and the models")
    assert command_line("sample", run, "-n", "3", "-o", "a.npz")[0] == 0


def test_reporting_again_changes_nothing_that_was_recorded(run, command_line):
    for option in ("--no-real-rows", "--real-rows"):
        assert command_line("report", run, option)[0] == 0
    assert audit(run) == []


def test_a_name_in_the_journal_leads_to_no_file_outside(run, tmp_path):
    (tmp_path / "secret").write_text("x")
    changed = records(run / "journal.jsonl")
    changed[-1]["sha256"] = {"../secret": "0" * 64, str(tmp_path / "secret"): "0" * 64}
    sealed(run / "journal.jsonl", *changed)
    assert len([one for one in audit(run) if one.endswith("is no file of a run")]) == 2


@pytest.mark.parametrize("tail", [b"", b'{"e":"res', b"\n\n"])
def test_the_last_event_is_read_from_the_end(tmp_path, tail):
    result = {"e": "result", "verdict": "tie", "sha256": {"x" * 200_000: "y"}}
    path = sealed(tmp_path / "journal.jsonl", {"e": "costs", "seconds": 1.0}, result)
    path.write_bytes(path.read_bytes() + tail)
    found = last_event(path)
    assert (found and found.verdict) == (None if tail == b"\n\n" else "tie")
    assert tail == b"\n\n" or found == read(path)[-1]
    assert last_event(sealed(path)) is None
    assert last_event(tmp_path / "none") is None
