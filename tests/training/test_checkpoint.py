"""Checkpoints: training continues bit for bit, files are whole or refused in one line."""

import json
import struct

import pytest
import torch
from safetensors.torch import load_file

from autogen.errors import RunError
from autogen.training.checkpoint import (
    TimeSpent,
    load_weights,
    read_tensors,
    restore_program,
    save_program,
    write_tensors,
)
from autogen.training.solo import SoloProgram
from tests.training.toys import SPEC, Toy, toy_config, toy_data


def program(**settings):
    return SoloProgram(Toy(), toy_config(**settings), SPEC, toy_data(), 1)


@pytest.mark.parametrize("ema", [0.0, 0.95])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "adagrad", "rmsprop", "muon"])
def test_a_resumed_program_continues_bit_for_bit(tmp_path, optimizer, ema):
    settings = {
        "optimizer": optimizer,
        "ema": ema,
        "weight_decay": 0.01,
        "schedule": "cosine",
        "warmup": 0.2,
        "clip": 0.5,
    }
    straight = program(**settings)
    straight.advance(40)
    first = program(**settings)
    first.advance(20)
    first.sample(7, seed=3)
    save_program(tmp_path / "c.safetensors", first, TimeSpent(1.5, 0.5))
    second = program(**settings)
    assert restore_program(tmp_path / "c.safetensors", second) == TimeSpent(1.5, 0.5)
    second.advance(40)
    a, b = straight.state(), second.state()
    assert a.keys() == b.keys()
    assert [name for name in a if not torch.equal(a[name], b[name])] == []
    assert (straight.sample(9, 0)["positions"] == second.sample(9, 0)["positions"]).all()


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path):
    path = tmp_path / "c.safetensors"
    save_program(path, program(hidden=4), TimeSpent())
    with pytest.raises(RunError, match="no checkpoint of this config"):
        restore_program(path, program(hidden=8))


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "c.safetensors"
    write_tensors(path, {"x": torch.ones(2)}, {})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("autogen.training.checkpoint.copyfileobj", full)
    with pytest.raises(RunError, match=r"cannot write .*No space left on device"):
        write_tensors(path, {"x": torch.zeros(2)}, {})
    assert read_tensors(path)[0]["x"].tolist() == [1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["c.safetensors"]


def test_a_file_has_every_type_and_shape_and_is_read_by_safetensors(tmp_path):
    path = tmp_path / "m.safetensors"
    types = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32]
    types += [torch.int16, torch.int8, torch.uint8, torch.bool]
    given = {str(one): torch.tensor([[0, 1, 1]]).to(one) for one in types}
    given |= {"number": torch.tensor(2.5), "none": torch.zeros(0, 4)}
    write_tensors(path, iter(given.items()), {})  # one at a time
    read = load_file(path)
    assert read.keys() == given.keys()
    assert all(torch.equal(read[name], one) and read[name].dtype == one.dtype for name, one in given.items())
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(2.5).expand(1),
        torch.tensor(2).expand(3, 2),
        torch.arange(6.0).reshape(2, 3).T,
        torch.ones(4)[::2],
    ],
    ids=["one expanded", "expanded", "transposed", "every second"],
)
def test_tensors_of_any_stride_come_back(tmp_path, tensor):
    write_tensors(tmp_path / "t.safetensors", {"a": tensor}, {})
    assert torch.equal(load_file(tmp_path / "t.safetensors")["a"], tensor)


def test_tied_weights_are_written_under_both_names(tmp_path):
    path = tmp_path / "m.safetensors"
    shared = torch.arange(6.0).reshape(2, 3)
    write_tensors(path, {"a": shared, "b": shared.T}, {"step": 3})
    tensors, about = read_tensors(path)
    assert torch.equal(tensors["a"].T, tensors["b"])
    assert about["step"] == 3


READERS = (read_tensors, lambda path: restore_program(path, program()))


def _header(**entries):
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"garbage, not a header at all", "is damaged"),
        (_header(), "was not written by autogen"),
        (_header(__metadata__={"autogen": "[]"}), "was not written by autogen"),
        (_header(__metadata__={"autogen": "{nope"}), "is damaged"),
        (_header(__metadata__={"autogen": '{"format": 99}'}), "newer autogen; upgrade"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    for read in READERS:
        with pytest.raises(RunError, match=message) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_a_torn_file_is_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    write_tensors(path, {"x": torch.ones(100)}, {})
    path.write_bytes(path.read_bytes()[:-40])
    for read in READERS:
        with pytest.raises(RunError, match="is damaged"):
            read(path)


@pytest.mark.parametrize(
    "place",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F33", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1]},
        7,
    ],
    ids=str,
)
def test_a_tensor_that_is_not_where_the_header_says_is_refused(tmp_path, place):
    path = tmp_path / "m.safetensors"
    path.write_bytes(_header(__metadata__={"autogen": '{"format": 1}'}, x=place) + bytes(4))
    for read in READERS:
        with pytest.raises(RunError, match="is damaged"):
            read(path)


def test_a_missing_file_is_named(tmp_path):
    for read in READERS:
        with pytest.raises(RunError, match=r"m\.safetensors does not exist"):
            read(tmp_path / "m.safetensors")


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    write_tensors(path, torch.nn.Linear(2, 3).state_dict(), {})
    with pytest.raises(RunError, match="another model"):
        load_weights(path, torch.nn.Linear(3, 3))
