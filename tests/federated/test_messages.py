"""Messages: what goes in comes out, and what is damaged or too large is one line."""

import pytest
import torch

from autogen.errors import RunError
from autogen.federated.messages import Message, pack, unpack


def message():
    tensors = {"weights.a": torch.arange(6.0).reshape(2, 3), "weights.step": torch.tensor(3.0)}
    return Message("train", {"round": 2, "name": "Köln"}, tensors)


def test_a_message_comes_back():
    back = unpack(pack(message()))
    assert (back.act, back.about) == ("train", {"round": 2, "name": "Köln"})
    assert all(torch.equal(back.tensors[name], one) for name, one in message().tensors.items())


def test_a_message_without_tensors_comes_back():
    assert unpack(pack(Message("sketch", {"a": [1, None]}))) == Message("sketch", {"a": [1, None]})


@pytest.mark.parametrize("place", [9, 60, -1, -20])
def test_a_changed_byte_is_noticed(place):
    data = bytearray(pack(message()))
    data[place] ^= 1
    with pytest.raises(RunError, match="a message is damaged"):
        unpack(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\x00" * 8, b"\xff" * 40, b'{"a": 1}', b"\x02" + b"\x00" * 7 + b"[]"])
def test_what_is_no_message_is_one_line(data):
    with pytest.raises(RunError, match=r"\Aa message is damaged: [^\n]*\Z"):
        unpack(data)


def test_a_message_that_is_too_large_is_not_parsed():
    with pytest.raises(RunError, match="is larger than the 100 that are expected"):
        unpack(pack(message()), most=100)


def test_nan_cannot_be_said_in_values():
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack(Message("score", {"gain": float("nan")}))
