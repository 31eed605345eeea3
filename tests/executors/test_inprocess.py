"""The executor without processes: its own part of a trial is next to nothing."""

from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.trial import Finished, State, TrialBatch
from autogen.testing.executors import CountingWork, task_of
from tests.lines import lines_of


def test_one_call_of_results_runs_one_trial_batch():
    executor = InProcessExecutor()
    executor.start(CountingWork())
    for number in range(2):
        executor.submit(TrialBatch((task_of(number),)))
    assert [f.number for f in executor.results(lambda _: True)] == [0]
    assert [f.number for f in executor.results(lambda _: True)] == [1]
    assert list(executor.results(lambda _: True)) == []


def test_a_work_that_forgets_a_task_fails_it():
    executor = InProcessExecutor()
    executor.start(lambda trial_batch, _: [Finished(trial_batch.tasks[0].number, State.COMPLETE)])
    executor.submit(TrialBatch((task_of(0), task_of(1))))
    first, second = executor.results(lambda _: True)
    assert first.state is State.COMPLETE
    assert (second.number, second.state, second.retry) == (1, State.FAILED, False)
    assert "without reporting the end of this trial" in second.reason


def test_a_trivial_trial_takes_little_work_of_the_executor_however_many_are_queued():
    executor = InProcessExecutor()
    executor.start(lambda trial_batch, _: [Finished(trial_batch.tasks[0].number, State.COMPLETE)])
    trial_batch = TrialBatch((task_of(0),))

    def one():
        executor.submit(trial_batch)
        assert list(executor.results(lambda _: True))

    first = lines_of(one)
    assert first < 60
    for _ in range(1000):
        executor.submit(trial_batch)
    assert lines_of(one) == first
