"""What marks of users do in a study: weights, a bound, and nothing to the rows that score models."""

import shutil

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.engine.feedback.study import feedback_of
from autogen.engine.plan import Plan
from autogen.engine.settings import Settings
from autogen.engine.transfer.update import marked
from autogen.errors import DataError, RunError, SettingsError
from autogen.hpo.study.events import End
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State


def rows(n, seed):
    """A table whose class ``c`` is a fifth, and lies apart."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    x = np.where(kind == "c", 6, 0) + rng.normal(0, 1, n).round(3)
    return pd.DataFrame({"x": x.round(3), "y": (x / 2 + rng.normal(0, 1, n)).round(3), "kind": kind})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, marks on other rows of its distribution, which reject class c, and marks on its own rows."""
    path = tmp_path_factory.mktemp("feedback")
    rows(600, 0).to_csv(path / "t.csv", index=False)
    other = rows(300, 1)
    other.assign(keep=(other.kind != "c").astype(int)).to_csv(path / "marked.csv", index=False)
    return path


def plan(folder, *files, **more):
    return Plan(
        Settings(data=str(folder / "t.csv"), feedback=tuple(map(str, files)), **more), str(folder / "t.csv")
    )


def opened(folder):
    return plan(folder).data


@pytest.fixture(scope="module")
def by_class(folder):
    return plan(folder, folder / "marked.csv")


@pytest.mark.slow
def test_training_rows_weigh_as_much_as_users_would_keep_rows_like_them(by_class):
    data = by_class.data
    weights = by_class.work().weights
    rejected = (data.split("train").kind == "c").to_numpy()
    assert weights[rejected].max() < 0.3
    assert weights[~rejected].min() > 0.8
    assert len(weights) == len(data.rows["train"])


@pytest.mark.slow
def test_rows_that_score_models_are_those_of_a_study_without_feedback(by_class, folder):
    plain = opened(folder)
    for name in ("train", "tune", "select", "test"):
        assert by_class.data.rows[name].tolist() == plain.rows[name].tolist()
        assert by_class.data.split_sha256[name] == plain.split_sha256[name]


@pytest.mark.slow
def test_the_bound_is_half_of_what_can_be_avoided(by_class, folder):
    about = by_class.feedback.about
    assert (about.generated, about.train, about.held_out) == (300, 0, 0)
    assert about.rejected == (rows(300, 1).kind == "c").sum()
    assert about.weighted < 0.06 < 0.15 < about.real
    assert about.bound == pytest.approx((max(about.before, about.real) + about.weighted) / 2)
    assert plan(folder, folder / "marked.csv", constraints={"rejected": "<= 3%"}).feedback.about.bound == 0.03


@pytest.mark.slow
def test_baselines_are_fitted_on_rows_by_their_weights(by_class):
    data, train = by_class.data, by_class.data.rows["train"]
    drawn = data.kind.take(data.raw.samples, by_class.feedback.drawn(train))
    assert (drawn.kind == "c").mean() < 0.04
    assert 0.75 * len(train) < len(drawn) < len(train)
    assert len(drawn) == len(drawn.index.unique())


def own_marks(folder, name, marks):
    """Write marks on rows of the table itself, by their place."""
    data = pd.read_csv(folder / "t.csv")
    data.iloc[list(marks)].assign(keep=list(marks.values())).to_csv(folder / name, index=False)
    return folder / name


@pytest.mark.slow
def test_a_training_row_gets_its_mark_as_weight_and_leaves_the_split_with_0(folder):
    train = opened(folder).rows["train"].tolist()
    found = plan(folder, own_marks(folder, "own.csv", {train[0]: 0, train[1]: 3, train[2]: 0.5}))
    assert found.data.rows["train"].tolist() == train[1:]
    assert found.data.split_sha256["train"] != opened(folder).split_sha256["train"]
    assert found.work().weights.tolist() == [3.0, 0.5, *([1.0] * (len(train) - 3))]
    about = found.feedback.about
    assert (about.train, about.dropped, about.bound, about.generated) == (3, 1, None, 0)
    assert "1 rejected training row left the train split." in found.data.notes


