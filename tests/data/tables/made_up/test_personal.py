"""Made-up personal data: none of it is in the data, and it looks like it."""

import re

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.tables.made_up.personal import personal_patterns
from autogen.data.tables.reading.personal_forms import NETWORKS

FIRST = ("Anna", "Max", "Eva", "Paul", "Lena", "Jakob", "Marie", "Felix", "Laura", "Simon", "Nina", "Tobias")
LAST = (
    "Huber",
    "Meier",
    "Bauer",
    "Wagner",
    "Gruber",
    "Pichler",
    "Steiner",
    "Moser",
    "Mayer",
    "Hofer",
    "Berger",
)
STREETS = ("Hauptstraße", "Lindenweg", "Ringstraße", "Schulgasse", "Parkweg", "Burgplatz", "Seestraße")


def people(rows=300):
    rng = np.random.default_rng(0)
    first, last, street = (rng.choice(words, rows) for words in (FIRST, LAST, STREETS))
    number = rng.integers(100_000, 999_999, rows)
    mails = [f"{a}.{b}{i}@gmail.com".lower() for i, (a, b) in enumerate(zip(first, last, strict=True))]
    return pd.DataFrame(
        {
            "name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
            "last_name": last,
            "email": mails,
            "phone": [f"+43 664 {some}" for some in number],
            "address": [f"{one} {i % 99 + 1}, {1010 + 10 * (i % 9)} Wien" for i, one in enumerate(street)],
            "patient_id": [f"P{i // 2:05d}" for i in range(rows)],
            "ssn": [f"{n // 1000}-{n % 90 + 10}-{n % 9000 + 1000}" for n in number],
            "city": rng.choice(["Wien", "Graz", "Linz", "Salzburg", "Innsbruck", "Villach"], rows),
            "age": rng.integers(18, 90, rows),
        }
    )


def made(data, rows=500):
    """Rows as a model gives them, whatever was learned."""
    codec = data.codec
    arrays = codec.encode(data.raw.samples.sample(rows, replace=True, random_state=1))
    return codec.decode(arrays, seed=1)


@pytest.fixture(scope="module")
def data():
    return open_data(people())


@pytest.mark.parametrize("column", ["name", "last_name", "email", "phone", "address", "patient_id", "ssn"])
def test_no_real_value_is_repeated(data, column):
    samples = made(data)
    assert not set(samples[column]) & set(people()[column])
    assert samples[column].nunique() > 5


def test_what_is_no_personal_data_is_learned(data):
    assert {"city", "age"} == set(data.codec.names)


def test_words_of_real_names_are_not_put_together_anew(data):
    parts = {part for name in made(data)["name"] for part in name.split()}
    assert not parts & {*FIRST, *LAST}


@pytest.mark.parametrize(
    ("column", "form"),
    [
        ("name", r"[A-Z]\w+ [A-Z]\w+"),
        ("email", r"\w+\.\w+@example\.(com|net|org)"),
        ("phone", r"\+43 664 \d{6}"),
        ("address", r"\w+ \d{1,2}, \d{4} Wien"),
        ("ssn", r"\d{3}-\d{2}-\d{4}"),
        ("patient_id", r"P\d{5,}"),
    ],
)
def test_made_up_values_have_the_form_of_the_real_ones(data, column, form):
    assert [text for text in made(data)[column] if not re.fullmatch(form, text)] == []


@pytest.mark.parametrize("column", ["email", "phone", "ssn", "patient_id"])
def test_what_tells_persons_apart_differs_in_all_rows(data, column):
    assert made(data, 2000)[column].is_unique


def test_the_user_is_told_and_can_keep_the_real_values():
    told = open_data(people()).notes
    (note,) = [note for note in told if "personal data" in note]  # one line for all of them
    assert note.startswith("Warning: columns 'name' (names of persons), 'last_name' (names of persons), ")
    assert (
        "look like personal data, so samples have made-up values. --column name=categorical learns one"
        in note
    )
    (alone,) = [note for note in open_data(people()[["ssn", "city", "age"]]).notes if "personal" in note]
    assert alone.startswith("Warning: column 'ssn' (")
    assert (
        ") looks like personal data, so samples have made-up values. --column ssn=categorical learns it"
        in alone
    )
    kept = open_data(people(), options={"columns": {"last_name": "categorical"}})
    assert set(made(kept)["last_name"]) <= set(LAST)
    assert any("samples repeat its values" in note for note in kept.notes)


def test_a_column_with_a_role_is_kept_as_it_is():
    kept = open_data(people(), options={"target": "last_name"})
    assert "last_name" in kept.codec.names


def test_the_saved_codec_holds_no_real_name_and_makes_the_same(data):
    record = data.codec.to_json()
    held = {
        word
        for column in record["columns"]
        if column["form"].get("personal")
        for word in re.findall(r"\w+", str(column))
    }
    assert not held & {*FIRST, *LAST}
    arrays = data.codec.encode(data.split("test"))
    pd.testing.assert_frame_equal(codec_from_json(record).decode(arrays, 3), data.codec.decode(arrays, 3))


def test_whole_numbers_of_persons_are_made_up():
    frame = people().assign(
        customer_id=np.arange(300) // 3 + 5000, mobile=np.arange(300) * 77 + 6_641_000_000
    )
    found = open_data(frame)
    samples = made(found)
    assert not {"customer_id", "mobile"} & set(found.codec.names)
    assert not set(samples["customer_id"]) & set(frame["customer_id"])
    assert not set(samples["mobile"]) & set(frame["mobile"])
    assert samples["mobile"].astype(str).str.len().eq(10).all()


def test_missing_cells_stay_as_frequent():
    frame = people()
    frame.loc[::4, "last_name"] = None
    assert made(open_data(frame), 2000)["last_name"].isna().mean() == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize(("net", "made"), [("10.7.44", "172.16."), ("84.112.9", "10."), ("192.168.1", "10.")])
def test_made_up_addresses_of_networks_are_in_no_net_of_the_data(net, made):
    (pattern,) = personal_patterns(NETWORKS, [f"{net}.{i}" for i in range(99)])
    found = [pattern.text(number * 37 % pattern.free) for number in range(200)]
    assert all(text.startswith(made) and text.count(".") == 3 for text in found)
    assert len(set(found)) == 200


def test_personal_data_that_repeats_is_not_in_samples(tmp_path):
    pools = {
        "source": [f"84.112.{i}.{i * 7 % 256}" for i in range(150)],
        "car": [f"M-AB {1000 + i * 7}" for i in range(150)],
        "where": [f"48.{20817 + i}, 16.{37382 - i}" for i in range(150)],
        "customer": [f"Anna H{i:c}bel" if i % 2 else f"Iron{i:c} GmbH" for i in range(97, 122)],
    }
    frame = pd.DataFrame(
        {name: [pool[i * 7 % len(pool)] for i in range(400)] for name, pool in pools.items()}
    )
    frame.assign(x=[i % 7 + i / 10 for i in range(400)]).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    made = module.codec.decode(module.codec.encode(module.split("test")), seed=1)
    for name, pool in pools.items():
        assert not set(made[name]) & set(pool), name
