"""The executor without processes: its own part of a trial is next to nothing."""

import time

from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.trial import Cohort, Finished, State
from autogen.testing.executors import CountingWork, task_of


def test_one_call_of_results_runs_one_cohort():
    executor = InProcessExecutor()
    executor.start(CountingWork())
    for number in range(2):
        executor.submit(Cohort((task_of(number),)))
    assert [f.number for f in executor.results(lambda _: True)] == [0]
    assert [f.number for f in executor.results(lambda _: True)] == [1]
    assert list(executor.results(lambda _: True)) == []


def test_a_work_that_forgets_a_task_fails_it():
    executor = InProcessExecutor()
    executor.start(lambda cohort, _: [Finished(cohort.tasks[0].number, State.COMPLETE)])
    executor.submit(Cohort((task_of(0), task_of(1))))
    first, second = executor.results(lambda _: True)
    assert first.state is State.COMPLETE
    assert (second.number, second.state, second.retry) == (1, State.FAILED, False)
    assert "without saying how this trial ended" in second.reason


def test_a_trivial_trial_costs_the_executor_less_than_a_tenth_of_a_millisecond():
    executor = InProcessExecutor()
    executor.start(lambda cohort, _: [Finished(cohort.tasks[0].number, State.COMPLETE)])
    cohorts = [Cohort((task_of(number),)) for number in range(500)]
    costs = []
    for _ in range(5):
        start = time.perf_counter()
        for cohort in cohorts:
            executor.submit(cohort)
            list(executor.results(lambda _: True))
        costs.append((time.perf_counter() - start) / len(cohorts))
    assert min(costs) < 1e-4
