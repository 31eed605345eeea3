"""Every built-in kind of data keeps the contract."""

import numpy as np
import pytest

from autogen.data.images.kind import Images
from autogen.data.music.kind import Music
from autogen.data.open import open_data
from autogen.data.tables.kind import Tables
from autogen.data.texts.kind import Texts
from autogen.registry import names
from autogen.testing.data import DataKindContract
from tests.data.makers import image_folder, people, write_csv
from tests.data.music.makers import chorales, midi_folder, tunes
from tests.data.texts.makers import words


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return image_folder(tmp_path_factory.mktemp("images") / "all", n=510)


@pytest.fixture(scope="module")
def csv_file(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("tables"), people())


@pytest.fixture(scope="module")
def midis(tmp_path_factory):
    return midi_folder(tmp_path_factory.mktemp("music") / "all", n=520)


@pytest.fixture(scope="module")
def chorale_file(tmp_path_factory):
    return chorales(tmp_path_factory.mktemp("chorales") / "data.json.gz", {"all": 520})


class SharedModule(DataKindContract):
    """A source is made and opened once for all tests of a class."""

    @pytest.fixture(scope="class")
    @classmethod
    def module(cls, kind, source):
        return open_data(source, kind=kind.name)


class TestImageArrays(SharedModule):
    @pytest.fixture(scope="class")
    @classmethod
    def kind(cls):
        return Images()

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls):
        return np.random.default_rng(0).integers(0, 200, (600, 9, 12, 3), dtype=np.uint8)

    @pytest.fixture
    def bad_sources(self, tmp_path):
        np.savez(tmp_path / "flat.npz", x=np.zeros((600, 64), np.uint8))
        np.savez(tmp_path / "objects.npz", x=np.array([{}], dtype=object))
        (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04 and no more")
        (tmp_path / "damaged.zip").write_bytes(b"no zip")
        (tmp_path / "empty.npz").write_bytes(b"")
        (tmp_path / "nothing").mkdir()
        image_folder(tmp_path / "one", n=1)
        found = ("flat.npz", "objects.npz", "damaged.npz", "damaged.zip", "empty.npz", "nothing", "one")
        return [tmp_path / name for name in (*found, "missing.npz", "missing")]


class TestImageFolder(TestImageArrays):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, folder):
        return folder


class TestTables(SharedModule):
    @pytest.fixture(scope="class")
    @classmethod
    def kind(cls):
        return Tables()

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls):
        return people()

    @pytest.fixture
    def bad_sources(self, tmp_path):
        contents = {
            "empty.csv": b"",
            "blank.csv": b"\n\n  \n",
            "header.csv": b"a,b\n",
            "one_row.csv": b"a,b\n1,2\n",
            "binary.csv": b"\x00\x01\x02",
            "damaged.csv.gz": b"\x1f\x8b\x08 and no more",
            "damaged.parquet": b"PAR1 and no more",
            "ragged.csv": b"a,b\n" + b"1,2,3,4\n" * 60,
        }
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return [tmp_path / name for name in (*contents, "missing.csv")]


class TestTextTables(TestTables):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, csv_file):
        return csv_file


class TestTexts(SharedModule):
    @pytest.fixture(scope="class")
    @classmethod
    def kind(cls):
        return Texts()

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls):
        return words(600)

    @pytest.fixture
    def bad_sources(self, tmp_path):
        contents = {
            "empty.txt": b"",
            "blank.txt": b"\n\n  \n",
            "short.txt": b"too little text",
            "binary.txt": b"\x00\x01\x02",
            "damaged.txt.gz": b"\x1f\x8b\x08 and no more",
            "damaged.jsonl": b'{"text": "a"}\n{"text": ',
            "fieldless.jsonl": b'{"a": "x", "b": "y"}\n' * 60,
            "numbers.jsonl": b'{"text": 3}\n' * 60,
        }
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return [tmp_path / name for name in (*contents, "missing.txt")]


class TestTextFile(TestTexts):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, tmp_path_factory):
        path = tmp_path_factory.mktemp("texts") / "words.txt"
        path.write_text("\n".join(words(600)) + "\n", encoding="utf-8")
        return path


class TestLongText(TestTexts):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, tmp_path_factory):
        path = tmp_path_factory.mktemp("texts") / "long.txt"
        path.write_text("\n\n".join(words(4000)) + "\n", encoding="utf-8")
        return path


class TestMusic(SharedModule):
    @pytest.fixture(scope="class")
    @classmethod
    def kind(cls):
        return Music()

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, midis):
        return midis

    @pytest.fixture
    def bad_sources(self, tmp_path):
        contents = {
            "empty.mid": b"",
            "other.mid": b"no MIDI",
            "cut.mid": b"MThd\x00\x00\x00\x06\x00\x01",
            "silent.abc": b"X:1\nK:C\nz4 z4|\n",
            "keyless.abc": b"some text\n",
            "damaged.json": b'{"train": [[[60',
            "words.json": b'{"train": ["a"]}',
            "high.json": b'{"train": [[[300]]]}',
            "silent.json": b'{"train": [[[-1]]]}',
            "damaged.mat": b"MATLAB 5.0 and no more",
            "damaged.json.gz": b"\x1f\x8b\x08 and no more",
            "damaged.zip": b"no zip",
        }
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        (tmp_path / "nothing").mkdir()
        midi_folder(tmp_path / "few", n=3)
        return [tmp_path / name for name in (*contents, "nothing", "few", "missing.mid")]


class TestPieces(TestMusic):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls):
        return tunes(520)


class TestChorales(TestMusic):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, chorale_file):
        return chorale_file


def test_every_registered_kind_is_checked():
    assert {Images.name, Music.name, Tables.name, Texts.name} == set(names("data"))
