"""Scores measured on workers and kept in the journal."""

import errno
from dataclasses import dataclass

import pytest

from autogen.errors import MetricError, RunError, WriteError
from autogen.hpo.executor import Executor
from autogen.hpo.study.events import Scored
from autogen.hpo.study.log import RETRIES
from autogen.hpo.trial import Finished, State
from autogen.training.worker.work import scored
from autogen.verdict.measuring.scheduler import EvaluationQueue
from tests.hpo.study.logs import events_in, log_of


@dataclass(frozen=True)
class Twice:
    """A scoring."""

    number: float

    def __call__(self):
        if self.number < 0:
            raise MetricError("below zero")
        return {"score": 2 * self.number}


@dataclass(frozen=True)
class OnAFailingDisk:
    """A scoring whose files cannot be read."""

    error: int

    def __call__(self):
        try:
            raise OSError(self.error, "it failed", "model.safetensors")
        except OSError as error:
            raise RunError("cannot read model.safetensors") from error


class Desk(Executor):
    """Does what it is given at the next call, and loses the first so many."""

    def __init__(self, workers=2, losses=0):
        self.workers, self.losses, self.queue, self.most = workers, losses, [], 0

    def start(self, work):
        pass

    def submit(self, trial_batch):
        self.queue.append(trial_batch.tasks[0])
        self.most = max(self.most, len(self.queue))

    def results(self, decide, timeout=None):
        done, self.queue = self.queue, []
        for task in done:
            self.losses -= 1
            lost = Finished(task.number, State.FAILED, "worker gone", retry=True)
            yield lost if self.losses >= 0 else scored(task)

    def close(self):
        pass


def keys(count):
    return [f"test/a/{number}" for number in range(count)]


def asked(scores, count):
    for number, key in enumerate(keys(count)):
        scores.add(key, lambda number=number: Twice(number))
    return keys(count)


def test_workers_measure_what_is_wanted_and_the_journal_keeps_it(tmp_path):
    executor, made = Desk(), log_of(tmp_path)
    scores = EvaluationQueue(made, executor)
    scores.run(asked(scores, 5))
    assert [scores.values(key)["score"] for key in keys(5)] == [0, 2, 4, 6, 8]
    assert executor.most == 2
    first = events_in(made, Scored)[0]
    assert (first.key, first.values) == ("test/a/0", {"score": 0.0})


def test_what_the_journal_holds_is_not_measured_again(tmp_path):
    records = [Scored("test/a/0", 1.5, {"score": 7.0})]
    scores = EvaluationQueue(log_of(tmp_path, *records), Desk())
    scores.run(asked(scores, 1))
    assert scores.values("test/a/0") == {"score": 7.0, "seconds": 1.5}


def test_a_scoring_whose_worker_was_lost_is_tried_again_and_then_done_here(tmp_path):
    for losses in (1, 5):
        scores = EvaluationQueue(log_of(tmp_path), Desk(losses=losses))
        scores.run(asked(scores, 2))
        assert scores.values("test/a/1")["score"] == 2


def test_a_scoring_is_given_to_workers_once_more_for_each_retry_and_no_oftener(tmp_path):
    given = []

    class Counting(Desk):
        def submit(self, trial_batch):
            given.append(trial_batch.tasks[0].act.number)
            super().submit(trial_batch)

    scores = EvaluationQueue(log_of(tmp_path), Counting(losses=100))
    scores.run(asked(scores, 1))
    assert given == [0] * (1 + RETRIES)
    assert scores.values("test/a/0")["score"] == 0


@pytest.mark.parametrize("executor", [Desk(), None])
@pytest.mark.parametrize(("number", "why"), [(-1, "below zero"), (float("nan"), "its score is nan")])
def test_what_cannot_be_scored_is_an_outcome_with_a_reason(tmp_path, executor, number, why):
    made = log_of(tmp_path)
    scores = EvaluationQueue(made, executor)
    scores.add("test/a/0", lambda: Twice(number))
    scores.add("test/a/1", lambda: Twice(3))
    scores.run(["test/a/0", "test/a/1"])
    assert why in scores.error("test/a/0")
    assert not scores.known("test/a/0")
    assert (scores.error("test/a/1"), scores.values("test/a/1")["score"]) == ("", 6)
    with pytest.raises(MetricError, match=f"test/a/0 could not be scored: .*{why}"):
        scores.values("test/a/0")
    (told,) = (event for event in events_in(made, Scored) if event.why)
    assert (told.key, told.seconds, told.values) == ("test/a/0", 0.0, {})
    assert why in told.why


@pytest.mark.parametrize("executor", [Desk(), None])
def test_what_cannot_even_be_made_is_an_outcome_too(tmp_path, executor):
    def unfit():
        raise ValueError("the covariance is singular")

    scores = EvaluationQueue(log_of(tmp_path), executor)
    scores.add("test/a/0", unfit)
    scores.add("test/a/1", lambda: Twice(3))
    scores.run(["test/a/0", "test/a/1"])
    assert scores.error("test/a/0") == "ValueError: the covariance is singular"
    assert scores.values("test/a/1")["score"] == 6


def test_what_could_not_be_scored_is_tried_again_by_the_next_process(tmp_path):
    records = [Scored("test/a/0", 0.0, {}, "no memory")]
    scores = EvaluationQueue(log_of(tmp_path, *records))
    scores.run(asked(scores, 1))
    assert scores.values("test/a/0")["score"] == 0


def test_nothing_is_begun_after_its_time(tmp_path):
    scores = EvaluationQueue(log_of(tmp_path, seconds=9.0), Desk())
    scores.run(asked(scores, 3), until=8.0)
    assert not any(scores.known(key) for key in keys(3))


def test_without_an_executor_scores_are_measured_here(tmp_path):
    scores = EvaluationQueue(log_of(tmp_path))
    scores.run(asked(scores, 3))
    assert scores.values("test/a/2")["score"] == 4


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("executor", [Desk(), None])
def test_a_failing_disk_stops_the_study_and_is_no_outcome_of_the_samples(tmp_path, executor, error):
    made = log_of(tmp_path)
    scores = EvaluationQueue(made, executor)
    scores.add("test/a/0", lambda: OnAFailingDisk(error))
    with pytest.raises(WriteError, match="test/a/0 cannot be scored, since the disk") as caught:
        scores.run(["test/a/0"])
    assert "\n" not in str(caught.value)
    assert events_in(made, Scored) == []


@pytest.mark.parametrize("executor", [Desk(), None])
def test_a_disk_that_fails_under_a_model_that_is_read_stops_the_study_too(tmp_path, executor):
    made = log_of(tmp_path)
    scores = EvaluationQueue(made, executor)
    scores.add("test/a/0", OnAFailingDisk(errno.EIO))
    with pytest.raises(WriteError, match="test/a/0 cannot be scored"):
        scores.run(["test/a/0"])
    assert events_in(made, Scored) == []
