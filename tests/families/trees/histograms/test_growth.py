"""Trees of counts: the same model however rows are split among owners; small groups are not told."""

import numpy as np
import pytest
import torch

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.trees.histograms.question import CODES, LEAVES, SPLITS
from autogen.training.noise import KeyedNoise
from autogen.training.solo import build_model
from autogen.training.worker.work import typed

SPEC = TableSpec(
    (
        ColumnSpec("a", 3),
        ColumnSpec("b", 40, 1, ordered=True, continuous=True),
        ColumnSpec("c", 20, ordered=True),
        ColumnSpec("d", 15),
    ),
    target=0,
)


def rows(count=1500, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 3, count)
    b = np.clip(a * 10 + rng.integers(0, 15, count), 0, 39)
    c = np.clip(b // 3 + rng.integers(0, 6, count), 0, 19)
    return np.stack([a, b, c, a * 5 + rng.integers(0, 5, count)], 1)


def grown(parts, least=1, **settings):
    """Grow a model from parts of the rows; return it with all questions and answers."""
    family, config = typed({"family": "trees", "training.steps": 2, **settings})
    model, said = build_model(family, config, SPEC, 0), []
    for step in range(2):
        growth = family.growing(model, config, step, 7)
        question = next(growth)
        while question is not None:
            answers = [
                family.counts(config, SPEC, {"codes": part}, question, least=least, seed=place, step=step)
                for place, part in enumerate(parts)
            ]
            said.append((question, answers))
            shapes = {name: tuple(one.shape) for name, one in answers[0].items()}
            assert shapes == family.shapes(SPEC, question)
            try:
                question = growth.send({name: sum(one[name] for one in answers) for name in answers[0]})
            except StopIteration:
                question = None
    return model, said


def nats(model, codes):
    batch = {"codes": torch.from_numpy(codes), "positions": torch.full(codes.shape, 0.5)}
    return float(model.log_likelihood(batch).mean())


def splits_of(model):
    return sum(int((model.forest(column).feature >= 0).sum()) for column in range(4))


def by_column(codes):
    return [codes[codes[:, 0] == one] for one in range(3)]


@pytest.mark.parametrize("splits", ["best", "random"])
def test_owners_who_tell_all_get_the_very_trees_of_all_rows_in_one_place(splits):
    settings = {"training.growing": 1.0, "training.splits": splits}
    codes = rows()
    whole, _ = grown([codes], **settings)
    split, _ = grown(by_column(codes), **settings)
    other, _ = grown([codes[:700], codes[700:]], **settings)
    for name, one in whole.state_dict().items():
        assert torch.equal(one, split.state_dict()[name]), name
        assert torch.equal(one, other.state_dict()[name]), name
    assert sum(len(whole.forest(column).feature) for column in range(4)) > 100


def test_the_model_is_as_good_as_one_that_grows_from_rows():
    family, config = typed({"family": "trees", "training.steps": 2})
    usual, codes = build_model(family, config, SPEC, 0), rows()
    batch = {"codes": torch.from_numpy(codes), "positions": torch.full(codes.shape, 0.5)}
    for step in range(2):
        list(family.grow(usual, config, batch, step, KeyedNoise(1).at(0, step)))
    unseen = rows(seed=9)
    marginal = sum(np.log(len(unseen) / np.bincount(one)[one]).mean() for one in unseen.T)
    found = [nats(grown(by_column(codes), least)[0], unseen) for least in (1, 10)]
    assert nats(usual, unseen) > 2 - marginal
    assert min(found) > nats(usual, unseen) - 0.15


def test_trees_of_independent_columns_are_pruned_away():
    rng = np.random.default_rng(0)
    codes = np.stack([rng.integers(0, column.levels, 2000) for column in SPEC.columns], 1)
    left = [
        splits_of(grown([codes[:1000], codes[1000:]], **{"training.growing": one})[0]) for one in (0.7, 1)
    ]
    assert left[0] < left[1] / 10


def test_the_model_is_read_back_and_draws_codes_of_the_table():
    model, _ = grown(by_column(rows()), 10)
    family, config = typed({"family": "trees"})
    again = build_model(family, config, SPEC, 0)
    again.load_state_dict(model.state_dict())
    drawn = family.sample(again, 200, KeyedNoise(3))["codes"].numpy()
    assert (drawn.max(0) < [column.levels for column in SPEC.columns]).all()
    assert np.abs(np.bincount(drawn[:, 0], minlength=3) / 200 - 1 / 3).max() < 0.12


@pytest.mark.parametrize("least", [5, 30])
def test_no_group_of_too_few_rows_is_told_nor_found_by_subtraction(least):
    _, said = grown(by_column(rows()), least)
    told = 0
    for question, answers in said:
        stage = int(question["stage"])
        for answer in answers:
            for name, one in answer.items():
                if stage == CODES:
                    groups = one
                elif stage == SPLITS:
                    groups = one.sum(3)  # rows by node, column and place
                elif stage == LEAVES and name.endswith("codes"):
                    groups = one.sum(1)  # rows by node that are told of none below
                else:
                    continue
                told += int((groups > 0).sum())
                assert not bool(((groups > 0) & (groups < least)).any())
    assert told > 100


def test_an_owner_of_too_few_rows_tells_nothing_and_harms_nothing():
    codes = rows()
    model, said = grown([codes, codes[:5]], 10)
    assert all(int(one.sum()) == 0 for _, answers in said for one in answers[1].values())
    assert nats(model, codes) == nats(grown([codes], 10)[0], codes)
