"""Words for missing that a run found in a column count as missing wherever cells of that column are given."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.conditions import condition_row, incomplete_rows
from autogen.data.tables.kind import Tables
from autogen.errors import DataError

#: A column of each kind that has texts beside its values, and its word for missing.
WORDS = {"age": "k. A.", "paid": "unbekannt", "born": "fehlt", "size": "entf.", "left": "weiss nicht"}


def people(n=300) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    paid = draw.integers(100, 900_000, n) / 100
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 80, n).astype(str),
            "paid": [f"{x:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".") for x in paid],
            "born": (pd.Timestamp("2001-01-01") + pd.to_timedelta(draw.integers(0, 900, n), "D")).strftime(
                "%d.%m.%Y"
            ),
            "size": draw.choice(["S", "M", "L"], n),
            "left": draw.choice(["true", "false"], n),
        }
    )
    for place, (name, word) in enumerate(WORDS.items()):
        frame.loc[place::150, name] = word
    return frame


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "people.csv"
    people().to_csv(path, sep=";", index=False)
    return path


@pytest.fixture(scope="module")
def codec(file) -> TableCodec:
    made = open_data(file).codec
    return TableCodec.from_json(made.to_json())  # as a run keeps it


def test_the_words_are_kept_with_the_columns(codec):
    assert {one.form.name: one.form.missing_words for one in codec.columns} == {
        name: (word,) for name, word in WORDS.items()
    }


def test_rows_to_impute_may_have_them_as_the_file_has(file, codec):
    rows = pd.read_csv(file, sep=";")
    given = incomplete_rows(codec, rows)
    known = pd.DataFrame(given.known, columns=given.cells.columns)
    for name, word in WORDS.items():
        assert (known[name] == (rows[name] != word)).all(), name


@pytest.mark.parametrize("name", WORDS)
def test_a_condition_on_one_of_them_is_one_on_a_missing_cell(codec, name):
    if not next(one for one in codec.encoders if one.form.name == name).missing:
        pytest.fail(f"{name} has no missing cell in the training rows")
    assert condition_row(codec, {name: WORDS[name]}).cells[name].isna().all()


def test_samples_that_have_them_are_scored_as_the_data_is(file, codec):
    read = Tables().read_like(file, codec, {}).samples
    own = Tables().read_like(pd.read_csv(file, sep=";"), codec, {}).samples
    missing = people() == pd.Series(WORDS)
    for found in (read, own):
        assert (np.isnan(codec.features(found)) == missing[list(codec.names)].to_numpy()).all()


@pytest.mark.parametrize(
    ("name", "cell"), [("age", "4l"), ("paid", "12,x"), ("born", "31.02.2001"), ("left", "perhaps")]
)
def test_another_text_is_refused_with_its_cell_row_and_the_way_out(file, codec, name, cell):
    rows = pd.read_csv(file, sep=";").head(9)
    rows.loc[7, name] = cell
    with pytest.raises(DataError, match=f"column '{name}'.*cell '{cell}' in row 7 .*missing cell"):
        incomplete_rows(codec, rows)


@pytest.mark.parametrize("word", ["#DIV/0!", "\u2014", "k. A.", "n.d.", "-", "..", "TBD"])
@pytest.mark.parametrize("write", [lambda i: f"{i * 37 % 997 / 4:.2f}", lambda i: f"{i * 37 % 997},5 kg"])
def test_a_word_that_says_that_a_number_is_missing_may_be_frequent(word, write, tmp_path):
    cells = [word if i % 3 == 1 else write(i) for i in range(300)]
    pd.DataFrame({"x": cells, "y": [i % 7 for i in range(300)]}).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    column = module.codec.columns[0].form
    assert column.kind == "continuous"
    assert column.missing_words == (word,)
    assert module.raw.samples["x"].isna().sum() == 100
    assert f"100 cells of column 'x' are no numbers ({word!r}) and count as missing." in module.notes


def few_values(tmp_path, values) -> tuple[str, float, list[str]]:
    """Kind, share of missing cells and notes of a column that has each value forty times."""
    frame = pd.DataFrame({"x": list(values) * 40, "y": range(40 * len(values))})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    kind = module.codec.columns[0].form.kind
    return (
        kind,
        float(module.raw.samples["x"].isna().mean()),
        [note for note in module.notes if "'x'" in note],
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("1", "2", "3"), "integer"),
        (("5 %", "10 %", "15 %"), "categorical"),
        (("5,50 €", "7,00 €"), "categorical"),
        (("007", "008", "009"), "categorical"),
        (("low", "medium", "high"), "ordinal"),
        (("18-24", "25-34", "65+"), "ordinal"),
        (("TRUE", "FALSE"), "boolean"),
    ],
)
@pytest.mark.parametrize("dash", ["-", "\u2014", "#N/A!", "#DIV/0!"])
def test_a_dash_beside_few_numbers_or_steps_is_a_missing_cell_with_a_note(values, kind, dash, tmp_path):
    found, missing, notes = few_values(tmp_path, (*values, dash))
    if dash == "#N/A!":  # no error of a spreadsheet
        assert missing == 0
        return
    assert found == kind
    assert missing == pytest.approx(1 / (len(values) + 1))
    assert any(repr(dash) in note and "missing" in note for note in notes)


@pytest.mark.parametrize(
    "values", [("yes", "no", "-"), ("A", "B", "--"), ("1", "-"), ("TRUE", "-"), ("1", "2", "unknown")]
)
def test_a_dash_beside_words_or_one_value_is_a_value(values, tmp_path):
    assert few_values(tmp_path, values)[:2] == ("categorical", 0.0)
