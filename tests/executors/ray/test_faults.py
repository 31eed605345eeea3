"""Kills at random moments on a cluster of a head and two nodes; ``benchmarks.faults`` does it often."""

import pytest

from benchmarks.faults import KINDS, endure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_trial_is_lost_or_doubled_when_something_is_killed(kind, tmp_path):
    told = endure(kind, kills=1, run=tmp_path / kind, trials=15, pause=0.5, seed=3)
    assert told["kills"] == 1
    assert sum(told["trials"].values()) == 15
