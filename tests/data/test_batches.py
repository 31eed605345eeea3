"""Data of several sources: old rows keep their part, and only new ones are held out for scores."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.module import unseen_rows
from autogen.data.open import open_data
from autogen.errors import DataError
from tests.data.music.makers import chorales
from tests.data.texts.makers import words


def table(n, seed):
    """Rows of numbers, none of which is drawn twice."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame({"x": draw.normal(size=n), "y": draw.normal(size=n)})


def parts(data):
    """Hashes of the rows of each split."""
    digests = data.kind.digests(data.raw.samples)
    return {name: {digests[row] for row in rows} for name, rows in data.rows.items()}


@pytest.fixture(scope="module")
def first():
    return parts(open_data(table(600, 0)))


@pytest.fixture(scope="module")
def second():
    return open_data(table(300, 1), older=[table(600, 0)])


def test_older_training_rows_are_for_training_and_older_held_out_ones_for_nothing(first, second):
    found, alone = parts(second), parts(open_data(table(300, 1)))
    assert found["train"] == first["train"] | alone["train"]
    assert found["older"] == first["tune"] | first["select"] | first["test"]
    assert [found[name] for name in ("tune", "select", "test")] == [
        alone[name] for name in ("tune", "select", "test")
    ]


def test_rows_keep_their_part_in_every_later_update(second):
    third = parts(open_data(table(200, 2), older=[table(600, 0), table(300, 1)]))
    before = parts(second)
    assert before["train"] <= third["train"]
    assert before["older"] | before["tune"] | before["test"] == third["older"]


def test_all_rows_with_new_ones_among_them_are_the_same_as_the_new_ones_alone(second):
    whole = pd.concat([table(300, 1), table(600, 0)]).sample(frac=1, random_state=0)
    data = open_data(whole, older=[table(600, 0)])
    assert parts(data) == parts(second)
    assert any("600 rows of the new data are those of the older data" in note for note in data.notes)


def test_a_chain_of_cumulative_files_is_the_same_as_one_of_the_fresh_rows_alone():
    months = [table(600, 0), table(300, 1), table(200, 2)]
    whole = [pd.concat(months[: n + 1]).sample(frac=1, random_state=n) for n in range(3)]
    fresh, data = (open_data(files[2], older=files[:2]) for files in (months, whole))
    assert parts(data) == parts(fresh)
    assert data.sha256 == fresh.sha256
    assert any("900 rows of the new data are those of the older data" in note for note in data.notes)


def test_rows_that_are_values_are_not_taken_off_the_new_data():
    draw = np.random.default_rng(0)
    older = pd.DataFrame({"a": draw.choice(["x", "y"], 500), "b": ["p"] * 450 + ["q"] * 50})
    newer = pd.DataFrame({"a": draw.choice(["x", "y"], 1000), "b": ["p"] * 480 + ["q"] * 520})
    data = open_data(newer, older=[older])
    newest = data.raw.samples[data.raw.batches == 1]
    assert newest.b.value_counts().to_dict() == {"p": 480, "q": 520}
    assert any("equal rows are values, and no copies, so all count as fresh" in n for n in data.notes)


@pytest.mark.parametrize("sizes", [(600, 600, 600), (300, 600, 300)])
def test_groups_that_come_back_are_held_out_in_every_update(sizes):
    months = [table(n, seed).assign(who=np.arange(n) % 100) for seed, n in enumerate(sizes)]
    trained: set[int] = set()
    for last in range(3):
        data = open_data(months[last], older=months[:last], options={"group": "who"})
        who = pd.concat(months[: last + 1]).who.to_numpy()
        held_out = np.unique(np.concatenate([data.rows[name] for name in ("tune", "select", "test")]))
        assert 0.3 < len(held_out) / sizes[last] < 0.5
        assert min(len(data.rows[name]) for name in ("tune", "select", "test")) >= 0.05 * sizes[last]
        before, trained = trained, {*who[data.rows["train"]]}
        assert before <= trained
        assert not trained & {*who[held_out]}


def test_a_new_row_that_equals_an_older_one_gets_its_part(first):
    older = table(600, 0)
    data = open_data(pd.concat([table(300, 1), older[:60]]), older=[older])
    newest = data.raw.batches == 1
    again = {*data.kind.digests(older[:60])}
    digests = data.kind.digests(data.raw.samples)
    for name in ("train", "tune", "test"):
        rows = [row for row in data.rows[name] if newest[row] and digests[row] in again]
        held = first[name] if name != "tune" else first["tune"] | first["select"]
        assert rows
        assert {digests[row] for row in rows} <= held


