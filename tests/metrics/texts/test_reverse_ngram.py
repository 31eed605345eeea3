import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.calibration import calibrated
from autogen.metrics.memorization.gate import memorisation
from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.texts.reverse_ngram import ReverseNGram
from tests.data.texts.makers import words
from tests.metrics.makers import codec_of, people


@pytest.fixture(scope="module", params=["documents", "stream"])
def data(request):
    found = words(3000)
    return open_data(found if request.param == "documents" else [" ".join(found)])


def score(data, texts):
    metric = ReverseNGram()
    return metric.score(metric.prepare(data.split("test"), data.codec), texts)


def drawn(data, name, n=None):
    model = baselines_for("text")[name]()
    model.fit(data.split("train"), data.codec)
    return model.sample(n or len(data.rows["test"]), np.random.default_rng(0))


def test_copies_and_real_texts_score_alike_and_better_than_models_of_n_grams(data):
    real, copy = score(data, data.split("select")), score(data, drawn(data, "train_copy"))
    ngram, unigram = score(data, drawn(data, "ngram")), score(data, drawn(data, "unigram"))
    assert abs(copy - real) < 0.15 * (unigram - real)
    assert real < ngram < unigram
    assert calibrated(ngram, unigram, real) > 0.5


@pytest.mark.slow
def test_copies_are_refused_and_real_texts_pass(data):
    train, test = data.split("train"), data.split("test")
    assert not memorisation(drawn(data, "train_copy"), train, test, data.codec).passed
    assert memorisation(data.split("select"), train, test, data.codec).passed
    assert memorisation(drawn(data, "unigram"), train, test, data.codec).passed


def test_windows_over_two_training_blocks_are_refused():
    data = open_data([" ".join(words(8000))])
    text, length = "".join(data.raw.samples), data.codec.spec.length
    train = set(data.rows["train"].tolist())
    first = [i for i in sorted(train) if i + 1 in train]
    shifted = [text[i * length + length // 2 :][:length] for i in first[:100]]
    assert not memorisation(shifted, data.split("train"), data.split("test"), data.codec).passed


def test_a_text_lies_at_zero_from_itself_and_nearer_to_a_misspelt_copy_than_to_others():
    data = open_data(["marianne", "mariannes", "bob", *words(60)])
    strip = next(distance_to(["marianne", "mariannes", "bob"], data.codec).strips(["marianne", "", "bob"]))
    assert strip[0, 0] == strip[2, 2] == 0
    assert 0 < strip[0, 1] < strip[0, 2] <= 1


def test_the_score_of_equal_shares_is_the_entropy():
    rng = np.random.default_rng(0)
    data = open_data(["".join(rng.choice(list("abcd"), size=100_000))])
    assert score(data, data.split("train")) == pytest.approx(2, abs=0.15)


def test_replicates_are_the_scores_without_each_group(data):
    metric, test, fake = ReverseNGram(), data.split("test"), drawn(data, "ngram")
    found = metric.replicates(metric.prepare(test, data.codec), fake, 5)
    for group in range(5):
        real = [text for i, text in enumerate(test) if i % 5 != group]
        rest = [text for i, text in enumerate(fake) if i % 5 != group]
        assert found[group] == pytest.approx(metric.score(metric.prepare(real, data.codec), rest))


@pytest.mark.parametrize("different", [1, 5])
def test_a_collapsed_generator_is_worse_than_independent_characters(data, different):
    size = len(data.rows["test"])
    few = (data.split("train")[:different] * size)[:size]
    assert score(data, few) > score(data, drawn(data, "unigram")) + 1


def test_only_texts_are_scored():
    data = open_data(words(100))
    with pytest.raises(MetricError, match="must be a list"):
        score(data, np.zeros((20, 3)))
    long = open_data([" ".join(words(2000))])
    with pytest.raises(MetricError, match="empty"):
        score(long, [""] * 20)
    with pytest.raises(MetricError, match="tabular"):
        ReverseNGram().prepare(words(20), codec_of(people(30, 0)))
