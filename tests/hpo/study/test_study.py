import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest

from autogen.engine.audit import audit, repeated_rungs
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.run_batch import CANCELED, lost
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Constraint, Objective
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study import events
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import SPENT, TOO_LONG, StudyState
from autogen.hpo.study.study import HOPELESS, Limits, Strategy, Study
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import Finished, Measurement, Scoring, State, TrialBatch, architecture, derived_seed
from autogen.registry import get
from autogen.training.worker.work import scored
from tests.hpo.trivial import TrivialWork, loss, space

OBJECTIVE = Objective("loss")


def study(
    path, *, trials=30, seconds=None, sampler="random", pruner=None, executor=None, limits=(), log=(), **more
):
    """A study of ``path``; ``more`` is of its strategy."""
    sampler = get("sampler", sampler)(space(), 0) if isinstance(sampler, str) else sampler
    return Study(
        Strategy(sampler, pruner or HalvingPruner(), **more),
        executor or InProcessExecutor(),
        StudyLog(Journal(path / "journal.jsonl"), OBJECTIVE, **dict(log)),
        Limits(Budget(seconds=seconds, trials=trials), **dict(limits)),
    )


def run(path, work=None, **more):
    made = study(path, **more)
    with closing(made.log.journal):
        return made.run(work or TrivialWork())


def story(path):
    """What a journal tells, without the clock."""
    return [replace(event, t=0.0) for event in read(path / "journal.jsonl")]


def test_a_study_spends_its_budget_and_every_trial_ends_once(tmp_path):
    state = run(tmp_path, trials=30)
    assert len(state.trials) == 30
    assert sum(state.ended.values()) == 30
    assert not state.running


def test_a_search_that_is_stopped_ends_the_trials_that_run_and_starts_none(tmp_path):
    asked = []
    state = run(
        tmp_path, limits={"stopped": lambda: len(asked) >= 3}, log={"listen": lambda e, _: asked.append(e)}
    )
    assert 0 < len(state.trials) < 30
    assert not state.running
    assert sum(state.ended.values()) == len(state.trials)


def test_only_trials_at_full_fidelity_are_complete_and_the_best_comes_first(tmp_path):
    done = run(tmp_path, trials=40).complete()
    assert all(trial.curve[-1].step == trial.task.steps for trial in done)
    assert [trial.losses[-1] for trial in done] == sorted(trial.losses[-1] for trial in done)


class Suspecting(TrivialWork):
    """Suspects what scores well."""

    def one(self, task, report):
        ended = super().one(task, report)
        good = ended.state is State.COMPLETE and loss(task.config) < 1
        return replace(ended, suspect="copies", check_seconds=0.25) if good else ended


def test_suspects_rank_behind_all_others_and_are_no_peers(tmp_path):
    state = run(tmp_path, work=Suspecting(), trials=40, pruner=NoPruner())
    done = state.complete()
    suspects = [trial for trial in done if trial.suspect]
    assert 0 < len(suspects) < len(done) == 40
    others = done[: -len(suspects)]
    assert [*others, *suspects] == done
    assert suspects[-1].losses[-1] < others[0].losses[-1]
    assert sum(map(len, state.peers.values())) == sum(len(trial.losses) for trial in others)
    times = Times.of(read(tmp_path / "journal.jsonl"), 1.0, None)
    assert times.search_evaluation == 0.25 * len(suspects)


def test_a_sampler_learns_that_suspects_cannot_win(tmp_path):
    told = []

    class Watch(get("sampler", "random")):
        def _on_tell(self, outcome):
            told.append(outcome)

    run(tmp_path, work=Suspecting(), trials=20, sampler=Watch(space(), 0), pruner=NoPruner())
    refused = [outcome for outcome in told if outcome.state is State.INFEASIBLE]
    assert {outcome.loss for outcome in refused} == {None}
    assert 0 < len(refused) < len(told) == 20


def test_a_pruned_trial_has_no_score(tmp_path):
    pruned = [trial for trial in run(tmp_path, trials=40).trials if trial.state is State.PRUNED]
    assert pruned
    assert all(trial.score is None and "worse than its peers" in trial.reason for trial in pruned)


def test_defaults_are_trained_to_the_end_however_bad_they_look(tmp_path):
    class StopAll(NoPruner):
        def rungs(self, steps, number=0):
            return (1, steps)

        def keep(self, curve, peers):
            return False

    defaults = [space().default("a"), space().default("b")]
    state = run(tmp_path, trials=10, sampler="bayesian", pruner=StopAll(), defaults=defaults)
    assert [trial.task.config for trial in state.complete()] == sorted(
        defaults, key=lambda config: [t.losses[-1] for t in state.trials if t.task.config == config]
    )


