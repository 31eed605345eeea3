"""Column shapes and pair trends as metrics: their means over columns and over pairs of columns.

They are diagnostics: independent columns get better ones than fitted models do.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen.metrics.tables.marginals import column_shapes, pair_trends

MINIMUM = 10


@dataclass(frozen=True)
class FrameReference:
    """Reference of the mean similarities.

    Attributes:
        frame: N real rows, a data frame.
        codec: Codec of the data set.
    """

    frame: Samples
    codec: TableCodec


class _MeanSimilarity(Metric):
    """Mean similarity of real and generated rows."""

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    diagnostic: ClassVar[bool] = True

    def prepare(self, real: Samples, codec: Codec) -> FrameReference:
        """Keep N real rows as they are."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{self.objective.name} scores tables, but the data is {codec.kind}")
        _check_enough(real)
        return FrameReference(real, codec)

    def score(self, reference: FrameReference, fake: Samples) -> float:
        """Compute the mean similarity, in [0, 1]; 1 if all distributions are equal."""
        _check_enough(fake)
        return self.likeness(reference.frame, fake, reference.codec)

    def replicates(self, reference: FrameReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute the score without each group of both sides, float64 (groups,)."""
        sides = reference.frame, fake
        if not 2 <= groups <= min(map(len, sides)) // 2:
            raise MetricError(f"{groups} groups need at least {2 * groups} rows; got {min(map(len, sides))}")
        found = np.empty(groups)
        for group in range(groups):
            kept = [side.iloc[np.arange(len(side)) % groups != group] for side in sides]
            found[group] = self.likeness(kept[0], kept[1], reference.codec)
        return found

    @abstractmethod
    def likeness(self, real: Samples, fake: Samples, codec: TableCodec) -> float:
        """Compute the mean similarity of N real and M generated rows."""


class ColumnShapes(_MeanSimilarity):
    """Mean over columns of one minus the Kolmogorov-Smirnov or the total variation distance."""

    about: ClassVar[str] = (
        "Similarity of the distribution of each column, averaged over the columns: 1 if they are equal, 0 "
        "if they have nothing in common. It does not see how columns belong together."
    )
    objective = Objective("column_shapes", version=1, direction="maximize")
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"tabular": ("untied",)}

    def likeness(self, real: Samples, fake: Samples, codec: TableCodec) -> float:
        """Average ``column_shapes`` over the columns."""
        return float(np.mean(list(column_shapes(real, fake, codec).values())))


class PairTrends(_MeanSimilarity):
    """Mean over pairs of columns of one minus the total variation of their table."""

    about: ClassVar[str] = (
        "Similarity of the joint distribution of two columns, averaged over all pairs (of more than 100 "
        "columns over 5,000 random ones): 1 if they are equal, 0 if they have nothing in common. The average "
        "hides a few broken pairs."
    )
    objective = Objective("pair_trends", version=1, direction="maximize")

    def likeness(self, real: Samples, fake: Samples, codec: TableCodec) -> float:
        """Average ``pair_trends`` over the pairs; 1 for a table of one column."""
        found = list(pair_trends(real, fake, codec).values())
        return float(np.mean(found)) if found else 1.0


def _check_enough(rows: Samples) -> None:
    if len(rows) < MINIMUM:
        raise MetricError(f"shapes and trends need at least {MINIMUM} rows; got {len(rows)}")
