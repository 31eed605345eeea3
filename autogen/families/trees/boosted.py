"""What boosted trees predict of a column: one more feature of the column's trees.

A tree of leaves of ten rows follows a smooth dependence on several columns in coarse steps. Boosted trees
(Friedman 2001) predict its mean well, and a tree that splits on the prediction needs few splits for what it
says. Rows that the trees are grown on get predictions of models that have not seen them (stacked
generalization, Wolpert 1992, https://doi.org/10.1016/S0893-6080(05)80023-1), as new rows do.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from torch import Tensor

from autogen.data.specs import ColumnSpec
from autogen.families.fitted import FittedBuffers
from autogen.families.trees.grow import rounded_down
from autogen.threads import one_thread

#: Models of a column, each fitted without one fold of the rows; depth of their trees; fewest rows of a leaf.
FOLDS, DEPTH, LEAF = 3, 4, 20
SPLITS, LEAVES = 2**DEPTH - 1, 2**DEPTH
#: Learning rate times rounds, and the largest rate.
_TOTAL, _FASTEST = 8.0, 0.3
_FEWEST = 60  # rows below which nothing is predicted
_BLOCK = 2**20  # walks at once


class Boosted(FittedBuffers):
    """Boosted trees of one column, K models of R complete trees each; none before they are fitted.

    Args:
        columns: Of the table, D.

    Attributes:
        base: What each model begins with, float32 (K,).
        feature: Column that each node splits, from the roots down, int32 (K, R, ``SPLITS``).
        threshold: What goes left: values up to this one, float32 (K, R, ``SPLITS``).
        value: What each leaf adds, float32 (K, R, ``LEAVES``).
    """

    base: Tensor
    feature: Tensor
    threshold: Tensor
    value: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.register_buffer("base", torch.zeros(0))
        self.register_buffer("feature", torch.zeros(0, 0, SPLITS, dtype=torch.int32))
        self.register_buffer("threshold", torch.zeros(0, 0, SPLITS))
        self.register_buffer("value", torch.zeros(0, 0, LEAVES))

    @property
    def models(self) -> int:
        """How many models there are, K."""
        return len(self.base)

    def fit(
        self, features: np.ndarray, target: np.ndarray, folds: np.ndarray, before: np.ndarray, rounds: int
    ) -> None:
        """Fit the models, each without the rows of one fold.

        Args:
            features: Columns before, float32 (N, D').
            target: What is predicted, float64 (N,).
            folds: Fold of each row, from 0 to ``FOLDS - 1``, (N,).
            before: Which columns of the table the features are, int64 (D',).
            rounds: Trees of each model.
        """
        if not len(before) or len(target) < _FEWEST:
            return
        made = [
            _fitted(features[folds != fold], target[folds != fold], rounds, fold) for fold in range(FOLDS)
        ]
        self.base = torch.tensor([float(model._baseline_prediction.item()) for model in made])
        trees = [[_complete(each[0].nodes, before) for each in model._predictors] for model in made]
        for place, name in enumerate(("feature", "threshold", "value")):
            setattr(self, name, torch.from_numpy(np.array([[one[place] for one in own] for own in trees])))

    def predict(self, features: Tensor, models: Tensor) -> Tensor:
        """Predict the column, float32 (B,).

        Args:
            features: Rows as the column's trees see them, float32 (B, D).
            models: Model of each row, int64 (B,).
        """
        found = torch.empty(len(features))
        for model in range(self.models):
            rows = (models == model).nonzero().squeeze(1)
            for some in torch.split(rows, max(1, _BLOCK // max(1, self.feature.shape[1]))):
                found[some] = self._sums(features[some], model)
        return found

    def _sums(self, features: Tensor, model: int) -> Tensor:
        rounds = self.feature.shape[1]
        feature, threshold = self.feature[model].long().ravel(), self.threshold[model].ravel()
        start = torch.arange(rounds) * SPLITS
        node = torch.zeros(len(features), rounds, dtype=torch.int64)
        for _ in range(DEPTH):
            place = start + node
            node = 2 * node + 1 + (features.gather(1, feature[place]) > threshold[place])
        leaf = torch.arange(rounds) * LEAVES + node - SPLITS
        return self.base[model] + self.value[model].ravel()[leaf].sum(1)

    def fault(self) -> str:
        """Why the tensors are no such trees; empty where they are."""
        models, rounds = self.feature.shape[:2]
        shapes = {"base": (models,), "feature": (models, rounds, SPLITS)}
        shapes |= {"threshold": (models, rounds, SPLITS), "value": (models, rounds, LEAVES)}
        for name, shape in shapes.items():
            if tuple(getattr(self, name).shape) != shape:
                return f"{name} has another shape than the other tensors of boosted trees"
        if not bool(((self.feature >= 0) & (self.feature < self.columns)).all()):
            return "a boosted tree splits a column that is not there"
        if bool(self.threshold.isnan().any()) or not bool(
            self.value.isfinite().all() and self.base.isfinite().all()
        ):
            return "a number of a boosted tree is not finite"
        return ""

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *rest: Any, **more: Any
    ) -> None:
        """Load; models that were saved before there were boosted trees have none."""
        if any(prefix + name in state_dict for name, _ in self.named_buffers()):
            super()._load_from_state_dict(state_dict, prefix, *rest, **more)


def predicted(column: ColumnSpec, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is predicted of a column: its place on the scale, or that it is the second of two categories.

    Args:
        column: Of the table.
        scale: Code + position of the rows, float64 (N,).

    Returns:
        The rows that have it, int64 (M,), none for columns of more categories, and it, float64 (M,).
    """
    ordinary = np.flatnonzero(scale >= column.specials)
    if column.ordered:
        return ordinary, scale[ordinary]
    if column.levels - column.specials != 2:
        return ordinary[:0], scale[:0]
    return ordinary, (scale[ordinary] >= column.levels - 1).astype(np.float64)


def _fitted(features: np.ndarray, target: np.ndarray, rounds: int, seed: int) -> Any:
    model = HistGradientBoostingRegressor(
        max_iter=rounds,
        learning_rate=min(_FASTEST, _TOTAL / rounds),
        max_depth=DEPTH,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=min(LEAF, max(1, len(target) // 10)),
        early_stopping=False,
        random_state=seed,
    )
    with one_thread():
        return model.fit(features, target)


def _complete(nodes: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The nodes of scikit-learn's tree as a complete one: below a leaf all rows go left."""
    feature, threshold = np.zeros(SPLITS, np.int32), np.full(SPLITS, np.inf)
    value = np.zeros(LEAVES, np.float32)
    waiting = [(0, 0, 0)]  # node of scikit-learn's, place in the complete tree, depth
    while waiting:
        node, place, depth = waiting.pop()
        own = nodes[node]
        if own["is_leaf"]:
            value[(place + 1) * 2 ** (DEPTH - depth) - 1 - SPLITS] = own["value"]
            continue
        feature[place], threshold[place] = before[own["feature_idx"]], own["num_threshold"]
        waiting += [
            (int(own["left"]), 2 * place + 1, depth + 1),
            (int(own["right"]), 2 * place + 2, depth + 1),
        ]
    return feature, rounded_down(threshold), value
