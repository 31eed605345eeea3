"""The contract of all metrics of sample quality: prepare the real side once, then score."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.hpo.objective import Objective

_GROUPS, _ROWS_A_GROUP = 20, 5


class Metric(ABC):
    """Says how far generated samples are from real samples that no model was trained on.

    Scores are deterministic: the same reference and samples give the same score. Scores are
    comparable only for one reference and one number of generated samples.

    Attributes:
        kinds: Kinds of data that it can score; a kind may declare further metrics that fit it.
        objective: Name with feature space, version, direction.
        blind: By kind of data, the corruptions of ``autogen.testing.ladders`` that it does not notice, or
            takes for better.
        early_rows: Fewest samples that a glance may rest on.
        diagnostic: Whether it is to be looked at only: a model chosen by it would be a bad one.
        superseded: Whether a newer version replaces it; then it is used only where it is asked for by name.
    """

    kinds: ClassVar[tuple[str, ...]]
    objective: Objective
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    early_rows: ClassVar[int] = 100
    diagnostic: ClassVar[bool] = False
    superseded: ClassVar[bool] = False

    @abstractmethod
    def prepare(self, real: Samples, codec: Codec) -> Any:
        """Compute once what all scorings against these real samples share.

        Args:
            real: N raw samples of one split.
            codec: For kinds of columns, sizes, precision; fitted on train.

        Returns:
            The reference, opaque, picklable, numpy arrays inside.
        """

    def prepare_with(self, real: Samples, codec: Codec, train: Samples) -> Any:
        """Do what ``prepare`` does where the train split is at hand; most metrics have no use for it.

        Args:
            real: N raw samples of one split, none of them of ``train``.
            codec: Codec of the data set, fitted on ``train``.
            train: Raw samples that generators are fitted on.
        """
        return self.prepare(real, codec)

    @abstractmethod
    def score(self, reference: Any, fake: Samples) -> float:
        """Score generated samples.

        Args:
            reference: From ``prepare``.
            fake: Raw generated samples, best as many as the real ones.

        Raises:
            MetricError: too few samples, another shape or other columns, NaN in features.
        """

    def glance(self, reference: Any, fake: Samples) -> float:
        """A score at less cost, for trials far from their end; to be held against its like alone."""
        return self.score(reference, fake)

    def groups(self, rows: int) -> int:
        """In how many groups so many rows are left out for an interval: 20, fewer where rows are few.

        0 where the rows are too few for any interval.
        """
        usual = min(_GROUPS, rows // _ROWS_A_GROUP)
        return usual if usual > 1 else 0

    @abstractmethod
    def replicates(self, reference: Any, fake: Samples, groups: int) -> np.ndarray:
        """Scores with one group of rows left out, for a delete-group jackknife.

        Row i of the real and of the generated samples is in group ``i % groups``; replicate g leaves
        out group g of both sides, so that replicates of two models are paired on the real rows.

        Returns:
            float64 (groups,).
        """

    def jackknife(self, reference: Any, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """The score and its replicates, (0,) for 0 groups; at the cost of one where work can be shared."""
        score = self.score(reference, fake)
        return score, self.replicates(reference, fake, groups) if groups else np.empty(0)


class TargetMetric(Metric):
    """A metric of tables that predicts a column.

    Args:
        target: Name of the column; needed by ``prepare``, not by ``score``.
    """

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)

    def __init__(self, target: str = "") -> None:
        self.target = target


class HasSelfCheck(ABC):
    """Capability of a metric: it knows whether it can be trusted on the data at hand."""

    @abstractmethod
    def trouble(self, reference: Any) -> str:
        """Why it must not choose a model on this reference; empty where it may."""

    @abstractmethod
    def caveats(self) -> tuple[str, ...]:
        """What a reader of its scores must know, one a sentence."""