def test_peers_are_trials_with_the_same_rungs_that_reached_this_one(tmp_path):
    seen = []

    class Watch(NoPruner):
        def rungs(self, steps, number=0):
            return (1, steps) if number % 2 else (3, steps)

        def keep(self, curve, peers):
            seen.append((len(curve), [peers[rank] for rank in range(len(peers))]))
            return True

    state = run(tmp_path, trials=6, pruner=Watch())
    firsts = [trial.losses[0] for trial in state.trials]
    assert seen == [(1, sorted(firsts[number % 2 : number : 2])) for number in range(6)]


def test_at_each_rung_peers_are_losses_at_that_rung(tmp_path):
    seen = []

    class Watch(NoPruner):
        def rungs(self, steps, number=0):
            return (1, 3, steps)

        def keep(self, curve, peers):
            seen.append((list(curve), [peers[rank] for rank in range(len(peers))]))
            return True

    state = run(tmp_path, trials=3, pruner=Watch())
    curves = [trial.losses for trial in state.trials]
    assert seen == [
        (curves[number][: rung + 1], sorted(curve[rung] for curve in curves[:number]))
        for number in range(3)
        for rung in range(2)
    ]


def test_each_trial_has_a_seed_of_its_own_that_follows_from_the_study_s(tmp_path):
    seeds = [trial.task.seed for trial in run(tmp_path, trials=3).trials]
    assert seeds == [derived_seed(0, "trial", number) for number in range(3)]


def test_seconds_are_recorded_to_a_thousandth(tmp_path):
    def timed(trial_batch, report):
        (task,) = trial_batch.tasks
        report([Measurement(task.number, task.steps, 1.0, 1.23449, 0.00051)])
        return [Finished(task.number, State.COMPLETE)]

    (trial,) = run(tmp_path, timed, trials=1, pruner=NoPruner()).trials
    assert (trial.curve[0].train_seconds, trial.curve[0].eval_seconds) == (1.234, 0.001)


@pytest.mark.parametrize(("bounds", "patience"), [((), 10.0), ((Constraint("params", True, 1.0),), 2.0)])
def test_constraints_that_no_trial_keeps_end_a_search_sooner_than_slow_trials(tmp_path, bounds, patience):
    pace = study(tmp_path, seconds=60.0, constraints=bounds).pace
    assert [pace.is_up(patience * 60.0 + later) for later in (0.0, 0.1)] == [False, True]


def test_equally_good_trials_stand_in_the_order_in_which_they_were_asked(tmp_path):
    class Shuffled(InProcessExecutor):
        """Four trials end together, in another order than they were asked."""

        workers = 4

        def results(self, decide, timeout=None):
            ended = {}
            while done := list(super().results(decide, timeout)):
                ended |= {one.number: one for one in done}
            yield from (ended[number] for number in (2, 0, 3, 1) if ended)

    def alike(trial_batch, report):
        (task,) = trial_batch.tasks
        report([Measurement(task.number, task.steps, 1.0)])
        return [Finished(task.number, State.COMPLETE)]

    state = run(tmp_path, alike, trials=4, pruner=NoPruner(), executor=Shuffled())
    ended = [event.n for event in read(tmp_path / "journal.jsonl") if isinstance(event, events.End)]
    assert ended != [0, 1, 2, 3]
    assert [trial.task.number for trial in state.complete()] == [0, 1, 2, 3]


def test_a_study_takes_its_seconds_from_the_clock_it_is_given(tmp_path):
    made = study(tmp_path, trials=3, log={"clock": iter(range(0, 10_000, 10)).__next__})
    with closing(made.log.journal):
        made.run(TrivialWork())
    times = [event.t for event in read(tmp_path / "journal.jsonl")]
    assert times == sorted(times)
    assert all(seconds % 10 == 0 for seconds in times)
    assert times[-1] >= 100


def test_a_search_whose_reserve_is_all_it_has_still_completes_a_trial(tmp_path):
    limits, log = {"reserve": lambda _: 9.0}, {"clock": lambda: 0.0}
    made = study(tmp_path, trials=None, seconds=3.0, pruner=NoPruner(), limits=limits, log=log)
    with closing(made.log.journal):
        assert made.run(TrivialWork()).ended[State.COMPLETE] == 1


