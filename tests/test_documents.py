import pytest

from autogen.documents import parse_json, parse_toml


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "{", b"\xff", ""])
def test_bad_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        parse_json(text)


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "9" * 5000, "x = ", "[" * 100_000])
def test_bad_toml_is_a_value_error(text):
    with pytest.raises(ValueError):
        parse_toml(text)


def test_documents_are_parsed():
    assert parse_json('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert parse_toml("a = [1, 2.5]") == {"a": [1, 2.5]}


def test_halves_of_characters_become_replacements():
    found = parse_json('{"\\\\ud800": ["\\\\udc00x", "\\\\ud83d\\\\ude00", 1]}'.replace("\\\\", "\\"))
    assert found == {"\ufffd": ["\ufffdx", "\U0001f600", 1]}
