import gzip
import json

import numpy as np
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.texts.codec import TextCodec
from autogen.data.texts.files import SEPARATOR, read_lines
from autogen.data.texts.kind import Texts
from autogen.errors import DataError
from tests.data.texts.makers import words


def written(path, content: bytes):
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def prose(paragraphs: int) -> str:
    found = words(paragraphs * 12)
    return "\n\n".join(" ".join(found[12 * i : 12 * i + 12]) for i in range(paragraphs))


def test_lines_without_blank_ones_are_documents(tmp_path):
    texts = words(40)
    data = open_data(written(tmp_path / "names.txt.gz", "\n".join(texts).encode()))
    assert data.raw.samples == texts
    assert data.codec.spec.length == 1 + max(map(len, texts))
    assert not data.codec.spec.stream


def test_blank_lines_make_one_long_text(tmp_path):
    text = prose(100)
    data = open_data(written(tmp_path / "novel.txt", text.encode()))
    assert data.codec.spec.stream
    assert text.startswith("".join(data.raw.samples))
    assert {len(block) for block in data.raw.samples} == {data.codec.spec.length}


def test_the_rule_can_be_overridden(tmp_path):
    path = written(tmp_path / "novel.txt", prose(100).encode())
    lines = open_data(path, options={"documents": "lines"})
    assert lines.raw.samples == [line for line in prose(100).split("\n") if line]
    assert any("blank" in note for note in lines.notes)
    assert open_data(path, options={"documents": "blocks", "length": 64}).codec.spec.length == 64


def test_long_documents_are_cut_at_spaces():
    data = open_data([" ".join(words(40, seed)) for seed in range(30)], options={"length": 50})
    assert all(0 < len(text) <= 50 for text in data.raw.samples)
    vocabulary = set(words(40, 0))
    assert set(data.raw.samples[0].split()) <= vocabulary
    assert any("cut at spaces" in note for note in data.notes)


def test_records_give_their_field(tmp_path):
    rows = [{"id": str(i), "said": word} for i, word in enumerate(words(30))]
    path = written(tmp_path / "said.jsonl", "\n".join(map(json.dumps, rows)).encode())
    assert open_data(path, options={"field": "said"}).raw.samples == words(30)
    with pytest.raises(DataError, match="option field"):
        open_data(path, kind="text")


def test_a_column_of_a_table_can_be_read_as_texts(tmp_path):
    path = written(
        tmp_path / "sms.csv.gz", ("type,text\n" + "\n".join(f"ham,{w}" for w in words(30))).encode()
    )
    assert open_data(path, kind="text").raw.samples == words(30)


def test_line_breaks_accents_and_control_characters_are_made_alike(tmp_path):
    lines = [word + "e\u0301\x07" for word in words(30)]
    data = open_data(written(tmp_path / "odd.txt", b"\xef\xbb\xbf" + "\r\n".join(lines).encode()))
    assert data.raw.samples == [word + "é" for word in words(30)]
    notes = " ".join(data.notes)
    assert "line breaks" in notes
    assert "control" in notes
    assert "composed" in notes


def test_bytes_that_are_no_utf8_are_windows_1252(tmp_path):
    data = open_data(
        written(tmp_path / "old.txt", "\n".join(f"café {w}" for w in words(30)).encode("latin-1"))
    )
    assert data.raw.samples[0].startswith("café ")
    assert any("Windows-1252, with the characters é" in note for note in data.notes)


def test_bytes_of_another_encoding_are_refused_until_it_is_named(tmp_path):
    path = written(tmp_path / "old.txt", "\n".join(f"привет {i}" for i in range(30)).encode("cp1251"))
    with pytest.raises(DataError, match="--option encoding="):
        open_data(path)
    assert open_data(path, options={"encoding": "cp1251"}).raw.samples[0].startswith("привет ")


@pytest.mark.parametrize("mark", ["\v", "\f", "\x1e", "\x85", "\u2028", "\u2029", "\r", "\r\n"])
def test_each_character_that_breaks_a_line_does(tmp_path, mark):
    path = written(tmp_path / "t.txt", mark.join(words(60)).encode())
    assert open_data(path).raw.samples == words(60)


def test_unseen_characters_become_unknown_and_nothing_else_changes():
    codec = TextCodec("abc", length=6, stream=False)
    assert codec.encode(["abz"])["tokens"].tolist() == [[4, 5, 3, 2, 0, 0]]
    assert codec.decode(codec.encode(["abz", ""])) == ["ab\ufffd", ""]


def test_the_vocabulary_is_that_of_the_train_split():
    data = open_data([*words(400), *(f"{w}{chr(0x400 + i)}" for i, w in enumerate(words(100)))])
    assert set(data.codec.symbols) == set("".join(data.split("train")))
    unseen = data.encoded("test")["tokens"] == data.codec.spec.unknown
    assert unseen.any()


def test_many_different_characters_are_read_as_bytes():
    texts = [chr(0x4E00 + i) + chr(0x4F00 + i) + "é😀" for i in range(300)]
    data = open_data(texts)
    assert data.codec.symbols is None
    assert data.codec.decode(data.encoded("test")) == data.split("test")
    assert codec_from_json(json.loads(json.dumps(data.codec.to_json()))).spec == data.codec.spec


def test_blocks_of_bytes_end_with_whole_characters():
    text = "".join(chr(0x4E00 + i % 700) for i in range(4000))
    data = open_data([text])
    assert "".join(data.raw.samples) == text[: sum(map(len, data.raw.samples))]
    assert data.codec.decode(data.encoded("train")) == data.split("train")