def test_seconds_before_the_search_count(tmp_path):
    made = study(tmp_path, log={"spent": 7.0, "clock": lambda: 100.0})
    assert made.log.seconds == 7.0
    made.log.journal.close()


def test_a_failed_trial_keeps_its_reason_and_the_study_goes_on(tmp_path):
    state = run(tmp_path, TrivialWork(fail_every=5), trials=20, sampler="bayesian")
    failed = [trial for trial in state.trials if trial.state is State.FAILED]
    assert [trial.task.number for trial in failed] == [4, 9, 14, 19]
    assert {trial.reason for trial in failed} == {"loss of phase all is not finite at step 3"}


def test_a_lost_worker_costs_one_retry_and_then_the_trial(tmp_path):
    class Unlucky:
        def __call__(self, trial_batch, report):
            return [
                Finished(task.number, State.FAILED, "worker killed", retry=True) for task in trial_batch.tasks
            ]

    state = run(tmp_path, Unlucky(), trials=3)
    assert [trial.lost for trial in state.trials] == [1, 1, 1]
    assert [trial.state for trial in state.trials] == [State.FAILED] * 3


def test_a_trial_that_ends_without_a_measurement_is_no_success(tmp_path):
    class Silent:
        def __call__(self, trial_batch, report):
            return [Finished(task.number, State.COMPLETE) for task in trial_batch.tasks]

    assert run(tmp_path, Silent(), trials=1).trials[0].state is State.FAILED


def test_trials_of_a_trial_batch_share_their_architecture(tmp_path):
    seen = []

    class Watch(TrivialWork):
        def __call__(self, trial_batch, report):
            seen.append([architecture(task.config) for task in trial_batch.tasks])
            return super().__call__(trial_batch, report)

    run(tmp_path, Watch(), trials=20, fused=4)
    assert [len(trial_batch) for trial_batch in seen] == [4] * 5
    assert all(member == trial_batch[0] for trial_batch in seen for member in trial_batch)


def test_trials_that_cannot_be_one_program_are_submitted_alone(tmp_path):
    seen = []

    class Watch(TrivialWork):
        def __call__(self, trial_batch, report):
            seen.append(len(trial_batch.tasks))
            return super().__call__(trial_batch, report)

    run(tmp_path, Watch(), trials=6, fused=4, together=lambda _: None)
    assert seen == [1] * 6


class Slow:
    """A clock, and work that moves it: ten seconds a step."""

    def __init__(self):
        self.seconds = 0.0

    def clock(self):
        return self.seconds

    def __call__(self, trial_batch, report):
        (task,) = trial_batch.tasks
        for done, rung in zip((0, *task.rungs), task.rungs, strict=False):
            self.seconds += 10.0 * (rung - done)
            keep = report([Measurement(task.number, rung, loss(task.config, rung), 10.0 * rung)])[0]
            if not keep and rung < task.steps:
                return [Finished(task.number, State.PRUNED)]
        return [Finished(task.number, State.COMPLETE)]


@pytest.mark.parametrize(("seconds", "trials"), [(5.0, 1), (200.0, 2)])
def test_the_search_stops_when_its_time_is_up_but_not_without_a_result(tmp_path, seconds, trials):
    slow = Slow()
    made = study(tmp_path, seconds=seconds, trials=None, pruner=NoPruner(), log={"clock": slow.clock})
    with closing(made.log.journal):
        state = made.run(slow)
    assert state.ended[State.COMPLETE] >= 1
    assert len(state.trials) == trials
    assert made.log.seconds < seconds + 90.0  # what one trial takes


class HalfDeaf(InProcessExecutor):
    """Trial 1 gives no sign until it is canceled; waiting for it moves the clock."""

    workers = 2

    def __init__(self, slow):
        super().__init__()
        self.slow, self.deaf, self.canceled = slow, None, []

    def submit(self, trial_batch):
        if trial_batch.tasks[0].number == 1:
            self.deaf = trial_batch
        else:
            super().submit(trial_batch)

    def results(self, decide, timeout=None):
        if self.canceled and self.deaf:
            ended, self.deaf = lost(self.deaf, CANCELED), None
            yield from ended
        self.slow.seconds += 0 if self._queue else 1.0
        yield from super().results(decide, timeout)

    def cancel(self, number):
        self.canceled.append(number)


