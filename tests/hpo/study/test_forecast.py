"""How long confirmation will take, and for whom there is time."""

import pytest

from autogen.hpo.study.forecast import (
    ANEW,
    CONTENTION,
    DESCRIBING,
    ON_TEST,
    PUBLISHING,
    Forecast,
    makespan,
    scoring_seconds,
)
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement, Task


def trial(number, train, score):
    """A complete trial whose last rung took ``score`` seconds to score."""
    curve = [Measurement(number, 3, 0.5, train / 3, 0.1), Measurement(number, 9, 0.4, train, 0.1 + score)]
    return TrialRecord(Task(number, {"family": "vae"}, 0, 9, (3, 9)), curve=curve)


@pytest.mark.parametrize(("seconds", "workers", "expected"), [([4, 3, 3, 2], 2, 6), ([5], 4, 5), ([], 2, 0)])
def test_workers_take_the_longest_task_that_is_left(seconds, workers, expected):
    assert makespan(seconds, workers) == expected


def test_only_the_last_rung_tells_what_a_score_on_all_rows_takes():
    assert scoring_seconds(trial(0, 6.0, 0.25)) == pytest.approx(0.25)


def test_trainings_scorings_and_what_follows_are_foretold():
    after = DESCRIBING + PUBLISHING
    one = Forecast(seeds=5, baselines=0).seconds([trial(0, 6.0, 0.0)], 1)
    assert one == pytest.approx(5 * 6.0 + after)
    two = Forecast(seeds=5, baselines=0).seconds([trial(0, 6.0, 0.0)], 2)
    assert two == pytest.approx(3 * 6.0 * CONTENTION + after)
    scoring = 5 * 5 * 0.2
    scored = Forecast(seeds=5, baselines=4).seconds([trial(0, 6.0, 0.2)], 1)
    assert scored == pytest.approx(5 * 6.2 + scoring + ON_TEST * scoring + after + 2 * ANEW * 0.2)


def test_workers_without_a_training_score_meanwhile():
    finalists = [trial(0, 6.0, 0.2)]
    without, scored = (Forecast(5, count).seconds(finalists, 4) for count in (0, 4))
    assert scored - without == pytest.approx(ON_TEST * 5 * 4 * 0.2 / 4)


def test_the_leader_is_confirmed_whatever_the_time_and_others_if_they_fit():
    forecast = Forecast(seeds=5, baselines=0)
    finalists = [trial(0, 6.0, 0.0), trial(1, 20.0, 0.0), trial(2, 2.0, 0.0)]
    chosen = forecast.fitting(finalists, 2, 30.0)
    assert [one.task.number for one in chosen] == [0, 2]
    assert [one.task.number for one in forecast.fitting(finalists, 2, -5.0)] == [0]
    assert forecast.fitting(finalists, 2, None) == finalists
