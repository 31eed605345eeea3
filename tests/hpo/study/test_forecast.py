"""How long the finals will take, and for whom there is time."""

import pytest

from autogen.hpo.study.forecast import (
    CHECKING,
    CHECKS,
    CONTENTION,
    DESCRIBING,
    FITTING,
    JACKKNIFED,
    PUBLISHING,
    SHORT,
    Extent,
    Forecast,
    makespan,
)
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement, Task

FIVE, THREE = Extent(5, 5), Extent(1, 3, short=True)


def trial(number, train, score):
    """A complete trial whose last rung took ``score`` seconds to score."""
    seconds = [(1, train / 9, 0.04), (3, train / 3, 0.1), (9, train, 0.1 + score)]
    curve = [Measurement(number, step, 0.5, trained, scored) for step, trained, scored in seconds]
    return TrialRecord(Task(number, {"family": "vae"}, 0, 9, (1, 3, 9)), curve=curve)


@pytest.mark.parametrize(("seconds", "workers", "expected"), [([4, 3, 3, 2], 2, 6), ([5], 4, 5), ([], 2, 0)])
def test_workers_take_the_longest_task_that_is_left(seconds, workers, expected):
    assert makespan(seconds, workers) == expected


def test_only_the_last_rung_tells_what_a_score_on_all_rows_takes():
    assert Forecast(0, 1, early=4.0).scoring_seconds(trial(0, 6.0, 0.25)) == pytest.approx(0.25)


def test_a_score_of_a_trial_that_still_trains_is_taken_to_grow_with_the_rows():
    running = trial(0, 6.0, 0.25)
    del running.curve[-1]
    assert Forecast(0, 1, early=4.0).scoring_seconds(running) == pytest.approx(4.0 * 0.06)


def test_finals_are_scores_on_select_tests_for_copies_and_scores_on_test():
    fixed = DESCRIBING + PUBLISHING + CHECKING  # the real rows are measured too
    assert Forecast(0, 1).finals([], FIVE) == fixed
    select = 5 * JACKKNIFED * 0.2
    gate = CHECKING + 5 * 0.2
    real = JACKKNIFED * 0.2
    assert Forecast(0, 1).finals([trial(0, 6.0, 0.2)], FIVE) == pytest.approx(
        2 * select + gate + real + fixed
    )


def test_the_shortest_finals_are_those_of_the_first_finalist_up_to_a_limit():
    finalists = [trial(0, 6.0, 9.0), trial(1, 6.0, 0.2)]
    forecast = Forecast(3, 1)
    assert forecast.shortest([], THREE, 60.0) == 0.0
    assert forecast.shortest(finalists, THREE, 1000.0) == forecast.finals(finalists[:1], THREE)
    assert forecast.shortest(finalists, THREE, 60.0) == 60.0


def test_a_baseline_takes_a_bounded_test_and_scores_as_long_as_those_of_the_cheapest_finalist():
    finalists = [trial(0, 6.0, 0.2), trial(1, 6.0, 0.8)]
    added = Forecast(1, 1).finals(finalists, FIVE) - Forecast(0, 1).finals(finalists, FIVE)
    assert added == pytest.approx(FITTING + (1 + 5) * JACKKNIFED * 0.2 + CHECKING)


def test_where_time_is_short_there_are_fewer_draws_and_only_two_baselines_on_test():
    finalists = [trial(number, 6.0, 0.2) for number in range(4)]
    two, six = Forecast(SHORT, 1), Forecast(6, 1)
    score = JACKKNIFED * 0.2
    select = 4 * score + SHORT * (FITTING + score)
    tests = SHORT * (CHECKING + 3 * 0.2) + SHORT * CHECKING + CHECKING
    test = (3 * 2 * SHORT + 1) * score
    assert two.finals(finalists, THREE) == pytest.approx(select + tests + test + DESCRIBING + PUBLISHING)
    more = six.finals(finalists, THREE) - two.finals(finalists, THREE)
    assert more == pytest.approx(4 * (FITTING + JACKKNIFED * 0.2))  # on select alone


def test_a_machine_that_is_busy_takes_longer_for_what_is_not_measured():
    busy = Forecast(0, 1, slowness=3.0).finals([], FIVE)
    assert busy == 3 * Forecast(0, 1).finals([], FIVE)


def test_nothing_is_trained_again_unless_recipes_are_judged():
    finalists = [trial(0, 6.0, 0.0)]
    models, recipes = Forecast(0, 1).finals(finalists, FIVE), Forecast(0, 1).retraining(finalists, 5)
    assert recipes - models == pytest.approx(5 * 6.0)
    two = Forecast(0, 2).retraining(finalists, 5) - Forecast(0, 2).finals(finalists, FIVE)
    assert two == pytest.approx(3 * 6.0 * CONTENTION)


def test_as_many_are_compared_as_there_is_time_for_and_one_whatever_the_time():
    forecast = Forecast(2, 1)
    finalists = [trial(number, 6.0, 0.2) for number in range(6)]

    def fitting(seconds):
        return [one.task.number for one in forecast.fitting(finalists, seconds, FIVE)]

    assert fitting(None) == list(range(6))
    assert fitting(forecast.finals(finalists[:4], FIVE)) == [0, 1, 2, 3]
    assert fitting(0.0) == [0]
    least = forecast.finals(finalists[:1], FIVE)
    spare = forecast.finals(finalists[:3], FIVE) - least
    assert len(forecast.fitting(finalists, 0.0, FIVE, spare)) == 3
    assert len(forecast.fitting(finalists, least + spare, FIVE, spare / 2)) == 3


def test_hard_tests_take_a_multiple_of_the_searchs_own_test_for_copies():
    quick, slow = ([trial(0, 6.0, 0.2)] for _ in range(2))
    slow[0].check = 2.0
    more = Forecast(0, 1).finals(slow, FIVE) - Forecast(0, 1).finals(quick, FIVE)
    assert more == pytest.approx(2 * (CHECKS * 2.0 - CHECKING))  # of the finalist, and of the real rows
