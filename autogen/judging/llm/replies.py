"""Parsing of replies: the grade in the reply of a language model, and the expected grade."""

import json
import math
import re
from dataclasses import dataclass, field, replace

_TAG = re.compile(r"<score>\s*([^<]{1,12}?)\s*</score>", re.I)
_FIELD = re.compile(
    r"[\"']?\b(?:score|grade|rating)\b[\"']?\s*(?:[:=]|is|of)\s*[\"']?(-?\d+(?:\.\d+)?)", re.I
)
_OUT_OF = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:/|out of)\s*5\b", re.I)
_GRADE = re.compile(r"\W*([1-5])\W*")
#: Longest text of a reply that is looked at, in characters, and most braces that are tried as its object.
MOST, BRACES = 20_000, 100
#: Minimum probability of the grades 1 to 5 together for an expected grade.
MASS = 0.5


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply to one request.

    Attributes:
        text: message of the model.
        refusal: refusal of the model, if the endpoint reports it; else empty.
        tokens: text of each token, and the most likely tokens in its place with their log-probabilities.
    """

    text: str
    refusal: str = ""
    tokens: list[tuple[str, dict[str, float]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grade:
    """Grade in a reply.

    Attributes:
        value: grade as written.
        reason: reason that the model gives.
        expected: expected grade under the log-probabilities; ``None`` without them.
    """

    value: float
    reason: str
    expected: float | None = None


def read_grade(reply: Reply, whole: bool) -> Grade | str:
    """Find the grade in a reply.

    Args:
        reply: reply of the model.
        whole: True if grades must be integers.

    Returns:
        The grade, or the reason why there is none.
    """
    reply = replace(reply, text=reply.text[:MOST])
    if reply.refusal:
        return f"the model refused: {reply.refusal[:200]}"
    if not reply.text.strip():
        return "the reply was empty"
    found = _from_json(reply.text) or _from_words(reply.text)
    if found is None:
        return f"no score in the reply {reply.text.strip()[:80]!r}"
    written, reason = found
    value = _number(written)
    if value is None or not 1 <= value <= 5:
        return f"{written!r} is no score from 1 to 5"
    if whole and value != int(value):
        return f"{written!r} is no whole number"
    return Grade(value, reason.strip()[:1000], expected_grade(reply.tokens))


def expected_grade(tokens: list[tuple[str, dict[str, float]]]) -> float | None:
    """Compute the expected grade under the log-probabilities of the last grade token (Liu 2023, G-Eval)."""
    for text, likeliest in reversed(tokens):
        if _GRADE.fullmatch(text):
            return _mean_grade(likeliest)
    return None


def _mean_grade(likeliest: dict[str, float]) -> float | None:
    weights = dict.fromkeys(range(1, 6), 0.0)
    for token, log_probability in likeliest.items():
        if match := _GRADE.fullmatch(token):
            weights[int(match[1])] += math.exp(min(log_probability, 0.0))
    mass = sum(weights.values())
    if not math.isfinite(mass):
        return None
    return sum(grade * weight for grade, weight in weights.items()) / mass if mass >= MASS else None


def _from_json(text: str) -> tuple[object, str] | None:
    """Find score and reason of the last JSON object with a score, also inside of fences or prose.

    Only the last ``BRACES`` braces are tried, which keeps the time linear in the length of the text.
    """
    decoder = json.JSONDecoder()
    for match in reversed([*re.finditer(r"\{", text)][-BRACES:]):
        try:
            value, _ = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and "score" in value:
            return value["score"], str(value.get("reason", ""))
    return None


def _from_words(text: str) -> tuple[object, str] | None:
    """Find a score in tags, or else in prose if it names only one score."""
    if tags := _TAG.findall(text):
        return tags[-1], text[: text.lower().rfind("<score>")]
    named = set(_FIELD.findall(text)) or set(_OUT_OF.findall(text))
    return (named.pop(), text) if len(named) == 1 else None


def _number(written: object) -> float | None:
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    try:
        value = float(written)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
