import pytest

from autogen.data.tables.made_up.words import new_words

NAMES = ("Huber", "Meier", "Bauer", "Wagner", "Gruber", "Pichler", "Steiner", "Moser", "Mayer", "Hofer")


def test_words_are_new_different_and_written_alike():
    made = new_words(NAMES, 10, ["Mauer"], seed=0)
    assert len({word.casefold() for word in made}) == 10
    assert not {word.casefold() for word in made} & {name.casefold() for name in (*NAMES, "Mauer")}
    assert all(word.istitle() for word in made)


def test_equal_seeds_make_equal_words():
    assert new_words(NAMES, 5, [], 3) == new_words(NAMES, 5, [], 3) != new_words(NAMES, 5, [], 4)


@pytest.mark.parametrize("words", [["a"], ["aa", "aaa"], ["王", "李"], ["x"] * 9, ["Zoë", "Çelik"]])
def test_few_letters_are_enough(words):
    made = new_words(words, 20, words, seed=0)
    assert len(set(made)) == 20
    assert set("".join(made).casefold()) <= set("".join(words).casefold())
    assert not set(made) & set(words)
