import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.metrics.memorization.evidence import authenticity, copy_evidence, longest_spans
from autogen.metrics.memorization.lookup import distance_to
from tests.data.texts.makers import words
from tests.metrics.makers import codec_of, people


def longest(text: str, train: list[str]) -> int:
    """By looking for every stretch."""
    ends = [
        stop - start
        for start in range(len(text))
        for stop in range(start + 1, len(text) + 1)
        if any(text[start:stop] in other for other in train)
    ]
    return max(ends, default=0)


@pytest.mark.parametrize("joined", [1, 6])
def test_longest_spans_are_what_a_search_for_every_stretch_finds(joined):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("abc"), size=rng.integers(1, 9 * joined))) for _ in range(60)]
    train, others = texts[:30], [*texts[30:], "", "xyz", texts[0], texts[1] + texts[2]]
    assert longest_spans(others, train).tolist() == [longest(text, train) for text in others]


def test_spans_do_not_run_over_the_end_of_a_training_text():
    assert longest_spans(["abcdef", "cdef"], ["abc", "def"]).tolist() == [3, 3]


def test_a_copied_text_is_found_whole_and_a_real_one_in_short_stretches():
    data = open_data([" ".join(words(8000))])
    train, unseen = data.split("train"), data.split("test")
    assert longest_spans(train[:20], train).tolist() == [data.codec.spec.length] * 20
    found = [copy_evidence(texts, train, data.codec)["copied_span"] for texts in (unseen, train[:50])]
    assert found[0] < 0.2 * found[1]


def test_authenticity_is_its_definition():
    train, made = people(60, 0), people(40, 1)
    codec = codec_of(train)
    within, across = (np.concatenate(list(distance_to(train, codec).strips(side))) for side in (train, made))
    expected = []
    for apart in across:
        near = int(apart.argmin())
        expected.append(np.delete(within[near], near).min() < apart[near])
    assert 0.2 < np.mean(expected) < 0.9
    assert authenticity(made, train, codec) == pytest.approx(np.mean(expected))


def test_copies_are_not_authentic_and_real_rows_are_as_real_rows_are():
    train, unseen, other = (people(300, seed) for seed in range(3))
    codec = codec_of(train)
    real = [authenticity(rows, train, codec) for rows in (unseen, other)]
    assert authenticity(train, train, codec) == 0
    assert real[0] == pytest.approx(real[1], abs=0.12)
    assert min(real) > 0.3


def test_images_have_no_more_evidence_than_the_gate():
    data = open_data("digits")
    assert copy_evidence(data.split("test"), data.split("train"), data.codec) == {}
