"""The contract of the embedded scorers: learn from real text, score answers, perturb real text."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from autogen.judging.criteria import Item
from autogen.judging.embedded.embedding import Embedding


@dataclass(frozen=True, slots=True)
class RawScore:
    """Raw score of one item.

    Attributes:
        value: score before calibration, higher is better; ``None`` without one, with the reason in ``note``.
        note: remarks for the reader.
        cap: maximum grade of the item.
    """

    value: float | None
    note: str = ""
    cap: float = 5.0


class Scorer(ABC):
    """Scorer of items without a language model.

    Args:
        embedding: sentence vectors of texts.
        items: all items of the set; some scorers compare an item with the others.
        real: real texts, such as contexts and reference answers; never generated ones.
    """

    def __init__(self, embedding: Embedding, items: Sequence[Item], real: Sequence[str]) -> None:
        self.embedding = embedding
        self.items = items
        self.real = real

    def fitted(self) -> str:
        """Fit the scorer on the real texts; return why that is impossible, or an empty text."""
        return ""

    @abstractmethod
    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Score each item, (N,)."""

    @abstractmethod
    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """List real items, then the same at each perturbation level; empty if there is no real text."""
