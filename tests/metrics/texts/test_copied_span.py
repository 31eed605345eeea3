import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.metrics.memorization.lookup import copy_evidence
from autogen.metrics.texts.copied_span import longest_spans
from tests.data.texts.makers import words


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


def test_a_copied_text_is_found_whole_and_a_real_one_in_short_substrings():
    data = open_data([" ".join(words(8000))])
    train, unseen = data.split("train"), data.split("test")
    assert longest_spans(train[:20], train).tolist() == [data.codec.spec.length] * 20
    found = [copy_evidence(texts, train, data.codec)["copied_span"] for texts in (unseen, train[:50])]
    assert found[0] < 0.2 * found[1]
