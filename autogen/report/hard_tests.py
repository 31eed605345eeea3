"""The types of ``result.json`` for the two tests that no model may fail: memorization and diversity."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Two levels of a distribution of distances.

    Attributes:
        p5: 5th percentile.
        median: Median.
    """

    p5: float
    median: float


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Distances to the training rows, of the samples and of unseen real rows.

    Attributes:
        samples: Distances of the samples.
        holdout: Distances of unseen real rows.
    """

    samples: Levels
    holdout: Levels


@dataclass(frozen=True, kw_only=True)
class Memorization:
    """The memorization test: whether samples copy the train split.

    Attributes:
        share: Share of samples nearer to train rows than to equally many unseen rows; chance gives .5.
        p_value: One-sided p-value of a share above .55.
        copied: Share of samples that are all but equal to a train row beyond what unseen rows explain.
        copied_p_value: P-value of that share's being above .05.
        passed: Whether the samples pass for no copies.
        samples: Samples looked at.
        train: Train rows looked at.
        holdout: Unseen rows looked at.
        found_from: Smallest share of copies that the test would have found with a probability of .8;
            ``null`` where not even copies alone would be found.
        dcr: Distance to the closest record of train; ``null`` in files of the first autogen.
        nndr: Nearest-neighbor distance ratio: that distance over the distance to the second closest;
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
    """The diversity test: whether samples repeat each other more than real rows do.

    Attributes:
        near_duplicates: Samples that all but equal an earlier sample.
        real_near_duplicates: The same among as many real rows.
        p_value: P-value of the difference.
        passed: Whether the difference is within a tenth of the samples, or chance explains it.
        samples: Samples looked at.
        found_up_to: Largest number of different samples, drawn over and over, that the test would have found
            with a probability of .8.
    """

    near_duplicates: int
    real_near_duplicates: int
    p_value: float
    passed: bool
    samples: int
    found_up_to: int
