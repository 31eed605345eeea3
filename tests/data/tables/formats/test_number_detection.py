"""Which format a column of numbers has: signs of accounts, digits of other scripts, units."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.formats.number_detection import detect_number_format
from autogen.data.tables.reading.cells import typed
from tests.data.tables.formats.test_number_format import ARABIC, FORMS

RNG = np.random.default_rng(0)
LEDGER = {
    "CR or DR": (lambda x: f"{abs(x):.2f} {'DR' if x < 0 else 'CR'}", "DR of column 'c' is read as a minus."),
    "dash": (lambda x: f"{int(abs(x))},-", ",- of column 'c' is read as no decimals."),
    "digits": (lambda x: f"{x:.2f}".translate(ARABIC), "Digits ٠ to ٩ of column 'c' are read as 0 to 9."),
}


@pytest.mark.parametrize("way", LEDGER)
def test_what_signs_and_dashes_and_digits_were_taken_for_is_told(way, tmp_path):
    write, note = LEDGER[way]
    numbers = RNG.normal(50, 90, 100).round(2)
    pd.DataFrame({"c": list(map(write, numbers)), "y": numbers}).to_csv(tmp_path / "t.csv", index=False)
    opened = open_data(tmp_path / "t.csv")
    assert note in opened.notes
    wanted = numbers if way != "dash" else [int(abs(x)) for x in numbers]
    assert opened.raw.samples["c"].tolist() == pytest.approx(list(wanted))


@pytest.mark.parametrize("odd", ["n/a?", "00", "-", "k.A.", "free"])
@pytest.mark.parametrize("way", ["credit", "Soll", "accounts", "outside", "dash", "exponent", "Arabic"])
def test_one_odd_cell_of_400_changes_no_format(way, odd):
    cells = pd.Series(list(map(FORMS[way], RNG.normal(500, 900, 400).round(2))), name="c")
    right, _ = typed(cells)
    found, _ = typed(cells.where(cells.index != 123, odd))
    assert found.dtype.kind in "fi" or str(found.dtype) == "Int64"
    pd.testing.assert_series_equal(found.drop(123), right.drop(123), check_dtype=False)
    text_format, _ = detect_number_format(cells.drop(123), found.drop(123))
    assert text_format == detect_number_format(cells, right)[0]


UNITS = {
    "weights": (lambda i: f"{i * 7} kg" if i % 3 else f"{i * 70} g", "(kg, g) and is left out"),
    "money": (lambda i: f"${i * 7}.50" if i % 3 else f"€{i * 7}.20", "($, €) and is left out"),
    "some without": (lambda i: f"{i * 7} kg" if i % 3 else f"{i * 7}", "(kg, none) and is left out"),
    "two in a cell": (lambda i: f"{i} lb {i % 16} oz", "(lb, oz) and is left out"),
    "few values": (
        lambda i: f"{i % 4} kg" if i % 3 else f"{i % 4}00 g",
        "): its values are learned as categories",
    ),
    "some": (
        lambda i: f"{i * 7} kg" if i % 15 else f"{i * 70} g",
        "have another unit than the rest, such as g",
    ),
}


@pytest.mark.parametrize("way", UNITS)
def test_numbers_of_several_units_are_no_numbers_without_a_warning(way, tmp_path):
    write, why = UNITS[way]
    pd.DataFrame({"c": map(write, range(400)), "y": np.arange(400) % 13 / 4}).to_csv(
        tmp_path / "t.csv", index=False
    )
    assert any(note.startswith("Warning: ") and why in note for note in open_data(tmp_path / "t.csv").notes)


def test_seats_and_ids_have_no_units(tmp_path):
    seats = pd.DataFrame(
        {"seat": [f"{i % 60 + 1}{'ABCDEF'[i % 6]}" for i in range(400)], "y": np.arange(400) % 13 / 4}
    )
    seats.to_csv(tmp_path / "t.csv", index=False)
    assert not [note for note in open_data(tmp_path / "t.csv").notes if "unit" in note]