def test_held_out_older_rows_are_unseen_ones(second):
    unseen = {*second.kind.digests(unseen_rows(second))}
    assert unseen == parts(second)["older"] | parts(second)["select"] | parts(second)["test"]


def test_a_group_of_both_sources_stays_in_one_part():
    older, newer = table(600, 0), table(300, 1)
    older["who"], newer["who"] = np.arange(600) // 6, 50 + np.arange(300) // 6
    data = open_data(newer, older=[older], options={"group": "who"})
    who = pd.concat([older, newer]).who.to_numpy()
    trained = {*who[data.rows["train"]]}
    assert not trained & {*who[np.concatenate([data.rows["tune"], data.rows["test"]])]}


@pytest.mark.parametrize(
    ("older", "newer", "message"),
    [
        (table(100, 0), table(100, 1)[["x"]], "other columns than the DataFrame: it lacks 'y'"),
        (table(100, 0), table(100, 1).assign(z=1), "it adds 'z'"),
        (table(100, 0), table(19, 1), "19 rows that the older data has not; at least 20"),
        (table(100, 0), table(100, 0), "0 rows that the older data has not"),
    ],
)
def test_new_data_that_does_not_go_with_older_data_is_refused_in_a_line(older, newer, message):
    with pytest.raises(DataError, match=message) as refusal:
        open_data(newer, older=[older])
    assert "\n" not in str(refusal.value)


def test_a_file_of_texts_and_a_frame_are_not_joined(tmp_path):
    table(100, 0).to_csv(tmp_path / "old.csv", index=False)
    with pytest.raises(DataError, match="must both be text files"):
        open_data(table(100, 1), older=[str(tmp_path / "old.csv")])


def test_a_column_has_one_type_in_all_sources(tmp_path):
    pd.DataFrame({"x": np.arange(60), "y": np.arange(60.0)}).to_csv(tmp_path / "old.csv", index=False)
    pd.DataFrame({"x": np.arange(40) + 0.5, "y": np.arange(40) / 7}).to_csv(tmp_path / "new.csv", index=False)
    data = open_data(str(tmp_path / "new.csv"), older=[str(tmp_path / "old.csv")])
    assert data.raw.samples.x.tolist() == [*map(float, range(60)), *(n + 0.5 for n in range(40))]


def test_texts_of_two_sources_are_joined():
    older, newer = words(200), [f"{word}ß" for word in words(100, seed=1)]
    data = open_data(newer, older=[older])
    assert len(data.raw.samples) == 300
    assert all(text.endswith("ß") for text in data.split("test"))
    assert any(not text.endswith("ß") for text in data.split("train"))


def test_classes_of_images_are_known_again_by_their_names(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    for source, names in (("old", "ab"), ("new", "bc")):
        for name in names:
            (tmp_path / source / name).mkdir(parents=True)
            for number in range(15):
                shade = (ord(name) * 3 + number * 5 + (source == "new")) % 256
                Image.fromarray(np.full((8, 8), shade, np.uint8)).save(
                    tmp_path / source / name / f"{number}.png"
                )
    data = open_data(str(tmp_path / "new"), older=[str(tmp_path / "old")])
    assert data.raw.label_names == ("a", "b", "c")
    assert [*np.bincount(data.raw.labels)] == [15, 30, 15]


def test_official_splits_of_both_sources_are_kept(tmp_path):
    sizes = {"train": 60, "valid": 30, "test": 25}
    older, newer = (str(chorales(tmp_path / f"{name}.json", sizes)) for name in ("old", "new"))
    text = json.loads((tmp_path / "new.json").read_text())
    for pieces in text.values():  # a third higher, so that no piece comes again
        pieces[:] = [
            [[pitch + 3 if pitch > 0 else pitch for pitch in step] for step in piece] for piece in pieces
        ]
    (tmp_path / "new.json").write_text(json.dumps(text))
    data = open_data(newer, older=[older])
    names, newest = np.array(data.raw.parts), data.raw.batches == 1
    assert {*names[data.rows["test"]]} == {"test"}
    assert {*names[data.rows["train"]]} == {"train"}
    assert newest[data.rows["test"]].all()
    assert {*names[data.rows["older"]]} == {"tune", "test"}
