"""Sequential trees: each column of a table is drawn from a leaf of real rows, given the columns before it.

Synthesis by CART after synthpop (Nowok 2016, https://doi.org/10.18637/jss.v074.i11; Reiter 2005): a tree is
grown for each column on the columns before it, a new row walks down the tree, and its cell is that of a
random training row in the leaf. Here trees are pruned by rows that they have not seen, several of them
share a column, as in a forest (Breiman 2001), the probability of a cell is known, and numbers are drawn from
the cells of an interval and not copied.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.specs import Arrays, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    HasLikelihood,
    IsGrown,
    ModelFamily,
    Noise,
    Phase,
    Steps,
)
from autogen.families.counted import Counts, GrowsFromCounts, Question
from autogen.families.trees.boosted import FOLDS, predicted
from autogen.families.trees.cells import cells_of
from autogen.families.trees.complete import complete
from autogen.families.trees.grow import Growth, grown
from autogen.families.trees.histograms.answer import answered
from autogen.families.trees.histograms.growth import grown as grown_from_counts
from autogen.families.trees.histograms.question import shapes_of, times_of
from autogen.families.trees.model import TreeModel, encoded, scale_of
from autogen.families.trees.order import ORDERS, order_of
from autogen.families.trees.targets import ranks_of, targets_of

SPLITS = ("best", "random")
_SEEDS = 2**31 - 1
#: Smallest leaf that a rare class of the target is a reason for; a class of twice as many rows is one.
_SMALL = 5
_RANKED = 50_000  # rows at most that categories are put in an order by


@dataclass(frozen=True)
class TreesModel:
    """Order of the columns, and how leaves are drawn from.

    Attributes:
        order: ``information`` (next is the column of which one before tells most), ``target`` (the same after
            the target, where that is known), ``given``, ``reversed``, ``levels`` (few values first) or
            ``random``.
        order_seed: Which random order.
        parts: Cells that an interval of a continuous column is cut into: 1 draws a number anywhere in the
            interval of the leaf's row, more keep it nearer to that row.
        backoff: Rows that the node above counts as where a leaf is drawn from.
    """

    order: str = "target"
    order_seed: int = 0
    parts: int = 1
    backoff: float = 0.5


@dataclass(frozen=True)
class TreesTraining(Steps):
    """How trees are grown.

    Attributes:
        steps: Trees a column; a step grows one for each column.
        leaf: Fewest rows of a leaf, of those that splits are found on; fewer, down to 5, where a class of the
            target could not be split off: at most half of the rows of a class, if the target has two values
            or is nominal.
        growing: Share of a tree's rows that its splits are found on; the others prune it. 1 prunes nothing.
        most_rows: Most rows of a tree, drawn anew for each step.
        columns: Share of the columns before that each split chooses from (Breiman 2001).
        splits: ``best`` or ``random`` thresholds (Geurts 2006, https://doi.org/10.1007/s10994-006-6226-1).
        boosting: Rounds of boosted trees whose prediction of a column is one more feature of its trees, see
            ``autogen.families.trees.boosted``; 0 for none.
    """

    steps: int = 8
    leaf: int = 10
    growing: float = 0.8
    most_rows: int = 16_000
    columns: float = 0.7
    splits: str = "best"
    boosting: int = 0


class Trees(ModelFamily, HasLikelihood, HasConditioning, IsGrown, GrowsFromCounts):
    """Products of conditional probabilities that are counted in the leaves of trees.

    The likelihood of a row is the probability of its codes times the density of its positions inside
    intervals, in the order of the columns; ``autogen.families.trees.walks`` says what a leaf gives.
    """

    model_config = TreesModel
    training_config = TreesTraining
    specs = (TableSpec,)
    exact = True

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """A ``TreeModel`` without trees, which takes all codes for equally likely.

        Raises:
            SpaceError: the data is no table, or a setting has a value that it cannot have.
        """
        if not isinstance(spec, TableSpec):
            raise SpaceError("the family trees models tables, and this data is none")
        _check(config)
        return TreeModel(spec, config.model.backoff)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """None: trees are grown."""
        return ()

    def grow(
        self, model: nn.Module, config: FamilyConfig, train: Batch, step: int, noise: Noise
    ) -> Iterator[None]:
        """Grow a tree for each column on the same random rows; yields after each."""
        assert isinstance(model, TreeModel)
        scale, training = scale_of(train).numpy(), config.training
        if step == 0:
            codes = train["codes"].numpy()
            order = order_of(config.model.order, model.spec, codes, config.model.order_seed)
            model.order.copy_(torch.from_numpy(order))
            yield from _begin(model, scale, config.model.parts)
            yield from _boost(model, scale, training)
        rows = noise.permutation(len(scale))[: training.most_rows].numpy()
        part, folds = scale[rows], _folds(len(scale))[rows]
        seeds = noise.integers(_SEEDS, len(model.spec.columns)).tolist()
        for place, column in enumerate(model.order.tolist()):
            before = np.sort(model.order[:place].numpy())
            _grow_one(model, column, before, part, folds, training, seeds[column])
            yield

    def why_not_by_counts(self, config: FamilyConfig) -> str:
        """Cells of parts of an interval are cut by single rows, and boosted trees are fitted on rows."""
        if config.training.boosting:
            return "training.boosting > 0 fits trees on single rows"
        return "" if config.model.parts == 1 else "model.parts > 1 cuts intervals by single rows"

    def growing(
        self, model: nn.Module, config: FamilyConfig, step: int, seed: int
    ) -> Generator[Question, Counts, None]:
        """Grow a tree for each column from counts; ``most_rows`` is not needed, since no row is moved."""
        assert isinstance(model, TreeModel)
        _check(config)
        order = config.model.order, config.model.order_seed
        training: TreesTraining = config.training
        how = Growth(training.leaf, training.columns, training.splits == "best")
        return grown_from_counts(model, order, how, training.growing < 1, step, seed)

    def shapes(self, spec: Spec, question: Question) -> dict[str, tuple[int, ...]]:
        """Of codes by node, column, place and group."""
        assert isinstance(spec, TableSpec)
        return shapes_of(spec, question)

    def times(self, spec: Spec, question: Question) -> int:
        """Once, or once in each column."""
        assert isinstance(spec, TableSpec)
        return times_of(spec, question)

    def counts(
        self,
        config: FamilyConfig,
        spec: Spec,
        train: Arrays,
        question: Question,
        *,
        least: int,
        seed: int,
        step: int,
    ) -> Counts:
        """Count groups of rows in the nodes of trees."""
        assert isinstance(spec, TableSpec)
        codes = train["codes"]
        drawn = np.random.default_rng([seed, step]).permutation(len(codes))
        growing = drawn < max(1, round(config.training.growing * len(codes)))
        return answered(spec, codes, question, growing, least)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows, column by column."""
        assert isinstance(model, TreeModel)
        return encoded(model.draw(n, noise))

    def supports_completion(self, model: nn.Module) -> bool:
        """Always, whatever is known."""
        return True

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw what is not known by sequential importance resampling."""
        assert isinstance(model, TreeModel)
        return complete(model, given, noise)

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Exact nats of each row, (B,); ``noise`` is not used."""
        assert isinstance(model, TreeModel)
        return model.log_likelihood(batch).float()


def _begin(model: TreeModel, scale: np.ndarray, parts: int) -> Iterator[None]:
    """Cut the columns into cells, and put the categories in an order for the trees of each column."""
    columns = model.spec.columns
    some = scale[:: -(-len(scale) // _RANKED)]
    codes = {place: some[:, place].astype(np.int64) for place in model.nominal}
    for place, column in enumerate(columns):
        targets = targets_of(column, some[:, place], np.random.default_rng(place))
        ranks = [ranks_of(codes[other], columns[other].levels, targets) for other in model.nominal]
        model.forest(place).begin(cells_of(column, scale[:, place], parts), ranks)
        yield


def _boost(model: TreeModel, scale: np.ndarray, training: TreesTraining) -> Iterator[None]:
    """Fit what predicts each column from those before it."""
    if not training.boosting:
        return
    step = -(-len(scale) // training.most_rows)
    some, folds = scale[::step], _folds(len(scale))[::step]
    for place, column in enumerate(model.order.tolist()):
        rows, target = predicted(model.spec.columns[column], some[:, column])
        before = np.sort(model.order[:place].numpy())
        features = model.features(column, torch.from_numpy(some[rows])).numpy()[:, before]
        model.forest(column).boosted.fit(features, target, folds[rows], before, training.boosting)
        yield


def _folds(rows: int) -> np.ndarray:
    """Fold of each row of the train split: the boosted model that has not seen it, int64 (N,)."""
    return np.random.default_rng(0).permutation(rows) % FOLDS


def _grow_one(
    model: TreeModel,
    column: int,
    before: np.ndarray,
    scale: np.ndarray,
    folds: np.ndarray,
    training: TreesTraining,
    seed: int,
) -> None:
    """Grow a tree of a column on rows, and add it to the column's forest."""
    forest = model.forest(column)
    everything = model.features(column, torch.from_numpy(scale))
    features = everything.numpy()[:, before]
    if forest.boosted.models:
        unseen = forest.boosted.predict(everything, torch.from_numpy(folds)).numpy()
        features = np.column_stack([features, unseen])
        before = np.append(before, len(model.spec.columns))
    targets = targets_of(model.spec.columns[column], scale[:, column], np.random.default_rng(seed))
    splitting = max(1, round(training.growing * len(scale)))
    leaf = _fewest(training.leaf, model.spec, scale[:splitting])
    how = Growth(leaf, training.columns, training.splits == "best")
    tree = grown(features, targets, splitting, before, how, seed)
    cells = np.searchsorted(forest.low.numpy(), scale[:, column], side="right") - 1
    forest.append(tree, cells)


def _fewest(leaf: int, spec: TableSpec, scale: np.ndarray) -> int:
    """Fewest rows of a leaf by which each class of the target that is no handful can have leaves of its own.

    Args:
        leaf: Fewest rows where no class is rare.
        spec: Of the table.
        scale: Rows that splits are found on, float64 (R, D).
    """
    if spec.target is None:
        return leaf
    target = spec.columns[spec.target]
    if target.ordered and target.levels - target.specials != 2:
        return leaf
    counts = np.bincount(scale[:, spec.target].astype(np.int64))
    rare = counts[counts >= 2 * _SMALL]
    return min(leaf, max(_SMALL, int(rare.min(initial=2 * leaf)) // 2))


def _check(config: FamilyConfig) -> None:
    """Refuse settings that trees cannot be grown with."""
    model: TreesModel = config.model
    training: TreesTraining = config.training
    for key, value, choices in (
        ("model.order", model.order, ORDERS),
        ("training.splits", training.splits, SPLITS),
    ):
        if value not in choices:
            raise SpaceError(f"{key} must be one of {', '.join(choices)}, not {value!r}")
    for key, number in (
        ("model.parts", model.parts),
        ("training.leaf", training.leaf),
        ("training.most_rows", training.most_rows),
    ):
        if number < 1:
            raise SpaceError(f"{key} must be at least 1, not {number}")
    for key, share in (("training.growing", training.growing), ("training.columns", training.columns)):
        if not 0 < share <= 1:
            raise SpaceError(f"{key} must lie in (0, 1], not {share}")
    if training.boosting < 0:
        raise SpaceError(f"training.boosting must be at least 0, not {training.boosting}")
    if not model.backoff > 0:
        raise SpaceError(
            f"model.backoff must be above 0, not {model.backoff}: else some rows were impossible"
        )
