"""A study with epsilon from rows to best/: its guarantee, and what best/ does not hold."""

import json
import math
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.data.open import open_data
from autogen.engine.audit import audit
from autogen.engine.private.study import CODEC_SHARE, WHOLE, guarantee_of, private_data, stored, training_of
from autogen.engine.report_data import write_report
from autogen.errors import DataError, RunError, SettingsError
from autogen.exporting.hub import export_hub
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import read
from autogen.privacy.accountant import Use, spent
from autogen.privacy.settings import PrivacySettings, Range

RANGES = {"age": (0, 99), "pay": (0, 1000)}
SPACE = """
[autoregressive.model]
net = "mlp"
width = 8
depth = 1

[autoregressive.training]
steps = 20
batch_size = 32
clip = 1.0
rank_swap = 0.0
"""


def rows(count: int = 900) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    age = draw.integers(18, 90, count)
    frame = pd.DataFrame({"age": age, "pay": draw.gamma(2, 100, count).clip(0, 999), "town": "Bern"})
    frame["town"] = np.where(age > 50, "Rome", "Bern")
    frame.loc[7, "town"] = "Only Town"
    return frame


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("space") / "tiny.toml"
    path.write_text(SPACE)
    return str(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, space: str) -> autogen.StudyResult:
    out = tmp_path_factory.mktemp("run") / "run"
    return autogen.search(
        rows(),
        epsilon=5.0,
        ranges=RANGES,
        space=space,
        executor="inprocess",
        out=out,
        random_state=3,
        eval_rows=60,
        budget=6,
        objective="kd",
    )


def test_it_is_said_before_the_training_that_it_may_outlast_the_budget(run):
    (start,) = (event for event in read(run.folder.journal) if isinstance(event, Start))
    assert WHOLE in start.notes


def wanted(epsilon: float = 5.0) -> PrivacySettings:
    return PrivacySettings(epsilon, 0.0, {name: Range(*ends) for name, ends in RANGES.items()})


def test_the_guarantee_is_what_the_accountant_says_of_counts_and_steps(space):
    epsilon = 2.0
    data = private_data(open_data(rows()), wanted(epsilon), None)
    found = guarantee_of(data, wanted(epsilon), SearchSpace.load(Path(space)), 1, "", "tiny")
    noise = found.count_noise / math.sqrt(3)  # a row adds one to each of three histograms
    assert data.private is not None
    uses = [Use(noise), Use(found.noise, found.rate, 20)]
    told = spent(uses, found.delta - data.private["delta_of_values"], 0.005 * epsilon)
    assert told == pytest.approx(found.epsilon, rel=1e-3)
    assert 0.95 * epsilon < found.epsilon <= epsilon
    assert found.rate == pytest.approx(32 / len(data.rows["train"]))
    assert data.private["noise"] * CODEC_SHARE < noise


@pytest.mark.slow
def test_the_card_and_result_state_the_guarantee(run):
    found = json.loads((run.folder.path / "result.json").read_text())["privacy"]
    card = (run.folder.path / "best" / "card.md").read_text()
    page = (run.folder.path / "report.html").read_text()
    assert found["epsilon"] <= 5.0
    for text in (card, page):
        assert f"epsilon = {found['epsilon']:.4g}" in text
        assert "unit of privacy is one row" in text
    assert "Do not publish this page" in page


@pytest.mark.slow
def test_best_holds_no_score_no_real_row_and_no_rare_category(run):
    names = {path.name for path in (run.folder.path / "best").iterdir()}
    assert names == {"card.md", "config.toml", "data.json", "model.safetensors", "samples.csv"}
    card = (run.folder.path / "best" / "card.md").read_text()
    assert "Memorization" not in card
    assert "c2st" not in card
    for name in names - {"model.safetensors"}:
        assert "Only Town" not in (run.folder.path / "best" / name).read_text()


@pytest.mark.slow
def test_real_rows_stay_out_of_best_even_where_the_report_shows_them(run):
    write_report(run.folder, real_rows=True)
    assert not list((run.folder.path / "best").glob("real.*"))


@pytest.mark.slow
def test_a_finished_run_is_resumed_with_the_same_noisy_counts(run):
    before = stored(run.folder)
    data = private_data(open_data(rows()), wanted(), before)
    assert data.codec.to_json() == json.loads((run.folder.path / "trials" / "data.json").read_text())["codec"]


def test_no_run_repeats_the_counts_or_the_split_of_another():
    first, second = (private_data(open_data(rows()), wanted(), None) for _ in range(2))
    assert first.private != second.private
    assert not np.array_equal(first.rows["train"], second.rows["train"])


def digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.slow
def test_a_run_goes_on_with_its_counts_and_its_one_model(run, tmp_path):
    again = Path(shutil.copytree(run.folder.path, tmp_path / "run"))
    before, privacy = digests(again / "best"), json.loads((again / "result.json").read_text())["privacy"]
    found = autogen.resume(again, source=rows(), budget="+1s")
    assert digests(again / "best") == before
    assert json.loads((again / "result.json").read_text())["privacy"] == privacy
    assert len(found.trials) == 1
    assert audit(again) == []


