"""Suspicion during the search: trials that copy training rows rank behind all others.

The hard tests of the finals refuse a model that copies, however good its score, and metrics rate copies as
real rows. So a search that knew nothing of copying would bring finalists that cannot win.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.metrics.memorization.gate import MINIMUM, RealPool, some
from autogen.metrics.memorization.lookup import distance_to

#: Level of the suspicion. That of the refusal is .01, on more rows: who just passes here would fail there.
LEVEL = 0.1
#: Pairs of rows that are compared for one trial, and fewest and most samples of it: at the first look, and at
#: the second one at who is suspected by the first. Of 100 samples of an honest model of a large table one in
#: fifty is suspected, and the best trial of a search must not be lost by chance.
FIRST_LOOK, SECOND_LOOK = (2_000_000, 100, 500), (10_000_000, 500, 1000)
#: Training rows that are looked at. Who copies shows it on a part of them, though less clearly.
MOST_TRAIN = 20_000
#: Reason in the journal.
COPIES = "its samples seem to be copies of the train split"


@dataclass(frozen=True)
class CopyCheck:
    """Memorization test on rows that the search may see.

    Attributes:
        train: Raw train split, or a part of it.
        unseen: Raw rows that no trial is trained on: the tune split.
        codec: Codec of the data.
    """

    train: Samples
    unseen: Samples
    codec: Codec

    @classmethod
    def of(cls, train: Samples, unseen: Samples, codec: Codec) -> "CopyCheck":
        """Make the check on as many training rows as are held by every worker."""
        weight = distance_to(some(unseen, MINIMUM), codec).weight
        return cls(some(train, MOST_TRAIN // weight), unseen, codec)

    @cached_property
    def _pool(self) -> RealPool:
        return RealPool(self.train, self.unseen, self.codec)

    @property
    def looks(self) -> list[int]:
        """Numbers of samples that are looked at, one after the other, while a trial is suspected."""
        sizes = [
            min(most, self._pool.most(pairs, fewest)) for pairs, fewest, most in (FIRST_LOOK, SECOND_LOOK)
        ]
        return sizes if sizes[1] >= 2 * sizes[0] else sizes[:1]

    def __call__(self, draw: Callable[[int], Samples]) -> str:
        """Test the samples of a trial.

        Args:
            draw: Draws so many raw samples.

        Returns:
            The reason for a suspicion; empty for none.

        Raises:
            MetricError: fewer than 10 samples, training or unseen rows.
        """
        suspected = all(self._pool.suspects(draw(size), LEVEL) for size in self.looks)
        return COPIES if suspected else ""
