"""Numbers written with signs are modeled as numbers, and come back as they were written."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import autogen
from autogen.data.open import codec_from_json, open_data
from autogen.data.tables.formats.number_detection import detect_number_format
from autogen.data.tables.formats.number_format import NumberFormat
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError

RNG = np.random.default_rng(0)
EURO = str.maketrans({",": ".", ".": ","})
ARABIC = {ord("0") + i: chr(0x660 + i) for i in range(10)} | {ord("."): "\u066b", ord(","): "\u066c"}
#: What a column may look like, by name; numbers have at most two decimals.
FORMS = {
    "dollars": lambda x: f"${x:,.2f}".replace("$-", "-$"),
    "inner": lambda x: f"€ {x:.1f}",
    "percent": lambda x: f"{x:g} %",
    "signed": lambda x: f"{x:+.1f}%",
    "floats": lambda x: f"${x}",
    "comma": lambda x: f"{x:.2f}".replace(".", ","),
    "euros": lambda x: f"{x:,.2f} €".translate(EURO),
    "whole": lambda x: f"{int(10 * x):,}",
    "brackets": lambda x: f"({-x:,.2f})" if x < 0 else f"{x:,.2f}",
    "swiss": lambda x: f"{1000 * x:,.2f}".replace(",", "'"),
    "narrow": lambda x: f"{1000 * x:,.1f}".replace(",", "\u202f").replace(".", ","),
    "minus": lambda x: f"{x:.2f}".replace("-", "\u2212"),
    "multiples": lambda x: f"{x:.0f}" if abs(x) < 1000 else f"{x / 1000:.2f}k",
    "unit": lambda x: f"{x:.1f} kg",
    "code": lambda x: f"CHF {x:,.2f}",
    "degrees": lambda x: f"{x:.1f}°C",
    "reais": lambda x: f"R$ {x:,.2f}".translate(EURO),
    "us": lambda x: f"US${x:,.2f}",
    "rupees": lambda x: f"Rs. {x:,.2f}",
    "speed": lambda x: f"{x:.1f} km/h",
    "dust": lambda x: f"{x:.1f} µg/m³",
    "use": lambda x: f"{x:.1f} l/100km",
    "persons": lambda x: f"{int(x)} persons",
    "million": lambda x: f"{x:.1f} Mio. €".replace(".", ",", 1),
    "credit": lambda x: f"{abs(x):,.2f} {'DR' if x < 0 else 'CR'}",
    "debit": lambda x: f"${abs(x):.2f}{' Dr.' if x < 0 else ''}",
    "Soll": lambda x: f"{abs(x):,.2f} ".translate(EURO) + "HS"[int(x < 0)],
    "accounts": lambda x: f"$({-x:,.2f})" if x < 0 else f"${x:,.2f}",
    "outside": lambda x: (f"({-x:,.2f}) €" if x < 0 else f"{x:,.2f} €").translate(EURO),
    "dash": lambda x: f"{int(abs(x))},- €",
    "francs": lambda x: f"Fr. {int(abs(x) * 10):,}.-".replace(",", "'"),
    "crowns": lambda x: f"{int(abs(x))}:-",
    "exponent": lambda x: f"{x * 1e12:.2E}".replace(".", ","),
    "Arabic": lambda x: f"{x:,.2f}".translate(ARABIC),
    "Persian": lambda x: f"{int(x)} تومان".translate({ord("0") + i: chr(0x6F0 + i) for i in range(10)}),
}


def prices(n: int = 300) -> pd.DataFrame:
    numbers = RNG.normal(500, 900, n).round(2)
    return pd.DataFrame({name: list(map(form, numbers)) for name, form in FORMS.items()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("prices")
    gaps = np.arange(300) % 7 == 3
    frame = prices().assign(gap=lambda rows: rows["dollars"].mask(gaps), few=RNG.choice(["$5", "$10"], 300))
    frame["row"] = [f"{i:,}" for i in range(900, 1200)]
    frame.to_csv(place / "prices.csv", index=False)
    return place


@pytest.fixture(scope="module")
def module(folder):
    return open_data(folder / "prices.csv")


def test_models_and_metrics_see_numbers(module):
    assert module.raw.samples.drop(columns="few").dtypes.map(pd.api.types.is_numeric_dtype).all()
    made = module.codec.decode(module.codec.encode(module.split("train")))
    assert made.dtypes.equals(module.raw.samples.dtypes)


def test_rows_are_written_as_they_were(module, folder):
    there = pd.read_csv(folder / "prices.csv")
    pd.testing.assert_frame_equal(module.codec.to_original_format(module.raw.samples), there)
    assert any(note == "Samples of column 'euros' are written like 1.234,50 €." for note in module.notes)


def test_what_is_written_reads_as_the_same_numbers(module):
    again = module.codec.from_original_format(module.codec.to_original_format(module.raw.samples))
    pd.testing.assert_frame_equal(again, module.raw.samples)


@pytest.mark.parametrize("suffix", [".csv", ".tsv.gz", ".parquet"])
@pytest.mark.parametrize("rows", [300, 4])
def test_files_of_samples_read_as_the_same_numbers(module, tmp_path, suffix, rows):
    made = module.codec.decode(module.codec.encode(module.raw.samples)).head(rows)
    module.kind.save(made, tmp_path / f"made{suffix}", module.codec)
    again = module.kind.read_like(tmp_path / f"made{suffix}", module.codec, {}).samples
    found = module.codec.features(again)
    np.testing.assert_array_equal(found, module.codec.features(made))
    np.testing.assert_array_equal(found, module.codec.features(module.codec.to_original_format(made)))


def test_plain_numbers_of_other_tools_are_read_as_before(module, tmp_path):
    module.raw.samples.to_csv(tmp_path / "plain.csv", index=False)
    again = module.kind.read_like(tmp_path / "plain.csv", module.codec, {}).samples
    np.testing.assert_array_equal(module.codec.features(again), module.codec.features(module.raw.samples))


def test_pandas_reads_generated_rows_as_it_reads_the_data(module, folder, tmp_path):
    made = module.codec.decode(module.codec.encode(module.split("train")))
    module.kind.save(made, tmp_path / "made.csv", module.codec)
    real, fake = pd.read_csv(folder / "prices.csv"), pd.read_csv(tmp_path / "made.csv")
    assert fake.dtypes.equals(real.dtypes)
    assert fake["row"].str.fullmatch(r"(\d,)?\d{3}").all()


def test_a_text_that_is_no_number_is_one_clear_line(module):
    rows = module.codec.to_original_format(module.raw.samples).assign(whole="many")
    with pytest.raises(
        DataError, match=r"^column 'whole' must hold numbers like 1,234; one cell is none: .*'many'\.$"
    ):
        module.codec.encode(rows)


def test_a_rebuilt_codec_spells_alike(module):
    rebuilt = codec_from_json(json.loads(json.dumps(module.codec.to_json())))
    samples = module.raw.samples
    pd.testing.assert_frame_equal(
        rebuilt.to_original_format(samples), module.codec.to_original_format(samples)
    )


@pytest.mark.slow
def test_scores_are_those_of_the_numbers(module, tmp_path):
    numbers = module.raw.samples[["dollars", "percent", "comma", "few"]]
    spelt = module.codec.to_original_format(numbers)
    found = []
    for name, frame in (("numbers", numbers), ("spelt", spelt)):
        paths = [tmp_path / f"{name}{i}.csv" for i in range(2)]
        for path, rows in zip(paths, (frame[:150], frame[150:]), strict=True):
            rows.to_csv(path, index=False)
        found.append(autogen.score(paths[0], against=paths[1], metrics=["kd", "column_shapes"]).metrics)
    assert found[0] == found[1]


def test_categories_that_are_written_like_numbers_keep_their_meaning(tmp_path):
    frame = pd.DataFrame({"size": RNG.choice(["1,000", "2,500", "10,000"], 60), "x": RNG.random(60)})
    frame.to_csv(tmp_path / "sizes.csv", index=False)
    module = open_data(tmp_path / "sizes.csv", options={"columns": {"size": "categorical"}})
    again = module.kind.read_like(tmp_path / "sizes.csv", module.codec, {}).samples
    np.testing.assert_array_equal(module.codec.features(again), module.codec.features(module.raw.samples))
    assert module.codec.to_original_format(module.raw.samples)["size"].equals(frame["size"])
    other = module.kind.read_like(frame.assign(size=["none", *frame["size"][1:]]), module.codec, {}).samples
    assert module.codec.features(other)[0, 0] == 3


def column(*cells):
    return pd.Series(cells, name="c", dtype=str)


def test_mixed_formats_come_back_as_plain_numbers_and_a_note_says_so():
    cells = column(*[f"${n}.5" for n in range(30)], *[f"{n}.5$" for n in range(30)])
    found, notes = detect_number_format(cells, pd.Series([n % 30 + 0.5 for n in range(60)]))
    assert found is None
    assert notes == ["Column 'c' mixes number formats; samples have plain numbers."]


def test_the_format_of_nine_tenths_is_that_of_the_column():
    cells = column(*[f"{n} %" for n in range(27)], *[f"{n}%" for n in range(27, 30)])
    found, _ = detect_number_format(cells, pd.Series(range(30)))
    assert found == NumberFormat(str(cells.dtype), after=" %")
    fewer, _ = detect_number_format(cells[1:], pd.Series(range(30))[1:])
    assert fewer is None


def test_what_pandas_reads_as_numbers_has_no_format():
    assert detect_number_format(column("1.50", "2.25"), pd.Series([1.5, 2.25])) == (None, [])


def test_more_decimals_are_written_than_is_usual_rather_than_lost():
    form = NumberFormat("str", before="$", thousands=",", decimals=2)
    assert [form.format(x) for x in (0.125, -1e6, 3)] == ["$0.125", "-$1,000,000.00", "$3.00"]
    assert NumberFormat("str", thousands=" ").format(2**62 + 1) == "4 611 686 018 427 387 905"
    assert form.strip("- $1,234.5") is None
    assert form.strip("-$1,234.5") == "-1234.5"
    assert form.strip("$12,34") is None


def test_the_form_of_a_column_survives_json():
    form = ColumnType("c", "continuous", "float64", text_format=NumberFormat("str", after=" %", point=","))
    assert ColumnType.from_json(json.loads(json.dumps(form.to_json()))) == form


@pytest.mark.parametrize("dtype", [object, "str", "string", "string[pyarrow]"])
def test_texts_of_a_frame_are_read_as_those_of_a_file_and_come_back(dtype, folder, module):
    frame = pd.read_csv(folder / "prices.csv").drop(columns=["row", "few"])
    frame = frame.astype(pd.ArrowDtype(pa.string()) if dtype == "string[pyarrow]" else dtype)
    found = open_data(frame)
    pd.testing.assert_frame_equal(found.raw.samples, module.raw.samples.drop(columns=["row", "few"]))
    spelt = found.codec.to_original_format(found.codec.decode(found.codec.encode(found.raw.samples)))
    assert spelt.dtypes.equals(frame.dtypes)
    assert spelt.columns.equals(frame.columns)
    pd.testing.assert_frame_equal(found.codec.to_original_format(found.raw.samples), frame)


def test_texts_of_a_parquet_file_come_back(folder, tmp_path):
    frame = pd.read_csv(folder / "prices.csv").drop(columns="row")
    frame.to_parquet(tmp_path / "prices.parquet")
    found = open_data(tmp_path / "prices.parquet")
    assert pd.api.types.is_numeric_dtype(found.raw.samples["dollars"])
    found.kind.save(found.raw.samples, tmp_path / "made.parquet", found.codec)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "made.parquet"), frame)


def test_texts_of_a_frame_stay_texts_where_they_are_plain_or_few_or_of_several_forms():
    number = np.arange(60)
    frame = pd.DataFrame(
        {
            "digits": (number + 100).astype(str),
            "few": [f"${n % 5}.50" for n in number],
            "mixed": [f"${n}" if n % 2 else f"{n}$" for n in number],
            "asked": [f"{n % 30} %" for n in number],
            "numbers": number / 7,
        }
    )
    samples = open_data(frame, options={"columns": {"asked": "categorical"}}).raw.samples
    kept = [name for name in frame.columns[:4] if name in samples]
    assert {"few", "asked"} <= set(kept)
    assert samples[kept].equals(frame[kept])


@pytest.mark.parametrize("dtype", [object, "str", "string", "string[pyarrow]"])
@pytest.mark.parametrize(
    "cell",
    [
        lambda x: f"{x:.2f}",
        lambda x: f"{100 * x:.0f}",
        lambda x: f"{abs(x):.3f}",
        lambda x: f"{abs(1000 * x):.0f}",
        lambda x: f"{abs(1000 * x):,.2f}" + ("-" if x < 0 else ""),
        lambda x: f"{abs(x):.2f} €" + ("-" if x < 0 else ""),
    ],
    ids=["decimals", "whole", "positive", "lengths", "trailing", "unit"],
)
def test_quantities_that_a_frame_has_as_texts_are_learned_and_come_back_as_texts(cell, dtype):
    drawn = np.random.default_rng(0).normal(20, 60, 300)
    frame = pd.DataFrame({"x": pd.Series([cell(x) for x in drawn]).astype(dtype), "y": drawn.round(1)})
    found = open_data(frame)
    assert pd.api.types.is_numeric_dtype(found.raw.samples["x"])
    assert found.codec.columns[0].form.kind in ("integer", "continuous")
    pd.testing.assert_frame_equal(found.codec.to_original_format(found.raw.samples), frame)


@pytest.mark.parametrize("cell", [lambda i: f"{1000 + 7 * i}", lambda i: f"{i:05}", lambda i: f"v{i}"])
def test_codes_that_a_frame_has_as_texts_stay_texts(cell):
    frame = pd.DataFrame({"code": [cell(i % 90) for i in range(300)], "y": np.arange(300) / 7})
    samples = open_data(frame, options={"columns": {"code": "categorical"}}).raw.samples
    assert samples["code"].tolist() == frame["code"].tolist()
    assert not pd.api.types.is_numeric_dtype(open_data(frame).codec.to_original_format(samples)["code"])


def test_digits_grouped_by_twos_are_read_and_written():
    cells = [f"{i},{i + 1:02d},{100 + i}" for i in range(1, 41)]
    module = open_data(pd.DataFrame({"rupees": cells, "y": range(3, 43)}))
    assert module.raw.samples["rupees"].tolist()[:2] == [102101, 203102]
    assert module.codec.to_original_format(module.raw.samples)["rupees"].tolist() == cells


def test_a_group_of_thousands_never_begins_with_a_zero(tmp_path):
    """Fractions with three decimals and a decimal comma are no thousands, nor codes with leading zeros."""
    texts = [f"{x:.3f}".replace(".", ",") for x in RNG.random(200) * 2]
    pd.DataFrame({"x": texts, "y": ["a", "b"] * 100}).to_csv(tmp_path / "t.csv", sep=";", index=False)
    samples = open_data(tmp_path / "t.csv").raw.samples
    np.testing.assert_allclose(samples["x"], [float(text.replace(",", ".")) for text in texts])


def test_a_plus_before_all_positive_numbers_comes_back(tmp_path):
    texts = [f"{x:+d}" for x in RNG.integers(-900, 900, 300) if x]
    pd.DataFrame({"x": texts}).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    made = module.codec.to_original_format(module.codec.decode(module.codec.encode(module.raw.samples)))
    assert made["x"].str.fullmatch(r"[+-]\d+").all()


def test_samples_with_multiples_have_no_more_decimals_than_the_data(tmp_path):
    texts = [f"{x:.1f}{'KMB'[i % 3]}" for i, x in enumerate(RNG.uniform(1, 999, 400))]
    pd.DataFrame({"x": texts}).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    made = module.codec.to_original_format(module.codec.decode(module.codec.encode(module.raw.samples)))
    assert made["x"].str.fullmatch(r"\d+\.\d[KMB]").all()


def power(text: str, plus: str, digits: int) -> str:
    """Write the exponent of a number with another sign and other digits."""
    mantissa, _, found = text.partition("E")
    return f"{mantissa}E{'-' if int(found) < 0 else plus}{abs(int(found)):0{digits}d}"


SCIENTIFIC = {
    "Excel": lambda x: f"{x:.2E}",
    "C": lambda x: f"{x:.4e}",
    "JavaScript": lambda x: power(f"{x:.3E}", "+", 1).lower(),
    "Java": lambda x: power(f"{x:.3E}", "", 1),
    "three digits": lambda x: power(f"{x:.3E}", "+", 3),
    "Fortran": lambda x: f"{x:.3E}".replace("E", "D"),
    "a unit": lambda x: f"{x:.2e} Pa",
    "no zeros": lambda x: trimmed(x),
    "comma": lambda x: f"{x:.2E}".replace(".", ","),
}


def trimmed(number: float) -> str:
    """Write a number with as few digits of the mantissa as it needs, of at most three."""
    mantissa, _, found = f"{number:.2E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{found}"


@pytest.mark.parametrize("way", SCIENTIFIC)
def test_exponents_come_back_as_they_were(way, tmp_path):
    write = SCIENTIFIC[way]
    cells = [write(x) for x in RNG.choice([-1, 1], 300) * 10 ** RNG.uniform(-9, 15, 300)]
    pd.DataFrame({"c": cells, "y": range(300)}).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    form = module.codec.columns[0].form
    assert form.kind == "continuous"
    assert module.codec.to_original_format(module.raw.samples)["c"].tolist() == cells
    plain = [float(cell.removesuffix(" Pa").replace("D", "E").replace(",", ".")) for cell in cells]
    assert module.raw.samples["c"].tolist() == pytest.approx(plain)


def test_what_python_prints_has_no_format(tmp_path):
    cells = [repr(float(x)) for x in 10 ** RNG.uniform(17, 25, 300)]
    pd.DataFrame({"c": cells, "y": range(300)}).to_csv(tmp_path / "t.csv", index=False)
    assert open_data(tmp_path / "t.csv").codec.columns[0].form.text_format is None


def test_numbers_of_ever_other_sizes_are_no_whole_numbers_beyond_64_bits(tmp_path):
    cells = [f"{x:.5g}" for x in 10 ** RNG.normal(0, 8, 300)]
    assert any(cell.isdigit() for cell in cells)
    pd.DataFrame({"c": cells, "y": range(300)}).to_csv(tmp_path / "t.csv", index=False)
    assert open_data(tmp_path / "t.csv").codec.columns[0].form.kind == "continuous"
