import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.reading.personal import personal_data


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("x", ["ann@b.com", "c.d@e.co.uk"], "e-mail addresses"),
        ("x", ["+43 664 1234567", "0043 1 4000-123", "(01) 234-5678"], "phone numbers"),
        ("x", ["AT611904300234573201", "DE89 3704 0044 0532 0130 00"], "bank accounts"),
        ("x", ["Hauptstraße 5", "Am Weg 12a, 1010 Wien", "12 Baker Street, London"], "addresses"),
        ("last_name", ["Huber", "Meier"], "names of persons"),
        ("Vorname", ["Eva", "Max"], "names of persons"),
        ("city", ["Wien", "Graz"], ""),
        ("filename", ["a.txt", "b.txt"], ""),
        ("price", ["12.50", "3.00"], ""),
        ("day", ["2024-01-01", "2024-01-02"], ""),
    ],
)
def test_personal_data_is_recognized(name, values, what):
    assert personal_data(name, values) == what


def test_the_user_is_warned_where_samples_would_repeat_it():
    names = ["Huber", "Meier", "Bauer", "Wagner", "Gruber", "Pichler"]
    frame = pd.DataFrame({"last_name": names * 20, "y": [i % 7 for i in range(120)]})
    notes = open_data(frame).notes
    assert any(note.startswith("Warning: column 'last_name' looks like personal data") for note in notes)
    dropped = open_data(frame, options={"columns": {"last_name": "drop"}})
    assert not any("personal data" in note for note in dropped.notes)
