"""Types of ``result.json`` for the hard tests (memorization, diversity, rejection) and for feedback."""

from dataclasses import dataclass

#: Share of samples nearer to train above which a model is refused, if chance does not explain it.
GATE = 0.55
#: Share of nearly equal samples above which a model is refused, if chance does not explain it.
TOLERATED = 0.05
#: Level of the memorization test.
LEVEL = 0.01


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

    @property
    def shown(self) -> str:
        """Outcome for a table, with the number that decided; see ``copies_cell``."""
        return copies_cell(self.passed, self.share, self.p_value, self.copied)


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


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Test on samples of the kind that users rejected (``--feedback``).

    Attributes:
        share: Estimated share of the samples that users would reject.
        bound: Largest share that is allowed.
        p_value: One-sided p-value of a share above the bound.
        passed: True if the share is at most the bound, or chance explains it.
        samples: Number of samples in the test.
    """

    share: float
    bound: float
    p_value: float
    passed: bool
    samples: int


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """Marks of users on samples, and what they did (``--feedback``).

    Attributes:
        source: Files as given.
        sha256: SHA-256 of the content of the files.
        rows: Number of marked rows.
        generated: Number of those that equal no row of the data: taken as generated, never trained on.
        rejected: Number of rejected ones among these; a mark between 0 and 1 counts in part.
        train: Number of those that equal a training row, whose weight is their mark.
        dropped: Number of training rows with the mark 0, which left the train split.
        held_out: Number of those that equal a held-out row, which are not used.
        auc: Cross-fitted ROC AUC of rejected against kept samples; ``null`` with fewer than ten of one kind.
        p_value: P-value of an AUC of 1/2.
        before: Share of rejected ones among the generated samples of the last file; ``null`` for none.
        real: Estimated share of training rows, the rejected ones among them, that users would reject;
            ``null`` if it cannot be told.
        weighted: The same of the training rows with their weights: that of a perfect model of these.
        bound: Largest such share that a model may have; ``null`` for no such constraint.
        effective: Number of training rows of equal weight that the weighted ones amount to (Kish 1965).
    """

    source: tuple[str, ...]
    sha256: str = ""
    rows: int = 0
    generated: int = 0
    rejected: float = 0.0
    train: int = 0
    dropped: int = 0
    held_out: int = 0
    auc: float | None = None
    p_value: float | None = None
    before: float | None = None
    real: float | None = None
    weighted: float | None = None
    bound: float | None = None
    effective: float = 0.0


def copies_cell(passed: bool, share: float, p_value: float | None, copied: float | None) -> str:
    """Write the outcome of the memorization test for a table, with the number that decided.

    Args:
        passed: True if the samples pass.
        share: Share of samples nearer to train rows than to equally many unseen rows.
        p_value: P-value of a share above ``GATE``; ``None`` in files of the first autogen.
        copied: Share of samples that are nearly equal to a train row; ``None`` in such files.

    Returns:
        ``no (0.53)``, ``YES (0.66)``, or ``YES (10 % copied)`` where the share alone would pass.
    """
    near = share > GATE if p_value is None else p_value < LEVEL
    if passed or near or copied is None or copied <= TOLERATED:
        return f"{'no' if passed else 'YES'} ({share:.2f})"
    return f"YES ({100 * copied:.0f} % copied)"


def noticed(found_from: float | None) -> str:
    """Describe the share of copies that the memorization test would find with a probability of .8."""
    if found_from is None:
        return "no copies at all here: there are too few rows, or too many equal ones"
    return f"a model if {100 * found_from:.0f} % or more of its samples were copies"
