"""The contract of the embedded scorers: learn from real text, give raw values, make real text worse."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from autogen.judging.criteria import Item
from autogen.judging.embedded.embedding import Embedding


@dataclass(frozen=True, slots=True)
class Sight:
    """What a scorer sees in one item.

    Attributes:
        value: Higher is better; ``None`` where it cannot tell, with the reason in the note.
        note: What a reader should know.
        cap: The grade that the item cannot surpass.
    """

    value: float | None
    note: str = ""
    cap: float = 5.0


class Scorer(ABC):
    """Gives each item a raw value without a language model.

    Args:
        embedding: Vectors of texts.
        items: All items of the set; some scorers compare an item with the others.
        real: Real texts, such as contexts and true answers; never generated ones.
    """

    def __init__(self, embedding: Embedding, items: Sequence[Item], real: Sequence[str]) -> None:
        self.embedding = embedding
        self.items = items
        self.real = real

    def fitted(self) -> str:
        """Learn what is to be learnt; why that is not possible, or an empty text."""
        return ""

    @abstractmethod
    def sights(self, items: Sequence[Item]) -> list[Sight]:
        """What is seen in each item."""

    @abstractmethod
    def rungs(self, dice: random.Random) -> list[list[Item]]:
        """Real items first, then the same ones made worse and worse; empty where there is no real text."""
