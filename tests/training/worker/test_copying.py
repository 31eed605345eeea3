"""Trials that copy the train split are suspected of it in the search."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from autogen.data.open import open_data
from autogen.engine.plan import Plan
from autogen.engine.settings import Settings
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.training.worker.copying import COPIES, MOST_TRAIN, CopyCheck
from tests.metrics.makers import people


def go_on(measured):
    return [True for _ in measured]


def test_copies_are_suspected_and_unseen_rows_are_not():
    data = open_data(people(900, 0))
    made = CopyCheck.of(data.split("train"), data.split("tune"), data.codec)
    unseen = np.concatenate([data.rows["select"], data.rows["test"]])
    assert made(data.split("train").iloc[:200].head) == COPIES
    assert made(data.kind.take(data.raw.samples, unseen).head) == ""


@pytest.mark.slow
def test_copies_of_a_large_set_show_on_a_part_of_it():
    rows = np.random.default_rng(0).normal(size=(40_000, 3))
    data = open_data(pd.DataFrame(rows, columns=["a", "b", "c"]))
    made = CopyCheck.of(data.split("train"), data.split("tune"), data.codec)
    assert len(made.train) == MOST_TRAIN < len(data.split("train"))
    assert made(lambda n: data.split("train").sample(n, random_state=0)) == COPIES
    assert made(data.split("test").head) == ""


@pytest.mark.slow
def test_who_is_suspected_by_chance_is_looked_at_again():
    rng = np.random.default_rng(0)
    data = open_data(pd.DataFrame(rng.normal(size=(30_000, 3)), columns=["a", "b", "c"]))
    made = CopyCheck.of(data.split("train"), data.split("tune"), data.codec)
    few, many = made.looks
    drawn = []

    def draw(n):
        drawn.append(n)
        return pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])

    suspected = [made(draw) for _ in range(60)]
    assert drawn.count(few) == 60
    assert 1 <= drawn.count(many) <= 10
    assert not any(suspected)


def test_costly_distances_are_measured_on_fewer_rows():
    images = np.repeat(load_digits().images.astype(np.uint8), 4, axis=0)
    data = open_data(images)
    made = CopyCheck.of(data.split("train"), data.split("tune"), data.codec)
    assert len(made.train) == MOST_TRAIN // 6


@pytest.mark.slow
@pytest.mark.parametrize(("leaf", "suspected"), [(2, True), (250, False)])
def test_trees_with_tiny_leaves_are_suspected_and_others_are_not(leaf, suspected):
    # Between them lie those that are suspected in some draws: 14 of 32 with leaves of 80 rows, 6 with 150.
    plan = Plan(Settings(data="people", objective="kd", budget="1trials"), people(900, 0))
    config = SearchSpace.load("tabular_tiny").default("trees") | {"training.leaf": leaf, "model.backoff": 0.1}
    task = Task(0, config, 0, 1, (1,))
    (ended,) = plan.work()(TrialBatch((task,)), go_on)
    assert (ended.state, bool(ended.suspect)) == (State.COMPLETE, suspected)
    assert ended.check_seconds > 0
    (alone,) = replace(plan.work(), copy_check=None)(TrialBatch((task,)), go_on)
    assert (alone.suspect, alone.check_seconds) == ("", 0.0)
