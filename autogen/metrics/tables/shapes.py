"""Column shapes and pair trends as metrics: their means over columns and over pairs of columns.

To be looked at only: independent columns get better ones than fitted models do.
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
    """Real rows and the codec of the data set."""

    frame: Samples
    codec: TableCodec


class _Alike(Metric):
    """A mean likeness of real and generated rows."""

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    diagnostic: ClassVar[bool] = True

    def prepare(self, real: Samples, codec: Codec) -> FrameReference:
        """Keep the rows."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{self.objective.name} scores tables, but the data is {codec.kind}")
        _refuse_too_few(real)
        return FrameReference(real, codec)

    def score(self, reference: FrameReference, fake: Samples) -> float:
        """In [0, 1]; 1 where all are alike."""
        _refuse_too_few(fake)
        return self.likeness(reference.frame, fake, reference.codec)

    def replicates(self, reference: FrameReference, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group of both sides."""
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
        """The mean."""


class ColumnShapes(_Alike):
    """Mean over columns of one minus the Kolmogorov-Smirnov or the total variation distance."""

    objective = Objective("column_shapes", version=1, direction="maximize")
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"tabular": ("untied",)}

    def likeness(self, real: Samples, fake: Samples, codec: TableCodec) -> float:
        """See ``column_shapes``."""
        return float(np.mean(list(column_shapes(real, fake, codec).values())))


class PairTrends(_Alike):
    """Mean over pairs of columns of one minus the total variation of their table."""

    objective = Objective("pair_trends", version=1, direction="maximize")

    def likeness(self, real: Samples, fake: Samples, codec: TableCodec) -> float:
        """See ``pair_trends``; 1 where there is but one column."""
        found = list(pair_trends(real, fake, codec).values())
        return float(np.mean(found)) if found else 1.0


def _refuse_too_few(rows: Samples) -> None:
    if len(rows) < MINIMUM:
        raise MetricError(f"shapes and trends need at least {MINIMUM} rows; got {len(rows)}")
