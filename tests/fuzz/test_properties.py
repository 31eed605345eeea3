"""Properties of readers on tables that hypothesis makes; ``AUTOGEN_FUZZ=1000`` tries as many of each."""

import contextlib
import io
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autogen.data.open import open_data
from autogen.errors import DataError, one_line

ROWS = 60
#: Examples of each property; ``AUTOGEN_FUZZ`` asks for more.
EXAMPLES = int(os.environ.get("AUTOGEN_FUZZ", "12"))
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None
)


def weekday(moment):
    """A date with a German weekday."""
    return f"{['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'][moment.weekday()]}, {moment:%d.%m.%Y}"


def formats(draw):
    """Ways in which numbers and dates are written."""
    moment = pd.Timestamp("2020-01-01")
    return draw(
        st.sampled_from(
            [
                lambda i: f"{i * 37 % 101 / 4}",
                lambda i: f"${1000 + i * 37:,.2f}",
                lambda i: f"{i * 37 % 101 / 4:.2f}".replace(".", ","),
                lambda i: f"{i * 37 % 101 / 4:.1f} %",
                lambda i: f"{i * 37 % 101 / 4:+.1f}",
                lambda i: f"{i * 37 % 101:05d}",
                lambda i: f"{i * 37 % 101 / 4:.1f}kg",
                lambda i: ("TRUE", "FALSE")[i * 7 % 2],
                lambda i: ("yes", "no")[i * 7 % 2],
                lambda i: ("low", "medium", "high")[i * 7 % 3],
                lambda i: ("red", "green", "blue", "gray")[i * 7 % 4],
                lambda i: (moment + pd.Timedelta(days=i * 37)).strftime("%Y-%m-%d"),
                lambda i: (moment + pd.Timedelta(days=i * 37)).strftime("%d.%m.%Y"),
                lambda i: (moment + pd.Timedelta(days=i * 37)).strftime("%d %B %Y"),
                lambda i: (moment + pd.Timedelta(minutes=i * 3701)).isoformat(),
                lambda i: (moment + pd.Timedelta(days=i * 37)).strftime("%Y%m%d"),
                lambda i: (moment + pd.Timedelta(minutes=i * 3701)).strftime("%Y%m%d%H%M%S"),
                lambda i: (moment + pd.Timedelta(days=i * 37)).strftime("%d%b%Y").upper(),
                lambda i: (moment + pd.Timedelta(minutes=i * 3701)).strftime("%d.%m.%Y %H.%M Uhr"),
                lambda i: (moment + pd.Timedelta(minutes=i * 3701)).ctime(),
                lambda i: f"{i * 37 % 101}h {i * 7 % 60}m",
                lambda i: f"{i * 37 % 101} Std. {i * 7 % 60} Min.",
                lambda i: f"{i * 37 % 101 + 1:,.2f} {'DR' if i % 3 else 'CR'}",
                lambda i: f"$({i * 37 % 101 + 1}.50)" if i % 3 else f"${i * 37 % 101 + 1}.25",
                lambda i: f"{i * 37 % 101 + 5},- €",
                lambda i: f"{i * 37 % 101 + 1},{i % 90 + 10}E+14",
                lambda i: f"{i * 37 % 101}".translate(
                    {ord("0") + digit: 0x660 + digit for digit in range(10)}
                ),
                lambda i: weekday(moment + pd.Timedelta(days=i * 37)),
                lambda i: (
                    (moment + pd.Timedelta(hours=i * 701)).tz_localize("UTC").tz_convert("America/New_York")
                ).strftime("%Y-%m-%d %H:%M %Z"),
                lambda i: f"{i * 37 % 11}:{i * 7 % 60:02d}.{i * 991 % 1000:03d}",
            ]
        )
    )


@st.composite
def tables(draw):
    """Tables of one to four columns that are written in usual ways, some with missing cells."""
    columns = {}
    for place in range(draw(st.integers(1, 4))):
        write, every = formats(draw), draw(st.sampled_from([0, 0, 5, 9]))
        cells = [write(i) for i in range(ROWS)]
        columns[f"c{place}"] = [None if every and i % every == 1 else cell for i, cell in enumerate(cells)]
    return pd.DataFrame(columns | {"learned": [i * 5 % 23 / 4 for i in range(ROWS)]})


def opened(frame, folder, delimiter=","):
    frame.to_csv(folder / "t.csv", index=False, sep=delimiter)
    return open_data(folder / "t.csv")


@pytest.mark.slow
@given(frame=tables(), delimiter=st.sampled_from([",", ";", "\t"]))
@SETTINGS
def test_what_autogen_writes_it_reads_as_the_same(frame, delimiter, tmp_path):
    first = opened(frame, tmp_path, delimiter)
    first.kind.save(first.raw.samples, tmp_path / "again.csv", first.codec)
    second = open_data(tmp_path / "again.csv")
    assert kinds(second) == kinds(first)
    pd.testing.assert_frame_equal(second.raw.samples, first.raw.samples, check_dtype=False)


@pytest.mark.slow
@given(
    frame=tables(),
    odd=st.sampled_from(["n/a?", "00", "-", "k.A.", "free", "?", "1e999", "12:00", "ß", '"', "NaN", "0x1F"]),
    place=st.integers(0, 399),
)
@SETTINGS
def test_one_odd_cell_of_400_never_changes_what_a_column_is(frame, odd, place, tmp_path):
    frame = pd.concat([frame] * 7, ignore_index=True).head(400)
    before = kinds(opened(frame, tmp_path))
    frame.loc[place, "c0"] = odd
    after = opened(frame, tmp_path)
    assert kinds(after) == before
    made = after.codec.decode(after.codec.encode(after.split("train")), seed=1)
    assert len(made) == len(after.split("train"))


@pytest.mark.slow
@given(
    header=st.lists(st.text(min_size=0, max_size=8), min_size=1, max_size=5),
    cells=st.lists(st.text(max_size=12), min_size=1, max_size=40),
)
@SETTINGS
def test_any_text_in_cells_and_headers_opens_or_is_refused(header, cells, tmp_path):
    written = io.StringIO(newline="")
    rows = [[cells[(i * 7 + j) % len(cells)] for j in range(len(header))] for i in range(40)]
    pd.DataFrame(rows, columns=header).to_csv(written, index=False)
    (tmp_path / "t.csv").write_bytes(written.getvalue().encode("utf-8", "replace"))
    with contextlib.suppress(DataError):
        module = open_data(tmp_path / "t.csv")
        samples = module.codec.decode(module.codec.encode(module.split("test")), seed=0)
        assert list(samples.columns) == [column.form.name for column in module.codec.columns]
        assert all(note == one_line(note) for note in module.notes)  # nothing that steers a terminal


@pytest.mark.slow
@given(numbers=st.lists(st.floats(-1e150, 1e150), min_size=30, max_size=60))  # their squares are finite
@SETTINGS
def test_any_numbers_are_read_as_they_are(numbers, tmp_path):
    frame = pd.DataFrame({"x": numbers, "y": np.arange(len(numbers)) % 7 / 4})
    found = opened(frame, tmp_path).raw.samples["x"]
    np.testing.assert_array_equal(found.to_numpy(float), np.array(numbers))


def kinds(module):
    return {one.name: (one.kind, one.fate) for one in module.readings}
