"""Confirmation: which one is gone on with, and in which order workers are given what."""

from pathlib import Path

import pytest

from autogen.hpo.objective import COSTS, Objective
from autogen.hpo.study.events import Ask, Confirm, End, Finalists, Rung
from autogen.hpo.study.log import RETRIES
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Finished, Measurement, State, Task
from autogen.verdict.confirmation import (
    RANKING,
    RECIPES,
    Confirmation,
    Confirmed,
    can_resume,
    fresh_seeds,
    models,
    pick_finalists,
    recipes,
)
from autogen.verdict.measuring.scheduler import EvaluationQueue
from tests.hpo.study.logs import events_in, log_of
from tests.hpo.study.test_study import run as search
from tests.verdict.measuring.test_scheduler import Desk, Twice

BEGUN = Finalists((3, 1), seeds=5, after=9)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        ({"trials": (3,), "seeds": 5, "after": 9}, True),  # less time is left
        ({"trials": (3, 1), "seeds": 5, "after": 20}, True),
        ({"trials": (3, 7), "seeds": 5, "after": 10}, False),
        ({"trials": (3, 1), "seeds": 6, "after": 9}, False),
        ({"trials": (3, 1, 7), "seeds": 5, "after": 9}, False),  # the budget has grown
    ],
)
def test_a_confirmation_is_gone_on_with_unless_the_search_has_found_others(now, same):
    assert can_resume(BEGUN, Finalists(**now)) == same


class Trainer(Desk):
    """Trains at once, and remembers what it was given."""

    def __init__(self, workers):
        super().__init__(workers)
        self.given = []

    def submit(self, trial_batch):
        self.given.append(trial_batch.tasks[0].number)
        super().submit(trial_batch)

    def results(self, decide, timeout=None):
        trainings = [task for task in self.queue if task.number >= 0]
        self.queue = [task for task in self.queue if task.number < 0]
        for task in trainings:
            decide(Measurement(task.number, task.steps, 0.0, 2.00049, 0.50051))
            yield Finished(task.number, State.COMPLETE)
        yield from super().results(decide, timeout)


def trials(seconds, families=("vae",)):
    """Complete trials, the best first."""
    return [
        TrialRecord(
            Task(n, {"family": families[n % len(families)]}, 100 + n, 9, (9,)),
            curve=[Measurement(n, 9, 0.5 + n, took)],
            losses=[0.5 + n],
        )
        for n, took in enumerate(seconds)
    ]


def searched(seconds):
    """Events of complete trials that took so many seconds of training."""
    for n, took in enumerate(seconds):
        yield Ask(n, {"family": "vae"}, 100 + n, (9,))
        yield Rung(n, 9, 0.5 + n, True, took)
        yield End(n, State.COMPLETE)


def confirming(folder, seconds, seeds, records=(), workers=2):
    made, executor = log_of(folder, *searched(seconds), *records), Trainer(workers)
    return made, executor, Confirmation(made, executor, made.state.trials, seeds=seeds, folder="")


def test_the_longest_trainings_come_first_and_workers_left_over_score(tmp_path):
    made, executor, confirmation = confirming(tmp_path, [1.0, 2.0], seeds=[7, 8], workers=3)
    queue = EvaluationQueue(made, executor)
    queue.add("select/smote/5", lambda: Twice(1))
    done = confirmation.run(queue)
    # numbers go seed by seed: 0 and 2 are trial 0's, 1 and 3 trial 1's
    assert executor.given[:4] == [1, 3, 0, 2]
    assert [one.task.number for one in done] == [0, 1, 2, 3]
    assert {(event.train, event.eval) for event in events_in(made, Confirm)} == {(2.0, 0.501)}
    assert queue.known("select/smote/5")


def test_trainings_of_the_journal_are_not_done_again(tmp_path):
    records = [Confirm(0, 0, 0, State.COMPLETE, train=1.0, eval=0.25)]
    made, executor, confirmation = confirming(tmp_path, [1.0], seeds=[7], records=records)
    (done,) = confirmation.run(EvaluationQueue(made, executor))
    assert executor.given == []
    assert done.seconds == 1.0


def test_all_recipes_have_the_same_fresh_seeds(tmp_path):
    made, executor, confirmation = confirming(tmp_path, [1.0, 2.0, 3.0], seeds=[7, 8, 9, 10])
    by_trial = {}
    for one in confirmation.run(EvaluationQueue(made, executor)):
        by_trial.setdefault(one.trial, []).append(one.task.seed)
    assert by_trial == {0: [7, 8, 9, 10], 1: [7, 8, 9, 10], 2: [7, 8, 9, 10]}


def test_no_fresh_seed_is_a_trial_s_own(tmp_path):
    own = {trial.task.seed for trial in search(tmp_path, trials=20).trials}  # seed 0
    fresh = fresh_seeds(0, 20)
    assert len(own) == len(set(fresh)) == 20
    assert not own & set(fresh)
    assert fresh != fresh_seeds(1, 20)


