"""The best generator of a data set as a scikit-learn estimator."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from autogen.api.habits import Time
from autogen.api.search import search
from autogen.data.open import known_object
from autogen.data.split import MINIMUM
from autogen.data.tables.sources.arrays import is_matrix
from autogen.engine.study_result import StudyResult
from autogen.errors import DataError, SettingsError, agreed, counted, refuse_unknown, suggesting
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel

#: Name of the column that a table gets for ``y``.
TARGET = "target"


class Parametrized(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Estimator that answers an unknown parameter of ``set_params`` with the nearest one."""

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``NAME__PARAMETER`` is one of the estimator that is parameter NAME.

        Raises:
            SettingsError: there is no such parameter; the nearest one is named.
        """
        where = f"autogen.{type(self).__name__}"
        refuse_unknown(where, (name.partition("__")[0] for name in params), self._get_param_names())
        for name in params:
            outer, nested, _ = name.partition("__")
            if nested and not hasattr(params.get(outer, getattr(self, outer)), "set_params"):
                raise SettingsError(
                    f"{name} is a parameter of {outer}, but {outer} is {getattr(self, outer)!r:.80}; give an "
                    f"estimator as {outer} first"
                )
        return super().set_params(**params)  # type: ignore[no-any-return]


class Generator(Parametrized):
    """Searches for the best generator of a data set and draws from it.

    ``Generator(budget="2m").fit(df).sample(100)``. Parameters mean what they do in ``autogen.search``.

    Args:
        budget: Seconds, or a text such as ``2m`` or ``50trials``.
        families: Families to search; default all.
        objective: Metric to optimize; default that of the kind of data.
        space: Name or file of a search space; default that of the kind.
        options: Options of the reader of the data.
        rules: Binding rules of a table.
        models_only: True to keep the best model even if none was shown to beat the best baseline.
        n_jobs: Parallel trials; -1 or ``None`` for one per core.
        executor: Runs trials: ``local``, ``inprocess``, ``ray``.
        random_state: Seed of the search and, where ``sample`` gets none, of the draws.
        out: Folder of the run, new or empty; default ``runs/data-N``.
        verbose: 1 or True to print a line for each trial; default 0, for none.

    Attributes:
        result_: Result of the study: verdict, test score with its interval, report.
        model_: Delivered model.
        n_features_in_: Number of columns of a table.
        feature_names_in_: Names of its columns, if they are texts.
    """

    result_: StudyResult
    model_: GeneratedModel | BaselineModel
    n_features_in_: int
    feature_names_in_: np.ndarray
    _columns: list[Any]

    @suggesting("autogen.Generator")
    def __init__(
        self,
        budget: Time = "10m",
        *,
        families: str | Sequence[str] = (),
        objective: str | None = None,
        space: str = "",
        options: Mapping[str, Any] | None = None,
        rules: str | Sequence[str] = (),
        models_only: bool = False,
        n_jobs: int | None = None,
        executor: str = "local",
        random_state: int | None = None,
        out: str | Path | None = None,
        verbose: bool | int = 0,
    ) -> None:
        self.budget = budget
        self.families = families
        self.objective = objective
        self.space = space
        self.options = options
        self.rules = rules
        self.models_only = models_only
        self.n_jobs = n_jobs
        self.executor = executor
        self.random_state = random_state
        self.out = out
        self.verbose = verbose

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn that missing cells and words are fine, and that ``y`` may be left out."""
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def fit(self, X: Any, y: Any = None) -> "Generator":
        """Search for the best generator.

        Args:
            X: DataFrame, or array or tensor (N, D), of a table, list of N texts, or array of images.
            y: Target of each row of a table, (N,), which becomes one more column; default none.

        Raises:
            UserError: the data or a parameter cannot be used.
        """
        check_dense(X)
        data, target = known_object(X), ""
        is_table = isinstance(data, pd.DataFrame)
        self._forget()
        self._array = is_table and (is_matrix(X) or hasattr(X, "detach"))
        self._gray = isinstance(data, np.ndarray) and data.ndim == 3
        if is_table:
            self._columns = list(data)
            self.n_features_in_ = data.shape[1]
            if not self._array and all(isinstance(name, str) for name in data):
                self.feature_names_in_ = np.asarray(data.columns, dtype=object)
            if y is not None:
                data, target = with_target(data, y)
            if len(data) < MINIMUM:
                raise DataError(
                    f"X has {counted(len(data), 'sample')}; at least {MINIMUM} are needed to hold out "
                    "unseen rows for "
                    "tuning and testing"
                )
        elif y is not None:
            raise DataError("y must be left out for data that is no table: it would become a column")
        self._target = target
        self.result_ = search(
            data,
            budget=self.budget,
            families=self.families,
            objective=self.objective,
            space=self.space,
            options=self.options,
            rules=self.rules,
            models_only=self.models_only,
            target=target,
            n_jobs=self.n_jobs,
            executor=self.executor,
            random_state=self.random_state,
            out=self.out,
            verbose=self.verbose,
        )
        self.model_ = self.result_.best.load()
        return self

    @suggesting("sample")
    def sample(self, n: int = 1, random_state: int | None = None, condition: Any = None) -> Any:
        """Draw n samples.

        Args:
            n: Number of samples, at least 1.
            random_state: Seed of the draws; default that of the estimator.
            condition: Condition on all samples, such as ``{"target": 1}``.

        Returns:
            What ``fit`` got: a DataFrame of n rows, an array (n, D), or a list of n texts; with ``y`` one
            column more, the last. Images are uint8, gray ones that came without an axis of channels
            (n, H, W), others (n, H, W, C). For tensors arrays.

        Raises:
            NotFittedError: ``fit`` was not called.
            UserError: an argument is of another type, n is below 1, or the model cannot keep to the
                condition.
        """
        check_is_fitted(self, "model_")
        given = self.random_state if random_state is None else random_state
        found = self.model_.sample(n, condition=condition, random_state=given)
        if self._gray:
            return found[..., 0]
        return found.to_numpy() if self._array else found

    def score_samples(self, X: Any, y: Any = None) -> np.ndarray:
        """Compute the log-likelihood of each sample, in nats: float64 (N,).

        Args:
            X: Samples as ``fit`` got them, or as ``sample`` returns them, the target among their columns.
            y: Target of each row, (N,), if ``fit`` got one and X lacks it; otherwise not read, as in
                scikit-learn.

        Raises:
            UserError: the model has no exact likelihood, or the samples are not like those of ``fit``.
        """
        check_is_fitted(self, "model_")
        return self.model_.log_likelihood(self._samples_of(X, y))

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log-likelihood of samples, in nats, of X and y together; see ``score_samples``.

        Raises:
            UserError: the model has no exact likelihood, or the samples are not like those of ``fit``.
        """
        return float(np.mean(self.score_samples(X, y)))

    def _forget(self) -> None:
        """Remove what an earlier fit left: one that fails leaves nothing, and other data has other names."""
        for name in ("n_features_in_", "feature_names_in_", "result_", "model_"):
            self.__dict__.pop(name, None)

    def _samples_of(self, X: Any, y: Any) -> Any:
        """Samples as the model takes them: a table has the names of ``fit``, and the target as a column."""
        if not hasattr(self, "n_features_in_"):
            data = known_object(X)
            return data[..., None] if self._gray and np.ndim(data) == 3 else data
        table = as_table(X)
        if self._array or is_matrix(X):  # columns are known by their places
            table = self._named(table)
        if not self._target or self._target in table:
            return table
        if y is None:
            raise DataError(
                f"the model was fitted with y: give y too, or X with a column {self._target!r} as sample() "
                "returns it"
            )
        return with_target(table, y, self._target)[0]

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with the names of the columns of ``fit``, the target maybe the last of them."""
        names, width = self._columns, table.shape[1]
        if self._target and width == len(names) + 1:
            names = [*names, self._target]
        if width != len(names):
            raise DataError(
                f"X has {width} features, but {type(self).__name__} is expecting {len(names)} features as "
                "input"
            )
        return table.set_axis(names, axis=1)


