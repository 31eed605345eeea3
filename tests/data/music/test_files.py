import pytest

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
