import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.metrics.texts.diversity import LONG, SHORT, DistinctStretches, Repetition
from tests.data.texts.makers import words
from tests.metrics.makers import codec_of, people


@pytest.fixture(scope="module")
def codec():
    return open_data(words(300)).codec


def score(metric, codec, real, fake):
    return metric.score(metric.prepare(real, codec), fake)


def test_distinct_is_the_share_of_different_ngrams_of_all_texts(codec):
    texts = words(60)
    all_of_them = [text[i : i + SHORT] for text in texts for i in range(max(1, len(text) - SHORT + 1))]
    expected = len(set(all_of_them)) / len(all_of_them)
    assert score(DistinctStretches(), codec, words(50, 1), texts) == pytest.approx(expected)


def test_repetition_is_the_mean_share_of_ngrams_that_a_text_had_before(codec):
    texts = ["abcabc", "abcdef"] * 5
    assert score(Repetition(), codec, words(50), texts) == pytest.approx((1 / 4 + 0) / 2)


def test_ngrams_of_long_texts_are_longer(codec):
    text = " ".join(words(20))
    for metric in (DistinctStretches(), Repetition()):
        assert metric.prepare(words(20), codec).size == SHORT
        assert metric.prepare([text] * 20, codec).size == LONG


def test_one_text_repeated_is_hardly_distinct_and_repeats_nothing_within_itself(codec):
    real, same = words(50), ["abcdefgh"] * 50
    assert score(DistinctStretches(), codec, real, same) == pytest.approx(1 / 50)
    assert score(Repetition(), codec, real, same) == 0


def test_a_loop_is_repetition(codec):
    real = [" ".join(words(20, seed)) for seed in range(20)]
    stuck = [text[:60] + "the cat " * 10 for text in real]
    assert score(Repetition(), codec, real, stuck) > score(Repetition(), codec, real, real) + 0.3


def test_the_empty_text_is_one_stretch(codec):
    assert score(DistinctStretches(), codec, words(20), [""] * 20) == pytest.approx(1 / 20)
    assert score(Repetition(), codec, words(20), [""] * 20) == 0


@pytest.mark.parametrize("metric", [DistinctStretches, Repetition])
def test_only_lists_of_texts_are_described(codec, metric):
    with pytest.raises(MetricError, match="list of str"):
        score(metric(), codec, words(20), np.zeros((20, 3)))
    with pytest.raises(MetricError, match="tabular"):
        metric().prepare(words(20), codec_of(people(30, 0)))
