import json
import random
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest

from autogen.data.texts.codec import TextCodec
from autogen.errors import MetricError
from autogen.judging import metrics as text_metrics
from autogen.judging.embedded.embedding import Embedding
from autogen.judging.embedded.texts import sentences
from autogen.judging.llm.limits import Limits
from autogen.judging.perturbations import break_spelling, shuffle_words
from autogen.registry import get
from tests.judging.llm.fake_server import grade, says, serving
from tests.judging.real_text import chapters

CODEC = TextCodec("ab", 16, False)


class Letters:
    """An encoder of two layers made of letter pairs: cheap, and it sees broken words."""

    def layer_means(self, texts, layers):
        rows = np.zeros((len(texts), 600))
        for row, text in enumerate(texts):
            for pair in zip(text.lower(), text.lower()[1:], strict=False):
                rows[row, hash_of(pair)] += 1 / len(text)
        return rows


def hash_of(pair):
    return (ord(pair[0]) * 31 + ord(pair[1])) % 600


def reopened(*_):
    return Embedding("letters", lambda texts: np.ones((len(texts), 2)), Letters(), "letters")


@pytest.fixture
def letters(monkeypatch):
    monkeypatch.setattr(text_metrics, "open_embedding", reopened)
    monkeypatch.setattr("autogen.judging.embedded.embedding.reopened", reopened)


@pytest.fixture(scope="module")
def real():
    """Sentences of the language reference, in two halves."""
    told = list(dict.fromkeys(part for text in chapters() for part in sentences(text) if len(part) > 30))
    return told[:900:2], told[1:900:2]


def fluency(real):
    metric = get("metric", "fluency.embedded")()
    return metric, metric.prepare(real, CODEC)


def corrupted(texts, severity):
    dice = random.Random(0)
    return [break_spelling(text, severity, dice) for text in texts]


def test_a_mean_grade_falls_with_damage_and_is_higher_for_real_text(letters, real):
    metric, reference = fluency(real[0])
    scores = [
        metric.score(reference, texts) for texts in (real[1], corrupted(real[1], 3), corrupted(real[1], 4))
    ]
    assert scores == sorted(scores, reverse=True)
    assert 1 <= scores[-1] < scores[0] - 0.5
    assert metric.objective.direction == "maximize"


def test_replicates_are_the_means_without_each_group(letters, real):
    metric, reference = fluency(real[0])
    found = metric.replicates(reference, real[1], 10)
    grades = metric.text_grades(reference, real[1])
    assert found.shape == (10,)
    assert found[3] == pytest.approx(np.delete(grades, np.arange(3, len(grades), 10)).mean())
    assert np.ptp(found) > 0


def test_a_reference_travels_to_a_worker_without_its_encoder(letters, real):
    metric, reference = fluency(real[0])
    sent = bytes(ForkingPickler.dumps(reference))
    assert metric.score(ForkingPickler.loads(sent), real[1]) == metric.score(reference, real[1])
    assert len(sent) < 500_000


def test_empty_texts_have_the_worst_grade_so_that_silence_does_not_pay(letters, real):
    metric, reference = fluency(real[0])
    assert metric.score(reference, [""] * 50) == 1.0
    half = [text if at % 2 else " " for at, text in enumerate(real[1][:80])]
    assert metric.score(reference, half) < metric.score(reference, real[1][:80])


@pytest.mark.parametrize(
    ("texts", "match"), [(np.zeros((3, 2)), "list of str"), (["Only one."], "needs 10 texts")]
)
def test_what_is_no_set_of_texts_is_refused(letters, real, texts, match):
    metric, reference = fluency(real[0])
    with pytest.raises(MetricError, match=match):
        metric.score(reference, texts)


def test_too_little_real_text_is_one_clear_line(letters):
    metric = get("metric", "fluency.embedded")()
    with pytest.raises(MetricError, match="100 real sentences to learn from; got 0"):
        metric.prepare(["anna", "bob"] * 50, CODEC)


def test_a_scale_that_cannot_tell_damage_is_trouble(monkeypatch, real):
    blind = Embedding("blind", lambda texts: np.ones((len(texts), 2)), Letters(), "blind")
    blind.encoder.layer_means = lambda texts, _: np.ones((len(texts), 3))
    monkeypatch.setattr(text_metrics, "open_embedding", lambda *_: blind)
    metric, reference = fluency(real[0])
    assert "AUC of real text against the worst perturbation is 0.50" in metric.why_unreliable(reference)


def test_all_say_what_is_not_known_of_them():
    for name in ("fluency.embedded", "coherence.embedded", "fluency.judge", "coherence.judge"):
        first, second = get("metric", name)().warnings()
        assert name in first
        assert "not" in first
        assert "diversity" in second


def test_limits_of_a_study_are_shared_by_its_processes():
    found = text_metrics.limits_of({"calls": 900, "per_minute": 90, "concurrency": 2, "seconds": 60}, 3)
    assert found == Limits(1, 30, 300, 60)


@pytest.mark.parametrize("given", [{"call": 3}, {"calls": "many"}, {"calls": -1}])
def test_limits_that_are_none_are_refused(given):
    with pytest.raises(MetricError):
        text_metrics.limits_of(given, 2)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """A metric whose language model says what a test lets it say."""
    pytest.importorskip("openai", reason="the extra `judge` is not installed")

    def make(server):
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_MODEL", "m")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-key")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        return get("metric", "fluency.judge")()

    yield make
    text_metrics.close_judges()


def whole(_, body):
    """Likes sentences that begin with a capital and end in a full stop."""
    answer = body["messages"][1]["content"].split("<<<ANSWER\n")[1].split("\nANSWER>>>")[0]
    return grade(5 if answer[:1].isupper() and answer.endswith(".") else 1)


@pytest.mark.slow
def test_a_language_model_grades_the_first_texts_and_its_key_travels_nowhere(asked, real, tmp_path):
    with serving(whole) as server:
        metric = asked(server)
        reference = metric.prepare(real[0], CODEC)
        assert metric.why_unreliable(reference) == ""
        good = metric.score(reference, real[1])
        bad = metric.score(reference, [shuffle_words(text, random.Random(1)) for text in real[1]])
        before = server.calls
        assert (metric.score(reference, real[1]), server.calls) == (good, before)
    assert bad < 3 < 4 < good
    assert b"very-secret" not in bytes(ForkingPickler.dumps(reference))
    assert b"very-secret" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.sqlite"))


def test_a_language_model_that_likes_everything_is_trouble(asked, real):
    with serving(lambda *_: grade(5)) as server:
        metric = asked(server)
        assert "AUC 0.50" in metric.why_unreliable(metric.prepare(real[0], CODEC))


@pytest.mark.slow
def test_grades_that_are_not_given_are_one_clear_error(asked, real):
    with serving(whole) as server:
        metric = asked(server)
        reference = metric.prepare(real[0], CODEC)
        server.script = lambda *_: says(json.dumps({"reason": "no"}))
        with pytest.raises(MetricError, match="needs 10 texts with a grade; got 0 of 40: no score"):
            metric.score(reference, real[1])
