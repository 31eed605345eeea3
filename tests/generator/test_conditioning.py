"""Conditional samples keep to their condition, and follow the conditional distribution."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autogen import registry
from autogen.data.open import open_data
from autogen.errors import DataError
from autogen.families.base import parse_config
from autogen.generator.generator import GeneratedModel
from autogen.generator.write import write_samples
from autogen.training.checkpoint import write_tensors
from autogen.training.solo import SoloProgram

SIZES = {
    "autoregressive": {"model.net": "mlp", "model.width": 32, "model.depth": 1, "training.shuffled": 0.5},
    "vae": {"model.width": 32, "model.depth": 1, "model.latent_dim": 4},
    "gan": {"model.width": 16, "model.critic_width": 16},
}


def people(n=400):
    """The answer follows the city nine times in ten; ages are higher in the south."""
    draw = np.random.default_rng(0)
    south = draw.random(n) < 0.5
    answer = np.where(draw.random(n) < 0.9, south, ~south)
    age = draw.normal(np.where(south, 60, 30), 5).round(1)
    age[draw.random(n) < 0.2] = np.nan
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "age": age,
            "city": np.where(south, "south", "north"),
            "answer": answer,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 300, n), "D"),
        }
    )


def trained(family, steps, folder: Path, source=None, **settings):
    data = open_data(people() if source is None else source)
    config = {"family": family, **SIZES[family], "training.steps": steps, "training.lr": 5e-3, **settings}
    made = registry.get("family", family)()
    program = SoloProgram(made, parse_config(made, config), data.codec.spec, data.encoded("train"), 0)
    program.advance(steps)
    write_tensors(folder / "model.safetensors", program.weights(), {"kind": "tabular"})
    return GeneratedModel(config, data.codec, folder / "model.safetensors")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return trained("autoregressive", 200, tmp_path_factory.mktemp("ar"))


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    return trained("vae", 20, tmp_path_factory.mktemp("vae"))


@pytest.mark.slow
def test_what_comes_later_in_the_table_decides_what_comes_before(model):
    """Columns are drawn after those that are given, whatever the table's order."""
    rows = {city: model.sample(500, 0, {"city": city}) for city in ("north", "south")}
    assert rows["south"]["answer"].mean() == pytest.approx(0.9, abs=0.1)
    assert rows["north"]["answer"].mean() == pytest.approx(0.1, abs=0.1)
    assert rows["south"]["age"].mean() - rows["north"]["age"].mean() == pytest.approx(30, abs=6)
    assert (rows["south"]["city"] == "south").all()


def test_two_conditions_hold_together(model):
    rows = model.sample(100, 1, {"answer": "true", "age": "33.5"})
    assert rows["answer"].all()
    assert (rows["age"] == 33.5).all()
    assert (rows["city"] == "north").mean() > 0.3  # 33.5 is no age of the south


def test_a_missing_cell_can_be_asked_for(model):
    assert model.sample(20, 0, {"age": ""})["age"].isna().all()


def test_conditional_samples_have_the_dtypes_of_the_data(model):
    rows = model.sample(20, 0, {"day": "2020-03-01", "answer": True})
    assert (rows.dtypes == people().dtypes).all()
    assert rows["day"].eq(pd.Timestamp("2020-03-01")).all()
    assert rows["id"].is_unique


def test_equal_seeds_give_equal_conditional_samples(model):
    first, again, other = (model.sample(30, seed, {"city": "north"}) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"town": "north"}, "no column 'town'"),
        ({"city": "nort"}, "Did you mean 'north'"),
        ({"age": "old"}, "continuous"),
        ({"age": 500}, "takes values from"),
        ({"city": ""}, "no missing cells"),
        ({"id": 3}, "identifiers"),
        ({"day": "sometime"}, "datetime"),
        ({}, "at least one"),
    ],
)
def test_a_condition_that_cannot_be_met_is_one_clear_line(model, condition, words):
    with pytest.raises(DataError, match=words):
        model.sample(5, 0, condition)


def test_imputing_fills_the_holes_and_keeps_the_rest(model):
    rows = people(60).assign(city=lambda frame: frame["city"].where(frame.index % 3 > 0))
    filled = model.impute(rows, seed=1)
    assert not filled.isna().any().any()
    there = rows.notna()
    assert filled[rows.columns].where(there).equals(rows.astype(filled[rows.columns].dtypes).where(there))
    right = people(60)["city"][rows["city"].isna()] == filled["city"][rows["city"].isna()]
    assert right.mean() > 0.7


