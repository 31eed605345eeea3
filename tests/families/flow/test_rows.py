"""Flows of table rows: what they learn, and cells that are given."""

import numpy as np
import pytest
import torch

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.errors import UserError
from autogen.families.base import parse_config
from autogen.families.flow.flow import Flow
from autogen.training.lookup import program_for
from autogen.training.noise import KeyedNoise
from autogen.training.solo import settings_of

SIZE = ColumnSpec("size", 11, specials=1, ordered=True, continuous=True)
SPEC = TableSpec((ColumnSpec("kind", 3), SIZE, ColumnSpec("b", 3)))


@pytest.fixture(scope="module")
def program():
    """A table in which ``b`` repeats ``kind``, and sizes are small for kind 1, large for 2, missing for 0."""
    rng = np.random.default_rng(0)
    kind = rng.integers(3, size=600)
    size = np.where(kind == 0, 0, 1 + 5 * (kind == 2) + rng.integers(5, size=600))
    codes = np.stack([kind, size, kind], 1)
    positions = np.where([False, True, False], rng.random((600, 3)), 0.5).astype(np.float32)
    config = {"family": "flow", "model.width": 64, "model.depth": 2, "model.sampling_steps": 12}
    config |= {"training.steps": 300, "training.lr": 5e-3, "training.ema": 0.98}
    made = program_for(
        Flow(), parse_config(Flow(), config), SPEC, {"codes": codes, "positions": positions}, 0
    )
    made.advance(300)
    made.weights()
    return made


def fits(codes):
    """Share of rows (N, 3) in which all columns belong together."""
    kind, size, b = codes.T
    right = np.where(kind == 0, size == 0, np.where(kind == 1, (size > 0) & (size < 6), size > 5))
    return np.mean(right & (kind == b))


@pytest.mark.slow
def test_columns_belong_together_and_are_as_frequent_as_in_training(program):
    codes = program.sample(600, 0)["codes"]
    assert fits(codes) > 0.9
    assert np.abs(np.bincount(codes[:, 0], minlength=3) / 600 - 1 / 3).max() < 0.1


@pytest.mark.slow
def test_known_cells_are_kept_and_steer_the_others(program):
    given = {
        "codes": torch.tensor([[1, 0, 0]] * 100 + [[0, 9, 0]] * 100),
        "positions": torch.full((200, 3), 0.25),
        "known": torch.tensor([[True, False, False]] * 100 + [[False, True, False]] * 100),
        "present": torch.tensor([False, False, False]),
    }
    drawn = Flow().complete(program.average, given, KeyedNoise(3))
    for name in ("codes", "positions"):
        assert torch.equal(drawn[name][given["known"]], given[name][given["known"]])
    assert fits(drawn["codes"].numpy()) > 0.8


@pytest.mark.slow
def test_no_missing_cell_is_drawn_where_none_may_be(program):
    given = {
        "codes": torch.zeros(200, 3, dtype=torch.int64),
        "positions": torch.full((200, 3), 0.5),
        "known": torch.zeros(200, 3, dtype=torch.bool),
        "present": torch.tensor([False, True, False]),
    }
    assert (Flow().complete(program.average, given, KeyedNoise(3))["codes"][:, 1] > 0).all()


@pytest.mark.slow
def test_rows_have_no_likelihood(program):
    with pytest.raises(UserError, match="no likelihood"):
        Flow().log_likelihood(program.average, {}, KeyedNoise(0))


def test_transport_leaves_noise_independent_of_known_cells():
    spec = TableSpec(tuple(ColumnSpec(name, 10, ordered=True, continuous=True) for name in "ab"))
    config = parse_config(Flow(), {"family": "flow", "model.width": 8, "model.transport": True})
    model, codes = Flow().build(config, spec), torch.arange(500)[:, None].expand(-1, 2) % 10
    batch = {"codes": codes, "positions": torch.full((500, 2), 0.5)}
    seen = []
    model.enter.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    scalars = settings_of(config.training) | {"time_mean": -100.0, "known": 0.8}  # at time 0: noise alone
    model.loss(batch, KeyedNoise(0), scalars)
    known = seen[0][:, -2:]
    starts, ends = seen[0][:, model.layout.width : -2], model.numbers(batch)[:, model.layout.width :]

    def agreement(rows):
        return float(torch.corrcoef(torch.stack([starts[rows, 0], ends[rows, 1]]))[0, 1])

    assert abs(agreement((known[:, 0] == 0) & (known[:, 1] == 1))) < 0.3
    assert agreement(~known.any(1)) > 0.5
