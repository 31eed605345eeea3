"""A round of a trial whose model grows from counts: questions to all owners until the step is done.

The sums of all questions of a step are of the same owners: where one does not answer, or wrongly, the step
begins anew without it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from autogen.data.codec import Codec
from autogen.errors import RunError, TrialFailure, counted
from autogen.families.base import FamilyConfig
from autogen.families.counted import GrowsFromCounts, Question
from autogen.federated.counting.sums import add_counts
from autogen.federated.messages import Message


class Asking(Protocol):
    """What a step needs of the server."""

    codec: Codec
    rows: Mapping[str, Mapping[str, int]]

    def trusted(self) -> list[str]:
        """List the owners that can be asked."""
        ...

    def ask(self, requests: Mapping[str, Message]) -> dict[str, Message]:
        """Ask owners, and count those that are late."""
        ...

    def recoded(self, answers: Mapping[str, Message]) -> list[str]:
        """Send the codec to owners that were started again."""
        ...


@dataclass
class Grown:
    """Result of a step.

    Attributes:
        counted: Owners whose rows the step counts.
        refused: Why an owner's answer does not count, by name.
        answers: The answers that do not count, by name.
    """

    counted: list[str]
    refused: dict[str, str]
    answers: dict[str, Message]


class _Again(Exception):  # noqa: N818 - no error: the step begins anew
    """Owners whose answers are missing."""


def grow(
    server: Asking,
    family: GrowsFromCounts,
    settings: FamilyConfig,
    model: nn.Module,
    about: Mapping[str, Any],
    quorum: float,
) -> Grown:
    """Do a step of growth with the owners that are there.

    Args:
        server: The server.
        family: Family of the model.
        settings: Settings of the family.
        model: Model after the steps before; changed in place.
        about: Values ``config``, ``seed`` and ``step`` of the requests.
        quorum: Share of the owners that must take part.

    Raises:
        TrialFailure: too few owners are left.
    """
    asked = server.trusted()
    needed, found = max(1, math.ceil(quorum * len(asked))), Grown([], {}, {})
    while True:
        if len(asked) < needed:
            why = "; ".join(f"{owner}: {one}" for owner, one in sorted(found.refused.items()))
            raise TrialFailure(
                f"{counted(len(asked), 'owner')} counted, but the quorum is {needed} ({why or 'no answer'})"
            )
        try:
            _step(server, family, settings, model, about, asked, found)
        except _Again as gone:
            asked = [owner for owner in asked if owner not in gone.args]
        else:
            found.counted = asked
            return found


def _step(
    server: Asking,
    family: GrowsFromCounts,
    settings: FamilyConfig,
    model: nn.Module,
    about: Mapping[str, Any],
    asked: list[str],
    found: Grown,
) -> None:
    """Do a step with these owners. Raises ``_Again`` with the names of those that are missing."""
    growth = family.growing(model, settings, int(about["step"]), int(about["seed"]))
    question = next(growth)
    while True:
        total = {
            name: torch.zeros(shape, dtype=torch.int64)
            for name, shape in family.shapes(server.codec.spec, question).items()
        }
        missing = _added(server, family, about, asked, question, total, found)
        if missing:
            raise _Again(*missing)
        try:
            question = growth.send(total)
        except StopIteration:
            return


def _added(
    server: Asking,
    family: GrowsFromCounts,
    about: Mapping[str, Any],
    asked: list[str],
    question: Question,
    total: dict[str, torch.Tensor],
    found: Grown,
) -> list[str]:
    """Add up the answers to one question; return the owners without one that counts."""
    request = Message("count", about, question)
    answers = server.ask(dict.fromkeys(asked, request))
    if lost := server.recoded(answers):
        answers |= server.ask(dict.fromkeys(lost, request))
    spec = server.codec.spec
    shapes, times = family.shapes(spec, question), family.times(spec, question)
    for owner in asked:
        answer = answers.get(owner)
        if answer is None:
            continue
        try:
            if answer.act != "count":
                raise RunError(str(answer.about.get("reason", "it sent no counts"))[:200])
            add_counts(total, answer.tensors, shapes, server.rows[owner]["train"], times)
        except RunError as error:
            found.refused[owner], found.answers[owner] = str(error), answer
    return [owner for owner in asked if owner not in answers or owner in found.refused]