def test_marks_that_may_tell_generated_from_real_rows_are_warned_of(folder, tmp_path):
    real = opened(folder).split("train")[:40].assign(keep=0)
    made = rows(100, 1).assign(keep=1)
    made["x"] += 1.5
    pd.concat([real, made]).to_csv(tmp_path / "mixed.csv", index=False)
    notes = plan(folder, tmp_path / "mixed.csv").data.notes
    assert any("generated may be told from real instead" in note for note in notes)


@pytest.mark.slow
def test_the_bound_counts_training_rows_that_users_rejected_as_avoidable(folder):
    data = opened(folder)
    kinds = data.split("train").kind
    marks = {int(row): int(kind != "c") for row, kind in zip(data.rows["train"], kinds, strict=True)}
    found = plan(folder, own_marks(folder, "class.csv", marks)).feedback
    assert found.about.real == pytest.approx((kinds == "c").mean(), abs=0.05)
    assert found.about.weighted < 0.03
    assert found.about.bound == pytest.approx((found.about.real + found.about.weighted) / 2)


def test_columns_that_are_not_modeled_are_not_said_to_be_missing(folder, tmp_path):
    table = pd.read_csv(folder / "t.csv").assign(customer=[f"c{n % 90}" for n in range(600)])
    table.to_csv(tmp_path / "t.csv", index=False)
    marked = pd.read_csv(folder / "marked.csv").assign(customer="c1")
    marked.to_csv(tmp_path / "marked.csv", index=False)
    notes = plan(tmp_path, tmp_path / "marked.csv", options={"group": "customer"}).data.notes
    said = "Not compared, since they are not modeled (group, time, free text, or left out): customer."
    assert [note for note in notes if "Not compared" in note] == [f"{tmp_path / 'marked.csv'}: {said}"]


def test_real_rows_may_all_be_rejected(folder):
    train = opened(folder).rows["train"].tolist()
    found = plan(folder, own_marks(folder, "out.csv", dict.fromkeys(train[:2], 0)))
    assert found.data.rows["train"].tolist() == train[2:]


def test_weights_that_leave_few_rows_are_warned_of_without_a_pattern_too(folder):
    train = opened(folder).rows["train"].tolist()
    found = plan(folder, own_marks(folder, "heavy.csv", {train[0]: 1e6}))
    assert found.feedback.test is None
    assert len(found.feedback.drawn(found.data.rows["train"])) == len(train)
    assert any(f"{len(train)} training rows count as 1;" in note for note in found.data.notes)


def test_how_marks_were_read_is_said(folder, tmp_path):
    marked = pd.read_csv(folder / "marked.csv").astype({"x": str})
    marked.loc[:1, "x"] = "much"
    marked.to_csv(tmp_path / "odd.csv", index=False)
    notes = plan(folder, tmp_path / "odd.csv").data.notes
    assert any("odd.csv: 2 cells of column 'x' are no finite numbers" in note for note in notes)


def test_a_marked_row_of_a_held_out_split_is_left_alone_and_said(folder):
    parts = opened(folder).rows
    marks = {int(parts["train"][0]): 2} | {int(row): 0 for row in parts["test"][:12]}
    found = plan(folder, own_marks(folder, "test.csv", marks))
    assert found.data.rows["test"].tolist() == parts["test"].tolist()
    assert found.feedback.about.held_out == 12
    assert found.feedback.test is None
    assert any("12 marked rows equal held-out ones and are left alone" in note for note in found.data.notes)


@pytest.mark.slow
def test_marks_without_a_pattern_refuse_no_model_and_that_is_a_warning(folder, tmp_path):
    marks = np.random.default_rng(5).integers(0, 2, 300)
    rows(300, 1).assign(keep=marks).to_csv(tmp_path / "random.csv", index=False)
    found = plan(folder, tmp_path / "random.csv")
    assert found.feedback.test is None
    assert set(found.work().weights) == {1.0}
    assert any(note.startswith("Warning: rejected samples cannot be told") for note in found.data.notes)


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        (lambda _: 0, "rejects all 300 rows; mark kept ones with 1"),
        (lambda _: 1, "changes nothing: none of its 300 rows"),
        (lambda frame: (frame.index >= 9).astype(int), "takes at least 10 of both .it rejects 9."),
        (lambda _: -1, "is negative"),
    ],
)
def test_marks_that_say_nothing_are_refused_in_a_line(folder, tmp_path, marks, message):
    frame = rows(300, 1)
    frame.assign(keep=marks(frame)).to_csv(tmp_path / "f.csv", index=False)
    with pytest.raises(DataError, match=message) as refusal:
        _ = plan(folder, tmp_path / "f.csv").data
    assert "\n" not in str(refusal.value)


