"""Contract of executors as a test suite: subclass ``ExecutorContract`` and give it your executor."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autogen.executors.run_batch import CANCELED
from autogen.hpo.executor import Executor, Report
from autogen.hpo.trial import Finished, Measurement, State, Task, TrialBatch


@dataclass(frozen=True)
class CountingWork:
    """Work without models: the score of a trial is a function of its seed and its step.

    The value ``do`` of a config chooses a fault: ``fail`` raises an exception, ``hang`` runs until the
    deadline of the trial batch.
    """

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Run each task of a trial batch, and report at every rung."""
        return [self._run(task, trial_batch, report) for task in trial_batch.tasks]

    def _run(self, task: Task, trial_batch: TrialBatch, report: Report) -> Finished:
        what = task.config.get("do", "")
        if what == "fail":
            raise RuntimeError("as configured\nsecond line")
        if what == "hang":
            assert trial_batch.deadline is not None
            time.sleep(trial_batch.deadline)
            return Finished(
                task.number, State.FAILED, f"ran past its deadline of {trial_batch.deadline:g} s", True
            )
        for rung in task.rungs:
            (go_on,) = report([Measurement(task.number, rung, score_of(task, rung), 0.25 * rung, 0.125)])
            if not go_on and rung < task.steps:
                return Finished(task.number, State.PRUNED)
        return Finished(task.number, State.COMPLETE)


def score_of(task: Task, step: int) -> float:
    """Compute the score of ``CountingWork`` at a step, in [0, 1)."""
    return ((task.seed * 2654435761 + step * 40503) % 2**32) / 2**32


def task_of(number: int, rungs: tuple[int, ...] = (1, 2, 4), **config: str) -> Task:
    """Make a task whose seed follows from its number."""
    return Task(number, config, seed=number + 100, steps=rungs[-1], rungs=rungs)


def collect(
    executor: Executor,
    trial_batches: Iterable[TrialBatch],
    decide: Callable[[Measurement], bool] = lambda _: True,
    patience: float = 60.0,
) -> list[Finished]:
    """Submit trial batches and wait until all their tasks have ended.

    Args:
        executor: Started executor.
        trial_batches: Trial batches to submit.
        decide: Function that continues a trial (``True``) or stops it after a measurement.
        patience: Seconds to wait before the test fails, default 60.

    Returns:
        Ends of all tasks, in the order of their arrival.
    """
    wanted = 0
    for trial_batch in trial_batches:
        executor.submit(trial_batch)
        wanted += len(trial_batch.tasks)
    ended: list[Finished] = []
    until = time.monotonic() + patience
    while len(ended) < wanted:
        assert time.monotonic() < until, f"only {ended} of {wanted} ended in {patience} s"
        ended += executor.results(decide, timeout=1.0)
    return ended


