"""Classifier two-sample test of tables that sees broken pairs of columns.

https://arxiv.org/abs/1610.06545 (Lopez-Paz 2017) with three additions that matter for tables:

* **Features.** Beside its cells, a row has features of how plausible under background rows each pair of its
  cells is (``plausibility.py``), and each cell given all others (``conditionals.py``). The background is the
  train split; without it, it is the fold's other real rows, for pairs only. The classifier may use these
  features in one direction only, "less plausible, so generated": a copy of the train split is *more*
  plausible than unseen real rows, which is for the copying test to say.
* **Corrupted rows.** A fifth of the real fitting rows, with one cell replaced by another row's, are added to
  the generated ones. So the classifier knows what a broken row looks like where the
  generated rows hold but a few, and rates real rows as real where it knows nothing.
* **Statistic.** Of a row that the classifier was not fitted on it gives the probability p of being generated.
  r = mean p of generated rows - mean p of real rows is the Henze-Penrose divergence (Henze 1999): a guesser
  who says "generated" with probability p is right with probability r + (1 - r) / 2, as one who recognizes a
  row with probability r, and else tosses a coin. It has less noise than the AUC where few rows are broken, as
  in the tests of Kuebler 2022 (https://arxiv.org/abs/2206.08843), since it weighs how sure the classifier is.

The score is 1 - (1 - r)^k: the chance that one of k rows is recognized, k = 10 where there are 150 real rows
or more. 15 % impossible rows hardly move an AUC; who reads ten rows sees them. Of fewer real rows r is known
too badly for that (its standard deviation is .1 at 36 rows, which k = 10 would blow up to 1), so k is a
fifteenth of them. For real rows the mean of r is 0. It is never clipped: scores of real rows lie around 0 on
both sides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen.metrics.cross_fit import FOLDS, Classifier, HeldOut, fittable, held_out
from autogen.metrics.tables.features import comparable, table_features
from autogen.metrics.tables.two_sample.background import Background
from autogen.metrics.tables.two_sample.plausibility import Plausibility
from autogen.metrics.tables.two_sample.rows import RealRows
from autogen.threads import one_thread

#: Most rows of which the score is the chance that one is recognized, and real rows that each of them needs.
MOST_READ, ROWS_EACH = 10, 15
#: Corrupted rows a generated one. They are few instead of lightly weighted, since scikit-learn bins weighted
#: rows five times as slowly.
CORRUPTED = 0.2
#: Rows below which rows are dealt to folds twice, and those below which a glance needs more folds.
FEW, VERY_FEW = 400, 100
#: Columns above which rows are dealt to folds once, and bins of a column for the classifier of such a table
#: and of others. Finer bins take more time (255: 1.4 to 2 times) and see no more
#: (``benchmarks/results/broken_tables.json``).
WIDE, COARSE_BINS, BINS = 100, 32, 63
#: The replicates' variance counts for the choice of fitting rows, as in ``cross_fit.left_out_areas``.
_FITTING = (1 + FOLDS / (FOLDS - 1)) ** 0.5

Sides = tuple[HeldOut, HeldOut]
Fit = Callable[[np.ndarray, np.ndarray], Classifier]


@dataclass(frozen=True)
class TableReference:
    """Real rows as the two-sample test sees them.

    Attributes:
        rows: Real rows as numbers.
        background: What train tells of plausible rows; ``None`` if the real rows of each fold do.
        described: Features of the real rows and, beside them, of their corrupted twins, float64
            (N, 2 W + 1): NaN for a row that has none, as the last column says. Empty without a background.
    """

    rows: RealRows
    background: Background | None
    described: np.ndarray

    @property
    def read(self) -> int:
        """Rows of which the score is the chance that one is recognized: k."""
        return int(np.clip(len(self.rows.features) // ROWS_EACH, 1, MOST_READ))


class TwoSampleTest(Metric):
    """Chance that a cross-fitted classifier recognizes generated rows in one of ten: 0 real, 1 known."""

    about: ClassVar[str] = (
        "Classifier two-sample test: the chance that a classifier recognizes at least one of ten generated "
        "rows (fewer on small test splits). About 0 if it cannot tell generated from real rows, 1 if it "
        "always can; below 0.1 is hard to notice."
    )
    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    early_rows: ClassVar[int] = 500
    objective = Objective("c2st[rows-v6]", version=6, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> TableReference:
        """Turn N real rows into numbers; the real rows of the other folds are the background."""
        rows = RealRows.of(real, codec, self.objective.name)
        return TableReference(rows, None, np.empty((0, 0)))

    def prepare_with(self, real: Samples, codec: Codec, train: Samples) -> TableReference:
        """Prepare with the train split as background, which is larger and is learned from only once."""
        known = table_features(train, codec) if isinstance(codec, TableCodec) else None
        rows = RealRows.of(real, codec, self.objective.name, known)
        assert known is not None  # else the codec was refused
        background = Background.fit(known, rows.codec.categorical, comparable(rows.codec))
        described = background.describe(rows.features)
        rng = np.random.default_rng(3)
        chosen = rng.random(len(described)) < CORRUPTED
        broken = corrupted(rows.features[chosen], background.columns, known, rng)
        twins = np.full_like(described, np.nan)
        twins[chosen] = background.describe(broken)
        return TableReference(rows, background, np.column_stack([described, twins, chosen]))

    def score(self, reference: TableReference, fake: Samples) -> float:
        """Compute the chance that one of k rows is recognized; about 0, on both sides, for real rows."""
        return chance(recognized(self._held_out(reference, fake)), reference.read)

    def early_score(self, reference: TableReference, fake: Samples) -> float:
        """Score with some of the folds only: each classifier has as many rows, so the mean stays the same."""
        folds = 2 if len(reference.rows.features) >= VERY_FEW else 3
        return chance(recognized(self._held_out(reference, fake, folds, repeats=1)), reference.read)

    def replicates(self, reference: TableReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,).

        Each moves 1.5 times as far as the score does without the group's predictions; the reason stands in
        ``cross_fit.left_out_areas``.
        """
        return _without_groups(self._held_out(reference, fake), groups, reference.read)

    def jackknife(self, reference: TableReference, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """Compute score and replicates from the same classifiers."""
        sides = self._held_out(reference, fake)
        score = chance(recognized(sides), reference.read)
        return score, _without_groups(sides, groups, reference.read) if groups else np.empty(0)

    def _held_out(
        self, reference: TableReference, fake: Samples, folds: int = FOLDS, repeats: int = 0
    ) -> list[Sides]:
        """Predict equally many real and generated rows, once for each assignment to folds."""
        made, real = reference.rows.encode(fake), reference.rows.features
        known, size = reference.background, min(len(real), len(made))
        blocks = reference.rows.blocks_with(made)
        fit: Fit = _FittingAlone(reference.rows.codec)
        # A shared background describes all rows once; else each fold describes them by its own real rows.
        if known is not None:
            real, made, fit = reference.described, known.describe(made), _Fitting(known)
        repeats = repeats or (2 if size < FEW and len(reference.rows.decimals) <= WIDE else 1)
        seeds = [1 + 2 * again for again in range(repeats)]
        return [held_out(real, made, fit, folds, seed, blocks) for seed in seeds]


@dataclass(frozen=True)
class _Fitting:
    """Fits the classifier of a fold on rows that are described already.

    Attributes:
        background: What describes the rows.
    """

    background: Background

    def __call__(self, real: np.ndarray, made: np.ndarray) -> Classifier:
        """Fit trees on real rows with their twins, (N, 2 W + 1), and generated rows, (M, W).

        Returns:
            A function of real or generated rows that gives the probability of each being generated.
        """
        width = made.shape[1]
        # A twin is fitted on with its real row or not at all, so no held-out row's cells are known.
        twins = real[real[:, -1] > 0, width:-1]
        known = self.background
        parts = real[:, :width], made, twins
        model = _fitted(parts, known.width, known.monotone)
        return lambda rows: _probability(model, rows[:, :width])


@dataclass(frozen=True)
class _FittingAlone:
    """Fits the classifier of a fold with its own real rows as background.

    Attributes:
        codec: Codec of the data set.
    """

    codec: TableCodec

    def __call__(self, real: np.ndarray, made: np.ndarray) -> Classifier:
        """Fit trees on real rows (N, D) and generated rows (M, D).

        Returns:
            A function of rows that gives the probability of each being generated.
        """
        known, columns = Plausibility.fit(real, self.codec.categorical, comparable(self.codec)), real.shape[1]
        rng = np.random.default_rng(3)
        some = real[rng.permutation(len(real))[: round(CORRUPTED * len(real))]]
        broken = corrupted(some, known.columns, real, rng)
        # Real fitting rows are background themselves: they must not count themselves as evidence.
        sides = [(real, True), (made, False), (broken, False)]
        parts = [np.column_stack([rows, known.describe(rows, own)]) for rows, own in sides]
        model = _fitted(parts, columns, known.monotone)
        return lambda rows: _probability(model, np.column_stack([rows, known.describe(rows)]))


def _fitted(parts: Sequence[np.ndarray], columns: int, monotone: int) -> HistGradientBoostingClassifier:
    """Fit trees on real, generated and corrupted rows, each (., W).

    Args:
        parts: The three kinds of rows.
        columns: Number of columns of the table; their cells come first and are unconstrained.
        monotone: Number of features after them that may only lower the probability of being generated.
    """
    sizes = [len(part) for part in parts]
    model = _trees(sizes[0] + sizes[1], columns, monotone, parts[0].shape[1])
    with one_thread():
        model.fit(fittable(np.concatenate(parts)), np.repeat([0, 1, 1], sizes))
    return model


def _probability(model: HistGradientBoostingClassifier, rows: np.ndarray) -> np.ndarray:
    with one_thread():
        return np.asarray(model.predict_proba(rows)[:, 1])


def corrupted(
    rows: np.ndarray, columns: list[int], others: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Replace one cell of each row by another row's, (N, D).

    Args:
        rows: Rows, (N, D).
        columns: Indices of columns whose cells may be replaced; empty for all.
        others: Rows that the other cells are taken from, (M, D).
        rng: Source of randomness.
    """
    found, size = rows.copy(), len(rows)
    place = rng.choice(columns or rows.shape[1], size)
    found[np.arange(size), place] = others[rng.integers(len(others), size=size), place]
    return found


def recognized(dealings: list[Sides], without: tuple[int, int] = (1, 1)) -> float:
    """Compute r: the mean probability of the generated rows minus that of the real ones.

    It is taken inside each fold, so that for real rows its mean is 0 at any number of rows.

    Args:
        dealings: Out-of-fold probabilities of both sides, one pair for each assignment to folds.
        without: (groups, g): leave out rows of group g. The default leaves out none.
    """
    groups, left_out = without
    differences, weights = [], []
    for sides in dealings:
        for fold in np.unique(sides[0].folds):
            real, made = (
                side.scores[(side.folds == fold) & (side.rows % groups != left_out)] for side in sides
            )
            if len(real) and len(made):
                differences.append(made.mean() - real.mean())
                # The inverse variance of a difference of two means, up to a constant.
                weights.append(len(real) * len(made) / (len(real) + len(made)))
    return float(np.average(differences, weights=weights))


def chance(recognition: float, rows: int = MOST_READ) -> float:
    """Compute the chance that one of some rows is recognized; below 0 if real rows look more generated.

    Args:
        recognition: Chance r that one row is recognized.
        rows: Number k of rows, default 10.
    """
    return 1 - (1 - recognition) ** rows


def _without_groups(dealings: list[Sides], groups: int, rows: int) -> np.ndarray:
    """Compute the score without each group of rows, float64 (groups,)."""
    size = len(dealings[0][1].rows)
    if not 2 <= groups <= size // 2:
        raise MetricError(f"{groups} groups need at least {2 * groups} rows; got {size}")
    whole = recognized(dealings)
    moved = [whole + _FITTING * (recognized(dealings, (groups, g)) - whole) for g in range(groups)]
    return np.array([chance(one, rows) for one in moved])


def _trees(rows: int, columns: int, monotone: int, width: int) -> HistGradientBoostingClassifier:
    """Make boosted trees whose settings depend only on the number of rows: few rows, few small trees.

    Args:
        rows: Number of real and generated rows to fit on.
        columns: Number of columns of the table; their features come first and are unconstrained.
        monotone: Number of features after them that may only lower the probability of being generated.
        width: Number of all features.
    """
    rounds, leaves = (40, 8) if rows < 2 * FEW else (60, 16)
    directions = np.zeros(width, np.int8)
    directions[columns : columns + monotone] = -1
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=rounds,
        max_leaf_nodes=leaves,
        min_samples_leaf=int(np.clip(rows // 40, 3, 20)),
        l2_regularization=1.0,
        early_stopping=False,
        max_bins=COARSE_BINS if columns > WIDE else BINS,
        monotonic_cst=directions,
        random_state=0,
    )
