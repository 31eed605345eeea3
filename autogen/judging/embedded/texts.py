"""Text analysis without a model: words, content words, sentences, numbers, names, negations."""

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
#: English stop words; texts of other languages keep all their words.
STOP = frozenset(_STOP.split())


def words(text: str) -> list[str]:
    """Split a text into lower-case words and numbers."""
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """Strip the most common English endings, so that "plays" and "playing" are equal."""
    for ending in ("ing", "ies", "ied", "es", "ed", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content(text: str) -> list[str]:
    """List the stems of content words; of all words if there is none."""
    found = words(text)
    return [stem(word) for word in found if word not in STOP] or [stem(word) for word in found]


def bigrams(text: str) -> list[tuple[str, str]]:
    """List the pairs of neighboring stems."""
    found = [stem(word) for word in words(text)]
    return list(itertools.pairwise(found))


def sentences(text: str) -> list[str]:
    """Split a text into sentences by closing marks and line ends; not empty for a text with a word."""
    parts = [part.strip() for part in _END.split(text)]
    return [part for part in parts if words(part)] or ([text.strip()] if words(text) else [])


def numbers(text: str) -> set[str]:
    """Find the numbers in digits, without thousands separators."""
    return {found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)}


def proper_names(text: str) -> set[str]:
    """Find the stems of capitalized words inside of sentences, in lower case."""
    return {stem(found.lower()) for found in _NAME.findall(text)}


def negations(text: str) -> int:
    """Count the English negations of a text."""
    return len(_NEGATION.findall(text))


def share(part: Sequence[object], whole: AbstractSet[object]) -> float:
    """Compute the share of items that a set holds; 0 for no items."""
    return sum(item in whole for item in part) / len(part) if part else 0.0


def is_latin_english(text: str) -> bool:
    """Tell if a text looks like English: Latin letters and, if it is long enough, English function words."""
    found = words(text)
    if not found:
        return False
    plain = sum(word.isascii() for word in found) / len(found)
    return plain > 0.9 and (len(found) < 8 or sum(word in STOP for word in found) / len(found) > 0.15)
