"""Train on synthetic, test on real (TSTR, Esteban 2017), as a share of the skill from real rows.

https://arxiv.org/abs/1706.02633. One fixed evaluator, boosted trees, predicts the target column from all
others: macro-averaged F1 for classes (categories, and quantities of exactly two values such as 0 and 1),
R^2 for other quantities. Both models are trained on equally many rows and tested on real rows that neither
saw: the real rows are split into five folds, equal rows together, and a model trained on
the other folds (or on as many generated rows) predicts each fold. So real samples get 1 in the mean, and
a lucky generator may get a little more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import f1_score

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.leaks import is_classes, leak_sentence, leaking
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import TargetMetric
from autogen.metrics.cross_fit import FOLDS, blocks_of, fittable, folds_of
from autogen.metrics.tables.features import table_features
from autogen.threads import one_thread

MINIMUM = 20
#: Rounds of boosting; fewer, with larger steps, where each has a tree for each of many classes.
ROUNDS, FEWEST_ROUNDS, MOST_TREES = 60, 12, 300
#: Smallest skill of real rows: below it they do not predict the target, and a share of it means nothing.
_WORTH = 0.05
#: The replicates' variance counts for the choice of fitting rows, as in ``autogen.metrics.cross_fit``.
_FITTING = (1 + FOLDS / (FOLDS - 1)) ** 0.5


@dataclass(frozen=True)
class TargetReference:
    """Real rows with a target, and its predictions by real rows.

    Attributes:
        codec: Codec of the data set.
        place: Index of the target among the modeled columns.
        nominal: True if the target has classes: categories, or a quantity's only two values.
        features: Real rows whose target is not missing, (N, D).
        blocks: Rows that stay in one fold, as of ``cross_fit.blocks_of``, int64 (N,).
        folds: Fold of each row, int64 (N,).
        predicted: Target of each row as predicted by real rows of the other folds, (N,).
    """

    codec: TableCodec
    place: int
    nominal: bool
    features: np.ndarray
    blocks: np.ndarray
    folds: np.ndarray
    predicted: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """True target of each row, (N,)."""
        return np.asarray(self.features[:, self.place])


@dataclass(frozen=True)
class Utility:
    """Skill at predicting a column of unseen real rows, of models trained on real and on generated rows.

    Attributes:
        target: Column that is predicted.
        measure: ``macro F1`` for classes, ``R2`` for quantities.
        real: Skill of a model trained on real rows (TRTR).
        synthetic: Skill of a model trained on as many generated rows (TSTR).
        chance: Skill of guessing: 1 / K for the macro F1 of K classes that are guessed as often as they
            occur, 0 for the R2 of the mean.
        leaked: Columns that determine the target on their own.
    """

    target: str
    measure: str
    real: float
    synthetic: float
    chance: float = 0.0
    leaked: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """Skill from generated rows over skill from real rows; guessing gets more than 0 for classes."""
        return self.synthetic / max(self.real, _WORTH)

    @property
    def above_chance(self) -> float | None:
        """Share of the real rows' skill above chance: 0 for guessing, 1 for real rows.

        ``None`` if the skill from real rows is hardly above chance.
        """
        gain = self.real - self.chance
        return (self.synthetic - self.chance) / gain if gain >= _WORTH else None

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON values, rounded to four digits."""
        numbers: dict[str, Any] = {
            name: round(getattr(self, name), 4) for name in ("real", "synthetic", "chance", "ratio")
        }
        share = self.above_chance
        numbers["above_chance"] = None if share is None else round(share, 4)
        return {"target": self.target, "measure": self.measure, **numbers, "leaked": list(self.leaked)}

    def __str__(self) -> str:
        share = self.above_chance
        kept = "" if share is None else f": {100 * max(0.0, share):.0f} % of the skill above chance"
        leaked = f"; {leak_sentence(self.leaked, self.target)}" if self.leaked else ""
        return (
            f"{self.measure} for {self.target} on unseen real rows is {self.synthetic:.2f} if trained on "
            f"generated rows (TSTR), {self.real:.2f} if trained on real rows (TRTR), {self.chance:.2f} by "
            f"chance{kept}; tstr is TSTR / TRTR, here {self.ratio:.4g}{leaked}"
        )


