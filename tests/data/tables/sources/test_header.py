import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

ROWS = "".join(f"{i},{i / 4},{'xyz'[i % 3]}\n" for i in range(60))
NAMES = ["id", "price", "shop"]


def opened(folder, content, name="t.csv", **options):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_data(path, kind="tabular", options=options)


@pytest.mark.parametrize(
    "above",
    [
        "# made by a tool\n# in 2024, twice\n",
        "Report 2024\n",
        "Report 2024,,\n\n",
        "Report 2024,,\nall shops,,\n,,\n",
        "Report,,\nExported,2024-01-02,\n",
        "Account,1234,\nExported,02.01.2024 10:15,\n\n",
        "sep=,\n",
        '"sep=,"\n# note\n',
    ],
)
def test_lines_above_the_header_are_left_out_and_noted(tmp_path, above):
    module = opened(tmp_path, f"{above}id,price,shop\n{ROWS}")
    assert list(module.raw.samples) == NAMES
    assert len(module.raw.samples) == 60
    assert any("left out" in note for note in module.notes)


def test_the_delimiter_that_excel_is_told_is_taken(tmp_path):
    rows = ROWS.replace(",", ";").replace(".", ",")
    module = opened(tmp_path, f"sep=;\nid;price;shop\n{rows}")
    assert module.raw.samples["price"].dtype == "float64"
    assert module.codec.to_original_format(module.raw.samples)["price"][1] == "0,25"


def test_a_header_behind_a_hash_is_no_comment(tmp_path):
    assert list(opened(tmp_path, f"#id,price,shop\n{ROWS}").raw.samples) == ["#id", *NAMES[1:]]


@pytest.mark.parametrize("second", ["no,EUR,name\n", "count,€,short name\n"])
def test_units_below_the_header_are_no_row(tmp_path, second):
    module = opened(tmp_path, f"id,price,shop\n{second}{ROWS}")
    assert list(module.raw.samples) == NAMES
    assert module.raw.samples["price"].notna().all()
    assert any("counts as part of the header" in note for note in module.notes)


def test_a_header_of_two_rows_gives_joined_names(tmp_path):
    module = opened(tmp_path, f"sales,sales,\nid,price,shop\n{ROWS}")
    assert list(module.raw.samples) == ["sales id", "sales price", "shop"]


def test_rows_of_dates_that_end_early_are_no_titles(tmp_path):
    rows = "".join(f"{'xyz'[i % 3]},2024-01-{i % 28 + 1:02d},{'u' * (i % 4 > 1)}\n" for i in range(60))
    module = opened(tmp_path, rows)
    assert len(module.raw.samples) == 60


@pytest.mark.parametrize("row", ["5.5,3,x", "2024-01-02,3,x", "A-17,3,y", "2024-01-02,y,x"])
def test_a_first_row_like_the_others_is_data(tmp_path, row):
    first, *rest = row.split(",")
    rows = "".join(f"{first[:-1]}{i % 9},{','.join(rest)}\n" for i in range(40))
    module = opened(tmp_path, f"{row}\n{rows}")
    assert len(module.raw.samples) == 41
    assert any("was read as data" in note for note in module.notes)


