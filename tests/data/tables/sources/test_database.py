import sqlite3

import pandas as pd
import pytest

from autogen.data.open import kind_of, open_data, queried
from autogen.data.tables.sources.database import read_query, read_sqlite
from autogen.errors import DataError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table people (id integer primary key, town text, income real, photo blob)")
        rows = [(i, f"town {i % 3}", i / 2, b"\0\1") for i in range(60)]
        connection.executemany("insert into people values (?, ?, ?, ?)", rows)
        connection.execute('create table "odd ""name" (x, doubled as (x * 2))')
        connection.executemany('insert into "odd ""name" values (?)', [(i,) for i in range(30)])
        connection.execute(
            "create view endless as with recursive t(x) as "
            "(select 1 union all select x + 1 from t) select x from t"
        )
    connection.close()
    return path


def test_a_table_of_a_file_is_read(file):
    frame, notes = read_sqlite(f"{file}::people")
    assert (frame.shape, notes) == ((60, 4), [])
    module = open_data(f"{file}::people")
    assert {one.name: one.fate for one in module.readings} == {
        "id": "made up",
        "town": "learned",
        "income": "learned",
        "photo": "left out",
    }
    assert kind_of(f"{file}::people").name == "tabular"


def test_computed_columns_are_not_run(file):
    assert list(read_sqlite(f'{file}::odd "name')[0]) == ["x"]


def test_several_tables_are_listed_and_views_are_none(file):
    with pytest.raises(DataError, match=r"has 2 tables: people, odd \"name; name one: .*shop.db::people"):
        read_sqlite(str(file))
    with pytest.raises(DataError, match="'endless' is a view; .*only its tables are read"):
        read_sqlite(f"{file}::endless")
    with pytest.raises(DataError, match=r"no table 'peoples'; it has people.*Did you mean 'people'"):
        open_data(f"{file}::peoples")


def test_the_only_table_needs_no_name(tmp_path):
    with sqlite3.connect(tmp_path / "t.sqlite") as connection:
        pd.DataFrame({"x": range(40), "y": ["a", "b"] * 20}).to_sql("only", connection, index=False)
    connection.close()
    assert open_data(tmp_path / "t.sqlite").raw.samples.shape == (40, 2)


def test_the_file_is_not_changed(file):
    before = file.read_bytes(), sorted(file.parent.iterdir())
    read_sqlite(f"{file}::people")
    assert before == (file.read_bytes(), sorted(file.parent.iterdir()))


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"SQLite format 3\0" + b"\xff" * 500])
def test_what_is_no_database_is_refused_in_a_line(tmp_path, content):
    (tmp_path / "t.db").write_bytes(content)
    with pytest.raises(DataError, match="SQLite"):
        open_data(tmp_path / "t.db")


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(DataError, match="no file or built-in data set"):
        open_data(f"{tmp_path}/none.db::people")


def test_a_query_at_a_url_is_read(file):
    source, options = queried(f"sqlite:///{file}", {"query": "select town, income from people", "size": 3})
    assert (source.shape, options) == ((60, 2), {"size": 3})
    assert queried("t.csv", {"query": "x"}) == ("t.csv", {"query": "x"})


def test_no_reader_of_data_opens_a_url(file):
    with pytest.raises(DataError, match=r"a database \(sqlite://...\) is read only where the user names it"):
        open_data(f"sqlite:///{file}")


@pytest.mark.parametrize(
    ("url", "query", "says"),
    [
        ("sqlite:///{file}", None, "needs a query"),
        ("sqlite:///{file}", "select * from none", "no such table"),
        ("nosuch://me:secret@host/db", "select 1", "cannot be queried|needs a driver"),
        ("sqlite://", "nonsense", "syntax error"),
    ],
)
def test_what_a_database_refuses_is_one_line_without_the_password(file, url, query, says):
    with pytest.raises(DataError, match=says) as refused:
        read_query(url.format(file=file), query)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_that_are_only_in_the_log_are_not_left_out_in_silence(file):
    connection = sqlite3.connect(file)
    connection.execute("pragma journal_mode=wal")
    with connection:
        connection.execute("insert into people values (60, 'new', 1.0, null)")
    with pytest.raises(DataError, match="shop.db is in use: shop.db-wal holds rows"):
        read_sqlite(f"{file}::people")
    connection.close()  # which writes them into the file
    assert len(read_sqlite(f"{file}::people")[0]) == 61
