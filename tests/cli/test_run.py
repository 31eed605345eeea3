"""``autogen run`` on the terminal: what the columns were taken for, and databases by their URL."""

import socket
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.engine import engine
from autogen.errors import DataError
from tests.data.makers import people, write_csv


@pytest.fixture
def started(monkeypatch):
    """Settings and sources that runs were started with; none is trained."""
    given = []

    def start(settings, *, source, opened, **_):
        given.append((settings, source))
        opened(open_data(settings.data if source is None else source))
        raise DataError("seen enough.")

    monkeypatch.setattr(engine, "start", start)
    return given


def test_each_column_is_said_before_training_unless_the_run_is_quiet(command_line, started, tmp_path):
    write_csv(tmp_path, people(300), "t.csv")
    _, _, err = command_line("run", "t.csv")
    lines = err.splitlines()
    assert lines[0].split()[:3] == ["name", "made", "up"]
    assert len(lines) == people(30).shape[1] + 1  # and the error
    assert command_line("run", "t.csv", "--quiet")[2] == "error: seen enough.\n"
    assert command_line("run", "t.csv", "--json")[2] == "error: seen enough.\n"


def test_a_url_and_a_query_are_data_in_memory_and_stand_in_no_setting(command_line, started, tmp_path):
    with closing(sqlite3.connect(tmp_path / "t.db")) as connection:
        frame = pd.DataFrame({"x": [i / 4 for i in range(40)], "y": ["a", "b"] * 20})
        frame.to_sql("t", connection, index=False)
    command_line("run", f"sqlite:///{tmp_path}/t.db", "--option", "query=select x, y from t")
    settings, source = started[0]
    pd.testing.assert_frame_equal(source, frame)
    assert (settings.data, settings.options) == ("", {})


def test_a_url_in_a_file_is_refused(command_line, tmp_path):
    (tmp_path / "study.toml").write_text('data = "postgresql://me:secret@host/db"\n')
    code, _, err = command_line("run", "study.toml")
    assert code == 2
    assert "a database (postgresql://...) is read only where the user names it" in err
    assert "secret" not in err


def test_a_plan_of_a_stranger_reaches_no_server_before_it_is_refused(command_line, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        place = f"ftp://127.0.0.1:{server.getsockname()[1]}/x"
        (tmp_path / "study.toml").write_text(
            f'data = "wine"\nexecutor = "ray"\nexecutor_options = {{ storage = "{place}" }}\n'
        )
        code, _, err = command_line("run", "study.toml")
        assert (code, err.count("\n")) == (2, 1)
        assert "if you trust it" in err
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_no_file_can_have_is_refused_in_a_line(command_line):
    code, _, err = command_line("run", f"{'a' * 300}.csv")
    assert (code, err.count("\n")) == (2, 1)
    assert "no file or built-in data set" in err


def test_a_used_output_folder_is_refused_before_the_data_is_read(command_line, tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/file").touch()
    data = tmp_path / "people.csv"
    data.write_text("a,b\n" + "".join(f"{n},{n % 7}\n" for n in range(200)))
    code, out, err = command_line("run", data, "--out", tmp_path / "used")
    assert (code, out) == (2, "")
    assert err == (f"error: the output folder {tmp_path / 'used'} is not empty; choose another with --out\n")


def test_a_guarantee_is_read_from_options(command_line, started, tmp_path):
    write_csv(tmp_path, people(60), "t.csv")
    given = ["--epsilon", "2", "--delta", "1e-6", "--range", "age=0:120", "--range", "pay=0:9:0.5"]
    command_line("run", "t.csv", *given)
    ranges = ["age=0:120", "pay=0:9:0.5"]
    assert started[0][0].privacy == {"epsilon": 2.0, "delta": 1e-6, "ranges": ranges}


def test_a_range_without_epsilon_is_refused(command_line, started, tmp_path):
    write_csv(tmp_path, people(60), "t.csv")
    code, _, err = command_line("run", "t.csv", "--range", "age=0:120")
    assert (code, started) == (2, [])
    assert "give epsilon too" in err
