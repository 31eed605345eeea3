"""Finals by a metric that is to be maximised: floor, ceiling and ranking know which way is better."""

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.finals import Finals, Standing
from autogen.goals import Goals
from autogen.metrics.base import Metric
from autogen.objective import Objective
from autogen.study_state import StudyState
from tests.data.text_makers import words


class RealWords(Metric):
    """Share of the texts' first two letters that begin a real text."""

    kinds = ("text",)
    objective = Objective("real_words", 1, "maximize")

    def prepare(self, real, codec):
        return {text[:2] for text in real}

    def score(self, reference, fake):
        return float(np.mean([text[:2] in reference for text in fake]))

    def replicates(self, reference, fake, groups):
        owner = np.arange(len(fake)) % groups
        known = np.array([text[:2] in reference for text in fake])
        return np.array([known[owner != group].mean() for group in range(groups)])


class Drawn(Finals):
    """Finals of two finalists whose samples are there: real rows, and texts of one letter."""

    def _finalists(self, state, confirmed):
        return [Standing(f"trial {n}", "finalist", {}, n, models=(n, n)) for n in range(2)]

    def _score_finalist(self, standing, folder):
        sets = [["x"] * 60, self.data.split("tune")]
        chosen = sets[standing.trial]
        self._score(standing, [chosen] * 2, [chosen] * 2)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory):
    data = open_data(words(900))
    goals = Goals("text", ("reverse_ngram",))
    goals.__dict__["metric"] = RealWords()
    return Drawn(data, goals, 2, 0).verdict(
        StudyState(goals.metric.objective), [], tmp_path_factory.mktemp("finals")
    )


def test_the_floor_is_the_best_trivial_baseline_and_lies_below_the_ceiling(verdict):
    assert verdict.floor == verdict.intervals["unigram"].mean < verdict.ceiling


def test_calibrated_scores_rise_with_the_metric(verdict):
    scores = [verdict.floor, verdict.intervals["ngram"].mean, verdict.ceiling]
    found = [verdict.calibrated(score) for score in scores]
    assert found[0] == pytest.approx(0.0)
    assert 0 < found[1] < 1.2
    assert found[2] == pytest.approx(1.0)


def test_the_higher_score_leads(verdict):
    assert [standing.name for standing in verdict.standings[:2]] == ["trial 1", "trial 0"]
    assert verdict.chosen.name == "trial 1"
