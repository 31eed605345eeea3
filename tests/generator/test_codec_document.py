"""Whatever a data.json holds, it is refused in one line or loaded, without taking memory or time for it."""

import copy
import json
import os
import random
import signal
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import RunError, UserError
from autogen.generator.codec_document import check_document
from autogen.generator.generator import read_codec, write_codec
from tests.data.makers import image_folder, people
from tests.data.music.makers import midi_folder
from tests.data.texts.makers import words

VALUES = (-1, 0, 1_000_000_000, 1e300, "a", None, [], {}, float("nan"))
FRAMES = {"representation": "frames"}
#: Processor time, since a busy machine may give a test little of it, and memory.
SECONDS, BYTES = 2, 200 * 2**20


def _table(folder):
    frame = people(200)
    frame["key"] = [f"K{number:05d}" for number in range(len(frame))]
    frame["twice"] = frame.select_dtypes("number").iloc[:, 0] * 2 + 1
    frame["region"] = frame["city"].str[:1]
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(frame)) % 50, unit="D")
    frame["price"] = [f"${number % 17},000.50" for number in range(len(frame))]
    frame.to_csv(folder / "people.csv", index=False)
    first = frame.select_dtypes("number").columns[0]
    return open_data(folder / "people.csv", options={"rules": [f"{first} <= twice", "city -> region"]})


def _texts(folder, **how):
    (folder / "words.txt").write_text("\n".join(words(300)))
    return open_data(folder / "words.txt", **how)


MODULES = {
    "table": _table,
    "images": lambda folder: open_data(image_folder(folder / "images", 40)),
    "texts": _texts,
    "byte pairs": lambda folder: _texts(folder, options={"tokens": "bpe"}),
    "notes": lambda folder: open_data(midi_folder(folder / "midi", 25)),
    "frames": lambda folder: open_data(
        midi_folder(folder / "midi", 25), options={"representation": "frames"}
    ),
}


@pytest.fixture(params=MODULES, scope="module")
def document(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    codec = MODULES[request.param](folder).codec
    write_codec(folder / "model", codec)
    return json.loads((folder / "model/data.json").read_text())


def places(value, path=()):
    """Places of a document; of a list its first and last entry stand for all."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        ends = sorted({0, len(value) - 1}) if value else ()
        for number in range(len(value)) if any(isinstance(one, dict) for one in value) else ends:
            yield from places(value[number], (*path, number))


def replaced(document, path, value):
    changed = copy.deepcopy(document)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def tried(document):
    """Some changes of a document, other ones for each entry's value; all with AUTOGEN_TEST_VARIANTS=1."""
    found = [(place, value) for place in list(places(document))[1:] for value in VALUES]
    random.Random(0).shuffle(found)
    return found if os.environ.get("AUTOGEN_TEST_VARIANTS") == "1" else found[:60]


class Late(BaseException):
    """Loading takes too long."""


def late(*_):
    raise Late


def test_a_sound_codec_is_loaded_and_writes_the_same_document(document, tmp_path):
    (tmp_path / "data.json").write_text(json.dumps(document))
    assert json.loads(json.dumps(read_codec(tmp_path / "data.json").to_json())) == document["codec"]


@pytest.mark.slow
def test_no_value_anywhere_takes_memory_or_raises_an_error_of_another_class(document, tmp_path):
    path, wrong, refused = tmp_path / "data.json", [], 0
    before = signal.signal(signal.SIGPROF, late)
    tracemalloc.start()
    try:
        for place, value in tried(document):
            path.write_text(json.dumps(replaced(document, place, value)))
            tracemalloc.reset_peak()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                read_codec(path)
            except UserError as error:
                refused += 1
                wrong += [(place, value, str(error))] * ("\n" in str(error))
            except BaseException as error:
                wrong.append((place, value, repr(error)))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            wrong += [(place, value, "memory")] * (tracemalloc.get_traced_memory()[1] > BYTES)
    finally:
        tracemalloc.stop()
        signal.signal(signal.SIGPROF, before)
    assert wrong == []
    assert refused > 20


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("interval", [0, 10**9]),
        ("interval", [1, 2]),
        ("lattice", [0, 0, 2]),
        ("mass", [5, 5, 5]),
        ("mass", [0, 5]),
        ("low", [0.0, float("nan")]),
    ],
)
def test_bins_that_no_column_has_are_named_before_memory_is_taken(entry, value):
    bins = {"low": [0.0, 1.0], "high": [1.0, 2.0], "mass": [5, 5], "interval": [0, 1], "lattice": None}
    check_document({"columns": [{"intervals": bins}]})
    with pytest.raises(RunError, match=rf"columns\[0\].intervals.{entry}"):
        check_document({"columns": [{"intervals": bins | {entry: value}}]})


def test_a_column_may_have_the_name_of_an_entry():
    check_document({"makers": {"height": {"maker": "plain", "counts": [1]}}})
