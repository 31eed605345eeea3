"""Finals by a metric that is to be maximised: floor, ceiling and ranking know which way is better."""

from types import SimpleNamespace

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.hpo.study.state import StudyState
from autogen.metrics.base import Metric
from autogen.verdict.contenders import Standing
from autogen.verdict.evaluations import Given
from autogen.verdict.finals import Finals
from autogen.verdict.goals import Goals
from autogen.verdict.scheduler import Scorekeeper
from tests.data.texts.makers import words


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
    """Finals of two finalists whose samples are there: real rows, and texts that begin with x."""

    def _finalists(self, state, confirmed):
        return [Standing(f"trial {n}", "finalist", {}, n, models=(2 * n, 2 * n + 1)) for n in range(2)]

    def _left(self, number, split):
        own = self.data.split("tune")[number % 2 :: 2]  # no text twice: repeats are refused
        return Given([["x" + text for text in own], own][number // 2])

    def _describe(self, finalists):
        pass


@pytest.fixture(scope="module")
def finals(tmp_path_factory):
    data = open_data(words(900))
    goals = Goals("text", ("reverse_ngram",))
    goals.__dict__["metric"] = RealWords()
    journal = SimpleNamespace(events=[])
    study = SimpleNamespace(journal=journal, seconds=0.0, record=journal.events.append)
    return Drawn(data, goals, 2, 0, tmp_path_factory.mktemp("finals"), Scorekeeper(study))


@pytest.fixture(scope="module")
def verdict(finals):
    return finals.verdict(StudyState(finals.metric.objective), [])


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


def test_what_the_journal_holds_is_not_scored_again(finals, verdict, monkeypatch):
    again = Drawn(finals.data, finals.goals, 2, 0, finals.folder, Scorekeeper(finals.scores.study))
    monkeypatch.setattr(RealWords, "jackknife", lambda *_: pytest.fail("scored again"))
    monkeypatch.setattr(RealWords, "score", lambda *_: pytest.fail("scored again"))
    found = again.verdict(StudyState(finals.metric.objective), [])
    assert found.intervals == verdict.intervals
    assert found.tune_scores == verdict.tune_scores
    assert [standing.gate for standing in found.standings] == [s.gate for s in verdict.standings]


class Choosy(RealWords):
    """Cannot score texts that all begin with x."""

    def score(self, reference, fake):
        if all(text.startswith("x") for text in fake):
            raise ValueError("all texts begin with x")
        return super().score(reference, fake)


def fresh(tmp_path, metric):
    data = open_data(words(900))
    goals = Goals("text", ("reverse_ngram",))
    goals.__dict__["metric"] = metric
    journal = SimpleNamespace(events=[])
    study = SimpleNamespace(journal=journal, seconds=0.0, record=journal.events.append)
    return Drawn(data, goals, 2, 0, tmp_path, Scorekeeper(study))


def test_a_finalist_that_cannot_be_scored_loses_its_place_and_the_study_goes_on(tmp_path):
    found = fresh(tmp_path, Choosy()).verdict(StudyState(Choosy.objective), [])
    assert found.chosen.name == "trial 1"
    lost = next(s for s in found.standings if s.name == "trial 0")
    assert lost.excluded == "could not be scored: ValueError: all texts begin with x"
    assert not len(lost.test)
    assert "trial 0" not in found.intervals


def test_a_baseline_that_cannot_be_scored_is_left_out(tmp_path, monkeypatch):
    finals = fresh(tmp_path, RealWords())
    drawn = Drawn._drawn

    def broken(self, name, split, index):
        if name == "ngram":
            raise MemoryError("no room for its counts")
        return drawn(self, name, split, index)

    monkeypatch.setattr(Drawn, "_drawn", broken)
    found = finals.verdict(StudyState(RealWords.objective), [])
    assert "ngram" not in found.intervals
    assert "ngram" not in found.tune_scores
    assert [c.rival for c in found.verdict.comparisons] == ["trial 0", "unigram"]
    assert "no room for its counts" in next(s for s in found.standings if s.name == "ngram").excluded


def test_where_real_rows_cannot_be_scored_there_is_nothing_to_judge_by(tmp_path, monkeypatch):
    finals = fresh(tmp_path, RealWords())
    monkeypatch.setattr(RealWords, "score", lambda *_: float("nan"))
    with pytest.raises(MetricError):
        finals.verdict(StudyState(RealWords.objective), [])