def as_table(X: Any) -> pd.DataFrame:
    """A table as a DataFrame; columns of an array are ``x0``, ``x1`` and so on.

    Args:
        X: DataFrame, also of Arrow or polars, or array or tensor (N, D).

    Raises:
        DataError: it is neither.
    """
    check_dense(X)
    table = known_object(X)
    if not isinstance(table, pd.DataFrame):
        raise DataError(f"X must be a DataFrame or an array of rows and columns; got {type(X).__name__}")
    return table


def check_dense(X: Any) -> None:
    """Refuse sparse matrices. Raises ``DataError``."""
    if hasattr(X, "tocsr"):
        raise DataError("X must not be sparse: a generator draws every cell; give X.toarray()")


def with_target(table: pd.DataFrame, y: Any, name: str = "") -> tuple[pd.DataFrame, str]:
    """A table with one more column, and that column's name.

    Args:
        table: Table of N rows.
        y: Values of the column, (N,).
        name: Its name; default that of y, else ``target``.

    Raises:
        DataError: y is no row of values, one of them is missing, the table has such a column already, or
            another number of rows.
    """
    if not isinstance(y, pd.Series | pd.Index | pd.Categorical | np.ndarray | list | tuple):
        raise DataError(
            f"y must be a list, an array or a Series of one value per row; got {type(y).__name__}"
        )
    values = np.asarray(y)
    if values.ndim != 1 or len(values) != len(table):
        raise DataError(f"y must have a value for each of the {len(table)} rows of X; it has {values.shape}")
    if missing := int(pd.isna(values).sum()):
        raise DataError(
            f"y must have no missing value; {missing} of {len(values)} {agreed(missing, 'is', 'are')}"
        )
    name = name or str(getattr(y, "name", None) or TARGET)
    if name in table:
        raise DataError(f"X has a column {name!r} already, so y cannot become one; rename it")
    return table.assign(**{name: values}), name
