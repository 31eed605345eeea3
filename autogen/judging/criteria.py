"""What is judged: five criteria, what each one reads, and the vocabulary of one judgement."""

from dataclasses import dataclass, replace
from typing import Literal

from autogen.errors import UnknownNameError

Status = Literal["ok", "skipped", "missing"]
#: Columns that a criterion may read; the command's options have the same names.
COLUMNS = ("question", "answer", "context", "truth")
#: Ends the names of criteria by which two answers are compared.
PAIR = "-pair"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the five questions that are asked of an answer.

    Attributes:
        name: As users write it.
        needs: Columns without which it cannot be judged.
        uses: Columns that are read as well where they are given.
        whole: Whether the score is a whole number from 1 to 5; otherwise any number in [1, 5].
        evidence: What the embedded scorer's agreement with people is known to be, in a few words.
    """

    name: str
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    whole: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Item:
    """One answer to be judged, with what it was made from; empty text: not given.

    ``rival`` is a second answer to the same, where two are compared.
    """

    answer: str
    question: str = ""
    context: str = ""
    truth: str = ""
    system: str = ""
    rival: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one item under one criterion.

    Attributes:
        status: ``ok``, ``skipped`` (nothing to judge: an input is empty) or ``missing`` (it was tried).
        score: From 1 to 5, a whole number for some criteria; ``None`` unless the status is ``ok``.
        raw: The number behind the score: the expected score of a language model, the raw embedded score.
        reason: The language model's words, what an embedded scorer saw, or why there is no score.
        tries: Replies that were asked for; 0 for the cache and for embedded scorers.
    """

    status: Status
    score: float | None = None
    raw: float | None = None
    reason: str = ""
    tries: int = 0


CRITERIA = {
    found.name: found
    for found in (
        Criterion(
            "groundedness",
            ("answer", "context"),
            ("question",),
            True,
            "agrees with people on extractive answers, weakly on freely worded ones",
        ),
        Criterion(
            "relevance", ("question", "answer"), (), False, "moderate agreement with people on dialogue"
        ),
        Criterion("coherence", ("answer",), ("question",), False, "not validated against people"),
        Criterion("fluency", ("answer",), ("question",), True, "not validated against people"),
        Criterion(
            "similarity", ("truth", "answer"), ("question",), False, "agrees with people (STS benchmark)"
        ),
    )
}


def get_criterion(name: str) -> Criterion:
    """The criterion of a name.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in CRITERIA:
        raise UnknownNameError(f"unknown metric {name!r}; answers are judged by {', '.join(CRITERIA)}")
    return CRITERIA[name]


def paired(criterion: Criterion) -> Criterion:
    """The criterion for two answers beside one another: 1, the first is better, to 5, the second is."""
    needs = (*criterion.needs, "rival")
    return replace(criterion, name=f"{criterion.name}{PAIR}", needs=needs, whole=True)


def skipped(criterion: Criterion, item: Item) -> Judgement | None:
    """The judgement on an item that has nothing to be judged; ``None`` where there is all that is needed."""
    for column in criterion.needs:
        if not getattr(item, column).strip():
            return Judgement("skipped", reason=f"empty {column}")
    return None
