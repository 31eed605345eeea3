"""Perturbations that make real text worse step by step, for the calibration and for controls."""

import random
from collections.abc import Callable, Sequence

#: Perturbation levels, from the mildest to the worst.
SEVERITIES = (1, 2, 3, 4)
_FORMS = (
    "is are|was were|has have|does do|a an|this these|that those|much many|he him|she her|they them|"
    "we us|i me|who whom|himself him|themselves them|isn't aren't|doesn't don't|wasn't weren't"
)
_PAIRS = [(pair.split()[0], pair.split()[1]) for pair in _FORMS.split("|")]
_OTHER = dict(_PAIRS) | {other: one for one, other in _PAIRS}
_PREPOSITIONS = "in on at of to for with by from about into over under after before".split()  # noqa: SIM905
_SMALL = "the a an is are was be to of in on at that which who and but not has have do will can".split()  # noqa: SIM905

Edit = Callable[[list[str], random.Random], list[str]]


def break_grammar(text: str, severity: int, dice: random.Random) -> str:
    """Add grammatical errors of writers and weak generators; the worst severity shuffles all words."""
    found = text.split()
    if severity == SEVERITIES[-1] or len(found) < 3:
        return shuffle_words(text, dice)
    errors = {1: 1, 2: 2, 3: 4}[severity] * max(1, round(len(found) / 20))
    for _ in range(errors):
        found = _edited(found, dice)
    return " ".join(found)


def break_spelling(text: str, severity: int, dice: random.Random) -> str:
    """Drop, double, swap or replace letters; the worst severity shuffles all letters."""
    found = list(text)
    if severity == SEVERITIES[-1]:
        dice.shuffle(found)
        return " ".join("".join(found).split())
    for _ in range({1: 1, 2: 2, 3: 5}[severity] * max(1, round(len(found) / 60))):
        at = dice.randrange(len(found) - 1)
        pair = found[at : at + 2]
        found[at : at + 2] = dice.choice(
            (pair[1:], [pair[0], *pair], pair[::-1], [dice.choice(text), pair[1]])
        )
    return " ".join("".join(found).split())


def shuffle_words(text: str, dice: random.Random) -> str:
    """Shuffle the words of a text."""
    found = text.split()
    for _ in range(5):
        dice.shuffle(found)
        if " ".join(found) != text:
            break
    return " ".join(found)


def mix_words(text: str, foreign: str, severity: int, dice: random.Random) -> str:
    """Replace a quarter of the words per severity by those of a foreign text; the worst is that text."""
    found, others = text.split(), foreign.split()
    if severity == SEVERITIES[-1] or not others:
        return foreign
    many = max(1, round(len(found) * severity / len(SEVERITIES)))
    for place in dice.sample(range(len(found)), min(many, len(found))):
        found[place] = dice.choice(others)
    return " ".join(found)


def break_order(
    parts: Sequence[str], foreign: Sequence[str], severity: int, dice: random.Random
) -> list[str]:
    """Shuffle sentences, and replace a growing share of them by foreign ones with each severity."""
    found = list(parts)
    if severity > 1:
        dice.shuffle(found)
    else:
        at = dice.randrange(len(found) - 1)
        found[at], found[at + 1] = found[at + 1], found[at]
    many = round(len(found) * (severity - 1) / (len(SEVERITIES) - 1))
    for place in dice.sample(range(len(found)), many):
        found[place] = dice.choice(foreign)
    return found


def _edited(found: list[str], dice: random.Random) -> list[str]:
    """Add one error; draw again if an edit finds nothing to change."""
    for _ in range(20):
        changed = dice.choice(EDITS)(list(found), dice)
        if changed != found and len(changed) > 1:
            return changed
    return found[::-1]


def _drop(found: list[str], dice: random.Random) -> list[str]:
    small = [at for at, word in enumerate(found) if word.lower() in _SMALL]
    del found[dice.choice(small or range(len(found)))]
    return found


def _insert(found: list[str], dice: random.Random) -> list[str]:
    found.insert(dice.randrange(1, len(found)), dice.choice(_SMALL))
    return found


def _swap(found: list[str], dice: random.Random) -> list[str]:
    at = dice.randrange(len(found) - 1)
    found[at], found[at + 1] = found[at + 1], found[at]
    return found


def _move(found: list[str], dice: random.Random) -> list[str]:
    word = found.pop(dice.randrange(len(found)))
    found.insert(dice.randrange(len(found)), word)
    return found


def _repeat(found: list[str], dice: random.Random) -> list[str]:
    at = dice.randrange(len(found))
    found.insert(at, found[at])
    return found


def _bend(found: list[str], dice: random.Random) -> list[str]:
    """Change an ending: walks for walk, walked for walking."""
    long = [
        at for at, word in enumerate(found) if word.isalpha() and len(word) > 3 and word.lower() not in _SMALL
    ]
    if long:
        at = dice.choice(long)
        stem = next(
            (found[at].removesuffix(end) for end in ("ing", "ed", "s") if found[at].endswith(end)), found[at]
        )
        found[at] = stem + dice.choice(("", "s", "ed", "ing"))
    return found


def _agree(found: list[str], dice: random.Random) -> list[str]:
    known = [at for at, word in enumerate(found) if word.lower() in _OTHER]
    if known:
        at = dice.choice(known)
        found[at] = _OTHER[found[at].lower()]
    return found


def _misplace(found: list[str], dice: random.Random) -> list[str]:
    known = [at for at, word in enumerate(found) if word.lower() in _PREPOSITIONS]
    if known:
        found[dice.choice(known)] = dice.choice(_PREPOSITIONS)
    return found


EDITS: tuple[Edit, ...] = (
    _drop,
    _drop,
    _insert,
    _swap,
    _move,
    _repeat,
    _bend,
    _bend,
    _agree,
    _agree,
    _misplace,
)
