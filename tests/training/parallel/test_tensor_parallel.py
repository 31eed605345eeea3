"""A transformer whose matrices two ranks share has the losses, samples and checkpoints of one process."""

import numpy as np
import pytest

from autogen.errors import SpaceError
from tests.training.parallel.partner import STEPS, Case, digest

NET = {"width": 64, "depth": 2, "heads": 4}
TENSOR = {"parallel": "tensor", "clip": 0.5, "ema": 0.9, "optimizer": "adamw"}

CASES = [
    Case("autoregressive", "notes", NET, TENSOR),
    Case("autoregressive", "frames", NET, TENSOR),
    Case("autoregressive", "table", NET, TENSOR),
    Case("autoregressive", "grey", NET | {"width": 32, "patch": 2}, TENSOR),
    Case("flow", "notes", NET, TENSOR | {"dropout": 0.2}),
    Case("flow", "grey", NET, TENSOR | {"distill": 0.5}),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_split_blocks_train_and_sample_as_whole_ones(case, second):
    group, pipe = second
    alone, together = [], []
    single = case.program(losses=alone)
    single.advance(STEPS)
    group.losses = []
    pipe.send(case)
    program = case.program(group, losses=together)
    program.advance(STEPS)
    drawn = program.sample(8, 0)
    mine = digest(program)  # all ranks give their parts
    assert pipe.recv() == mine
    assert np.abs(np.subtract(together, alone)).max() <= 1e-5 * max(1, np.abs(alone).max())
    state, whole = program.state(), single.state()
    assert {name: tensor.shape for name, tensor in state.items()} == {
        name: tensor.shape for name, tensor in whole.items()
    }
    program.restore(whole, STEPS)
    single.restore(state, STEPS)  # a checkpoint of two ranks continues on one
    again = single.sample(8, 0)
    assert all(np.allclose(drawn[name], again[name], atol=1e-4) for name in drawn)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case("vae", "table", {}, {"parallel": "tensor"}), "this model has none"),
        (
            Case("autoregressive", "notes", {**NET, "heads": 1}, TENSOR),
            "deals heads evenly: 1 do not go to 2",
        ),
        (Case("autoregressive", "notes", NET, TENSOR | {"optimizer": "muon"}), "muon needs whole matrices"),
        (Case("autoregressive", "notes", NET, {"parallel": "both"}), "must be data or tensor, not 'both'"),
    ],
    ids=["no blocks", "one head", "muon", "unknown"],
)
def test_what_cannot_be_split_is_refused_on_all_ranks(case, message, second):
    group, pipe = second
    pipe.send(case)
    with pytest.raises(SpaceError, match=message):
        case.program(group)
    assert message in pipe.recv()


@pytest.mark.slow
def test_each_rank_holds_about_half_of_the_bytes(second):
    group, pipe = second
    case = Case("autoregressive", "notes", {"width": 128, "depth": 3, "heads": 4}, {"parallel": "tensor"})
    pipe.send(case)
    program = case.program(group)
    held, whole = held_bytes(program), held_bytes(case.program())
    program.advance(STEPS)
    program.sample(8, 0)
    mine = digest(program)  # all ranks give their parts
    assert pipe.recv() == mine
    program.state()
    assert held <= 0.55 * whole


def held_bytes(program) -> int:
    """Bytes of parameters and of what optimizers and averages keep for them."""
    optimizers = [t for phase in program._phases for _, _, t in phase.optimizer_state()]
    tensors = [*program.model.parameters(), *program.average.parameters(), *optimizers]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
