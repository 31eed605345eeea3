"""Replies of a language model read: the grade in them, where it stands, and the expected grade."""

import json
import math
import re
from dataclasses import dataclass, field

_TAG = re.compile(r"<score>\s*([^<]{1,12}?)\s*</score>", re.I)
_FIELD = re.compile(
    r"[\"']?\b(?:score|grade|rating)\b[\"']?\s*(?:[:=]|is|of)\s*[\"']?(-?\d+(?:\.\d+)?)", re.I
)
_OUT_OF = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:/|out of)\s*5\b", re.I)
_GRADE = re.compile(r"\W*([1-5])\W*")
#: Log-probabilities are used where the whole numbers from 1 to 5 hold at least this share.
MASS = 0.5


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request.

    Attributes:
        text: The message.
        refusal: Why the model would not answer, where the endpoint tells it apart.
        tokens: Token by token its text and the likeliest tokens in its place with log-probabilities.
    """

    text: str
    refusal: str = ""
    tokens: list[tuple[str, dict[str, float]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade found in a reply: its value, its reason, and the expected value where it can be told."""

    value: float
    reason: str
    expected: float | None = None


def read_grade(reply: Reply, whole: bool) -> Grade | str:
    """Find the grade in a reply.

    Args:
        reply: The reply.
        whole: Whether only whole numbers are grades.

    Returns:
        The grade, or why there is none.
    """
    if reply.refusal:
        return f"the model refused: {reply.refusal[:200]}"
    if not reply.text.strip():
        return "the reply was empty"
    found = _from_json(reply.text) or _from_words(reply.text)
    if found is None:
        return f"no score in the reply {reply.text.strip()[:80]!r}"
    said, reason = found
    value = _number(said)
    if value is None or not 1 <= value <= 5:
        return f"{said!r} is no score from 1 to 5"
    if whole and value != int(value):
        return f"{said!r} is no whole number"
    return Grade(value, reason.strip()[:1000], expected_grade(reply.tokens))


def expected_grade(tokens: list[tuple[str, dict[str, float]]]) -> float | None:
    """Mean grade under the log-probabilities of the last token that is a grade (Liu 2023, G-Eval)."""
    for text, likeliest in reversed(tokens):
        if _GRADE.fullmatch(text):
            return _mean_grade(likeliest)
    return None


def _mean_grade(likeliest: dict[str, float]) -> float | None:
    weights = dict.fromkeys(range(1, 6), 0.0)
    for token, log_probability in likeliest.items():
        if match := _GRADE.fullmatch(token):
            weights[int(match[1])] += math.exp(log_probability)
    mass = sum(weights.values())
    return sum(grade * weight for grade, weight in weights.items()) / mass if mass >= MASS else None


def _from_json(text: str) -> tuple[object, str] | None:
    """Score and reason of the last JSON object with a score, fenced or amid prose."""
    decoder = json.JSONDecoder()
    found: tuple[object, str] | None = None
    for match in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text[match.start() :])
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and "score" in value:
            found = value["score"], str(value.get("reason", ""))
    return found


def _from_words(text: str) -> tuple[object, str] | None:
    """Score in tags; failing that a score that prose names, as long as it names no two different ones."""
    if tags := _TAG.findall(text):
        return tags[-1], text[: text.lower().rfind("<score>")]
    named = set(_FIELD.findall(text)) or set(_OUT_OF.findall(text))
    return (named.pop(), text) if len(named) == 1 else None


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        value = float(said)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
