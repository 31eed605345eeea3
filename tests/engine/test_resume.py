"""A resumed run keeps what it began with, and says what is different; a killed one can be used as it is."""

import re

import numpy as np
import pytest

import autogen
from autogen.engine.audit import audit
from autogen.engine.engine import begin
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import changes_since, check_unchanged, study_toml
from autogen.engine.settings import Settings
from autogen.errors import RunError
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Ask, Start
from autogen.hpo.study.journal import Journal, read
from tests.engine.disk.study import DATA, SPACE, outcome
from tests.engine.test_engine import few_digits

pytestmark = pytest.mark.slow


class Killed(BaseException):
    """Stands for a process that ends at an event."""


def options(folder):
    path = folder / "space.toml"
    if not path.exists():
        path.write_text(SPACE)
    chosen = {"sampler": "random", "pruner": "none", "workers": 1, "models_only": True, "seed": 7}
    return {"space": str(path), "budget": "2trials", "finalists": 2} | chosen


def killed(folder, at="end", data=DATA, **more):
    """A run whose process ended at the first event of a name."""

    def listen(event, _):
        if at == event.NAME:
            raise Killed

    with pytest.raises(Killed):
        autogen.search(data, out=folder / "run", listen=listen, **options(folder) | more)
    return folder / "run"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    autogen.search(DATA, out=folder / "run", **options(folder))
    return outcome(folder / "run")


def test_a_run_goes_on_with_the_space_that_it_began_with(tmp_path, undisturbed):
    run = killed(tmp_path)
    folder, path = RunFolder.open(run), tmp_path / "space.toml"
    said = f"The search space {path} has changed: this run keeps the one that it began with"
    for now in (None, "nothing", SPACE.replace("vae", "gan")):
        path.unlink() if now is None else path.write_text(now)
        plan = Plan(Settings.of(Settings.load(folder.study), "study.toml"), DATA, folder)
        assert plan.space == SearchSpace.parse(SPACE)
        assert said in changes_since(plan, folder)[0]
    autogen.resume(run, source=DATA)
    assert outcome(run) == undisturbed
    (_, again) = [event for event in read(run / "journal.jsonl") if isinstance(event, Start)]
    assert said in again.changed[0]


def test_a_run_without_a_stored_space_is_refused_if_a_trial_lies_in_none(tmp_path):
    run = killed(tmp_path)
    (run / "space.toml").unlink()
    study = run / "study.toml"  # of an earlier version, which stored no space
    study.write_text(re.sub(r"(?m)^space = \"[0-9a-f]{64}\"\n", "", study.read_text()))
    (tmp_path / "space.toml").write_text(SPACE.replace("[4, 16], default = 8", "[1, 2], default = 2"))
    with pytest.raises(
        RunError, match="trial 0 of .* does not lie in the search space .*space.toml, which has"
    ):
        autogen.resume(run, source=DATA)


def test_a_killed_study_can_be_loaded_sampled_and_reported(tmp_path, command_line):
    run = killed(tmp_path)
    model = autogen.load(run)
    assert "this is trial 0, the best of 1 so far by kd" in model.note
    samples = model.sample(4, seed=1)
    assert samples.shape == (4, *DATA.shape[1:], 1)
    assert np.array_equal(autogen.load(f"{run}:0").sample(4, seed=1), samples)
    code, _, err = command_line("sample", run, "-n", "4", "--seed", "1", "-o", "four.npz")
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("note: the study has no verdict yet")
    assert np.array_equal(np.load("four.npz")["images"], samples[..., 0])
    assert command_line("report", run)[0] == 0


def test_a_model_that_was_removed_from_a_finished_run_is_said_and_written_again(tmp_path):
    run = tmp_path / "run"
    autogen.search(DATA, out=run, **options(tmp_path))
    path, events = run / "best/model.safetensors", len(read(run / "journal.jsonl"))
    before = path.read_bytes()
    path.unlink()
    with pytest.raises(RunError, match="has a verdict, but .*model.safetensors is missing; write it again"):
        autogen.load(run)
    autogen.resume(run, source=DATA)
    assert path.read_bytes() == before
    assert autogen.StudyResult(run).record["test_reads"] == 1
    again = read(run / "journal.jsonl")[events:]
    trained_or_scored = {"ask", "rung", "end", "confirm", "scored"}
    assert not trained_or_scored & {event.NAME for event in again}
    assert audit(run) == []
    journal = run / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:5]))
    (finding,) = (one for one in audit(run) if one.startswith("result.json is there, but the journal tells"))
    assert finding.endswith(f"write it anew: autogen resume {run}")
    (run / "space.toml").write_text("nothing")
    assert any("space.toml" in finding for finding in audit(run))


