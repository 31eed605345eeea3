"""Rank 0 tells the end of another rank from an error of its own, also before the two have met."""

from multiprocessing import Pipe

import pytest

from autogen.errors import WorkerLost
from autogen.hpo.trial import Task
from autogen.training.parallel.leader import Leader


class Gone:
    """One other rank, whose process has ended: nobody holds the other end of its pipe."""

    size, address, backend = 2, "127.0.0.1", "gloo"

    def __init__(self):
        self.connection, theirs = Pipe()
        theirs.close()
        self.calls = []

    def start(self):
        self.calls.append("start")

    def send(self, message):
        self.connection.send(message)

    def check(self):
        self.calls.append("check")

    def stop(self):
        self.calls.append("stop")


def test_a_rank_that_ended_before_the_meeting_is_a_lost_trial():
    ranks = Gone()
    task = Task(0, {"family": "vae"}, seed=0, steps=3, rungs=(3,))
    with pytest.raises(WorkerLost, match="another replica is gone or does not answer: Broken pipe"):
        Leader(ranks, "cpu").program(task, lambda _: pytest.fail("it builds alone"))
    assert ranks.calls == ["start", "check", "stop"]


def test_a_rank_that_ended_between_two_messages_is_a_lost_trial():
    ranks = Gone()
    with pytest.raises(WorkerLost):
        Leader(ranks, "cpu").together(("train", 3), lambda: None)
    assert ranks.calls == ["check", "stop"]


def test_an_error_of_its_own_stays_what_it_is():
    ranks = Gone()
    ranks.connection, kept = Pipe()
    with pytest.raises(ZeroDivisionError):
        Leader(ranks, "cpu").together(("train", 3), lambda: 1 / 0)
    assert kept.recv() == ("train", 3)
    assert ranks.calls == ["check", "stop"]
