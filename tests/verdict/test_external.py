import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

import autogen
from autogen.cli import app as cli
from autogen.data.open import open_data
from autogen.errors import DataError, MetricError, SettingsError, UserError
from autogen.families.baselines.lookup import baselines_for
from tests.data.texts.makers import words


def rows() -> pd.DataFrame:
    found = load_breast_cancer(as_frame=True)
    return found.data.iloc[:, :6].assign(diagnosis=found.target_names[found.target])


@pytest.fixture(scope="module")
def parts() -> dict[str, pd.DataFrame]:
    """Train, real rows unseen, and rows of a copula that is fitted on train."""
    frame = rows().sample(frac=1, random_state=0).reset_index(drop=True)
    train, unseen = frame[:320], frame[320:].reset_index(drop=True)
    codec = open_data(train).codec
    model = baselines_for("tabular")["gaussian_copula"]()
    model.fit(train, codec)
    return {"train": train, "against": unseen, "samples": model.sample(300, np.random.default_rng(0))}


@pytest.fixture(scope="module")
def whole(parts):
    """Scores by every metric, of what lies in memory."""
    return autogen.score(**parts)


@pytest.fixture
def files(parts, tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in parts}
    for name, frame in parts.items():
        frame.to_csv(paths[name], index=False)
    return paths


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple:
    monkeypatch.setattr("sys.argv", ["autogen", "score", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code or 0, *capsys.readouterr()


@pytest.mark.slow
def test_repeated_samples_are_refused_also_where_train_is_not_known(parts):
    few = parts["samples"].iloc[np.random.default_rng(0).integers(20, size=300)]
    for train in (parts["train"], None):
        found = autogen.score(few, against=parts["against"], train=train, metrics=["column_shapes"])
        assert not found.diversity.passed
        assert found.diversity.near_duplicates > 5 * found.diversity.real_near_duplicates


@pytest.mark.slow
def test_real_rows_score_as_real_and_pass_and_copies_are_refused(parts):
    train, against = parts["train"], parts["against"]
    honest = autogen.score(against[:120], against=against[120:], train=train, metrics=["c2st"])
    copied = autogen.score(train, against=against, train=train, metrics=["c2st"])
    assert honest.normalized["c2st[rows-v6]"] > 0.8
    assert honest.memorisation.passed
    assert copied.normalized["c2st[rows-v6]"] > 0.8
    assert not copied.memorisation.passed
    assert copied.evidence["authenticity"]["samples"] == 0
    for side in ("samples", "unseen"):
        assert honest.evidence["authenticity"][side] > 0.3


@pytest.mark.slow
def test_every_metric_of_the_kind_is_given_with_interval_floor_and_ceiling(whole):
    for name, scored in whole.metrics.items():
        assert scored.low <= scored.mean <= scored.high, name
        assert np.isfinite([scored.floor, scored.ceiling]).all(), name
    test = whole.metrics["c2st[rows-v6]"]
    place = (test.floor - test.mean) / (test.floor - test.ceiling)
    assert whole.normalized["c2st[rows-v6]"] == pytest.approx(place)
    assert 0.5 < place < 1.2  # a copula of seven columns is nearly as good as real rows


def test_scores_print_as_a_table_with_directions_and_the_hard_tests(whole):
    lines = repr(whole).splitlines()
    assert lines[0].startswith("Scores of 249 samples (tabular); normalized: 0 best trivial baseline")
    assert lines[1].split() == ["metric", "score", "95", "%", "interval", "better", "normalized"]
    assert len(lines) == 2 + len(whole.metrics) + 2
    (c2st,) = (line for line in lines if line.startswith("c2st[rows-v6]"))
    assert " lower " in c2st
    assert c2st.endswith(f"{whole.metrics['c2st[rows-v6]'].normalized:.2f}")
    assert lines[-2:] == ["memorization test: passed", "diversity test: passed"]


def test_a_note_says_which_table_has_a_column_that_the_other_lacks(parts):
    more = parts["against"].assign(visits=1)
    found = autogen.score(**{**parts, "against": more}, metrics=["column_shapes"])
    assert "against: Not compared, since the table given as train lacks them: visits." in found.notes


def test_a_column_that_samples_lack_can_be_left_out(parts):
    samples = parts["samples"].drop(columns="mean radius")
    with pytest.raises(DataError, match="lacks the column 'mean radius'"):
        autogen.score(samples, against=parts["against"], metrics=["pair_trends"])
    found = autogen.score(
        samples, against=parts["against"], metrics=["pair_trends"], columns={"mean radius": "drop"}
    )
    assert np.isfinite(found.metrics["pair_trends"].mean)


@pytest.mark.slow
def test_without_train_there_is_no_verdict_on_copies_and_a_note_says_what_cannot_be_known(parts):
    found = autogen.score(parts["samples"], against=parts["against"], metrics=["c2st"])
    assert found.memorisation is None
    assert found.evidence == {}
    assert found.n == len(parts["against"]) // 2
    assert any("there is no memorization test" in note for note in found.notes)


@pytest.mark.slow
def test_scores_are_the_same_from_files_and_from_memory_and_beside_other_metrics(whole, files):
    found = autogen.score(**files, metrics=["c2st"]).metrics
    assert found == {"c2st[rows-v6]": whole.metrics["c2st[rows-v6]"]}


@pytest.mark.slow
def test_the_command_prints_json_with_the_three_promised_parts(files, monkeypatch, capsys):
    options = ("--against", files["against"], "--train", files["train"], "--metric", "pair_trends")
    code, out, _ = run(monkeypatch, capsys, files["samples"], *options, "--json")
    told = json.loads(out)
    assert code == 0
    (name,) = told["metrics"]
    assert name == "pair_trends"
    assert set(told["calibrated"]) == {name}
    assert {"share", "p_value", "passed", "found_from", "dcr", "nndr"} <= set(told["memorisation"])
    assert {"near_duplicates", "real_near_duplicates", "p_value", "passed"} <= set(told["diversity"])
    code, out, _ = run(monkeypatch, capsys, files["samples"], *options)
    assert name in out
    assert "memorization test: passed" in out
    assert "it would refuse a model if" in out
    assert "distance to the closest training record (DCR): median" in out
    assert "diversity test: passed" in out


def written(folder, made, against, train):
    """Arguments of ``autogen score`` that compare tables, which are written into a folder."""
    for name, frame in (("made", made), ("against", against), ("train", train)):
        frame.to_csv(folder / f"{name}.csv", index=False)
    paths = [folder / f"{name}.csv" for name in ("made", "against", "train")]
    return paths[0], "--against", paths[1], "--train", paths[2], "--metric", "column_shapes"


@pytest.mark.slow
def test_a_table_comes_with_its_pairs_rules_and_utility(tmp_path, monkeypatch, capsys):
    from tests.metrics.tables.test_rules import customers

    train, against = customers(500, 0), customers(200, 1)
    made = customers(200, 2)
    made = made.assign(city=np.random.default_rng(0).permutation(made["city"]))
    found = autogen.score(
        made, against=against, train=train, target="segment", n=200, metrics=["column_shapes", "tstr"]
    )
    tstr = found.metrics["tstr[hgb-v1]"].mean
    assert found.relations.utility.ratio == pytest.approx(tstr)
    assert f"tstr is TSTR / TRTR, here {tstr:.4g}" in str(found.relations.utility)
    found = found.to_json()
    worst = found["relations"]["pairs"][0]
    assert worst["columns"] == ["zip", "city"]
    assert worst["holdout"] > 0.9 > 0.2 > worst["synthetic"]
    broken = {rule["rule"]: rule["synthetic"] for rule in found["relations"]["rules"]}
    assert broken["zip determines city"] > 0.7
    assert found["relations"]["utility"]["target"] == "segment"
    assert found["relations"]["binding"] == []
    arguments = written(tmp_path, made, against, train)
    _, out, _ = run(monkeypatch, capsys, *arguments, "--target", "segment")
    assert "zip determines city" in out
    assert "zip and city" in out
    assert "utility: macro F1 for segment on unseen real rows is" in out


@pytest.mark.slow
def test_rules_that_are_given_are_reported_and_not_repeated_among_those_found(tmp_path, monkeypatch, capsys):
    from tests.metrics.tables.test_rules import customers

    train, against, made = customers(500, 0), customers(200, 1), customers(200, 2)
    made = made.assign(city=np.random.default_rng(0).permutation(made["city"]))
    rules = ["zip -> city", "segment, city -> zip"]
    scores = autogen.score(made, against=against, train=train, metrics=["column_shapes"], rules=rules)
    found = scores.to_json()["relations"]
    assert found["binding"][0]["rule"] == "zip -> city"
    assert found["binding"][0]["synthetic"] > 0.7
    assert found["binding"][0]["holdout"] == 0.0
    assert "zip determines city" not in {rule["rule"] for rule in found["rules"]}
    with pytest.raises(UserError, match=r"no column 'town'.*'zip -> town'"):
        autogen.score(made, against=against, train=train, metrics=["column_shapes"], rules=["zip -> town"])
    with pytest.raises(UserError, match="rules are about columns of tables, but the data is text"):
        autogen.score(["a b"] * 60, against=["a c"] * 60, rules=rules, metrics=["distinct_n"])
    arguments = written(tmp_path, made, against, train)
    _, out, _ = run(monkeypatch, capsys, *arguments, "--rule", "zip -> city")
    assert "rules as given" in out
    assert "zip -> city" in out


@pytest.mark.slow
def test_images_of_a_folder_are_compared_with_an_array_of_fewer_levels(tmp_path):
    images = load_digits().images.astype(np.uint8)
    data = open_data(images)
    data.kind.save(data.split("select"), tmp_path / "made", data.codec)
    found = autogen.score(tmp_path / "made", against=data.split("test"), train=data.split("train"))
    assert found.normalized["kd[random_conv-v1]"] > 0.95
    assert found.memorisation.passed
    assert any("scaled to 0..16" in note for note in found.notes)


def test_arrays_of_rows_and_columns_are_scored_as_tables():
    draw = np.random.default_rng(0)
    made, real = draw.normal(size=(60, 2)), draw.normal(size=(60, 2))
    names = [pd.DataFrame(one, columns=["x0", "x1"]) for one in (made, real)]
    found = autogen.score(made, against=real, metrics=["column_shapes"])
    assert found.kind == "tabular"
    assert found.metrics == autogen.score(names[0], against=names[1], metrics=["column_shapes"]).metrics


def test_texts_are_scored():
    texts = words(900)
    made = ["".join(np.random.default_rng(0).permutation(list(text))) for text in texts[600:]]
    real = autogen.score(texts[600:], against=texts[300:600], train=texts[:300], metrics=["reverse_ngram"])
    poor = autogen.score(made, against=texts[300:600], train=texts[:300], metrics=["reverse_ngram"])
    assert poor.normalized["reverse_ngram[char-kn5-v2]"] < 0.3
    assert real.normalized["reverse_ngram[char-kn5-v2]"] > 0.8


BAD = {
    "lacks the column 'diagnosis' of the table given": lambda frame: frame.drop(columns="diagnosis"),
    "'mean radius' must hold numbers": lambda frame: frame.assign(**{"mean radius": "round"}),
    "at least 10 rows of each side are needed; got 9 samples": lambda frame: frame[:9],
    "needs at least 15 rows; got 12": lambda frame: frame[:12],
}


@pytest.mark.parametrize("message", BAD)
def test_samples_that_cannot_be_compared_are_refused_in_one_line(parts, message):
    with pytest.raises((DataError, MetricError), match=message) as caught:
        autogen.score(BAD[message](parts["samples"]), against=parts["against"], metrics=["c2st"])
    assert "\n" not in str(caught.value)


def test_images_of_another_size_are_refused():
    real, other = np.zeros((40, 8, 8), np.uint8), np.zeros((40, 9, 8), np.uint8)
    with pytest.raises(DataError, match="9 x 8 with 1 channel, but the real ones are 8 x 8 with 1 channel"):
        autogen.score(other, against=real)


def test_a_metric_of_another_kind_and_one_that_is_none_are_refused(parts):
    with pytest.raises(SettingsError, match="'reverse_ngram' scores text, not tabular"):
        autogen.score(parts["samples"], against=parts["against"], metrics=["reverse_ngram"])
    with pytest.raises(UserError, match="unknown metric 'c2sd'.*; with --target COLUMN also tstr"):
        autogen.score(parts["samples"], against=parts["against"], metrics=["c2sd"])


def test_the_command_ends_with_2_and_one_line(parts, tmp_path, monkeypatch, capsys):
    parts["against"].to_csv(tmp_path / "real.csv", index=False)
    code, out, err = run(
        monkeypatch, capsys, tmp_path / "none.csv", "--against", tmp_path / "real.csv", "--json"
    )
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