def test_the_best_of_each_family_are_finalists_then_the_next_best():
    found = pick_finalists(trials([1.0] * 6, families=("vae", "gan", "vae")), 4)
    assert [trial.task.number for trial in found] == [0, 1, 2, 3]
    assert [trial.task.config["family"] for trial in found][:2] == ["vae", "gan"]


@pytest.mark.parametrize(
    ("suspects", "expected"),
    [
        ({}, [0, 1, 2]),
        ({0}, [1, 0, 2]),  # better than all others: the finals look at more rows
        ({0, 2}, [1, 0, 4]),  # one place only
        ({0, 1, 2, 3, 4, 5}, [0, 1, 2]),
        ({4, 5}, [0, 1, 2]),  # suspected, and not better
    ],
)
def test_a_suspected_leader_is_looked_at_in_the_finals(suspects, expected):
    complete = trials([1.0] * 6, families=("vae", "gan"))
    for trial in complete:
        trial.suspect = "copies" if trial.task.number in suspects else ""
    complete.sort(key=lambda trial: (bool(trial.suspect), trial.losses[-1]))
    assert [trial.task.number for trial in pick_finalists(complete, 3)] == expected


def test_with_several_objectives_the_best_in_each_are_finalists_though_one_family_has_both():
    complete = trials([1.0] * 5, families=("vae", "gan"))
    cost = (9.0, 8.0, 1.0, 7.0, 8.5)  # losses ascend, so the last two are dominated
    for trial, seconds in zip(complete, cost, strict=True):
        trial.values = {"train_seconds": seconds}
    objectives = (Objective("kd"), COSTS["train_seconds"])
    assert [one.task.number for one in pick_finalists(complete, 2, objectives)] == [0, 2]
    assert [one.task.number for one in pick_finalists(complete, 3, objectives)] == [0, 1, 2]
    others = trials([1.0] * 3, families=("vae", "vae", "gan"))
    assert [one.task.number for one in pick_finalists(others, 2, objectives[:1])] == [0, 2]
    assert pick_finalists([], 2, objectives) == []


def test_a_training_whose_worker_is_lost_is_tried_once_more_and_then_has_failed(tmp_path):
    class Losing(Trainer):
        def results(self, decide, timeout=None):
            done, self.queue = self.queue, []
            yield from (Finished(one.number, State.FAILED, "worker gone", retry=True) for one in done)

    made = log_of(tmp_path, *searched([1.0]))
    executor = Losing(2)
    confirmation = Confirmation(made, executor, made.state.trials, seeds=[7], folder="", first=5)
    (done,) = confirmation.run(EvaluationQueue(made, executor))
    assert executor.given == [5] * (1 + RETRIES)
    assert (done.state, done.why, done.seconds) == (State.FAILED, "worker gone", 0.0)


def test_the_pages_say_how_many_configs_are_trained_again_and_how_many_seeds_rank_them():
    numbers = {1: "one", 2: "two", 3: "three", 4: "four"}
    docs = Path(__file__).parents[2] / "docs"
    assert f"at most {numbers[RECIPES]} configurations" in (docs / "settings.md").read_text()
    verdict = " ".join((docs / "verdict.md").read_text().split())
    assert (
        f"trains the {numbers[RECIPES]} best configurations again with N + {RANKING} fresh seeds" in verdict
    )


def confirmed(trial, index, state=State.COMPLETE, why=""):
    number = 10 * trial + index
    return Confirmed(trial, index, Task(number, {"family": "vae"}, 0, 9, (9,)), state, why, 2.0)


def test_the_first_fresh_seeds_rank_a_recipe_and_the_others_carry_its_claim(tmp_path):
    made = log_of(tmp_path, *searched([1.0]))
    (entry,) = recipes(made.state, [confirmed(0, index) for index in (3, 1, 0, 4, 2)], Path("finalists"))
    assert [draw.model.name for draw in entry.select] == ["0000", "0001"][:RANKING]
    assert [draw.model.name for draw in entry.test] == ["0002", "0003", "0004"]
    assert entry.excluded == ""


def test_a_recipe_with_a_failed_training_is_excluded(tmp_path):
    made = log_of(tmp_path, *searched([1.0]))
    runs = [*(confirmed(0, index) for index in range(3)), confirmed(0, 3, State.FAILED, "the loss is nan")]
    (entry,) = recipes(made.state, runs, Path("finalists"))
    assert entry.excluded == "failed on 1 of 4 fresh seeds: the loss is nan"


def test_a_model_of_the_search_is_drawn_from_with_so_many_seeds(tmp_path):
    made = log_of(tmp_path, *searched([1.0, 2.0]))
    (entry,) = models(made.state, [1], Path("trials"), 2, 3)
    assert entry.models == (Path("trials/0001"),)
    assert [[draw.index for draw in some] for some in (entry.select, entry.test)] == [[0, 1], [0, 1, 2]]
    assert (entry.trial, entry.seconds) == (1, 2.0)
