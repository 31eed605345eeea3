"""Distributions of lengths on the page."""

from autogen.data.texts.preview import length_marginals
from autogen.report.contents import Marginal


def test_words_are_counted_where_texts_have_them():
    told = length_marginals(["a long text"] * 30, ["a text", "longerwords"] * 15, None)
    assert [entry["name"] for entry in told] == [
        "length in characters",
        "length in words",
        "length of words in characters",
    ]
    assert Marginal(**told[1]).difference > 0.9


def test_texts_of_a_word_have_a_length_alone():
    assert [entry["name"] for entry in length_marginals(["anna"] * 30, ["two words"] * 30, None)] == [
        "length in characters"
    ]


def test_no_words_at_all_are_no_error():
    assert Marginal(**length_marginals(["a b"] * 30, [""] * 30, None)[1]).difference == 1