@pytest.mark.parametrize("sampler", ["random", "bayesian"])
def test_a_trial_that_gives_no_sign_is_canceled_when_the_time_is_up(tmp_path, sampler):
    slow = Slow()
    executor = HalfDeaf(slow)
    settings = {"pruner": NoPruner(), "sampler": sampler, "executor": executor}
    made = study(tmp_path, seconds=400.0, trials=None, log={"clock": slow.clock}, **settings)
    with closing(made.log.journal):
        state = made.run(slow)
    assert 1 in executor.canceled
    trial = state.trials[1]
    assert (trial.state, trial.reason, trial.lost, trial.curve) == (State.PRUNED, SPENT, 0, [])
    assert state.ended[State.COMPLETE] >= 1
    assert study(tmp_path, sampler=sampler).state.trials == state.trials


def test_first_trials_too_long_for_the_budget_are_begun_anew_with_fewer_steps(tmp_path):
    slow = Slow()
    limits = {"reserve": lambda _: 140.0}
    made = study(tmp_path, seconds=200.0, trials=None, limits=limits, log={"clock": slow.clock})
    with closing(made.log.journal):
        state = made.run(slow)
    first = state.trials[0]
    # 60 of its 90 s are to come at 30 s, and the search ends at 60; but for a margin that leaves 10 s
    assert (first.state, first.cut, first.task.steps, first.task.rungs) == (State.COMPLETE, True, 1, (1,))
    assert first.task.config["training.steps"] == 1
    assert made.sampler.asked[0]["training.steps"] == 9
    cuts = [event for event in read(tmp_path / "journal.jsonl") if isinstance(event, events.Cut)]
    assert replace(cuts[0], t=0.0) == events.Cut(0, 0.1, (1,), TOO_LONG)
    assert state.shares[first.task.config["family"]] == 0.1
    later = [t for t in state.trials[1:] if t.task.config["family"] == first.task.config["family"]]
    assert later
    assert all(trial.task.steps == 1 and not trial.cut for trial in later)
    assert slow.seconds < 200.0
    assert state.cut()[first.task.config["family"]] == round(1 / 9, 2)
    assert not repeated_rungs(read(tmp_path / "journal.jsonl"))
    assert study(tmp_path).state.trials == state.trials


def test_a_family_whose_trials_had_all_their_steps_was_not_cut(tmp_path):
    assert run(tmp_path, trials=10).cut() == {}


def test_a_study_begins_at_second_zero():
    assert StudyState(OBJECTIVE).seconds == 0.0


def test_with_another_budget_trials_have_all_their_steps_again():
    state = StudyState(OBJECTIVE)
    config = {"family": "a", "training.steps": 9}
    ask, cut = events.Ask(0, config, 0, (1, 9)), events.Cut(0, 0.3, (1, 3))
    for event in (events.Start(seconds=60.0), ask, cut, events.Start(seconds=60.0)):
        state.apply(event)
    assert state.shares == {"a": 0.3}
    state.apply(events.Start(seconds=600.0))
    assert state.shares == {}


def test_a_trial_that_was_to_be_cut_when_its_controller_died_is_cut_by_the_next(tmp_path):
    slow = Slow()
    limits = {"reserve": lambda _: 140.0}
    made = study(tmp_path, seconds=200.0, trials=1, limits=limits, log={"clock": slow.clock})
    with closing(made.log.journal):
        made.run(slow)
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    (cut,) = (place for place, line in enumerate(lines) if '"cut"' in line)
    whole = read(journal)
    journal.write_text("".join(lines[:cut]))
    slow = Slow()
    limits = {"reserve": lambda _: 140.0}
    made = study(tmp_path, seconds=200.0, trials=1, limits=limits, log={"clock": slow.clock})
    with closing(made.log.journal):
        made.run(slow)
    assert [type(event) for event in read(journal)] == [type(event) for event in whole]


