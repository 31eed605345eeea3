"""More rows of rare classes from a generator, by the protocol of imbalanced-learn's samplers."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from autogen.api.estimator import Generator, Parametrized, as_table, with_target
from autogen.api.habits import Time, positive
from autogen.errors import DataError, SettingsError, suggesting
from autogen.generator.arguments import whole

#: Which classes get rows and how many, as in imbalanced-learn.
Strategy = str | float | Mapping[Any, int] | Callable[[Any], Mapping[Any, int]]
_WORDS = ("auto", "minority", "not minority", "not majority", "all")


class GeneratorOverSampler(Parametrized):
    """Adds generated rows of rare classes, by default until all are as frequent as the most frequent one.

    ``X, y = GeneratorOverSampler(budget="1m").fit_resample(X, y)``, or a step of imbalanced-learn's pipeline.
    The generator is searched for on the given rows only, so a split into train and test comes before.

    Args:
        generator: Estimator of which a copy is fitted; default ``Generator(budget=budget)`` of trees. Its
            best model is used even if a baseline is level with it: no baseline draws rows of a class.
        budget: Budget of the default generator.
        sampling_strategy: As in imbalanced-learn. ``auto`` (all classes but the most frequent one),
            ``minority``, ``not minority``, ``not majority`` or ``all``: these classes become as frequent as
            the most frequent one. Or, for two classes, the rare one's number of rows as a fraction of the
            other's, in (0, 1]. Or the number of rows of each class afterwards, ``{class: rows}``, or a
            function of y that returns it.
        most: Generated rows for each real one of a class, at most; a fraction or numbers of rows as
            ``sampling_strategy`` are kept to as they are.
        random_state: Seed of search and draws.

    Attributes:
        generator_: Fitted generator.
        sampling_strategy_: Number of generated rows by class, of the classes that got some.
    """

    generator_: Generator
    sampling_strategy_: dict[Any, int]

    @suggesting("autogen.GeneratorOverSampler")
    def __init__(
        self,
        generator: Generator | None = None,
        *,
        budget: Time = "1m",
        sampling_strategy: Strategy = "auto",
        most: float = 10.0,
        random_state: int | None = None,
    ) -> None:
        self.generator = generator
        self.budget = budget
        self.sampling_strategy = sampling_strategy
        self.most = most
        self.random_state = random_state

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Search for a generator of rows and classes, and draw rows of the rare classes.

        Args:
            X: DataFrame, or array (N, D).
            y: Class of each row, (N,).

        Returns:
            All rows of X and the generated ones after them, and their classes, both as they came.

        Raises:
            DataError: X is no table, y has no value for each row or one class only, or the model cannot keep
                to a condition.
            SettingsError: a parameter has a value that it cannot have.
        """
        table = as_table(X)
        joined, target = with_target(table, y)
        most, seed = positive("most", self.most), whole("random_state", self.random_state or 0, 0)
        wanted = _wanted(self.sampling_strategy, y, most)
        self.generator_ = self._unfitted().fit(table, pd.Series(np.asarray(y), name=target))
        parts = [joined]
        for name, count in wanted.items():
            drawn = self.generator_.model_.sample(count, seed=seed, condition={target: name})
            parts.append(as_table(drawn))
        self.sampling_strategy_ = wanted
        grown = pd.concat(parts, ignore_index=True)[list(joined)]
        rows, labels = grown.drop(columns=[target]), _like(grown[target], y)
        return rows if isinstance(X, pd.DataFrame) else rows.to_numpy(), labels

    def _unfitted(self) -> Generator:
        """A generator as the user set it, or the default one, that keeps its best model."""
        if self.generator is None:
            made = Generator(self.budget, families="trees", random_state=self.random_state)
        elif isinstance(self.generator, Generator):
            made = clone(self.generator)
        else:
            raise SettingsError(f"generator must be an autogen.Generator; got {self.generator!r:.80}")
        made.set_params(models_only=True)
        return made


def _like(labels: pd.Series, y: Any) -> Any:
    """Labels in the container and the dtype of y: a Series, an Index, a Categorical, else an array."""
    dtype = y.dtype if isinstance(y, pd.Series | pd.Index | pd.Categorical) else np.asarray(y).dtype
    labels = labels.astype(dtype)
    if isinstance(y, pd.Series):
        labels.name = y.name
        return labels
    if isinstance(y, pd.Index):
        return pd.Index(labels, name=y.name)
    return labels.array if isinstance(y, pd.Categorical) else labels.to_numpy()


def _wanted(strategy: object, y: Any, most: float) -> dict[Any, int]:
    """Number of rows to generate by class, of the classes that get some."""
    counts = _counts(y)
    if callable(strategy):
        strategy = strategy(y)
    if isinstance(strategy, Mapping):
        wanted = _to_numbers(strategy, counts)
    elif not isinstance(strategy, bool) and isinstance(strategy, Real) and 0 < float(strategy) <= 1:
        wanted = _to_ratio(float(strategy), counts)
    elif isinstance(strategy, str) and strategy in _WORDS:
        least, top = min(counts, key=lambda name: counts[name]), max(counts.values())
        chosen = {"minority": {least}, "not minority": set(counts) - {least}}.get(strategy, set(counts))
        wanted = {
            name: min(top - counts[name], int(most * counts[name])) for name in counts if name in chosen
        }
    else:
        raise SettingsError(
            f"sampling_strategy must be one of {', '.join(_WORDS)}, a ratio above 0 and up to 1, a "
            "dictionary with the rows of each class, or a function of y that returns one; "
            f"got {strategy!r:.80}"
        )
    return {name: count for name, count in wanted.items() if count}


def _to_ratio(ratio: float, counts: Mapping[Any, int]) -> dict[Any, int]:
    """Rows of the rarer of two classes until it is a fraction of the other."""
    if len(counts) != 2:
        raise SettingsError(
            f"sampling_strategy can be a ratio if y has two classes; it has {len(counts)}: give a dictionary "
            "with the rows of each class"
        )
    rare, usual = sorted(counts, key=lambda name: counts[name])
    wanted = int(ratio * counts[usual]) - counts[rare]
    if wanted < 0:
        raise SettingsError(
            f"sampling_strategy={ratio:g} is fewer rows than class {rare!r} has: {counts[rare]} for "
            f"{counts[usual]} of class {usual!r}, {counts[rare] / counts[usual]:.3g}; give a greater ratio"
        )
    return {rare: wanted}


def _to_numbers(strategy: Mapping[Any, Any], counts: Mapping[Any, int]) -> dict[Any, int]:
    """Rows of each class until it has as many as it should."""
    for name, rows in strategy.items():
        if name not in counts:
            known = ", ".join(map(repr, counts))
            raise SettingsError(f"sampling_strategy has class {name!r:.80}, but y has {known:.400}")
        if isinstance(rows, bool) or not isinstance(rows, Integral) or rows < counts[name]:
            raise SettingsError(
                f"sampling_strategy of class {name!r:.80} must be its number of rows afterwards, a whole "
                f"number, at least the {counts[name]} that it has; got {rows!r:.80}"
            )
    return {name: int(strategy[name]) - count for name, count in counts.items() if name in strategy}


def _counts(y: Any) -> dict[Any, int]:
    """How often each class of y occurs, in the order of the classes."""
    try:
        classes, counts = np.unique(np.asarray(y), return_counts=True)
    except TypeError as error:
        raise DataError("y must hold values of one type, such as texts or whole numbers") from error
    if len(classes) < 2:
        raise DataError(f"y must have at least two classes; it has {len(classes)}")
    return dict(zip(classes.tolist(), counts.tolist(), strict=True))