def test_a_study_without_a_complete_trial_says_how_to_go_on(tmp_path):
    run = killed(tmp_path, at="ask")
    with pytest.raises(RunError, match="has been trained to its end yet; go on with it: autogen resume"):
        autogen.load(run)


@pytest.fixture
def begun(tmp_path):
    """The folder and the plan of a run that has begun, on a table."""
    folder = RunFolder.create(tmp_path / "run")
    plan = Plan(Settings(data="wine", space="tabular_tiny"), "wine")
    begin(folder, plan)
    journal = Journal(folder.journal)
    journal.append(Start(objective=plan.metric.objective))
    journal.append(Ask(0, plan.space.default("vae"), 0, (1,)))
    journal.close()
    return folder, plan


def test_a_run_stores_its_space_and_what_is_modeled(begun):
    folder, plan = begun
    assert SearchSpace.load(folder.space) == plan.space
    assert list(folder.read_study()["modeled"]) == [column.name for column in plan.data.codec.spec.columns]
    assert changes_since(plan, folder) == []
    check_unchanged(plan, folder)


def test_other_versions_are_said_and_those_of_the_start_are_kept(begun):
    folder, plan = begun
    folder.study.write_text(folder.study.read_text().replace('autogen = "', 'a_plugin = "3"\nautogen = "9'))
    changes = changes_since(plan, folder)
    assert changes[0] == "a_plugin was 3 when this run began and is not installed now."
    assert changes[1].startswith("autogen was 90.1.0 when this run began and is 0.1.0 now")
    assert begin(folder, plan) == changes
    assert folder.read_study()["versions"]["a_plugin"] == "3"


def test_columns_that_are_not_as_they_were_are_named(begun):
    folder, plan = begun
    text = folder.study.read_text()
    text = text.replace('alcohol = "levels 10', 'strength = "levels 11').replace(
        'hue = "levels 10', 'hue = "levels 3'
    )
    folder.study.write_text(text.replace(plan.modeled_sha256, "f" * 64))
    with pytest.raises(RunError, match="new: alcohol; gone: strength; different: hue"):
        check_unchanged(plan, folder)


def test_changed_feature_code_is_refused(tmp_path, monkeypatch):
    (tmp_path / "my_features.py").write_text("def mean(images):\n    return images.mean((1, 2))\n")
    monkeypatch.syspath_prepend(tmp_path)
    plan = Plan(Settings(data="digits", features="my_features:mean"), "digits")
    folder = RunFolder(tmp_path)
    folder.study.write_text(study_toml(plan))
    folder.space.write_text(plan.space.to_toml())
    journal = Journal(folder.journal)
    journal.append(Start(objective=plan.metric.objective))
    journal.close()
    check_unchanged(plan, folder)
    (tmp_path / "my_features.py").write_text("def mean(images):\n    return images.max((1, 2))\n")
    with pytest.raises(RunError, match="the code my_features:mean has changed since the start of"):
        check_unchanged(plan, folder)


def test_a_torn_last_line_is_cut_off_and_said(tmp_path, command_line):
    run = killed(tmp_path, data=few_digits(tmp_path))
    journal = run / "journal.jsonl"
    sound = journal.read_bytes()
    journal.write_bytes(sound[:-7])
    assert command_line("check", run)[1].splitlines()[0].endswith("cuts it off and repeats what it told")
    code, _, err = command_line("resume", run)
    assert code == 0
    torn = len(sound.splitlines()[-1]) + 1 - 7
    assert f"the last line of the journal was torn ({torn} bytes): what it told is repeated" in err
    line = "sound: settings, journal, models and result; every trial ended exactly once\n"
    assert command_line("check", run)[:2] == (0, line)


@pytest.mark.parametrize("known", [True, False], ids=["this version", "an older one"])
def test_a_short_run_that_gets_more_time_scores_the_rows_that_it_began_with(tmp_path, known):
    path = tmp_path / "numbers.csv"
    path.write_text("a,b\n" + "".join(f"{a},{a % 7}\n" for a in range(8000)))
    settings = Settings(data=str(path), objective="kd", budget="30s" if known else "10m")
    folder = RunFolder.create(tmp_path / "run")
    before = Plan(settings, settings.data)
    begin(folder, before)
    Journal(folder.journal).close()
    if not known:  # before there was the setting, all rows were used
        text = folder.study.read_text()
        assert '[scored]\nrows = "0"\n' in text
        folder.study.write_text(text.replace('[scored]\nrows = "0"\n', "").replace("eval_rows = 0\n", ""))
    stored = Settings.of(Settings.load(folder.study), "study.toml")
    after = Plan(stored.with_budget("20m" if known else "30s"), settings.data, folder)
    check_unchanged(after, folder)
    assert after.data.held_out == before.data.held_out
    assert set(after.data.held_out.values()) == ({560} if known else {1040, 1120})
