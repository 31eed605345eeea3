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


@pytest.mark.parametrize("seed", range(5))
def test_no_made_up_word_has_a_real_one_as_its_stem(seed):
    names = (*NAMES, "Egger", "Lee", "Schwarzenberger", "Huberbauer")
    for word in new_words(names, 200, ["Mauer"], seed):
        word = word.casefold()
        for name in (*names, "Mauer"):
            name = name.casefold()
            kept = max(3, int(2 / 3 * len(name))) + 1
            runs = [name] if len(name) <= kept else [name[i : i + kept] for i in range(len(name) - kept + 1)]
            assert not any(run in word for run in runs), (word, name)


def test_many_different_names_leave_room_for_words_without_their_stems():
    vowels, others = "aeiou", "bdfgklmnrst"
    names = [a + b + c + d + "er" for a in others for b in vowels for c in others for d in vowels][:2500]
    made = new_words(names, 1000, [], seed=0)
    assert len(set(made)) == 1000
    assert not any(name[:5] in word for word in made for name in names)


def test_words_of_few_letters_stay_short():
    """Each word was one letter longer than the last: made-up addresses like u7@x.org had hundreds."""
    made = new_words({"u", "x", "org"}, 1000, {"u", "x", "org"}, seed=0)
    assert len(set(made)) == 1000
    assert max(map(len, made)) <= 8
