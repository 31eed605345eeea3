"""Base classes of metrics of sample quality: prepare the real side once, then score."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.hpo.objective import Objective

_GROUPS, _ROWS_A_GROUP = 20, 5


class Metric(ABC):
    """Quality of generated samples: their distance from real samples that no model was trained on.

    Scores are deterministic: the same reference and samples give the same score. Scores are
    comparable only for one reference and one number of generated samples.

    Attributes:
        kinds: Kinds of data that the metric can score; a kind may declare further metrics that fit it.
        objective: Name (with the feature space), version and direction of the score.
        about: What the metric measures, what 0 and 1 are, and what a good value is, in a sentence or two for
            readers of the report; empty for the first line of the class's docstring.
        insensitive_to: Corruptions of ``autogen.testing.ladders``, by kind of data, that leave the score or
            improve it. Tests check the list.
        early_rows: Smallest number of samples for a low-fidelity score.
        diagnostic: True for a metric that is only shown: selecting by it would choose a bad model.
        superseded: True for an old version, which is used only where the user names it.
    """

    kinds: ClassVar[tuple[str, ...]]
    objective: Objective
    about: ClassVar[str] = ""
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    early_rows: ClassVar[int] = 100
    diagnostic: ClassVar[bool] = False
    superseded: ClassVar[bool] = False

    @abstractmethod
    def prepare(self, real: Samples, codec: Codec) -> Any:
        """Compute the reference that all scores against these real samples share.

        Args:
            real: N raw samples of one split.
            codec: Codec of the data set, fitted on train; it knows the kinds of columns, sizes and precision.

        Returns:
            The reference: an opaque, picklable value for ``score``.
        """

    def prepare_with(self, real: Samples, codec: Codec, train: Samples) -> Any:
        """Compute the reference with the help of the train split; by default the same as ``prepare``.

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
            reference: Result of ``prepare``.
            fake: M raw generated samples, preferably as many as the real ones.

        Raises:
            MetricError: too few samples, another shape or other columns, NaN in features.
        """

    def early_score(self, reference: Any, fake: Samples) -> float:
        """Compute a cheaper score for trials at a low fidelity; compare it only with scores of its sort."""
        return self.score(reference, fake)

    def groups(self, rows: int) -> int:
        """Return the number of jackknife groups for so many rows: 20, or fewer where a group would be tiny.

        0 means that the rows are too few for an interval.
        """
        usual = min(_GROUPS, rows // _ROWS_A_GROUP)
        return usual if usual > 1 else 0

    @abstractmethod
    def replicates(self, reference: Any, fake: Samples, groups: int) -> np.ndarray:
        """Compute the scores with one group of rows left out each, for a delete-group jackknife.

        Row i of the real and of the generated samples is in group ``i % groups``; replicate g leaves
        out group g of both sides, so that replicates of two models are paired on the real rows.

        Returns:
            float64 (groups,).
        """

    def jackknife(self, reference: Any, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """Compute the score and its replicates, (groups,); a metric overrides it to share the work."""
        score = self.score(reference, fake)
        return score, self.replicates(reference, fake, groups) if groups else np.empty(0)


class TargetMetric(Metric):
    """A metric of tables that predicts a column.

    Args:
        target: Name of the column to predict; ``prepare`` needs it, ``score`` does not.
    """

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)

    def __init__(self, target: str = "") -> None:
        self.target = target


class HasSelfCheck(ABC):
    """Capability of a metric to check whether it is reliable on the data at hand."""

    @abstractmethod
    def why_unreliable(self, reference: Any) -> str:
        """Return why the metric must not choose a model on this reference; empty if it is reliable."""

    @abstractmethod
    def warnings(self) -> tuple[str, ...]:
        """Return warnings for readers of its scores, one sentence each."""