def test_rows_keep_the_spec():
    data = open_data(words(200))
    rows, spec = data.encoded("train")["tokens"], data.codec.spec
    assert rows.dtype == np.int64
    assert ((rows == spec.end).sum(axis=1) == 1).all()
    assert not (rows == spec.begin).any()
    after = np.cumsum(rows == spec.end, axis=1) - (rows == spec.end)
    assert ((rows == spec.pad) == (after == 1)).all()


def test_an_opening_leaves_room_to_go_on():
    codec = TextCodec("abc", 6, False)
    rows = codec.encode_openings(["ab", "", "cab\r\n"])
    assert rows.tolist() == [[4, 5, 0, 0, 0, 0], [0] * 6, [6, 4, 5, 3, 0, 0]]
    with pytest.raises(DataError, match=r"prompt 2 has 5 characters; .* at most 5, so prompts at most 4"):
        codec.encode_openings(["abca", "abcab"])


def test_of_a_long_opening_of_a_block_the_end_is_kept():
    codec = TextCodec("abc", 6, True)
    assert codec.encode_openings(["abcabc", "a"]).tolist() == [[4, 5, 6, 0, 0, 0], [4, 0, 0, 0, 0, 0]]


def test_one_symbol_is_enough():
    data = open_data(["x" * 2000])
    assert data.codec.spec.levels == 5
    assert data.codec.decode(data.encoded("tune")) == data.split("tune")


@pytest.mark.parametrize(
    ("source", "said"),
    [(["ab" * 100], "200 characters"), (["one", "two"], "at least 20"), (["", " "], "no text")],
)
def test_too_little_text_is_refused_in_one_line(source, said):
    with pytest.raises(DataError, match=said) as caught:
        open_data(source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"documents": "verses"}, {"tokens": "words"}, {"length": 3}])
def test_options_are_checked(options):
    with pytest.raises(DataError, match=next(iter(options))):
        open_data(words(100), options=options)


@pytest.mark.parametrize("texts", [["one", "two"], ["one\ntwo", "", "three\n"], [""]])
def test_saved_texts_can_be_read_again(tmp_path, texts):
    Texts().save(texts, tmp_path / "saved.txt")
    assert read_lines(tmp_path / "saved.txt") == texts
    assert (SEPARATOR in (tmp_path / "saved.txt").read_text()) == any("\n" in text for text in texts)
    Texts().save(texts, tmp_path / "saved.jsonl")
    lines = (tmp_path / "saved.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == texts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "stream", "length"),
    [
        ("names/data.txt.gz", False, 16),
        ("tinyshakespeare/data.txt.gz", True, 256),
        ("wikitext2_valid/data.txt.gz", True, 256),
        ("sms_spam/data.csv.gz", False, 257),
    ],
)
def test_real_texts_are_read(shared_data, name, stream, length):
    data = open_data(shared_data / "text" / name, kind="text")
    assert (data.codec.spec.stream, data.codec.spec.length) == (stream, length)
    tune = data.split("tune")
    same = sum(a == b for a, b in zip(data.codec.decode(data.codec.encode(tune)), tune, strict=True))
    assert same >= 0.98 * len(tune)


def test_a_few_nul_characters_and_a_mark_at_the_beginning_are_left_out_and_told(tmp_path):
    content = b"\xef\xbb\xbf" + "\n".join(words(300)).encode() + b"\nab\0c"
    data = open_data(written(tmp_path / "odd.txt", content[3:]))
    assert data.raw.samples[-1] == "abc"
    assert any("control characters" in note for note in data.notes)
    marked = open_data(written(tmp_path / "marked.txt", content))
    assert marked.raw.samples == data.raw.samples
    assert any("byte order mark" in note for note in marked.notes)


def test_a_record_that_is_broken_or_lacks_its_text_is_left_out_and_told(tmp_path):
    lines = [json.dumps({"text": word} if i % 5 else {"id": i}) for i, word in enumerate(words(400))]
    lines[17] = '{"text": "ab'
    data = open_data(written(tmp_path / "said.jsonl", "\n".join(lines).encode()))
    assert len(data.raw.samples) == 319
    told = " ".join(data.notes)
    assert "80 of 399 records have no text" in told
    assert "left out: 1 in all, line 18" in told


def test_a_list_in_one_line_is_as_many_records(tmp_path):
    path = written(tmp_path / "list.jsonl", json.dumps([{"text": word} for word in words(30)]).encode())
    assert open_data(path).raw.samples == words(30)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.jsonl", b'{"text": "a"}\n{"text": "b\n' * 30, "line 2 is no JSON"),
        ("cut.txt.gz", b"", "ended before"),
        ("binary.txt", bytes(range(256)) * 20, "binary"),
        ("blank.txt", b"\n \n" * 200, "holds no text"),
        ("control.txt", b"\x01\x02" * 2000, "holds no text"),
        ("none.jsonl", b'{"id": 1}\n' * 30, "has no field 'text'"),
    ],
)
def test_a_file_that_holds_no_texts_is_refused_in_one_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content or gzip.compress("\n".join(words(400)).encode())[:-20])
    with pytest.raises(DataError, match=said) as caught:
        open_data(path, kind="text")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_one_very_long_line_is_one_long_text(tmp_path):
    data = open_data(written(tmp_path / "line.txt", " ".join(words(60_000)).encode()))
    assert data.codec.spec.stream
    assert data.codec.spec.length == 256