@pytest.mark.slow
@pytest.mark.parametrize("ended", [True, False])
def test_counts_that_were_changed_or_lost_are_named_and_not_made_again(run, tmp_path, ended):
    again = Path(shutil.copytree(run.folder.path, tmp_path / "run"))
    if not ended:
        journal = again / "journal.jsonl"
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text("".join(line for line in lines if '"e":"result"' not in line))
    counts = json.loads((again / "private.json").read_text())
    (again / "private.json").write_text(json.dumps(counts | {"noise": counts["noise"] / 2}))
    (finding,) = [one for one in audit(again) if "private.json" in one]
    assert "changed" in finding or "damaged" in finding
    for act in (lambda: None, (again / "private.json").unlink):
        act()
        with pytest.raises(RunError, match=r"private\.json"):
            autogen.resume(again, source=rows(), budget="+1s")


@pytest.mark.slow
def test_the_guarantee_of_a_run_is_not_changed_afterwards(run, tmp_path):
    again = Path(shutil.copytree(run.folder.path, tmp_path / "run"))
    study = again / "study.toml"
    study.write_text(study.read_text().replace("epsilon = 5.0", "epsilon = 1.0"))
    with pytest.raises(RunError, match="began with the guarantee .*'epsilon': 5.0.* but its study.toml has"):
        autogen.resume(again, source=rows(), budget="+1s")


@pytest.mark.slow
def test_a_card_for_the_hub_has_no_score(run, tmp_path):
    text = (export_hub(run.folder.path, tmp_path / "hub") / "README.md").read_text()
    assert "epsilon =" in text
    assert str(run.document.test.mean) not in text
    assert "model-index" not in text


@pytest.mark.slow
def test_page_and_statement_advise_nothing_that_is_refused(run):
    page = (run.folder.path / "report.html").read_text()
    assert "--budget +10m" not in page
    assert "A repetition draws other noise and spends epsilon again" in page
    assert "private.json (sha256)" in page
    assert "--rule" not in page.partition("What to do next")[2].partition("</ol>")[0]
    assert "copies of one row stay" not in " ".join(run.document.data.notes)


def test_notes_say_how_many_categories_noise_hides():
    data = private_data(open_data(rows()), wanted(), None)
    assert any(note.startswith("Samples have 2 of the 3 categories of column 'town'") for note in data.notes)


@pytest.mark.parametrize(
    "damage",
    [{"codec": []}, {"codec": {"columns": [{}]}}, {"noise": "much"}, {"units": None}, {"split": "0"}],
)
def test_noisy_counts_that_no_study_writes_are_refused(damage):
    data = open_data(rows())
    record = private_data(data, wanted(), None).private
    assert record is not None
    with pytest.raises(RunError, match="noisy counts of the run are damaged"):
        private_data(data, wanted(), record | damage)


def test_rows_of_a_group_count_as_one_unit():
    frame = rows(3_000)
    frame["patient"] = np.arange(3_000) // 4
    options = {"group": "patient", "columns": {"patient": "drop"}}
    data = private_data(open_data(frame, options=options), wanted(), None)
    assert data.private is not None
    assert data.private["units"] == 750
    counted = sum(data.private["codec"]["columns"][2]["counts"])
    assert counted == pytest.approx(0.6 * 750, abs=8 * data.private["scale"])
    guarantee = guarantee_of(
        data, wanted(), SearchSpace.load("tabular_private").restrict(["vae"]), 1, "patient", ""
    )
    assert "one group of rows with one value of patient" in guarantee.headline()
    assert len(training_of(data, guarantee).owners) == len(data.rows["train"])


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"families": "trees"}, SettingsError, "trees cannot be trained with epsilon"),
        ({"families": "gan"}, SettingsError, "gan cannot be trained with epsilon"),
        ({"families": ["vae", "autoregressive"]}, SettingsError, "name one family"),
        ({"space": "tabular_tiny", "families": "vae"}, SettingsError, "training.clip must be one constant"),
        ({"ranges": {"age": (0, 99)}}, DataError, "--range 'pay=LOW:HIGH'"),
        ({"ranges": {"age": 99}}, SettingsError, "must be two numbers"),
        ({"delta": 0.1}, SettingsError, "delta must be below one over the number of units"),
        ({"ranges": None, "epsilon": None, "delta": 1e-5}, SettingsError, "give epsilon too"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_written(more, error, words, tmp_path):
    given = {"epsilon": 5.0, "ranges": RANGES} | more
    with pytest.raises(error, match=words):
        autogen.search(rows(), executor="inprocess", out=tmp_path / "run", **given)
    assert not (tmp_path / "run").exists()


def test_other_kinds_of_data_are_refused(tmp_path):
    texts = [f"a line of text number {number}" for number in range(600)]
    with pytest.raises(DataError, match="epsilon is for tables"):
        autogen.search(texts, epsilon=1.0, executor="inprocess", out=tmp_path / "run")


@pytest.mark.slow
def test_a_run_is_not_updated(run):
    with pytest.raises(SettingsError, match="an update would spend again"):
        autogen.update(run.folder.path, rows(1200), budget="5s")


@pytest.mark.slow
def test_a_training_that_failed_is_not_offered_more_time(space, tmp_path):
    long = tmp_path / "long.toml"
    long.write_text(Path(space).read_text().replace("steps = 20", "steps = 3_000"))
    given = {"epsilon": 5.0, "ranges": RANGES, "space": str(long), "eval_rows": 60, "budget": 20}
    with pytest.raises(RunError, match="did not reach its last step.*start a new run"):
        autogen.search(rows(), executor="inprocess", trial_timeout=0.2, out=tmp_path / "run", **given)
