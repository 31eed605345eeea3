"""Objectives and constraints of a study: metrics, costs and bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing.reduction import ForkingPickler

from autogen.data.module import DataModule, real_rows, unseen_rows
from autogen.errors import DataError, MetricError, SettingsError, UnknownNameError
from autogen.hpo.objective import COSTS, Constraint, Objective, parse_constraints
from autogen.metrics.base import HasSelfCheck, Metric
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.space import FeatureSpace
from autogen.metrics.lookup import default_metric, metric_for, space_for
from autogen.metrics.memorization.constraints import check

#: Rows in each split above which every metric has enough.
FEW = 200


@dataclass(frozen=True)
class Goals:
    """The objectives and constraints of a study.

    Attributes:
        kind: Kind of data.
        names: Names of the objectives as the user gives them, the main one, a metric, first.
        constraints: Bounds on costs and metrics.
        target: Column of a table that some metrics predict; default none.
        features: Feature space of metrics that have one; default the kind's own.
    """

    kind: str
    names: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()
    target: str = ""
    features: str = ""

    @cached_property
    def metric(self) -> Metric:
        """Metric that steers the search, ranks finalists and gives the verdict."""
        chosen = self._metric(self.names[0])
        if chosen.diagnostic:
            raise SettingsError(
                f"{self.names[0]!r} cannot be an objective: it does not see some kinds of bad samples; "
                f"autogen score gives it as a diagnostic"
            )
        return chosen

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics that are further objectives or constrained, by name."""
        return {name: self._metric(name) for name in self.extra_metrics if name not in COSTS}

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """All objectives, the main one first; the others have the user's names."""
        return (self.metric.objective, *(self._objective(name) for name in self.names[1:]))

    def check_picklable(self) -> None:
        """Check that every metric can be pickled, since workers get a copy.

        Raises:
            SettingsError: one cannot.
        """
        for name, metric in {self.names[0]: self.metric, **self.metrics}.items():
            try:
                ForkingPickler.dumps(metric)
            except Exception as error:  # pickle raises all sorts
                raise SettingsError(
                    f"{name} cannot be sent to workers ({error}); all its attributes must be picklable"
                ) from error

    @property
    def multi_objective(self) -> bool:
        """True with two objectives or more."""
        return len(self.names) > 1

    @property
    def extra_metrics(self) -> tuple[str, ...]:
        """Names of further objectives and constrained quantities, which are measured besides the score."""
        return tuple(dict.fromkeys([*self.names[1:], *(bound.name for bound in self.constraints)]))

    @property
    def static_constraints(self) -> tuple[Constraint, ...]:
        """Constraints that can be checked on a config before its training."""
        return tuple(bound for bound in self.constraints if bound.name == "params")

    def describe(self) -> str:
        """Describe objectives and constraints in a few words."""
        text = " and ".join(objective.name for objective in self.objectives)
        return text + "".join(f", {bound}" for bound in self.constraints)

    def _objective(self, name: str) -> Objective:
        return COSTS[name] if name in COSTS else replace(self.metrics[name].objective, name=name)

    @cached_property
    def _space(self) -> FeatureSpace | None:
        return space_for(self.features, self.kind) if self.features else None

    def _metric(self, name: str) -> Metric:
        """Look up a metric; the error for an unknown name lists the costs too."""
        try:
            return metric_for(name, self.kind, space=self._space, target=self.target)
        except UnknownNameError as error:
            known, there, hint = str(error).partition(" Did you mean")
            costs = f"{known.rstrip('.')}. Costs are {', '.join(COSTS)}."
            raise UnknownNameError(f"{costs}{there}{hint}") from error


def make_goals(
    kind: str, objectives: Sequence[str], constraints: Mapping[str, str], target: str, features: str
) -> Goals:
    """Make objectives and constraints of settings.

    Args:
        kind: Registered name of the kind of data.
        objectives: Names of the objectives; empty for the default of the kind.
        constraints: Bounds by name, such as ``{"latency": "<= 20ms"}``.
        target: Column of a table that utility is measured by; empty for none.
        features: Feature space of metrics; empty for the kind's own.

    Raises:
        SettingsError: the first objective is a cost, a name occurs twice, or no metric uses the features.
        UnknownNameError: a name is neither a metric nor a cost.
    """
    names = tuple(objectives) or ("kd" if features else default_metric(kind),)
    if names[0] in COSTS:
        raise SettingsError(
            f"the first objective must be a metric of quality, but {names[0]!r} is a cost; put one first: "
            f"{default_metric(kind)},{names[0]}"
        )
    if len(set(names)) < len(names):
        raise SettingsError(f"objectives must be different; got {', '.join(names)}")
    goals = Goals(kind, names, parse_constraints(constraints), target, features)
    measured = (goals.metric, *goals.metrics.values())
    if features and not any(isinstance(metric, FeatureMetric) for metric in measured):
        raise SettingsError(
            f"features {features!r} are for metrics such as kd, fd and coverage; "
            f"{', '.join(names)} uses none: name another objective, or leave features out"
        )
    return goals


def try_small_parts(data: DataModule, metric: Metric) -> None:
    """Score real rows of small data like a finalist, so that an error comes before the search.

    Raises:
        DataError: a split is too small for a score.
    """
    if isinstance(metric, HasSelfCheck) or min(map(len, data.rows.values())) > FEW:
        return
    try:
        for split in ("select", "test"):
            reference = metric.prepare_with(data.split(split), data.codec, data.split("train"))
            metric.score(reference, real_rows(data, split))
        check(real_rows(data, "test"), data.split("train"), unseen_rows(data), data.codec)
    except MetricError as error:
        sizes = ", ".join(f"{len(data.rows[part])} {part}" for part in ("tune", "select", "test"))
        few = f"{data.source} is too small for scores on held-out rows ({sizes})"
        raise DataError(f"{few}: {error}; bring more data") from error
