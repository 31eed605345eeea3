"""Types of ``result.json`` for the hard tests: memorization and diversity."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Two quantiles of a distribution of distances.

    Attributes:
        p5: 5th percentile.
        median: Median.
    """

    p5: float
    median: float


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Distances to the training rows, of samples and of unseen real rows.

    Attributes:
        samples: Distances of the samples.
        holdout: Distances of unseen real rows.
    """

    samples: Levels
    holdout: Levels


@dataclass(frozen=True, kw_only=True)
class Memorization:
    """Memorization test, which refuses samples that copy the train split.

    Attributes:
        share: Share of samples nearer to train rows than to equally many unseen rows; .5 by chance.
        p_value: One-sided p-value of a share above .55.
        copied: Share of samples that are nearly equal to a train row, beyond what unseen rows explain.
        copied_p_value: One-sided p-value of such a share above .05.
        passed: True if the samples pass.
        samples: Number of samples in the test.
        train: Number of train rows in the test.
        holdout: Number of unseen rows in the test.
        found_from: Smallest share of copies that the test would find with a probability of .8; ``null`` if
            it would not find even copies alone.
        dcr: Distance to the closest record of train; ``null`` in files of the first autogen.
        nndr: Nearest-neighbor distance ratio: the DCR over the distance to the second closest record;
            ``null`` in files of the first autogen.
    """

    share: float
    p_value: float | None = None
    copied: float | None = None
    copied_p_value: float | None = None
    passed: bool
    samples: int | None = None
    train: int | None = None
    holdout: int | None = None
    found_from: float | None = None
    dcr: Sides | None = None
    nndr: Sides | None = None


@dataclass(frozen=True, kw_only=True)
class Diversity:
    """Diversity test, which refuses samples that repeat each other more than real rows do.

    Attributes:
        near_duplicates: Number of samples that are nearly equal to an earlier sample.
        real_near_duplicates: Number of such rows among as many real rows.
        p_value: P-value of the difference.
        passed: True if the difference is at most a tenth of the samples, or chance explains it.
        samples: Number of samples in the test.
        found_up_to: Largest number of different samples, drawn repeatedly, that the test would find with a
            probability of .8.
    """

    near_duplicates: int
    real_near_duplicates: int
    p_value: float
    passed: bool
    samples: int
    found_up_to: int
