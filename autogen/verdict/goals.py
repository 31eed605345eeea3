"""Objectives and constraints of a study: metrics, costs and bounds."""

from dataclasses import dataclass, replace
from functools import cached_property

from autogen.errors import SettingsError, UnknownNameError
from autogen.hpo.objective import COSTS, Constraint, Objective
from autogen.metrics.base import Metric
from autogen.metrics.features.space import FeatureSpace
from autogen.metrics.lookup import metric_for, space_for


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