def test_a_trial_that_fits_but_for_a_tenth_of_the_budget_is_not_cut(tmp_path):
    slow = Slow()
    limits = {"reserve": lambda _: 20.0}
    made = study(tmp_path, seconds=100.0, trials=1, limits=limits, log={"clock": slow.clock})
    with closing(made.log.journal):
        state = made.run(slow)
    assert not state.trials[0].cut
    assert state.trials[0].task.steps == 9


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "grid", "bayesian"])
@pytest.mark.parametrize("cut", [3, 17, 40])
def test_a_study_resumed_from_any_record_tells_the_same_story(tmp_path, sampler, cut):
    def finite():
        text = "[a.training]\nlr = { float = [0.01, 0.09], step = 0.01, default = 0.02 }\nsteps = 9\n"
        return SearchSpace.parse(text + "x = { choice = [1, 2, 3], default = 1 }\n")

    def made(path):
        return study(path, trials=25, sampler=get("sampler", sampler)(finite(), 0))

    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = made(tmp_path / "whole")
    whole.run(TrivialWork(fail_every=7))
    whole.log.journal.close()
    lines = (tmp_path / "whole/journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut/journal.jsonl").write_bytes(b"".join(lines[:cut]) + lines[cut][:7])
    resumed = made(tmp_path / "cut")
    resumed.run(TrivialWork(fail_every=7))
    resumed.log.journal.close()
    assert story(tmp_path / "cut") == story(tmp_path / "whole")


def test_the_state_is_a_function_of_the_journal(tmp_path):
    state = run(tmp_path, TrivialWork(fail_every=6), trials=25)
    again = study(tmp_path).state
    assert again.trials == state.trials
    assert again.ended == state.ended


def test_a_rung_decided_before_an_interruption_is_decided_alike(tmp_path):
    answers = []

    def twice(trial_batch, report):
        """Reports each rung twice, as a worker does that began anew from its checkpoint."""
        (task,) = trial_batch.tasks
        measured = [Measurement(task.number, step, 1.0) for step in task.rungs]
        answers.extend([report([one])[0] for _ in range(2)] for one in measured)
        return [Finished(task.number, State.COMPLETE)]

    run(tmp_path, twice, trials=1)
    rungs = [event.step for event in read(tmp_path / "journal.jsonl") if isinstance(event, events.Rung)]
    assert len(rungs) == len(set(rungs)) == len(answers) > 1
    assert all(first is second for first, second in answers)


CONTROLLER = """
import sys
from pathlib import Path
from autogen.hpo.budget import Budget
from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.study.journal import Journal
from autogen.hpo.objective import Constraint, Objective
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from tests.hpo.trivial import TrivialWork
from tests.hpo.trivial import loss
from tests.hpo.trivial import space
journal = Journal(Path(sys.argv[1]) / "journal.jsonl")
study = Study(Strategy(RandomSampler(space(), 0), HalvingPruner()), InProcessExecutor(),
              StudyLog(journal, Objective("loss")), Limits(Budget(trials=60)))
study.run(TrivialWork(seconds=0.004, fail_every=9))
"""


def written(path):
    """Bytes of the journal so far."""
    journal = path / "journal.jsonl"
    return journal.stat().st_size if journal.exists() else 0


