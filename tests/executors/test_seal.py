"""Messages that only the holder of the key can make."""

import os
import pickle

import pytest

from autogen.executors.seal import ForeignMessageError, Seal

KEY = b"the key of a study"


class Traps:
    """Makes a folder where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_message_arrives_as_it_was_sent():
    assert Seal(KEY).unpack(Seal(KEY).pack({"a": (1, None)})) == {"a": (1, None)}


@pytest.mark.parametrize(
    "forged",
    [
        pickle.dumps,
        lambda message: bytes(32) + pickle.dumps(message),
        Seal(b"another key").pack,
        Seal(b"").pack,
        lambda message: Seal(KEY).pack(None)[:32] + pickle.dumps(message),
    ],
    ids=["unsigned", "zeros", "another key", "no key", "the signature of another message"],
)
def test_a_message_of_somebody_else_is_not_unpickled(tmp_path, forged):
    with pytest.raises(ForeignMessageError, match="without the key of this study"):
        Seal(KEY).unpack(forged(Traps(tmp_path / "run")))
    assert list(tmp_path.iterdir()) == []
    Seal(KEY).unpack(Seal(KEY).pack(Traps(tmp_path / "run")))
    assert (tmp_path / "run").exists()


@pytest.mark.parametrize("content", [b"", b"short"])
def test_what_is_too_short_is_refused(content):
    with pytest.raises(ForeignMessageError):
        Seal(KEY).unpack(content)
