"""A study that starts from an earlier run searches whether that helps, and honors the earlier split."""

import json
import shutil

import pytest

import autogen
from autogen.data.open import open_data
from autogen.engine.audit import audit
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import UserError
from autogen.hpo.study.events import Ask, Start
from autogen.hpo.study.journal import read
from tests.engine.disk.study import outcome
from tests.engine.transfer.study import SPACE, search

pytestmark = pytest.mark.slow


def asked(run):
    return [event for event in read(run / "journal.jsonl") if isinstance(event, Ask)]


def test_each_config_says_where_it_starts_and_inherits_the_architecture(later, earlier):
    own = [event for event in asked(later) if event.config["family"] == "autoregressive"]
    starts = [event.config["training.start"] for event in own]
    assert starts[0] == "earlier"
    assert {*starts} == {"earlier", "fresh"}
    chosen = autogen.load(earlier / "run").config
    for event in own:
        started = event.config["training.start"] == "earlier"
        expected = (
            {key: chosen[key] for key in ("model.net", "model.width", "model.depth")} if started else {}
        )
        assert event.inherited == expected
        assert ("model.width" in event.config) != started
        text = (later / "trials" / f"{event.n:04d}" / "config.toml").read_text()
        assert "width" in text
        assert ("lr_scale" in text) == started


def test_fitted_families_start_fresh(later):
    assert not any(event.inherited for event in asked(later) if event.config["family"] == "markov")


def test_the_start_stands_with_its_hash_in_journal_card_and_result(later, earlier):
    result = json.loads((later / "result.json").read_text())
    digest = result["start"]["sha256"]["autoregressive"]
    assert result["start"]["source"] == str(earlier / "run")
    assert sum(result["start"]["trials"].values()) == sum(
        event.config["family"] == "autoregressive" for event in asked(later)
    )
    start = next(event for event in read(later / "journal.jsonl") if isinstance(event, Start))
    notes = " ".join(start.notes)
    assert digest in notes
    assert "tokens are taken over" not in notes
    assert "in part" in notes  # of the tokens those of the new letters are new
    assert digest in (later / "best" / "card.md").read_text()
    assert str(earlier / "run") in result["statement"]


def test_no_row_that_the_earlier_model_was_trained_on_is_held_out(later, earlier):
    before = open_data(str(earlier / "names.txt"), kind="text", seed=3)
    trained = {*before.kind.digests(before.split("train"))}
    folder = RunFolder(later)
    plan = Plan(Settings.of(Settings.load(folder.study), ""), str(earlier / "more.txt"), folder)
    for part in ("tune", "select", "test"):
        assert not trained & {*plan.data.kind.digests(plan.data.split(part))}
    assert {*before.codec.symbols, "ß"} <= {*plan.data.codec.symbols}


class Killed(BaseException):
    """Stands for a process that ends at an event."""


def test_a_killed_run_is_resumed_without_the_earlier_one(tmp_path, earlier, later):
    gone = tmp_path / "gone"
    shutil.copytree(earlier / "run", gone)

    def listen(event, _):
        if event.NAME == "end" and event.n == 1:
            raise Killed

    data = earlier / "more.txt"
    with pytest.raises(Killed):
        search(data, tmp_path, "run", budget="6trials", init_from=gone, listen=listen)
    shutil.rmtree(gone)
    autogen.resume(tmp_path / "run")
    assert outcome(tmp_path / "run")["finalists"] == outcome(later)["finalists"]


@pytest.mark.parametrize("name", ["run:1", "run/best", "run/trials/0000"])
def test_a_trial_or_the_folder_of_a_model_can_be_named(earlier, tmp_path, name):
    settings = Settings(data=str(earlier / "more.txt"), init_from=str(earlier / name))
    models = Plan(settings, settings.data).earlier.models
    assert [model.trial for model in models.values()] == [1 if ":" in name else None]


def test_a_changed_start_is_refused(later, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(later, run)
    about = json.loads((run / "start" / "start.json").read_text())
    about["sha256"]["autoregressive"] = "0" * 64
    (run / "start" / "start.json").write_text(json.dumps(about))
    with pytest.raises(UserError, match="has changed since the run began"):
        autogen.resume(run, budget="+1trials")
    assert audit(later) == []
    assert "has changed since the run began" in audit(run)[0]


def bad(name, earlier, folder):
    """What is given as ``init_from``, with settings, for a case that must be refused."""
    if name == "missing":
        return folder / "nowhere", {}
    if name == "trial":
        return f"{earlier / 'run'}:99", {}
    if name == "other kind":
        return earlier / "run", {"data": "wine"}
    if name == "bytes":
        return earlier / "run", {"options": {"tokens": "bytes"}}
    if name == "file":
        (folder / "model.pt").write_text("")
        return folder / "model.pt", {}
    (folder / "model").mkdir()
    if name == "transformers":
        (folder / "model/config.json").write_text("{}")
    (folder / "model" / ("pytorch_model.bin" if name == "pickle" else "notes.txt")).write_text("")
    return folder / "model", {}


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("missing", "names no folder"),
        ("trial", "trial 99 of .* has no model; complete trials have one: 0, 1, 2"),
        ("other kind", "is of text data, but this is tabular data"),
        ("bytes", "reads characters, but the option tokens asks for bytes"),
        ("pickle", r"pytorch_model.bin may run code"),
        ("no model", "neither a run nor the folder of a model"),
        ("file", "names a file: .*model.pt; give a run"),
        ("transformers", "if it is one of transformers, for texts: --pretrained .*model"),
    ],
)
def test_what_cannot_be_a_start_is_refused_in_a_line(earlier, tmp_path, name, match):
    source, more = bad(name, earlier, tmp_path)
    data = more.pop("data", earlier / "more.txt")
    space = {"space": "tabular_tiny"} if data == "wine" else {}
    with pytest.raises(UserError, match=match) as refusal:
        autogen.search(str(data), out=tmp_path / "run", init_from=source, **space, **more)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()


def test_a_space_that_starts_from_a_model_needs_one(earlier, tmp_path):
    space = SPACE.replace("steps = 6", 'steps = 6\nstart = "earlier"')
    with pytest.raises(UserError, match="give a run that has one"):
        search(earlier / "more.txt", tmp_path, "run", space)


def test_a_run_of_fitted_models_alone_has_no_weights_to_start_from(earlier, tmp_path):
    search(earlier / "names.txt", tmp_path, "fitted", families="markov", budget="1trials")
    with pytest.raises(UserError, match="markov: families that are fitted"):
        search(earlier / "more.txt", tmp_path, "run", init_from=tmp_path / "fitted")


def test_the_command_line_takes_it_too(earlier, tmp_path, command_line):
    code, _, err = command_line(
        "run", earlier / "more.txt", "--init-from", tmp_path / "x", "--out", tmp_path / "run"
    )
    assert code == 2
    assert "names no folder" in err