def test_a_bound_without_feedback_and_one_that_is_no_share_are_refused(folder):
    with pytest.raises(SettingsError, match="needs marks of users"):
        _ = plan(folder, constraints={"rejected": "<= 0.1"}).goals
    with pytest.raises(SettingsError, match="column of marks 'keep' needs a file"):
        _ = plan(folder, feedback_column="keep").goals
    for bound in ("<= 2", ">= 0.1"):
        with pytest.raises(SettingsError, match="a largest share from 0 to 1"):
            _ = plan(folder, folder / "marked.csv", constraints={"rejected": bound}).data


def test_files_of_an_update_come_after_those_of_the_run(folder):
    before = Settings(feedback=("a.csv",), feedback_column="good")
    now = marked(before, ("b.csv", "a.csv"), most="0.02")
    assert (now.feedback, now.feedback_column) == (("a.csv", "b.csv"), "good")
    assert now.constraints == {"rejected": "<= 0.02"}


@pytest.fixture(scope="module")
def run(folder):
    """A finished run with feedback."""
    more = {
        "families": "trees",
        "sampler": "random",
        "workers": 1,
        "models_only": True,
        "finalists": 1,
        "objective": "kd",
    }
    files = {"feedback": folder / "marked.csv", "out": folder / "run"}
    return autogen.search(str(folder / "t.csv"), budget="1trials", **files, **more)


@pytest.mark.slow
def test_models_draw_fewer_of_the_rejected_class(run):
    assert (pd.read_csv(run.folder.path.parent / "t.csv").kind == "c").mean() > 0.15
    assert (run.sample(500, seed=1).kind == "c").mean() < 0.05


@pytest.mark.slow
def test_what_feedback_did_stands_in_result_journal_page_and_card(run, command_line):
    result = run.document
    assert result.feedback.bound > result.rejection.share
    assert all(one.rejection for one in result.finalists if one.memorisation)
    assert "Users rejected" in result.statement
    assert "Users rejected" in (run.folder.best / "card.md").read_text()
    assert '<section id="feedback">' in run.folder.report.read_text()
    ends = [one for one in read(run.folder.journal) if isinstance(one, End)]
    measured = [dict(one.to_json()).get("values") for one in ends if one.state is State.COMPLETE]
    assert measured
    assert all(0 <= one["rejected"] <= 1 for one in measured)
    code, out, _ = command_line("history", run.folder.path)
    assert code == 0
    assert "feedback: Users rejected" in out


@pytest.mark.slow
def test_a_copy_of_the_training_rows_is_refused_for_the_rejected_class_too(run):
    copy = next(one for one in run.document.baselines if one.name == "train_copy")
    assert not copy.rejection.passed
    assert "users would reject" in copy.excluded


@pytest.mark.slow
def test_a_run_whose_marks_have_changed_is_not_resumed(run, tmp_path):
    shutil.copytree(run.folder.path, tmp_path / "run")
    other = rows(300, 1)
    other.assign(keep=(other.kind != "b").astype(int)).to_csv(tmp_path / "marked.csv", index=False)
    study = tmp_path / "run/study.toml"
    study.write_text(
        study.read_text().replace(str(run.folder.path.parent / "marked.csv"), str(tmp_path / "marked.csv"))
    )
    with pytest.raises(RunError, match="the feedback of .* has changed since its start"):
        autogen.resume(tmp_path / "run", budget="+1trials")


def test_without_feedback_there_is_none(folder):
    assert feedback_of(Settings(), opened(folder)) is None
