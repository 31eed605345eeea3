"""Capability of a family that grows from sums of counts, which several owners of rows can add up."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping

from torch import Tensor, nn

from autogen.data.specs import Arrays, Spec
from autogen.families.base import FamilyConfig

#: What is asked of the rows, and sums of the answers: tensors by name.
Question = Mapping[str, Tensor]
Counts = Mapping[str, Tensor]


class GrowsFromCounts(ABC):
    """Capability of a family that ``IsGrown``: whatever it learns from rows are counts of them.

    Counts of parts of the rows add up to those of all rows. With ``least`` 1 the model is the same however
    the rows are split among owners.
    """

    @abstractmethod
    def why_not_by_counts(self, config: FamilyConfig) -> str:
        """Name the setting that needs more of rows than counts; empty for none."""

    @abstractmethod
    def growing(
        self, model: nn.Module, config: FamilyConfig, step: int, seed: int
    ) -> Generator[Question, Counts, None]:
        """Do one training step: yield questions, take the sums of the answers, change the model at the end.

        Args:
            model: Model after the steps before.
            config: Settings of the family.
            step: Number of steps done before.
            seed: Seed of the trial.
        """

    @abstractmethod
    def shapes(self, spec: Spec, question: Question) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the answer to a question, by name."""

    @abstractmethod
    def times(self, spec: Spec, question: Question) -> int:
        """Return how often each tensor of the answer to a question counts a row, at most."""

    @abstractmethod
    def counts(
        self,
        config: FamilyConfig,
        spec: Spec,
        train: Arrays,
        question: Question,
        *,
        least: int,
        seed: int,
        step: int,
    ) -> Counts:
        """Answer a question from rows.

        Args:
            config: Settings of the family.
            spec: Spec of the encoded data.
            train: Encoded rows, name to (N, ...).
            question: The question.
            least: Rows below which a group of rows is not told.
            seed: Seed of the owner of the rows in this trial.
            step: Number of steps done before.

        Returns:
            Counts, int64 tensors of ``shapes`` by name.
        """