@pytest.mark.slow
def test_a_controller_killed_at_twenty_random_points_ends_as_if_nothing_had_happened(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir(), killed.mkdir()
    subprocess.run([sys.executable, "-c", CONTROLLER, str(whole)], check=True)
    draw = random.Random(0)
    kills = 0
    while kills < 20:
        process = subprocess.Popen([sys.executable, "-c", CONTROLLER, str(killed)])
        enough = written(killed) + draw.randint(1, 2000)
        while written(killed) < enough and process.poll() is None:
            time.sleep(0.0005)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            break
    subprocess.run([sys.executable, "-c", CONTROLLER, str(killed)], check=True)
    assert kills >= 3
    assert story(killed) == story(whole)
    (killed / "study.toml").touch()
    assert audit(killed) == []


def test_the_audit_names_what_is_wrong(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    (tmp_path / "study.toml").touch()
    for n in (0, 1):
        journal.append(events.Ask(n, {}, 0, (1,)))
    for _ in range(2):
        journal.append(events.End(0, State.COMPLETE))
    journal.close()
    assert audit(tmp_path) == ["trial 1 has not ended", "trial 0 ended 2 times"]
    assert repeated_rungs([events.Rung(0, 1, 0.5, True)] * 2) == ["trial 0 was measured 2 times at step 1"]


class Broken:
    """Fails every trial before its first measurement, as a plug-in with a mistake in it does."""

    def __call__(self, trial_batch, report):
        return [Finished(task.number, State.FAILED, "KeyError: 'wdith'") for task in trial_batch.tasks]


def test_a_study_in_which_everything_fails_alike_ends_soon(tmp_path):
    state = run(tmp_path, Broken(), trials=1000)
    assert state.ended == {State.FAILED: HOPELESS}


def test_a_trial_whose_rest_does_not_fit_is_stopped_and_none_is_begun_that_cannot_end(tmp_path):
    """The first takes 9 of 25 s; those after it would take 18, 27 and 36, and none could end in 7."""
    now = [0.0]

    def work(trial_batch, report):
        (task,), began = trial_batch.tasks, now[0]
        slow = 1 + task.number  # seconds a step
        for rung in task.rungs:
            now[0] = began + slow * rung
            measured = Measurement(task.number, rung, 0.5, float(slow * rung))
            if not report([measured])[0]:
                return [Finished(task.number, State.PRUNED)]
        return [Finished(task.number, State.COMPLETE)]

    log = {"clock": lambda: now[0]}
    made = study(tmp_path, trials=None, seconds=25.0, defaults=[space().default("a")], log=log)
    made.sampler = get("sampler", "bayesian")(space().restrict(("a",)), 0)
    with closing(made.log.journal):
        state = made.run(work)
    assert [trial.curve[-1].step for trial in state.trials] == [9, 1, 1, 1]
    assert {trial.reason for trial in state.trials[1:]} == {"stopped when the budget was spent"}
    assert now[0] == 9 + 2 + 3 + 4


def timed(seconds, now):
    """Work whose trials take so many seconds by their family."""

    def work(trial_batch, report):
        (task,), began = trial_batch.tasks, now[0]
        for rung in task.rungs:
            spent = seconds[task.config["family"]] * rung / task.steps
            now[0] = began + spent
            measured = Measurement(task.number, rung, loss(task.config, rung), spent)
            if not report([measured])[0]:
                return [Finished(task.number, State.PRUNED)]
        return [Finished(task.number, State.COMPLETE)]

    return work


def timed_study(path, now, **more):
    """A study on a clock of its own, whose trials are measured at their end only."""
    return study(path, pruner=NoPruner(), log={"clock": lambda: now[0]}, **more)


def test_near_the_end_only_trials_of_a_family_that_fits_are_begun(tmp_path):
    now = [0.0]
    made = timed_study(tmp_path, now, trials=None, seconds=60.0, sampler="bayesian")
    with closing(made.log.journal):
        state = made.run(timed({"a": 20.0, "b": 3.0}, now))
    late = [trial for trial in state.trials if trial.asked_at > 40.0]
    assert len(late) > 3
    assert {trial.task.config["family"] for trial in late} == {"b"}
    assert state.ended == {State.COMPLETE: len(state.trials)}


class Listening(RandomSampler):
    """Sampler that keeps the seconds of outcomes."""

    def __init__(self):
        super().__init__(space(), 0)
        self.seconds = []

    def _on_tell(self, outcome):
        self.seconds.append(outcome.seconds)


@pytest.mark.parametrize(("seconds", "known"), [(30.0, 2.0), (None, 0.0)])
def test_a_sampler_learns_of_seconds_with_a_time_budget_only_also_when_resumed(tmp_path, seconds, known):
    now = [0.0]
    for _ in range(2):
        made = timed_study(tmp_path, now, trials=5, seconds=seconds, sampler=Listening())
        with closing(made.log.journal):
            made.run(timed({"a": 2.0, "b": 2.0}, now))
        assert made.sampler.seconds == [known] * 5


class Idle:
    """Evaluations for workers that would wait."""

    def __init__(self, executor):
        self.executor, self.given, self.ended, self.in_flight = executor, 0, [], 0

    def submit(self, workers):
        for _ in range(workers if self.given < 3 else 0):
            self.given, self.in_flight = self.given + 1, self.in_flight + 1
            self.executor.submit(TrialBatch((Scoring.of(-self.given, lambda: {"score": 1.0}),)))

    def receive(self, finished):
        self.in_flight -= 1
        self.ended.append(finished.number)


class Pair(InProcessExecutor):
    """Two workers that take turns."""

    workers = 2


def test_workers_without_a_trial_left_evaluate_meanwhile(tmp_path):
    def work(trial_batch, report):
        (task,) = trial_batch.tasks
        return [scored(task)] if isinstance(task, Scoring) else TrivialWork()(trial_batch, report)

    executor = Pair()
    made = study(tmp_path, trials=3, executor=executor)
    made.spare = Idle(executor)
    with closing(made.log.journal):
        state = made.run(work)
    assert sum(state.ended.values()) == 3  # no trial is held up by it, none is lost
    assert (made.spare.given, made.spare.in_flight) == (1, 1)  # beside the last trial, which has just ended
    assert not [event for event in read(tmp_path / "journal.jsonl") if getattr(event, "n", 0) < 0]
