"""The loop measures at rungs, obeys the answers, and turns bad samples into failures."""

from dataclasses import dataclass

import numpy as np
import pytest

from autogen.errors import Diverged
from autogen.hpo.trial import State, Task
from autogen.training.loop import Evaluation, Hooks, train
from autogen.training.program import Program


@dataclass
class Counting(Program):
    """'Samples' its step."""

    step: int = 0
    bad_at: int = -1

    def advance(self, step, deadline=None):
        self.step = step

    def sample(self, n, seed):
        return {"x": np.full(n, np.nan if self.step == self.bad_at else self.step)}

    def state(self):
        return {}

    def restore(self, state, step):
        self.step = step

    def weights(self):
        return {}


def a_task(number=0, rungs=(2, 4, 8)):
    return Task(number, {}, 0, rungs[-1], rungs)


MEAN = Evaluation(lambda samples: samples["x"].mean(), rows=3, seed=0)


def test_each_rung_is_reported_once_in_order():
    seen = []
    ended = train(Counting(), a_task(), MEAN, lambda ms: seen.extend(ms) or [True])
    assert [(m.number, m.step, m.score) for m in seen] == [(0, 2, 2), (0, 4, 4), (0, 8, 8)]
    assert (ended.number, ended.state) == (0, State.COMPLETE)
    assert seen[0].train_seconds <= seen[1].train_seconds <= seen[2].train_seconds
    assert all(m.eval_seconds > 0 for m in seen)


def test_a_stopped_trial_is_pruned_and_trained_no_further():
    program = Counting()
    ended = train(program, a_task(), MEAN, lambda ms: [ms[0].step < 4])
    assert (ended.state, program.step) == (State.PRUNED, 4)


def test_the_answer_at_the_last_rung_does_not_matter():
    ended = train(Counting(), a_task(rungs=(5,)), MEAN, lambda _: [False])
    assert ended.state is State.COMPLETE


def test_rungs_before_the_checkpoint_are_not_reported_again():
    seen = []
    train(Counting(step=4), a_task(), MEAN, lambda ms: seen.append(ms[0].step) or [True])
    assert seen == [8]


def test_samples_that_are_not_finite_are_a_failure():
    with pytest.raises(Diverged, match=r"samples \(x\) are not finite at step 4"):
        train(Counting(bad_at=4), a_task(), MEAN, lambda _: [True])


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_not_finite_is_a_failure(score):
    with pytest.raises(Diverged, match=f"the score is {score} at step 2"):
        train(Counting(), a_task(), Evaluation(lambda _: score, 3, 0), lambda _: [True])


def test_a_checkpoint_is_due_when_training_goes_on_after_a_rung():
    program, saved = Counting(), []
    train(program, a_task(), MEAN, lambda _: [True], hooks=Hooks(kept=lambda: saved.append(program.step)))
    assert saved == [2, 4]


def test_only_the_last_rung_is_scored_on_all_rows():
    asked = []
    early = Evaluation(lambda samples: asked.append(len(samples["x"])) or 0.5, 10, 0)
    full = Evaluation(lambda samples: asked.append(len(samples["x"])) or 0.25, 30, 0, early)
    measured = []
    task = Task(0, {}, 0, 9, (1, 3, 9))
    train(Counting(), task, full, lambda rung: measured.extend(rung) or [True])
    assert asked == [10, 10, 30]
    assert [one.score for one in measured] == [0.5, 0.5, 0.25]
