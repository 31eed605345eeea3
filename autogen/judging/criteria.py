"""Five criteria of judging, the columns that each one reads, and the judgement of one answer."""

from dataclasses import dataclass, replace
from typing import Literal

from autogen.errors import UnknownNameError

Status = Literal["ok", "skipped", "missing"]
#: Columns that a criterion may read; the command's options have the same names.
COLUMNS = ("question", "answer", "context", "truth")
#: Suffix of the names of criteria that compare two answers.
PAIR = "-pair"


@dataclass(frozen=True, slots=True)
class Criterion:
    """Criterion by which answers are judged.

    Attributes:
        name: name as users write it.
        needs: required columns.
        uses: optional columns.
        whole: True if scores are integers from 1 to 5, False if they are any numbers in [1, 5].
        evidence: measured agreement of the embedded scorer with people, in a few words.
    """

    name: str
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    whole: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Item:
    """Answer to judge, with its question, context and reference answer; empty texts are not given.

    Attributes:
        answer: text to judge.
        question: question that it answers.
        context: source from which the answer should be taken.
        truth: reference answer.
        system: name of the model that wrote the answer.
        rival: second answer to the same question, if two are compared.
    """

    answer: str
    question: str = ""
    context: str = ""
    truth: str = ""
    system: str = ""
    rival: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement of one item by one criterion.

    Attributes:
        status: ``ok``, ``skipped`` (an input is empty) or ``missing`` (no score could be found).
        score: score from 1 to 5, an integer for some criteria; ``None`` unless the status is ``ok``.
        raw: number behind the score: the expected score of a language model, or the raw embedded score.
        reason: explanation by the language model or the embedded scorer, or why there is no score.
        tries: number of replies that were requested; 0 for the cache and for embedded scorers.
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
    """Look up a criterion by its name.

    Raises:
        UnknownNameError: there is no such criterion.
    """
    if name not in CRITERIA:
        raise UnknownNameError(f"unknown metric {name!r}; choose from {', '.join(CRITERIA)}")
    return CRITERIA[name]


def paired(criterion: Criterion) -> Criterion:
    """Derive the criterion that compares two answers: from 1, the first is better, to 5, the second is."""
    needs = (*criterion.needs, "rival")
    return replace(criterion, name=f"{criterion.name}{PAIR}", needs=needs, whole=True)


def skipped(criterion: Criterion, item: Item) -> Judgement | None:
    """Skip an item that lacks a required text; return ``None`` for a complete item."""
    for column in criterion.needs:
        if not getattr(item, column).strip():
            return Judgement("skipped", reason=f"empty {column}")
    return None
