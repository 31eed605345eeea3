import pytest

from autogen.data.music.files import read_music
from autogen.data.open import open_data
from autogen.errors import DataError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_abc_is_read_in_any_usual_encoding(tmp_path, encoding):
    tunes = "".join(f"X:{i}\nT:Ländler {i}\nM:3/4\nL:1/4\nK:C\n{'CEG' * (i + 1)}|\n\n" for i in range(24))
    (tmp_path / "t.abc").write_bytes(tunes.encode(encoding))
    assert len(open_data(tmp_path / "t.abc").raw.samples) == 24


def test_a_file_of_abc_says_why_no_tune_of_it_can_be_used(tmp_path):
    (tmp_path / "t.abc").write_text("X:1\nT:Long\nM:4/4\nL:1/8\nK:C\nC9999|\n")
    with pytest.raises(DataError, match="a note is 9999 units long; at most 999 are allowed"):
        open_data(tmp_path / "t.abc")


def tunes_with(folder, *heads):
    """Twenty-four tunes, the first ones with other fields."""
    fields = [*heads, *["L:1/8"] * (24 - len(heads))]
    tunes = "".join(f"X:{i}\nT:Tune {i}\n{head}\nK:G\nGABc d2|\n\n" for i, head in enumerate(fields))
    (folder / "t.abc").write_text(tunes)
    return read_music(folder / "t.abc", None)


@pytest.mark.parametrize("unit", ["1/0", "0/8", "1/-8", "eighth", "", "1/9999"])
def test_a_tune_without_a_readable_unit_of_length_is_left_out_by_name(unit, tmp_path):
    found = tunes_with(tmp_path, f"L:{unit}")
    assert len(found.pieces) == 23
    line = f"1 tune cannot be used and was left out: 'Tune 0' (L:{unit} is no unit of length, such as L:1/8)."
    assert line in found.notes


def test_metres_and_keys_that_cannot_be_read_are_told_by_the_names_of_their_tunes(tmp_path):
    found = tunes_with(tmp_path, "M:4/0\nL:1/8", "M:waltz\nL:1/8", "M:none", "M:C|", "M:3+2/8", "M:6/8")
    assert len(found.pieces) == 24
    (line,) = [note for note in found.notes if "Tune" in note]
    assert line.startswith("2 tunes with fields that cannot be read were read without these: ")
    assert line.endswith(": 'Tune 0' (M:4/0), 'Tune 1' (M:waltz).")
    assert found.pieces[4].bar == 5 * 12