class ExecutorContract(ABC):
    """Tests of an executor; subclasses implement ``executor``."""

    @abstractmethod
    def executor(self) -> Executor:
        """Make a fresh executor that is not started."""

    @contextmanager
    def started(self) -> Iterator[Executor]:
        """Start an executor with ``CountingWork``, and close it afterwards."""
        executor = self.executor()
        try:
            executor.start(CountingWork())
            yield executor
        finally:
            executor.close()

    def test_every_task_ends_once_and_every_rung_is_reported(self) -> None:
        """No end or measurement is lost, none comes twice, and scores arrive unchanged."""
        tasks = [task_of(number) for number in range(6)]
        seen: list[Measurement] = []

        def decide(measured: Measurement) -> bool:
            seen.append(measured)
            return True

        with self.started() as executor:
            ended = collect(executor, [TrialBatch((t,)) for t in tasks], decide)
        assert sorted(f.number for f in ended) == list(range(6))
        assert {f.state for f in ended} == {State.COMPLETE}
        reported = {(m.number, m.step): (m.score, m.train_seconds, m.eval_seconds) for m in seen}
        assert reported == {(t.number, r): (score_of(t, r), 0.25 * r, 0.125) for t in tasks for r in t.rungs}
        assert len(seen) == len(reported)

    def test_decisions_are_obeyed(self) -> None:
        """A trial stops when the controller decides so; the others continue."""
        seen: list[tuple[int, int]] = []

        def decide(measured: Measurement) -> bool:
            seen.append((measured.number, measured.step))
            return measured.number % 2 == 0 or measured.step < 2

        with self.started() as executor:
            ended = collect(executor, [TrialBatch((task_of(number),)) for number in range(4)], decide)
        states = {f.number: f.state for f in ended}
        assert states == {0: State.COMPLETE, 1: State.PRUNED, 2: State.COMPLETE, 3: State.PRUNED}
        assert (1, 4) not in seen
        assert (0, 4) in seen

    def test_a_trial_batch_of_several_tasks_ends_whole(self) -> None:
        """Each task of a trial batch ends by itself."""
        with self.started() as executor:
            trial_batch = TrialBatch(tuple(task_of(number) for number in range(3)))
            ended = collect(executor, [trial_batch], lambda m: m.number != 1)
        assert {f.number: f.state for f in ended} == {0: "complete", 1: "pruned", 2: "complete"}

    def test_a_failing_work_fails_its_trial_and_no_other(self) -> None:
        """The reason is one line, and the end asks for no retry."""
        with self.started() as executor:
            ended = collect(executor, [TrialBatch((task_of(0, do="fail"),)), TrialBatch((task_of(1),))])
        failed = {f.number: f for f in ended}[0]
        assert (failed.state, failed.reason, failed.retry) == (
            State.FAILED,
            "RuntimeError: as configured",
            False,
        )
        assert {f.number: f for f in ended}[1].state is State.COMPLETE

    def test_a_passed_deadline_ends_the_trial_for_a_retry(self) -> None:
        """The reason names the seconds; the executor continues."""
        with self.started() as executor:
            late, fine = (
                TrialBatch((task_of(0, do="hang"),), deadline=0.1),
                TrialBatch((task_of(1),), deadline=30.0),
            )
            ended = {f.number: f for f in collect(executor, [late, fine])}
        assert (ended[0].state, ended[0].retry) == (State.FAILED, True)
        assert ended[0].reason == "ran past its deadline of 0.1 s"
        assert ended[1].state is State.COMPLETE

    def test_a_canceled_trial_ends_for_a_retry_and_blocks_no_other(self) -> None:
        """This applies to executors that can cancel; an end that arrives meanwhile counts."""
        with self.started() as executor:
            if type(executor).cancel is Executor.cancel:
                return
            executor.submit(TrialBatch((task_of(0, do="hang"),), deadline=300.0))
            executor.submit(TrialBatch((task_of(1),)))
            ended: dict[int, Finished] = {}
            until = time.monotonic() + 120.0
            while len(ended) < 2:
                assert time.monotonic() < until, f"only {ended} ended"
                executor.cancel(0)
                executor.cancel(1_000_000)
                ended |= {f.number: f for f in executor.results(lambda _: True, timeout=0.5)}
            assert (ended[0].state, ended[0].retry) == (State.FAILED, True)
            assert ended[0].reason == CANCELED
            assert ended[1].state is State.COMPLETE

    def test_without_work_there_is_nothing_to_wait_for(self) -> None:
        """``results`` returns at once if nothing was submitted."""
        with self.started() as executor:
            start = time.monotonic()
            assert list(executor.results(lambda _: True, timeout=60.0)) == []
            assert time.monotonic() - start < 60, "it waited until its timeout"

    def test_an_exception_of_the_controller_reaches_the_controller(self) -> None:
        """The executor does not treat it as a failure of the trial."""

        def decide(_: Measurement) -> bool:
            raise LookupError("the controller's own")

        with self.started() as executor:
            try:
                collect(executor, [TrialBatch((task_of(0),))], decide)
            except LookupError:
                return
        raise AssertionError("the controller's exception was swallowed")

    def test_an_executor_can_be_closed_twice(self) -> None:
        """This holds during work too."""
        executor = self.executor()
        executor.start(CountingWork())
        executor.submit(TrialBatch((task_of(0),)))
        executor.close()
        executor.close()
