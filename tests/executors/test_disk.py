"""A full disk under a worker ends the study, not its trial."""

import errno
from dataclasses import dataclass
from pathlib import Path

import pytest

from autogen.errors import RunError, WriteError
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.executors.local.placement import LocalOptions
from autogen.executors.lookup import executor_for
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.study.events import Ask, End
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from tests.hpo.trivial import TrivialWork, space


@dataclass(frozen=True)
class OnAFullDisk(TrivialWork):
    """Work whose third trial cannot write its files, as long as a flag file is there."""

    flag: str = ""
    error: int = errno.ENOSPC

    def one(self, task, report):
        if task.number == 2 and Path(self.flag).exists():
            try:
                raise OSError(self.error, "it cannot be written", "model.safetensors")
            except OSError as error:
                raise RunError("the model cannot be saved") from error
        return super().one(task, report)


class Listening(RandomSampler):
    """Sampler that knows what it was told."""

    heard = ()

    def _on_tell(self, outcome):
        self.heard += (outcome.number,)


def study(path, executor, sampler):
    return Study(
        Strategy(sampler, NoPruner()),
        executor,
        StudyLog(Journal(path / "journal.jsonl"), Objective("loss")),
        Limits(Budget(trials=5)),
    )


def told(path):
    events = read(path / "journal.jsonl")
    return {event.n: (str(event.state), event.why) for event in events if isinstance(event, End)}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_trial_that_cannot_write_has_no_end_and_the_sampler_is_told_nothing(tmp_path, error):
    flag = tmp_path / "full"
    flag.touch()
    work, sampler = OnAFullDisk(flag=str(flag), error=error), Listening(space(), 0)
    first = study(tmp_path, executor_for("inprocess", 1, LocalOptions()), sampler)
    with pytest.raises(WriteError, match="RunError: the model cannot be saved"):
        first.run(work)
    first.log.journal.close()
    assert set(told(tmp_path)) == set(sampler.heard) == {0, 1}
    flag.unlink()
    again = study(tmp_path, executor_for("inprocess", 1, LocalOptions()), Listening(space(), 0))
    again.run(work)
    again.log.journal.close()
    (tmp_path / "undisturbed").mkdir()
    calm = study(tmp_path / "undisturbed", InProcessExecutor(), Listening(space(), 0))
    calm.run(TrivialWork())
    calm.log.journal.close()
    assert told(tmp_path) == told(tmp_path / "undisturbed")
    asked = [
        [(event.n, event.config) for event in read(path / "journal.jsonl") if isinstance(event, Ask)]
        for path in (tmp_path, tmp_path / "undisturbed")
    ]
    assert asked[0] == asked[1]


@pytest.mark.slow
def test_a_worker_process_that_cannot_write_stops_the_study(tmp_path):
    flag = tmp_path / "full"
    flag.touch()
    executor = executor_for("local", 2, LocalOptions())
    assert isinstance(executor.inner, LocalExecutor)
    made = study(tmp_path, executor, Listening(space(), 0))
    with pytest.raises(WriteError, match="the model cannot be saved"):
        made.run(OnAFullDisk(flag=str(flag)))
    executor.close()
    made.log.journal.close()
    assert 2 not in told(tmp_path)


def test_a_trial_that_fails_for_another_reason_ends_as_before(tmp_path):
    made = study(tmp_path, executor_for("inprocess", 1, LocalOptions()), Listening(space(), 0))
    state = made.run(TrivialWork(fail_every=2))
    made.log.journal.close()
    assert state.trials[1].reason.startswith("loss of phase all")
