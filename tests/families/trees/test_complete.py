"""Conditions on any columns: as brute force says on a tiny table, exact cells, work that is bounded."""

import numpy as np
import pytest
import torch

from autogen.families.trees.complete import complete
from autogen.training.noise import KeyedNoise
from tests.families.trees.makers import MIXED, TINY, every_row, mixed_rows, model_of, tiny_rows


@pytest.fixture(scope="module", params=["given", "reversed"])
def model(request):
    return model_of(TINY, tiny_rows(), backoff=2.0, order=request.param)


def given_of(codes, known, n, present=(False, False, False)):
    rows = torch.tensor([codes] * n)
    return {
        "codes": rows,
        "positions": torch.full(rows.shape, 0.5),
        "known": torch.tensor([known] * n),
        "present": torch.tensor(present),
    }


CONDITIONS = [
    ({0: 1}, (False, False, False)),
    ({1: 3}, (False, False, False)),
    ({2: 0}, (False, False, False)),
    ({1: 2, 2: 1}, (False, False, False)),
    ({0: 2, 2: 0}, (False, True, False)),
    ({2: 1}, (False, True, False)),
    ({}, (False, True, False)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("known", "present"), CONDITIONS)
def test_completed_rows_follow_the_conditional_distribution(model, known, present):
    """The conditional probability of every row of a tiny table, by enumeration."""
    rows = every_row(TINY)["codes"]
    joint = model.log_likelihood(every_row(TINY)).exp()
    keeps = torch.ones(len(rows), dtype=torch.bool)
    for column, code in known.items():
        keeps &= rows[:, column] == code
    for column, must in enumerate(present):
        if must and column not in known:
            keeps &= rows[:, column] > 0
    expected = (joint * keeps / (joint * keeps).sum()).numpy()
    n = 4000
    codes = [known.get(column, 0) for column in range(3)]
    given = given_of(codes, [column in known for column in range(3)], n, present)
    found = np.zeros(len(rows))
    for seed in range(10):
        made = complete(model, given, KeyedNoise(seed))["codes"]
        found += np.array([(made == row).all(1).sum() for row in rows]) / (10 * n)
    assert np.abs(found - expected).max() < 0.012
    assert found[~keeps.numpy()].sum() == 0


def test_rejection_and_weighting_draw_alike(model):
    """Freely drawn rows that happen to keep to a condition, against rows completed under it."""
    free = model.draw(60_000, KeyedNoise(0)).floor().long()
    kept = free[free[:, 2] == 1]
    made = complete(model, given_of([0, 0, 1], [False, False, True], 8000), KeyedNoise(1))["codes"]
    for column, levels in ((0, 3), (1, 4)):
        shares = [torch.bincount(rows[:, column], minlength=levels) / len(rows) for rows in (kept, made)]
        assert (shares[0] - shares[1]).abs().max() < 0.02


def test_rows_that_differ_in_what_is_known_are_each_completed(model):
    rows = tiny_rows(200, seed=5)
    known = torch.from_numpy(np.random.default_rng(0).random((200, 3)) < 0.5)
    given = {name: torch.from_numpy(array) for name, array in rows.items()}
    given |= {"known": known, "present": torch.tensor([False, True, False])}
    made = complete(model, given, KeyedNoise(0))
    assert torch.equal(made["codes"][known], given["codes"][known])
    assert bool((made["codes"][:, 1][~known[:, 1]] > 0).all())
    again = complete(model, given, KeyedNoise(0))
    assert torch.equal(made["codes"], again["codes"])


def test_known_numbers_stay_as_exact_as_they_were_given():
    model = model_of(MIXED, mixed_rows(), order="reversed")
    given = {name: torch.from_numpy(array) for name, array in mixed_rows(50, seed=3).items()}
    known = torch.zeros(50, 3, dtype=torch.bool)
    known[:, 0] = True
    made = complete(
        model, given | {"known": known, "present": torch.zeros(3, dtype=torch.bool)}, KeyedNoise(0)
    )
    assert torch.equal(made["positions"][:, 0], given["positions"][:, 0])
    assert torch.equal(made["codes"][:, 0], given["codes"][:, 0])


def test_what_comes_later_in_the_order_decides_what_comes_before():
    model = model_of(MIXED, mixed_rows(2000), order="given")
    for kind in range(3):
        given = given_of([0, kind, 0], [False, True, False], 500)
        x = complete(model, given, KeyedNoise(0))["codes"][:, 0]
        assert float((x % 3 == kind).double().mean()) > 0.9


def test_a_condition_that_next_to_no_row_meets_is_met_all_the_same():
    rows = tiny_rows()
    rows["codes"][:, 2] = 0
    made = complete(model_of(TINY, rows), given_of([0, 0, 1], [False, False, True], 100), KeyedNoise(0))
    assert bool((made["codes"][:, 2] == 1).all())


def test_columns_that_can_only_be_missing_stay_missing():
    given = given_of([0, 0, 0], [False, True, False], 5, present=(False, False, True))
    made = complete(model_of(MIXED, mixed_rows()), given, KeyedNoise(0))
    assert bool((made["codes"][:, 2] == 0).all())
