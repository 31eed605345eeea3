"""Confirmation: which one is gone on with, and in which order workers are given what."""

import pytest

from autogen.hpo.study.events import Ask, Confirm, End, Finalists, Rung
from autogen.hpo.trial import Finished, Measurement, State
from autogen.verdict.confirmation import Confirmation, goes_on
from autogen.verdict.scheduler import Scorekeeper
from tests.hpo.study.logs import log_of
from tests.verdict.test_scheduler import Desk, Twice

BEGUN = Finalists((3, 1), 5, after=9)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (Finalists((3,), 5, after=9), True),  # less time is left
        (Finalists((3, 1), 5, after=20), True),
        (Finalists((3, 7), 5, after=10), False),
        (Finalists((3, 1), 6, after=9), False),
        (Finalists((3, 1, 7), 5, after=9), False),  # the budget has grown
    ],
)
def test_a_confirmation_is_gone_on_with_unless_the_search_has_found_others(now, same):
    assert goes_on(BEGUN, now) == same


class Trainer(Desk):
    """Trains at once, and remembers what it was given."""

    def __init__(self, workers):
        super().__init__(workers)
        self.given = []

    def submit(self, cohort):
        self.given.append(cohort.tasks[0].number)
        super().submit(cohort)

    def results(self, decide, timeout=None):
        trainings = [task for task in self.queue if task.number >= 0]
        self.queue = [task for task in self.queue if task.number < 0]
        for task in trainings:
            decide(Measurement(task.number, task.steps, 0.0, 2.0, 0.5))
            yield Finished(task.number, State.COMPLETE)
        yield from super().results(decide, timeout)


def searched(*seconds):
    """Events of complete trials that took so many seconds of training."""
    for n, took in enumerate(seconds):
        yield Ask(n, {"family": "vae"}, 0, (9,))
        yield Rung(n, 9, 0.5, True, took)
        yield End(n, State.COMPLETE)


def test_the_longest_trainings_come_first_and_workers_left_over_score(tmp_path):
    made, executor = log_of(tmp_path, *searched(1.0, 2.0)), Trainer(2)
    scores = Scorekeeper(made, executor)
    scores.want("select/smote/0", lambda: Twice(1))
    ended = []
    confirmation = Confirmation(made, executor, made.state.trials, seeds=[7, 8], keep_samples=4, folder="")
    done = confirmation.run(scores, ended.append)
    # numbers go seed by seed: 0 and 2 are trial 0's, 1 and 3 trial 1's
    assert executor.given[:4] == [1, 3, 0, 2]
    assert [one.evaluation for one in done] == [0.5] * 4
    assert [one.task.seed for one in done] == [7, 7, 8, 8]
    assert sorted(one.task.number for one in ended) == [0, 1, 2, 3]


def test_trainings_of_the_journal_are_told_too(tmp_path):
    made = log_of(tmp_path, *searched(1.0), Confirm(0, 0, 0, State.COMPLETE, 1.0, 0.25))
    executor, ended = Trainer(1), []
    confirmation = Confirmation(made, executor, made.state.trials, seeds=[7], keep_samples=4, folder="")
    confirmation.run(Scorekeeper(made, executor), ended.append)
    assert executor.given == []
    assert [one.evaluation for one in ended] == [0.25]
