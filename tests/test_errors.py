import pickle

from autogen.errors import MOST_CHARACTERS, DataError, one_line, reason


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
