"""More rows of rare classes from a generator, by the protocol of imbalanced-learn's samplers."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from autogen.api.estimator import Generator, as_table, with_target
from autogen.api.habits import Time, positive
from autogen.errors import DataError, SettingsError, suggesting
from autogen.generator.arguments import whole


class GeneratorOverSampler(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Adds generated rows of rare classes until all classes are as frequent as the most frequent one.

    ``X, y = GeneratorOverSampler(budget="1m").fit_resample(X, y)``, or a step of imbalanced-learn's pipeline.
    The generator is searched for on the given rows only, so a split into train and test comes before.

    Args:
        generator: Estimator of which a copy is fitted; default ``Generator(budget=budget)`` of trees. Its
            best model is used even if a baseline is level with it: no baseline draws rows of a class.
        budget: Budget of the default generator.
        most: Generated rows for each real one of a class, at most.
        random_state: Seed of search and draws.

    Attributes:
        generator_: Fitted generator.
    """

    generator_: Generator

    @suggesting("autogen.GeneratorOverSampler")
    def __init__(
        self,
        generator: Generator | None = None,
        *,
        budget: Time = "1m",
        most: float = 10.0,
        random_state: int | None = None,
    ) -> None:
        self.generator = generator
        self.budget = budget
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
        classes, counts = _classes(y)
        self.generator_ = self._unfitted().fit(table, pd.Series(np.asarray(y), name=target))
        parts = [joined]
        for name, count in zip(classes.tolist(), counts.tolist(), strict=True):
            wanted = min(int(counts.max()) - count, int(most * count))
            if wanted:
                drawn = self.generator_.model_.sample(wanted, seed=seed, condition={target: name})
                parts.append(as_table(drawn))
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


def _classes(y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Classes of y, (C,), and how often each occurs, int64 (C,)."""
    try:
        classes, counts = np.unique(np.asarray(y), return_counts=True)
    except TypeError as error:
        raise DataError("y must hold values of one type, such as texts or whole numbers") from error
    if len(classes) < 2:
        raise DataError(f"y must have at least two classes; it has {len(classes)}")
    return classes, counts