def utility(
    real: Samples, synthetic: Samples, codec: TableCodec, target: str, train: Samples | None = None
) -> Utility:
    """Train on synthetic and on real rows, test both on real rows that neither training saw.

    Args:
        real: Real rows that no generator was fitted on; they are split into folds.
        synthetic: Generated rows.
        codec: Codec of the data set.
        target: Column to predict.
        train: Rows of the train split, by which equal rows are told from values; default unknown.

    Raises:
        MetricError: the target is not modeled, too few rows have it, or real rows do not predict it.
    """
    metric = TrainOnSynthetic(target)
    reference = metric.prepare(real, codec) if train is None else metric.prepare_with(real, codec, train)
    made = metric.predictions(reference, synthetic)
    by_real, by_made = (
        _skill(reference.truth, predicted, reference.nominal) for predicted in (reference.predicted, made)
    )
    chance = 1 / len(np.unique(reference.truth)) if reference.nominal else 0.0
    leaked = tuple(
        codec.names[place] for place in leaking(reference.features, codec.categorical, reference.place)
    )
    return Utility(target, "macro F1" if reference.nominal else "R2", by_real, by_made, chance, leaked)


class TrainOnSynthetic(TargetMetric):
    """Skill of a predictor trained on generated rows, as a share of one trained on real rows."""

    about: ClassVar[str] = (
        "Train on synthetic, test on real: the skill of a model that predicts the target after training on "
        "generated rows, as a share of its skill after training on real rows. The skill is the macro F1 for "
        "classes (categories, or exactly two values) and R² for other numbers. 1 is as good as real rows, 0 "
        "is no skill."
    )
    objective = Objective("tstr[hgb-v1]", version=4, direction="maximize")
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "tabular": ("blanked", "lopsided", "stretched")
    }

    def prepare(self, real: Samples, codec: Codec) -> TargetReference:
        """Predict the target of the real rows by cross-validation on real rows."""
        return self._prepared(real, codec, None)

    def prepare_with(self, real: Samples, codec: Codec, train: Samples) -> TargetReference:
        """The same; the train split tells duplicates, which stay in one fold, from values."""
        return self._prepared(real, codec, train)

    def _prepared(self, real: Samples, codec: Codec, train: Samples | None) -> TargetReference:
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{self.objective.name} scores tables, but the data is {codec.kind}")
        place = self._place(codec)
        features = _with_target(table_features(real, codec), place)
        if len(features) < MINIMUM:
            raise MetricError(
                f"tstr needs at least {MINIMUM} rows with the target {self.target!r}; got {len(features)}"
            )
        known = None if train is None else table_features(train, codec)
        blocks = blocks_of(features, known)
        folds = folds_of(blocks, 1)
        nominal = is_classes(features[:, place], codec.categorical[place])
        predicted = _cross_predicted(features, folds, place, nominal, lambda fold: features[folds != fold])
        reference = TargetReference(codec, place, nominal, features, blocks, folds, predicted)
        worth = _skill(reference.truth, predicted, nominal)
        if worth < _WORTH:
            raise MetricError(
                f"tstr: real rows do not predict {self.target!r} from the other columns (skill {worth:.3f}, "
                f"at least {_WORTH} is needed); name another --target"
            )
        return reference

    def score(self, reference: TargetReference, fake: Samples) -> float:
        """Compute the share of the real rows' skill; below 0 if the mean of a quantity predicts better."""
        return _share(reference, self.predictions(reference, fake), np.ones(len(reference.truth), bool))

    def replicates(self, reference: TargetReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), scaled as in ``cross_fit.left_out_areas``."""
        _check_groups(groups, len(reference.truth))
        return _without_groups(reference, self.predictions(reference, fake), groups)

    def jackknife(self, reference: TargetReference, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """Compute score and replicates from the same predictions."""
        predicted = self.predictions(reference, fake)
        score = _share(reference, predicted, np.ones(len(reference.truth), bool))
        if not groups:
            return score, np.empty(0)
        _check_groups(groups, len(reference.truth))
        return score, _without_groups(reference, predicted, groups)

    def predictions(self, reference: TargetReference, fake: Samples) -> np.ndarray:
        """Predict the target of the real rows, (N,), from as many generated rows as there are real ones."""
        made = _with_target(table_features(fake, reference.codec), reference.place)
        if reference.nominal and not reference.codec.categorical[reference.place]:
            made[:, reference.place] = _nearest(made[:, reference.place], np.unique(reference.truth))
        if len(made) < MINIMUM:
            raise MetricError(f"tstr needs at least {MINIMUM} generated rows with a target; got {len(made)}")
        order = np.random.default_rng(2).permutation(len(made))

        # Each fold takes another window of the generated rows, so that more of them count.
        def fitting(fold: int) -> np.ndarray:
            size = min(int((reference.folds != fold).sum()), len(made))
            return made[np.roll(order, fold * len(made) // FOLDS)[:size]]

        return _cross_predicted(
            reference.features, reference.folds, reference.place, reference.nominal, fitting
        )

    def _place(self, codec: TableCodec) -> int:
        names = list(codec.names)
        if not self.target:
            raise MetricError("tstr predicts a column: name it with --target")
        if self.target not in names:
            raise MetricError(
                f"tstr cannot predict {self.target!r}: it is not modeled; there are {', '.join(names)}"
            )
        return names.index(self.target)


def _with_target(features: np.ndarray, place: int) -> np.ndarray:
    """Keep the rows whose target is not missing."""
    return np.asarray(features[~np.isnan(features[:, place])])


def _nearest(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Replace N generated numbers by the nearer one of the two real values, float64 (N,)."""
    return np.asarray(np.where(values - ends[0] > ends[1] - values, ends[1], ends[0]))