def test_the_user_can_say_how_a_file_is_written(tmp_path):
    text = "name|größe\n" + "".join(f"a{i % 3}|{i},500\n" for i in range(40))
    found = opened(tmp_path, text.encode("cp1250"), encoding="cp1250", delimiter="|", decimal=",", header=1)
    assert found.raw.samples["größe"][1] == 1.5
    bare = opened(tmp_path, "a,b\n" + "a,1\n" * 30, header="none")
    assert list(bare.raw.samples) == ["column_1", "column_2"]
    assert list(opened(tmp_path, f"x,y,z\nid,price,shop\n{ROWS}", header=2).raw.samples) == NAMES


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"encoding": "klingon"}, "encoding 'klingon' is unknown"),
        ({"encoding": "ascii"}, "is not ascii"),
        ({"header": "first"}, "header must be none or the number"),
        ({"decimal": ";"}, "decimal must be"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(tmp_path, options, words):
    with pytest.raises(DataError, match=words):
        opened(tmp_path, f"id,größe,shop\n{ROWS}", **options)


def test_a_title_of_as_many_cells_as_the_table_is_no_header(tmp_path):
    rows = "".join(f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2020;{i},{i % 90 + 10}\n" for i in range(60))
    module = opened(tmp_path, f"Account;1234\nDate;Amount\n{rows}")
    assert list(module.raw.samples) == ["Date", "Amount"]
    assert not module.raw.samples.isna().any(axis=None)


TRIPLES = "".join(f"{'xyz'[i % 3]},{i},{i / 4},{i * 7 % 31}\n" for i in range(60))


@pytest.mark.parametrize(
    ("above", "names"),
    [
        (",2020,,2021\nplace,men,women,men\n", ["place", "2020 men", "2020 women", "2021 men"]),
        (",Temp,,Rain\n,min,max,mm\n", ["Unnamed: 0", "Temp min", "Temp max", "Rain mm"]),
        ("place,Temp,Temp,Rain\n,min,max,mm\n", ["place", "Temp min", "Temp max", "Rain mm"]),
        ("g,a,a,b\nh,x,y,z\nrow,,,\n", ["g h", "a x", "a y", "b z"]),
        (",A,A,B\nplace,a,b,a\n,mm,kg,s\n", ["place", "A a", "A b", "B a"]),
    ],
)
def test_headers_of_several_lines_are_no_rows(tmp_path, above, names):
    module = opened(tmp_path, above + TRIPLES)
    assert list(module.raw.samples) == names
    assert len(module.raw.samples) == 60
    assert module.raw.samples[names[1:]].notna().all().all()
    assert any("counts as part of the header" in note for note in module.notes)


def test_the_index_of_a_frame_below_two_header_lines_has_no_row_of_names(tmp_path):
    frame = pd.DataFrame({("a", "x"): range(60), ("a", "y"): range(60, 0, -1), ("b", "z"): [1, 2, 3] * 20})
    module = opened(tmp_path, frame.to_csv())
    assert list(module.raw.samples) == ["a x", "a y", "b z"]
    assert module.raw.samples.notna().all().all()


def test_a_first_row_of_words_for_missing_is_a_row(tmp_path):
    module = opened(tmp_path, f"place,a,b,c\nx,k.A.,n.d.,-\n{TRIPLES}")
    assert len(module.raw.samples) == 61


@pytest.mark.parametrize(
    "row",
    [
        lambda i: f"{i * 7 % 50};{i / 4:.2f};{'xyz'[i % 3]}".replace(".", ","),
        lambda i: f"{i % 28 + 1}.{i % 12 + 1}.2020;{10 ** (i % 6)},5;{'xyz'[i % 3]}",
        lambda i: f"{i * 37 % 12 + 1}:{i % 60:02d};{i * 997:,};{'xyz'[i % 3]}",
        lambda i: f"${i * 37},50;{i}%;{'xyz'[i % 3]}",
    ],
)
def test_a_first_row_of_values_of_other_lengths_is_data(tmp_path, row):
    module = opened(tmp_path, "".join(row(i) + "\n" for i in range(1, 70)))
    assert list(module.raw.samples)[-2:] == ["column_2", "column_3"]
    assert len(module.raw.samples) == 69
    named = opened(
        tmp_path, "2020;01/02;z\n" + "".join(row(i).replace("z", "w") + "\n" for i in range(1, 70))
    )
    assert len(named.raw.samples) == 69


@pytest.mark.parametrize(("option", "given"), [("header", 0), ("header", "-1"), ("encoding", 5)])
def test_options_that_say_nothing_are_refused(tmp_path, option, given):
    with pytest.raises(DataError, match=option):
        opened(tmp_path, f"id,price,shop\n{ROWS}", **{option: given})


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("41,86,10", 70),  # three numbers of a row
        ("5,12", 70),
        ("40,3,20,7", 70),
        ("0,1", 69),
        ("0,1,2,3", 69),
        ("2019,2020,2021", 69),
        ("1990,2000,2010,2015", 69),
    ],
)
def test_whole_numbers_of_a_first_row_are_names_if_they_rise(tmp_path, header, rows):
    width = header.count(",") + 1
    body = [",".join(str((i * 37 + 11 * k * i) % 97) for k in range(width)) for i in range(1, 70)]
    module = opened(tmp_path, "\n".join([header, *body]))
    assert len(module.raw.samples) == rows
    assert (list(module.raw.samples) == header.split(",")) == (rows == 69)


def test_decimal_commas_below_no_header_are_no_delimiters(tmp_path):
    rows = [f"{'-' * (i % 2)}{i},{i * 7 % 9};{i * 37 % 50},5" for i in range(1, 70)]
    module = opened(tmp_path, "\n".join(rows))
    assert list(module.raw.samples) == ["column_1", "column_2"]
    assert module.raw.samples["column_2"].iloc[0] == 37.5
