"""Words that look like those of a column but are none of them and hold none of them, by chains of letters."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from random import Random

#: Letters that the next one depends on, in the order in which they are tried; tries for each word.
_ORDERS, _TRIES = (2, 1, 0), 20
_END = "\n"
#: Fewest letters of a word that must not stand in another; share of its letters, and fewest of them, that
#: may follow each other in a made-up one as they do in the word.
_SHORTEST, _SHARE, _FEWEST = 3, 2 / 3, 3


def new_words(words: Collection[str], count: int, taken: Collection[str], seed: int) -> tuple[str, ...]:
    """Make words whose letters follow each other as in some words.

    Args:
        words: words to imitate, at least one.
        count: number of words.
        taken: words that must not be made, in any case of letters.
        seed: random seed.

    Returns:
        Different words, written in small or capital letters as most of ``words`` are. None has a known word,
        or most of its letters in a row, in it (``Eggerlein`` of ``Egger``), as long as there are others.
    """
    rng, known = Random(seed), {word.casefold() for word in taken} | {word.casefold() for word in words}
    stems = _stems(known)
    sources = sorted({word.casefold() for word in words})
    longest, shortest = max(map(len, sources)), min(map(len, sources))
    found: dict[str, None] = {}
    for order in _ORDERS:
        chain = _chain(sources, order)
        for _ in range(_TRIES * count):
            if len(found) == count:
                break
            word = _drawn(chain, order, longest, rng)
            if len(word) >= shortest and word not in known and not _holds(word, stems):
                found[word] = None
    letters = sorted(set("".join(sources)))
    while len(found) < count:  # an alphabet of few letters: longer words are new
        longest += 1
        for _ in range(_TRIES * count):
            word = "".join(rng.choice(letters) for _ in range(longest))
            if word not in known and len(found) < count:
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


def _stems(words: Collection[str]) -> set[str]:
    """List the groups of letters of words by which these can be told: one letter more than may be kept."""
    stems = set()
    for word in words:
        size = min(max(_FEWEST, int(_SHARE * len(word))) + 1, len(word))
        if len(word) >= _SHORTEST:
            stems |= {word[start : start + size] for start in range(len(word) - size + 1)}
    return stems


def _holds(word: str, stems: set[str]) -> bool:
    """Tell if a group of letters of a list stands anywhere in a word."""
    ends = range(_SHORTEST, len(word) + 1)
    return any(word[start:end] in stems for end in ends for start in range(end - _SHORTEST + 1))


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
