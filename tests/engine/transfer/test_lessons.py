"""A study that learns from an earlier one: what it takes, what it keeps, what it refuses."""

import json
import shutil

import pytest

import autogen
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer.lessons import skipped_notes
from autogen.errors import RunError, SettingsError
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Ask, Rung, Start
from autogen.hpo.study.journal import read
from tests.engine.disk.study import SPACE, outcome
from tests.engine.test_engine import few_digits
from tests.hpo.study.logs import without_digests

pytestmark = pytest.mark.slow


class Killed(BaseException):
    """Stands for a process that ends at an event."""


def options(folder):
    path = folder / "space.toml"
    path.write_text(SPACE)
    chosen = {"pruner": "none", "workers": 1, "models_only": True, "finalists": 1, "objective": "kd"}
    return {"space": str(path), "budget": "5trials"} | chosen


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return few_digits(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("teacher")
    autogen.search(data, out=folder / "run", sampler="random", seed=5, **options(folder))
    return folder / "run"


@pytest.fixture(scope="module")
def learned(tmp_path_factory, data, teacher):
    folder = tmp_path_factory.mktemp("learned")
    autogen.search(data, out=folder / "run", learn_from=StudyResult(teacher), **options(folder))
    return folder / "run"


def asked(run):
    return [event.config for event in read(run / "journal.jsonl") if isinstance(event, Ask)]


def test_it_begins_with_the_best_configs_of_the_earlier_study(teacher, learned):
    scores = {event.n: event.score for event in read(teacher / "journal.jsonl") if isinstance(event, Rung)}
    best = min(scores, key=scores.__getitem__)
    assert asked(learned)[0] == asked(teacher)[best]


def test_the_journal_and_the_folder_say_what_it_learned_from(teacher, learned):
    start = next(event for event in read(learned / "journal.jsonl") if isinstance(event, Start))
    assert len(start.lessons) == 1
    kept = json.loads((learned / "lessons.json").read_text())
    assert [row[0] for row in kept[0]["trials"]] == asked(teacher)
    assert Settings.load(learned / "study.toml")["learn_from"] == [str(teacher)]


def test_a_killed_one_goes_on_to_the_same_end_without_the_earlier_run(tmp_path, data, teacher, learned):
    copy = tmp_path / "teacher"
    shutil.copytree(teacher, copy)

    def listen(event, _):
        if event.NAME == "end" and event.n == 2:
            raise Killed

    with pytest.raises(Killed):
        autogen.search(data, out=tmp_path / "run", learn_from=[copy], listen=listen, **options(tmp_path))
    shutil.rmtree(copy)
    autogen.resume(tmp_path / "run")
    assert asked(tmp_path / "run") == asked(learned)
    assert outcome(tmp_path / "run") == outcome(learned)


@pytest.mark.parametrize(
    ("damage", "message"), [("gone", "cannot be read"), ("edited", "is not what this run")]
)
def test_what_it_learned_from_is_checked_before_it_goes_on(tmp_path, learned, damage, message):
    run = tmp_path / "run"
    shutil.copytree(learned, run)
    path = run / "lessons.json"
    if damage == "gone":
        path.unlink()
    else:
        kept = json.loads(path.read_text())
        kept[0]["trials"][0][2] = 0.0
        path.write_text(json.dumps(kept))
    with pytest.raises(RunError, match=message):
        autogen.resume(run, budget="+1trials")


def test_a_run_that_ended_before_its_first_event_still_learns(tmp_path, data, learned):
    shutil.copytree(learned, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    settings = Settings.of(Settings.load(folder.study), "")
    known = Plan(settings, data, folder).lessons
    assert known
    folder.journal.unlink()
    assert Plan(settings, data, folder).lessons == known
    folder.lessons.unlink()
    assert Plan(settings, data, folder).lessons == known


def test_what_cannot_be_learned_from_is_refused_in_a_line(tmp_path, data, teacher):
    more = options(tmp_path)
    with pytest.raises(SettingsError, match="is not the folder of a run"):
        autogen.search(data, out=tmp_path / "a", learn_from=tmp_path, **more)
    with pytest.raises(SettingsError, match=r"optimized kd.*, but this study optimizes fd"):
        autogen.search(data, out=tmp_path / "a", learn_from=teacher, **more | {"objective": "fd"})
    (tmp_path / "other.toml").write_text(SPACE.replace("[4, 16], default = 8", "[50, 90], default = 60"))
    with pytest.raises(SettingsError, match="no trial of .* lies in the search space of this study"):
        autogen.search(
            data, out=tmp_path / "a", learn_from=teacher, **more | {"space": str(tmp_path / "other.toml")}
        )
    with pytest.raises(SettingsError, match="learn_from needs Bayesian search by one objective; got random"):
        autogen.search(data, learn_from=teacher, sampler="random")
    assert not (tmp_path / "a").exists()


def test_samplers_of_plug_ins_are_not_given_what_they_do_not_know():
    assert BayesianSampler(SearchSpace.parse(SPACE), 0).ask(1)


def test_a_returned_model_that_was_suspected_of_copying_is_said_to_be_passed_over(tmp_path, data, teacher):
    assert list(skipped_notes([str(teacher), "optuna:sqlite:///study.db", str(tmp_path / "none")])) == []
    run = tmp_path / "run"
    shutil.copytree(teacher, run)
    record = json.loads((run / "result.json").read_text())
    for one in record["finalists"]:
        one["suspected"] = True
    (run / "result.json").write_text(json.dumps(record))
    without_digests(run / "journal.jsonl")
    (note,) = skipped_notes([str(run)])
    assert f"suspected trial {record['best']['trial']}, which it returned, of copying" in note
    (tmp_path / "space.toml").write_text(SPACE)
    settings = Settings(data=data, learn_from=(str(run),), space=str(tmp_path / "space.toml"), objective="kd")
    assert note in Plan(settings, data).data.notes
