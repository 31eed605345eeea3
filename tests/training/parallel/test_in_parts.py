"""A transformer that two ranks hold parts of has the losses, samples and checkpoints of one process."""

from dataclasses import replace

import numpy as np
import pytest

from autogen.errors import SpaceError
from tests.training.parallel.partner import MORE, STEPS, Case, digest, held_bytes, restored

NET = {"width": 64, "depth": 2, "heads": 4}
SMALL = NET | {"width": 32}
ADAMW = {"clip": 0.5, "ema": 0.9, "optimizer": "adamw"}
TENSOR, SHARD, PIPELINE = (ADAMW | {"parallel": name} for name in ("tensor", "shard", "pipeline"))

CASES = [
    Case("autoregressive", "notes", NET, TENSOR),
    Case("autoregressive", "frames", NET, TENSOR),
    Case("autoregressive", "table", NET, TENSOR),
    Case("autoregressive", "grey", SMALL | {"patch": 2}, TENSOR),
    Case("flow", "notes", NET, TENSOR | {"dropout": 0.2}),
    Case("flow", "grey", NET, TENSOR | {"distill": 0.5}),
    Case("autoregressive", "notes", SMALL, SHARD | {"batch_size": 15, "weight_decay": 0.1}),
    Case("autoregressive", "frames", SMALL, SHARD | {"ema": 0.0}),
    Case("autoregressive", "table", NET, SHARD | {"optimizer": "sgd", "shuffled": 0.5}),
    Case("autoregressive", "grey", SMALL | {"patch": 2}, SHARD),
    Case("flow", "notes", SMALL, SHARD | {"tokens": 180}),
    Case("flow", "grey", SMALL, SHARD | {"distill": 0.5}),
    Case("autoregressive", "notes", SMALL | {"depth": 3}, PIPELINE | {"weight_decay": 0.1}),
    Case("autoregressive", "frames", SMALL, PIPELINE | {"ema": 0.0}),
    Case("autoregressive", "table", NET, PIPELINE | {"optimizer": "muon"}),
    Case("autoregressive", "grey", SMALL | {"patch": 2}, PIPELINE | {"batch_size": 13}),
    Case("flow", "notes", SMALL, PIPELINE | {"tokens": 180}),
    Case("flow", "grey", SMALL, PIPELINE | {"class_dropout": 0.2}),
]

#: Most of whose numbers are in blocks, as they are in models that need parts.
LARGE = [
    Case("autoregressive", "notes", {"width": 128, "depth": 4, "heads": 4}, settings)
    for settings in (TENSOR, SHARD, PIPELINE)
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_parts_train_sample_and_continue_as_the_whole_does(case, second):
    group, pipe = second
    alone, together = [], []
    single = case.program(losses=alone)
    single.advance(STEPS)
    first = single.sample(8, 0)
    weights = {name: tensor.clone() for name, tensor in single.state().items()}
    single.advance(STEPS + MORE)
    group.losses = []
    pipe.send(case)
    tensor = case.training["parallel"] == "tensor"  # each rank has the loss of the whole batch
    program = case.program(group, losses=together if tensor else None)
    program.advance(STEPS)
    drawn = program.sample(8, 0)
    state = {name: tensor.clone() for name, tensor in program.state().items()}
    assert pipe.recv() == digest(program)  # what each rank has whole is the same bits
    assert {n: t.shape for n, t in state.items()} == {n: t.shape for n, t in weights.items()}
    restored(program, group, pipe, weights)  # a checkpoint of one process continues on two
    program.advance(STEPS + MORE)
    again = program.sample(8, 0)
    losses = together if tensor else group.losses
    assert len(losses) == len(alone) >= STEPS + MORE
    assert np.abs(np.subtract(losses, alone)).max() <= 1e-5 * max(1, np.abs(alone).max())
    assert all(np.allclose(drawn[name], first[name], atol=1e-4) for name in drawn)
    last = single.sample(8, 0)
    assert all(np.allclose(again[name], last[name], atol=1e-4) for name in again)
    one = case.program()
    one.restore(state, STEPS)  # a checkpoint of two ranks continues on one
    one.advance(STEPS + MORE)
    assert all(np.allclose(one.sample(8, 0)[name], last[name], atol=1e-4) for name in last)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case("vae", "table", {}, {"parallel": "tensor"}), "this model has none"),
        (Case("vae", "table", {}, {"parallel": "shard"}), "this model has none"),
        (Case("gan", "grey", {}, {"parallel": "pipeline"}), "this model has none"),
        (
            Case("autoregressive", "notes", {**NET, "heads": 1}, TENSOR),
            "deals heads evenly: 1 do not go to 2",
        ),
        (Case("autoregressive", "notes", NET, TENSOR | {"optimizer": "muon"}), "muon needs whole matrices"),
        (Case("autoregressive", "notes", NET, SHARD | {"optimizer": "muon"}), "muon needs whole matrices"),
        (Case("autoregressive", "notes", NET | {"depth": 1}, PIPELINE), "this one has 1 block; raise"),
        (Case("flow", "grey", NET, PIPELINE | {"distill": 0.5}), "needs a loss that runs the blocks once"),
        (
            Case("autoregressive", "notes", NET, {"parallel": "both"}),
            "must be one of data, shard, tensor, pipeline, not 'both'",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_shared_is_refused_on_all_ranks(case, message, second):
    group, pipe = second
    pipe.send(case)
    with pytest.raises(SpaceError, match=message):
        case.program(group).advance(STEPS)
    assert message in pipe.recv()


@pytest.mark.slow
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_each_rank_holds_about_half_of_the_bytes(case, second):
    group, pipe = second
    case = replace(case, steps=1)
    alone = case.program()
    pipe.send(case)
    program = case.program(group)
    program.advance(1)
    program.sample(8, 0)
    state = program.state()
    assert pipe.recv() == digest(program)
    restored(program, group, pipe, state)
    program.advance(1 + MORE)
    program.sample(8, 0)
    assert held_bytes(program) <= 0.55 * held_bytes(alone)
