"""How many workers a cluster has room for."""

import pytest

from autogen.executors.ray.capacity import SPARE, Need, cores_for, room, workers_at_once, workers_wanted


@pytest.mark.parametrize(
    ("nodes", "need", "expected"),
    [
        ([{"CPU": 4.0}, {"CPU": 2.0}], Need(), 6),
        ([{"CPU": 4.0}, {}], Need(), 4),
        ([{"CPU": 8.0, "GPU": 1.0}, {"CPU": 8.0}], Need(gpus=0.25), 4),
        ([{"CPU": 16.0, "GPU": 4.0}], Need(gpus=0.3), 12),  # three on each card, not 13 on all
        ([{"CPU": 16.0, "GPU": 4.0}], Need(gpus=2.0), 2),
        ([{"CPU": 2.0, "GPU": 4.0}], Need(gpus=0.5), 2),
        ([{"CPU": 8.0, "memory": 5e9}], Need(memory=2 * 10**9), 2),
        ([], Need(), 0),
    ],
)
def test_the_scarcest_resource_of_each_node_counts(nodes, need, expected):
    assert room(nodes, need) == expected


def test_a_new_cluster_has_the_cores_that_its_workers_need():
    assert cores_for(3, Need()) == 3
    assert cores_for(1, Need(cpus=2.0)) == 2  # a worker of two replicas
    assert cores_for(0, Need(cpus=2.0)) is None


def test_a_study_has_one_trial_batch_in_hand_for_each_worker_there_is_room_for():
    assert workers_at_once(slots=8, limit=0, overdue=SPARE) == 8
    assert workers_at_once(slots=8, limit=3, overdue=0) == 3
    assert workers_at_once(slots=0, limit=0, overdue=0) == 1


def test_room_that_others_have_taken_is_no_room():
    assert workers_at_once(slots=8, limit=0, overdue=SPARE + 3) == 5
    assert workers_at_once(slots=8, limit=8, overdue=3) == 5


def test_workers_are_asked_for_as_they_are_needed_and_a_few_more_when_all_room_is_taken():
    assert workers_wanted(slots=8, limit=0, trial_batches=3) == 3
    assert workers_wanted(slots=8, limit=0, trial_batches=8) == 8 + SPARE
    assert workers_wanted(slots=8, limit=0, trial_batches=80) == 8 + SPARE
    assert workers_wanted(slots=8, limit=5, trial_batches=80) == 5
    assert workers_wanted(slots=2, limit=0, trial_batches=5, spare=0) == 2


def test_what_a_worker_needs_reads_as_words():
    assert str(Need()) == "1 CPU"
    assert str(Need(1, 0.25, 2 * 10**9)) == "1 CPU and 0.25 GPU and 2 GB"
