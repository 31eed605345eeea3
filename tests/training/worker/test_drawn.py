"""Samples of a trained model are drawn once, and again only where more are needed."""

import numpy as np
import pandas as pd
import pytest

from autogen.engine.plan import Plan
from autogen.engine.settings import Settings
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.training.solo import SoloProgram
from autogen.training.worker.drawn import DrawnSamples
from tests.metrics.makers import people

KINDS = {
    "texts": lambda n: [f"text {i}" for i in range(n)],
    "images": lambda n: np.arange(n * 4, dtype=np.uint8).reshape(n, 2, 2),
    "a table": lambda n: pd.DataFrame({"a": range(n)}, index=range(5, n + 5)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_are_the_first_of_those_that_are_there(kind):
    asked = []

    def draw(n):
        asked.append(n)
        return KINDS[kind](n)

    drawn = DrawnSamples(draw)
    drawn.keep(KINDS[kind](30))
    assert len(drawn(10)) == 10
    assert len(drawn(30)) == 30
    assert asked == []
    assert len(drawn(50)) == 50
    assert len(drawn(40)) == 40
    assert asked == [50]
    first, whole = drawn(7), KINDS[kind](7)
    assert first.equals(whole) if kind == "a table" else np.array_equal(first, whole)


def test_a_trial_draws_once_for_its_score_its_values_and_the_test_for_copies(monkeypatch):
    plan = Plan(Settings(data="people", objective="kd,fd", budget="1trials"), people(6_000, 0))
    config = SearchSpace.load("tabular_tiny").default("vae")
    asked, whole = [], SoloProgram.sample

    def counted(self, n, seed):
        asked.append(n)
        return whole(self, n, seed)

    monkeypatch.setattr(SoloProgram, "sample", counted)
    work = plan.work()
    (ended,) = work(TrialBatch((Task(0, config, 0, 5, (5,)),)), lambda measured: [True for _ in measured])
    assert ended.state is State.COMPLETE
    assert ended.check_seconds > 0
    assert asked[0] == work.rows
    assert asked == sorted(set(asked))  # again only where more are needed: for a second look at a suspect
    assert len(asked) <= 2