def _cross_predicted(
    real: np.ndarray, folds: np.ndarray, place: int, nominal: bool, fitting: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Predict the target of each fold's real rows, (N,), from the rows that ``fitting`` gives for it."""
    found = np.empty(len(real))
    for fold in range(FOLDS):
        rows, inside = fitting(fold), folds == fold
        asked = np.delete(real[inside], place, axis=1)
        found[inside] = _predict(np.delete(rows, place, axis=1), rows[:, place], asked, nominal)
    return found


def _predict(rows: np.ndarray, target: np.ndarray, asked: np.ndarray, nominal: bool) -> np.ndarray:
    """Fit the fixed evaluator on rows and predict the target of the asked ones, (M,)."""
    if len(np.unique(target)) < 2:
        return np.full(len(asked), target[0])
    kind: Any = HistGradientBoostingClassifier if nominal else HistGradientBoostingRegressor
    classes = len(np.unique(target)) if nominal else 1
    rounds = int(np.clip(MOST_TREES // classes, FEWEST_ROUNDS, ROUNDS))
    model = kind(
        learning_rate=0.1 * (ROUNDS / rounds) ** 0.5,
        max_iter=rounds,
        max_leaf_nodes=16,
        min_samples_leaf=int(np.clip(len(rows) // 40, 3, 20)),
        early_stopping=False,
        random_state=0,
    )
    with one_thread():
        return np.asarray(model.fit(fittable(rows), target).predict(asked), dtype=np.float64)


def _skill(truth: np.ndarray, predicted: np.ndarray, nominal: bool) -> float:
    """Compute the macro-averaged F1 over the classes in ``truth``, or R^2."""
    if nominal:
        labels = np.unique(truth)
        return float(f1_score(truth, predicted, labels=labels, average="macro", zero_division=0))
    return 1 - float(((truth - predicted) ** 2).sum() / max(((truth - truth.mean()) ** 2).sum(), 1e-300))


def _check_groups(groups: int, size: int) -> None:
    if not 2 <= groups <= size // 2:
        raise MetricError(f"{groups} groups need at least {2 * groups} rows; got {size}")


def _without_groups(reference: TargetReference, predicted: np.ndarray, groups: int) -> np.ndarray:
    """Compute the replicates of (N,) predictions, float64 (groups,)."""
    whole = _share(reference, predicted, np.ones(len(reference.truth), bool))
    kept = (reference.blocks % groups != group for group in range(groups))
    without = np.array([_share(reference, predicted, rows) for rows in kept])
    return np.asarray(whole + _FITTING * (without - whole))


def _share(reference: TargetReference, predicted: np.ndarray, rows: np.ndarray) -> float:
    """Compute the skill from generated rows over that from real ones, on a mask of the real rows."""
    truth = reference.truth[rows]
    by_real = _skill(truth, reference.predicted[rows], reference.nominal)
    return _skill(truth, predicted[rows], reference.nominal) / max(by_real, _WORTH)
