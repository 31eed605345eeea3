"""Words that look like those of a column but are none of them, by chains of letters."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from random import Random

#: Letters that the next one depends on, in the order in which they are tried; tries for each word.
_ORDERS, _TRIES = (2, 1, 0), 20
_END = "\n"


def new_words(words: Collection[str], count: int, taken: Collection[str], seed: int) -> tuple[str, ...]:
    """Make words whose letters follow each other as in some words.

    Args:
        words: words to imitate, at least one.
        count: number of words.
        taken: words that must not be made, in any case of letters.
        seed: random seed.

    Returns:
        Different words, written in small or capital letters as most of ``words`` are.
    """
    rng, known = Random(seed), {word.casefold() for word in taken} | {word.casefold() for word in words}
    sources = sorted({word.casefold() for word in words})
    longest, shortest = max(map(len, sources)), min(map(len, sources))
    found: dict[str, None] = {}
    for order in _ORDERS:
        chain = _chain(sources, order)
        for _ in range(_TRIES * count):
            if len(found) == count:
                break
            word = _drawn(chain, order, longest, rng)
            if len(word) >= shortest and word not in known:
                found[word] = None
    letters = sorted(set("".join(sources)))
    while len(found) < count:  # an alphabet of few letters: longer words are new
        longest += 1
        word = "".join(rng.choice(letters) for _ in range(longest))
        if word not in known:
            found[word] = None
    write = _case(words)
    return tuple(write(word) for word in found)


def _chain(words: Sequence[str], order: int) -> dict[str, list[str]]:
    """List the letters that follow each group of letters, as often as they do; the end is a letter too."""
    chain: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for place, letter in enumerate((*word, _END)):
            chain[word[max(0, place - order) : place]].append(letter)
    return chain


def _drawn(chain: dict[str, list[str]], order: int, longest: int, rng: Random) -> str:
    """Draw a word letter by letter."""
    word = ""
    while len(word) < longest:
        letter = rng.choice(chain[word[max(0, len(word) - order) :]])
        if letter == _END:
            break
        word += letter
    return word


def _case(words: Collection[str]) -> Callable[[str], str]:
    """Choose how words are written: as most of those that are imitated."""
    ways = ((str.title, str.istitle), (str.upper, str.isupper), (str.lower, str.islower))
    return max(ways, key=lambda way: sum(map(way[1], words)))[0]
