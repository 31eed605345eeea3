import gzip

import pytest

from autogen.data.open import open_data
from autogen.data.tables.sources.csv import read_cells, unique_names
from autogen.errors import DataError

ROWS = "a,b\n1,x\n2,y\n3,z\n"


def write(folder, content, name="t.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(folder, content, name="t.csv"):
    frame, notes = read_cells(write(folder, content, name))
    return frame.columns.tolist(), frame.values.tolist(), notes


EXPECTED = (["a", "b"], [["1", "x"], ["2", "y"], ["3", "z"]], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    assert cells(tmp_path, ROWS.replace(",", delimiter)) == EXPECTED


def test_a_delimiter_inside_of_quotes_is_text(tmp_path):
    names, rows, _ = cells(tmp_path, 'a;b\n"x, y, z";1\n"u, v, w";2\n')
    assert (names, rows) == (["a", "b"], [["x, y, z", "1"], ["u, v, w", "2"]])


def test_quotes_line_breaks_and_emoji_survive(tmp_path):
    _, rows, notes = cells(tmp_path, 'a,b\n"say ""hi""","two\nlines"\n"🎉, ok",é\n')
    assert rows == [['say "hi"', "two\nlines"], ["🎉, ok", "é"]]
    assert notes == []


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_ends_are_read(tmp_path, ending):
    assert cells(tmp_path, ROWS.replace("\n", ending)) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_mark(tmp_path, encoding):
    assert cells(tmp_path, ROWS.replace("x", "ü").encode(encoding))[1][0] == ["1", "ü"]


def test_another_encoding_is_read_with_a_note(tmp_path):
    _, rows, notes = cells(tmp_path, ROWS.replace("x", "café €").encode("cp1252"))
    assert rows[0] == ["1", "café €"]
    assert "not UTF-8" in notes[0]


def test_gzip_is_told_by_its_content(tmp_path):
    assert cells(tmp_path, gzip.compress(ROWS.encode())) == EXPECTED


def test_a_tsv_has_tabs_even_where_commas_are_more(tmp_path):
    names, rows, _ = cells(tmp_path, "a\tb\n1,2,3\t4\n5,6,7\t8\n", "t.tsv")
    assert (names, rows[0]) == (["a", "b"], ["1,2,3", "4"])


def test_one_column_is_a_table(tmp_path):
    assert cells(tmp_path, "a\n1\n2\n") == (["a"], [["1"], ["2"]], [])


def test_names_without_text_and_repeated_ones_get_names_as_in_pandas():
    assert unique_names(["a", "", "a", "a.1", "a"]) == (
        ["a", "Unnamed: 1", "a.1", "a.1.1", "a.2"],
        ["4 columns without a unique name were named Unnamed: 1, a.1, a.1.1, a.2."],
    )


def test_a_name_keeps_its_spaces(tmp_path):
    assert cells(tmp_path, " a, b \n1,2\n")[0] == [" a", " b "]


def test_rows_with_too_many_cells_are_left_out_and_counted(tmp_path):
    _, rows, notes = cells(tmp_path, "a,b\n" + "1,2\n" * 30 + "1,2,3\n" + "4,5\n")
    assert len(rows) == 31
    assert notes == ["1 row with more cells than the header was left out (line 32)."]


def test_rows_that_end_early_are_filled_and_counted(tmp_path):
    _, rows, notes = cells(tmp_path, "a,b,c\n1,2,3\n4\n5,6\n7,8,\n")
    assert rows[1:] == [["4", "", ""], ["5", "6", ""], ["7", "8", ""]]
    assert notes == ["2 rows have fewer cells than the header; the others count as missing."]


@pytest.mark.parametrize(
    "below", ["\x1a", "(40 rows affected)\n", "\nSource: our counts,,\n* all shops\n", "-- end --,,\n"]
)
def test_lines_below_the_rows_are_left_out_and_noted(tmp_path, below):
    rows = "".join(f"New York,{i},{i % 7}\n" for i in range(40))
    _, found, notes = cells(tmp_path, f"city,b,c\n{rows}{below}")
    assert len(found) == 40
    assert any("below the rows" in note for note in notes)


@pytest.mark.parametrize("last", ["New York,,", "Boston", "Salt Lake,1,", "Total,,780"])
def test_a_last_row_that_ends_early_is_one(tmp_path, last):
    rows = "".join(f"New York,{i},{i % 7}\n" for i in range(40))
    assert len(cells(tmp_path, f"city,b,c\n{rows}{last}\n")[1]) == 41


def test_mostly_ragged_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="60 of 61 rows have more cells"):
        cells(tmp_path, "a,b\n" + "1,2,3,4\n" * 60)
    with pytest.raises(DataError, match="remove lines above the header"):
        cells(tmp_path, "made by me\na,b\n" + "1,2\n" * 60)


def test_names_of_rows_that_the_header_does_not_name_are_a_column(tmp_path):
    names, rows, notes = cells(tmp_path, 'a,"b\nc"\n' + "x,1,2\n" * 30)
    assert names == ["Unnamed: 0", "a", "b\nc"]
    assert rows == [["x", "1", "2"]] * 30
    assert "no name for the first column" in notes[0]


def test_a_delimiter_at_the_end_of_each_row_is_no_column(tmp_path):
    names, rows, notes = cells(tmp_path, "a;b\n" + "1;2;\n" * 30)
    assert names == ["a", "b"]
    assert rows == [["1", "2"]] * 30
    assert "ends in a delimiter" in notes[0]


def test_a_first_row_of_numbers_is_no_header(tmp_path):
    names, rows, notes = cells(tmp_path, "1.5,2\n3.5,4\n")
    assert names == ["column_1", "column_2"]
    assert rows[0] == ["1.5", "2"]
    assert "first row" in notes[0]


def test_a_first_row_of_different_whole_numbers_is_a_header(tmp_path):
    assert cells(tmp_path, "2019,2020\n3.5,4\n")[0] == ["2019", "2020"]


def test_a_cell_may_hold_a_document(tmp_path):
    _, rows, _ = cells(tmp_path, "a,b\n" + "1,y\n" * 30 + f"2,{'x' * 200_000}\n")
    assert len(rows[-1][1]) == 200_000


def test_a_table_of_thousands_of_columns_is_refused(tmp_path):
    row = ",".join(map(str, range(5000)))
    with pytest.raises(DataError, match="has 5,000 columns; at most 2,048"):
        cells(tmp_path, f"{row}\n" * 25)


def test_a_quote_that_is_never_closed_is_one_clear_line(tmp_path):
    with pytest.raises(DataError, match="inside string") as caught:
        cells(tmp_path, 'a,b\n1,"' + "x,y\n" * 1000)
    assert "\n" not in str(caught.value)


def test_text_of_two_bytes_that_ends_inside_of_a_character_is_read(tmp_path):
    names, rows, notes = cells(tmp_path, ROWS.encode("utf-16")[:-1])
    assert (names, len(rows)) == (["a", "b"], 3)
    assert "ends inside of a character" in notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a,b\n", "a header but no rows"),
        (b"\x89PNG\x00", "is a picture"),
        (b"a\x00,b\x00\n", "not a text file"),
        (b"\x1f\x8bjunk", "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        cells(tmp_path, content)


def test_quotes_behind_backslashes_are_part_of_the_cell(tmp_path):
    rows = '1,"say \\\\"hi\\\\", ok",C\n'.replace("\\\\", "\\")
    names, body, notes = cells(tmp_path, "a,b,c\n" + rows * 30)
    assert names == ["a", "b", "c"]
    assert body == [["1", 'say "hi", ok', "C"]] * 30
    assert "Backslashes" in notes[0]


def test_a_path_that_ends_in_a_backslash_is_left_as_it_is(tmp_path):
    path = "C:" + chr(92) + "temp" + chr(92)
    _, body, notes = cells(tmp_path, "a,b\n" + f'1,"{path}"\n' * 30)
    assert body == [["1", path]] * 30
    assert not notes


def test_characters_without_a_width_around_cells_are_left_out(tmp_path):
    names, body, notes = cells(tmp_path, "\u200ba,b\n" + '\u200b7,"\ufeffx\u200e"\n' * 30 + "8,y\u200bz\n")
    assert names == ["a", "b"]
    assert body == [["7", "x"]] * 30 + [["8", "y\u200bz"]]
    assert "without a width" in notes[0]


def test_halves_of_decimal_commas_are_no_names_of_rows(tmp_path):
    with pytest.raises(DataError, match=r"30 of 31 rows have more cells than the 2 of the header.*header=5"):
        cells(tmp_path, "a,b\n" + "12,34,5\n13,99,4\n12,50,3\n" * 10)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_encoding_of_two_bytes_without_a_mark_is_named_rightly(tmp_path, encoding):
    text = "city,b\n" + "".join(f"Köln,{i}\n" for i in range(40))
    for name in ("t.csv", "t.txt"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        with pytest.raises(DataError, match=f"--option encoding={encoding}$"):
            open_data(tmp_path / name)
