"""Kills at random moments on a cluster of a head and two nodes; ``benchmarks.faults`` does it often."""

import pytest

from benchmarks.faults import KINDS, appended, earlier, endure, small_cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster():
    """A head and two nodes, which are whole again after each study."""
    with small_cluster() as found:
        yield found


@pytest.mark.parametrize("kind", KINDS)
def test_no_trial_is_lost_or_doubled_when_something_is_killed(cluster, kind, tmp_path):
    told = endure(cluster, kind, kills=1, run=tmp_path / kind, trials=15, pause=0.5, seed=3)
    assert told["kills"] == 1
    assert sum(told["trials"].values()) == 15
    assert told["same_verdict"] or told["trials"]["failed"]


def test_figures_of_runs_are_kept_by_kind_seed_and_kills(tmp_path):
    (tmp_path / "faults.json").write_text('{"seed": 5, "node": {"kills": 10, "lost": 17}}')
    known = earlier("faults", tmp_path)  # as the first version wrote it
    for seed, lost in ((1, 3), (2, 4), (1, 5)):
        known = appended(known, "node", {"seed": seed, "kills": 10, "lost": lost})
    known = appended(known, "head", {"seed": 1, "kills": 10, "lost": 6})
    assert [one["lost"] for one in known["node"]] == [17, 4, 5]
    assert [one["lost"] for one in known["head"]] == [6]
