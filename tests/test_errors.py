import pickle
import re
from pathlib import Path

import autogen
from autogen.errors import MOST_CHARACTERS, DataError, counted, one_line, reason


def test_a_message_has_no_control_characters_of_a_file():
    assert str(DataError("column '\x1b[31mred\x07\u202e' is odd\nvery")) == "column ' [31mred ' is odd very"
    assert reason(ValueError("a\x1b[2Jb.\n")) == "a [2Jb"


def test_a_message_of_kilobytes_is_cut_in_its_middle():
    text = str(DataError("x" * 5000 + "end"))
    assert len(text) <= MOST_CHARACTERS
    assert text.endswith("xend")
    assert " ... " in text
    assert one_line("short") == "short"


def test_an_error_survives_the_way_between_processes():
    assert str(pickle.loads(pickle.dumps(DataError("a\tb")))) == "a b"


def test_a_count_agrees_with_its_noun():
    assert [counted(n, "trial") for n in (0, 1, 1200)] == ["0 trials", "1 trial", "1,200 trials"]
    assert counted(2, "copy", "copies") == "2 copies"


def test_plural_forms_are_made_in_one_place():
    """``agreed`` and ``counted`` know that 0 trials and 1 trial differ; an s by hand forgets one of them."""
    by_hand = re.compile(r"""['"]s['"] \* |['"]s['"] if """)
    root = Path(autogen.__file__).parent
    found = [path.name for path in root.rglob("*.py") if by_hand.search(path.read_text(encoding="utf-8"))]
    assert found == []
