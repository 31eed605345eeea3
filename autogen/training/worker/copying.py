"""Suspicion during the search: trials that copy training rows rank behind all others.

The hard tests of the finals refuse a model that copies, however good its score, and metrics rate copies as
real rows. So a search that knew nothing of copying would bring finalists that cannot win.
"""

from dataclasses import dataclass
from functools import cached_property

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.metrics.memorization.gate import MINIMUM, RealPool, some
from autogen.metrics.memorization.lookup import distance_to

#: Level of the suspicion. That of the refusal is .01, on more rows: who just passes here would fail there.
LEVEL = 0.1
#: Pairs of rows that are compared for one trial, and fewest and most samples of it.
MOST_PAIRS, FEWEST_SAMPLES, MOST_SAMPLES = 2_000_000, 100, 500
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
    def samples(self) -> int:
        """Number of samples that are to be drawn of a trial."""
        return min(MOST_SAMPLES, self._pool.most(MOST_PAIRS, FEWEST_SAMPLES))

    def __call__(self, fake: Samples) -> str:
        """Test raw samples of a trial.

        Returns:
            The reason for a suspicion; empty for none.

        Raises:
            MetricError: fewer than 10 samples, training or unseen rows.
        """
        return COPIES if self._pool.suspects(fake, LEVEL) else ""
