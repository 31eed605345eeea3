"""Which card a worker of this machine gets."""

from dataclasses import dataclass

import pytest

from autogen.engine.settings import Settings
from autogen.errors import SettingsError
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.executors.local.placement import MOST_PER_CORE, LocalOptions, placed, share_of_cards
from autogen.hpo.executor import cores
from autogen.hpo.trial import Finished, State, Task, TrialBatch
from autogen.testing.executors import collect


@dataclass(frozen=True)
class Carded:
    """Work for a machine with cards; tells by the reason of each trial where it was done."""

    count: int
    place: str = "cpu"

    def cards(self):
        return self.count

    def on(self, device, share):
        return Carded(self.count, f"{share:.2f} of {device}")

    def __call__(self, trial_batch, report):
        return [Finished(task.number, State.FAILED, self.place) for task in trial_batch.tasks]


def places(executor, work, trials=1):
    executor.start(work)
    try:
        trial_batches = [TrialBatch((Task(number, {}, 0, 1, (1,)),)) for number in range(trials)]
        return {ended.reason for ended in collect(executor, trial_batches)}
    finally:
        executor.close()


@pytest.mark.parametrize(
    ("index", "workers", "cards", "expected"),
    [
        (0, 1, 1, ("cuda:0", 1.0)),
        (3, 4, 1, ("cuda:0", 0.25)),
        (3, 4, 2, ("cuda:1", 0.5)),
        (0, 3, 2, ("cuda:0", 0.5)),
        (1, 3, 2, ("cuda:1", 1.0)),
        (1, 2, 8, ("cuda:1", 1.0)),
    ],
)
def test_cards_are_dealt_in_turn_and_shared_evenly(index, workers, cards, expected):
    assert share_of_cards(index, workers, cards) == expected


def test_workers_of_this_machine_share_its_card():
    found = places(LocalExecutor(workers=2), Carded(1), trials=8)
    assert found == {"0.50 of cuda:0"}


def test_a_study_in_this_process_has_the_card_to_itself():
    assert places(InProcessExecutor(), Carded(1)) == {"1.00 of cuda:0"}


def test_without_a_card_or_where_it_is_not_wanted_work_stays_on_the_processor():
    assert places(InProcessExecutor(), Carded(0)) == {"cpu"}
    assert places(InProcessExecutor(options=LocalOptions("cpu")), Carded(1)) == {"cpu"}
    assert placed(print, "") is print


@pytest.mark.parametrize("executor", ["local", "inprocess"])
def test_far_more_workers_than_cores_are_refused_before_any_is_started(executor):
    most = MOST_PER_CORE * cores()
    assert Settings(data="wine", executor=executor, workers=most).worker_count == most
    with pytest.raises(SettingsError, match=f"at most {most} here.* got 100,000"):
        Settings(data="wine", executor=executor, workers=100_000).warmed_executor()
