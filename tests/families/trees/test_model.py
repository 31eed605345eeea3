"""What is drawn follows the stated probabilities, and these add up to one."""

import numpy as np
import pytest
import torch

from autogen.families.trees.model import TreeModel, encoded, scale_of
from autogen.families.trees.walks import leaves, pool_without_missing, probabilities
from autogen.training.noise import KeyedNoise
from tests.families.trees.makers import MIXED, TINY, every_row, mixed_rows, model_of, program, tiny_rows

ORDERS = ("given", "reversed", "information")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("backoff", [0.1, 5.0])
def test_the_likelihoods_of_all_rows_of_a_tiny_table_add_up_to_one(order, backoff):
    model = model_of(TINY, tiny_rows(), order=order, backoff=backoff)
    assert float(model.log_likelihood(every_row(TINY)).exp().sum()) == pytest.approx(1, abs=1e-12)


def test_rows_are_drawn_as_often_as_their_likelihood_says():
    model, n = model_of(TINY, tiny_rows(), backoff=5.0), 200_000
    codes = encoded(model.draw(n, KeyedNoise(0)))["codes"]
    rows = every_row(TINY)
    expected = model.log_likelihood(rows).exp().numpy()
    found = np.array([(codes == row).all(1).double().mean() for row in rows["codes"]])
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(found - expected) < 4.5 * error).all()


@pytest.mark.parametrize("parts", [1, 4])
def test_the_density_of_a_continuous_column_integrates_to_one(parts):
    model = model_of(MIXED, mixed_rows(), parts=parts, order="reversed")
    draw = np.random.default_rng(0)
    kind = np.full(40_000, 2)
    scale = np.stack([11 * draw.random(40_000), kind + 0.5, np.full(40_000, 0.5)], 1)
    special = scale[:, 0] < 1
    scale[special, 0] = 0.5
    nats = model.log_likelihood(encoded(torch.from_numpy(scale))).numpy()
    of_kind = model.log_likelihood(encoded(torch.from_numpy(scale[:1])))  # the same for all but the first
    assert np.isfinite(nats).all()
    regular = np.exp(nats[~special]).mean() * 10  # its interval is 10 long, a special code counts whole
    same_kind = regular + np.exp(nats[special][0])
    only_kind = _probability_of_kind(model, 2)
    assert same_kind == pytest.approx(only_kind, rel=0.05)
    assert len(of_kind) == 1


def _probability_of_kind(model: TreeModel, kind: int) -> float:
    forest = model.forest(1)
    table = probabilities(forest, model.backoff, torch.tensor([kind]))
    return float(table[forest.roots].mean())


def test_a_code_that_no_row_had_has_finite_nats():
    rows = tiny_rows()
    rows["codes"][:, 2] = 0
    model = model_of(TINY, rows)
    nats = model.log_likelihood(every_row(TINY))
    assert bool(nats.isfinite().all())
    assert float(nats[1::2].exp().sum()) < 0.01  # odd rows have the code 1


def test_what_nodes_above_say_is_blended_in_by_their_rows():
    model = model_of(TINY, tiny_rows(), steps=1, backoff=3.0, order="given")
    forest, table = model.forest(1), probabilities(model.forest(1), 3.0, torch.arange(4))
    nodes = forest.nodes
    for node in range(len(forest.feature)):
        first, count = int(nodes.first[node]), int(nodes.rows[node])
        counts = np.bincount(forest.cells[first : first + count], minlength=4)
        above = np.full(4, 0.25) if nodes.parent[node] < 0 else table[nodes.parent[node]].numpy()
        assert table[node].numpy() == pytest.approx((counts + 3 * above) / (count + 3))


def test_rows_drawn_without_missing_cells_follow_the_rest_of_the_distribution():
    model = model_of(TINY, tiny_rows(), steps=1, backoff=5.0, order="given")
    forest = model.forest(1)
    pool, chance = pool_without_missing(forest, 5.0)
    scale = torch.zeros(100_000, 3, dtype=torch.float64) + 1.5
    leaf = leaves(forest, model.features(1, scale), torch.zeros(100_000, dtype=torch.int64))
    from autogen.families.trees.walks import drawn

    found = torch.bincount(drawn(forest, pool, leaf, KeyedNoise(0)), minlength=4) / 100_000
    table = probabilities(forest, 5.0, torch.arange(4))[leaf[0]]
    assert found[0] == 0
    assert float(chance[leaf[0]]) == pytest.approx(float(1 - table[0]))
    assert found[1:].numpy() == pytest.approx((table[1:] / (1 - table[0])).numpy(), abs=0.006)


def test_encoding_and_scale_are_inverse():
    rows = {name: torch.from_numpy(array) for name, array in mixed_rows().items()}
    again = encoded(scale_of(rows))
    assert torch.equal(again["codes"], rows["codes"])
    assert torch.equal(again["positions"], rows["positions"])


def test_a_model_without_trees_takes_all_codes_for_equally_likely():
    model = model_of(TINY, tiny_rows(), steps=0)
    assert model.log_likelihood(every_row(TINY)).exp().numpy() == pytest.approx(np.full(24, 1 / 24))
    codes = encoded(model.draw(6000, KeyedNoise(0)))["codes"]
    assert (torch.bincount(codes[:, 1]) / 6000).numpy() == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_a_damaged_tree_is_refused():
    made = program(TINY, tiny_rows())
    state = made.weights()
    fresh = program(TINY, tiny_rows(), steps=0).average
    damages = {
        "right": ("a child that is not there", lambda tensor: tensor * 0 + 10_000),
        "cells": ("a cell that is not there", lambda tensor: tensor + 50),
        "rows": ("rows that are not there", lambda tensor: tensor * 0),
        "first": ("do not share the rows out", lambda tensor: tensor * 0),
        "roots": ("a root", lambda tensor: tensor - 1),
        "threshold": ("not finite", lambda tensor: tensor * torch.nan),
        "low": ("not in order", lambda tensor: -tensor),
        "feature": ("a column that is not there", lambda tensor: tensor + 5),
    }
    for name, (words, damage) in damages.items():
        with pytest.raises(RuntimeError, match=words):
            fresh.load_state_dict(state | {f"forests.2.{name}": damage(state[f"forests.2.{name}"])})
    with pytest.raises(RuntimeError, match="no order of the columns"):
        fresh.load_state_dict(state | {"order": state["order"] * 0})
    with pytest.raises(RuntimeError):
        fresh.load_state_dict(state | {"forests.2.ranks": state["forests.2.ranks"][:-1]})
    fresh.load_state_dict(state)