def test_imputing_draws_columns_that_are_not_there_at_all(model):
    filled = model.impute(pd.DataFrame({"city": ["south"] * 300}))
    assert filled["answer"].mean() == pytest.approx(0.9, abs=0.1)


def test_rows_of_other_families_are_drawn_until_they_keep_to_the_condition(vae):
    rows = vae.sample(50, 0, {"city": "south"})
    assert (rows["city"] == "south").all()
    assert len(rows) == 50


def test_drawing_gives_up_after_a_stated_number_of_rows(vae):
    condition = {"city": "south", "age": 30.0, "day": "2020-02-02"}
    with pytest.raises(DataError, match="of 20000 drawn rows have city=south"):
        vae.sample(150, 0, condition)


def test_a_model_that_never_saw_another_order_says_that_it_cannot_impute(tmp_path):
    fixed = trained("autoregressive", 2, tmp_path, **{"training.shuffled": 0.0})
    with pytest.raises(DataError, match="cannot impute"):
        fixed.impute(people(20))


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    """A model of a file in which prices and shares are formatted."""
    folder, rng = tmp_path_factory.mktemp("priced"), np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "price": [f"${price:,.2f}" for price in rng.uniform(200, 3000, 300).round(2)],
            "rate": [f"{rate} %" for rate in rng.integers(1, 60, 300)],
            "city": rng.choice(["north", "south"], 300),
        }
    )
    frame.to_csv(folder / "prices.csv", index=False)
    return trained("autoregressive", 5, folder, folder / "prices.csv")


def test_samples_have_the_format_of_the_data(priced, tmp_path):
    rows = priced.sample(50)
    assert rows["price"].str.fullmatch(r"\$(\d,)?\d{3}\.\d\d").all()
    assert rows["rate"].str.fullmatch(r"\d+ %").all()
    write_samples(priced, 50, tmp_path / "rows.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "rows.csv"), rows)


def test_likelihoods_of_formatted_rows_are_those_of_their_numbers(priced):
    rows = priced.sample(20)
    assert np.array_equal(
        priced.log_likelihood(rows), priced.log_likelihood(priced.codec.from_original_format(rows))
    )


@pytest.mark.parametrize("value", ["$1,200", "$1,200.00", "$1200", "1200", 1200])
def test_a_condition_may_have_the_format_of_the_data(priced, value):
    assert (priced.sample(5, 0, {"price": value})["price"] == "$1,200.00").all()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"price": "€1,200"}, r"continuous values like \$1,234.00; got '€1,200'"),
        ({"price": "$9,000"}, r"from \$\d{3}\.\d+ to \$2,\d{3}\.\d+, .*got '\$9,000'"),
        ({"rate": "7.5 %"}, "whole numbers"),
    ],
)
def test_a_condition_in_another_spelling_is_one_clear_line(priced, condition, words):
    with pytest.raises(DataError, match=words):
        priced.sample(5, 0, condition)


def test_imputing_reads_formatted_cells_and_leaves_them_as_they_are(priced):
    rows = pd.DataFrame({"price": ["$1200", None, "$250.50"], "rate": [None, "7 %", "8%"]})
    filled = priced.impute(rows)
    assert filled["price"].tolist()[::2] == ["$1200", "$250.50"]
    assert filled["rate"].tolist()[1:] == ["7 %", "8%"]
    assert filled.notna().all().all()
    with pytest.raises(DataError, match="column 'price' must hold continuous values"):
        priced.impute(rows.assign(price="dear"))


def test_imputed_rows_keep_their_order_of_columns_and_their_index(model):
    rows = people(12).iloc[:, ::-1].set_axis(range(10, 130, 10))
    rows.loc[20, "city"] = None
    filled = model.impute(rows, seed=1)
    assert list(filled.columns) == list(rows.columns)
    assert filled.index.equals(rows.index)
    assert model.impute(rows.head(0)).equals(rows.head(0))


def test_rows_are_imputed_as_their_file_has_them_with_its_words_for_missing(tmp_path):
    rows = people(200).drop(columns=["id", "day"])
    rows["age"] = rows["age"].astype(object).where(rows.index % 25 > 0, "k. A.")
    rows.to_csv(tmp_path / "people.csv", sep=";", index=False)
    read = pd.read_csv(tmp_path / "people.csv", sep=";")
    filled = trained("autoregressive", 5, tmp_path, tmp_path / "people.csv").impute(read, seed=1)
    assert filled["age"].dtype == float
    assert filled["age"].notna().all()
    there = read["age"].notna() & (read["age"] != "k. A.")
    assert (filled["age"][there] == read["age"][there].astype(float)).all()
