"""What benchmarks measure with has to be right, too."""

from autogen.audit import audit
from autogen.journal import read
from autogen.trial import Cohort, State, Task
from benchmarks.scale import Scale, simulate
from benchmarks.simulation import SimulatedExecutor, VirtualClock


def task(number, rungs=(1, 2)):
    return Task(number, {"training.lr": 1e-3}, number, rungs[-1], rungs)


def executor(**settings):
    clock = VirtualClock(charged=False)
    return SimulatedExecutor(clock=clock, training=lambda _: (10.0, 1.0, False), **settings)


def test_simulated_trials_last_as_long_as_they_say():
    made = executor(workers=1, losses=0.0)
    for number in range(3):
        made.submit(Cohort((task(number),)))
    ended = []
    while made._runs or made._queue:
        ended += list(made.results(lambda _: True))
    assert [one.state for one in ended] == [State.COMPLETE] * 3
    assert made.clock.now == 30.0
    assert made.tally.trained == 30.0


def test_a_simulated_worker_waits_while_the_controller_thinks():
    made = executor(workers=1, losses=0.0)
    made.submit(Cohort((task(0),)))

    def slow(measured):
        made.clock.now += 2.5
        return True

    while made._runs:
        list(made.results(slow))
    assert made.tally.waited == 2 * 2.5


def test_a_study_on_dying_nodes_ends_each_trial_once_and_repeats_itself(tmp_path):
    stories = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.toml").touch()
        scale = Scale(workers=64, trials=1500, space="image_tiny", losses=20.0)
        figures = simulate(scale, tmp_path / name, charged=False)
        assert audit(tmp_path / name) == []
        stories.append(read(tmp_path / name / "journal.jsonl"))
    assert figures["nodes_lost"] > 0
    assert figures["retried"] > 0
    assert stories[0] == stories[1]
