"""Texts taken apart without a model: words, content words, sentences, numbers, names, negations."""

import itertools
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

_WORD = re.compile(r"\w+(?:[.,:]\d+)*", re.UNICODE)
_END = re.compile(r"(?<=[.!?。！？])[\"')\]]*\s+|\n+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'-]+")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’ ]?t\b", re.I
)
_STOP = """a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has have
    having he her here hers him his how i if in into is it its just me more most my no nor not now of
    off on once only or other our out over own s same she should so some such t than that the their
    them then there these they this those through to too under until up very was we were what when
    where which while who whom why will with would you your yes oh well really ve ll re m d don n
    know think like good great sure hi hello"""
#: English words that carry no content of their own; other languages simply keep all words.
STOP = frozenset(_STOP.split())


def words(text: str) -> list[str]:
    """Lower-case words and numbers, in their order."""
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """A word without the commonest English endings, so that «plays» meets «playing»."""
    for ending in ("ing", "ies", "ied", "es", "ed", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content(text: str) -> list[str]:
    """Stems of the words that carry content; all words where there is none."""
    found = words(text)
    return [stem(word) for word in found if word not in STOP] or [stem(word) for word in found]


def bigrams(text: str) -> list[tuple[str, str]]:
    """Pairs of neighbouring stems."""
    found = [stem(word) for word in words(text)]
    return list(itertools.pairwise(found))


def sentences(text: str) -> list[str]:
    """Sentences by their closing marks and line ends; never empty for a text with a word."""
    parts = [part.strip() for part in _END.split(text)]
    return [part for part in parts if words(part)] or ([text.strip()] if words(text) else [])


def numbers(text: str) -> set[str]:
    """Numbers in digits, without the commas that part thousands."""
    return {found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)}


def proper_names(text: str) -> set[str]:
    """Capitalised words that open no sentence, in lower case."""
    return {stem(found.lower()) for found in _NAME.findall(text)}


def negations(text: str) -> int:
    """How many negations a text has (English)."""
    return len(_NEGATION.findall(text))


def share(part: Sequence[object], whole: AbstractSet[object]) -> float:
    """Share of the items that a set holds; 0 for no items."""
    return sum(item in whole for item in part) / len(part) if part else 0.0


def is_latin_english(text: str) -> bool:
    """Whether a text looks like English: Latin letters, and English function words once it is long enough."""
    found = words(text)
    if not found:
        return False
    plain = sum(word.isascii() for word in found) / len(found)
    return plain > 0.9 and (len(found) < 8 or sum(word in STOP for word in found) / len(found) > 0.15)
