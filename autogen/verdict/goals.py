"""What a study strives for, and what it must keep: metrics, costs, bounds."""

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
        kind: Of the data.
        names: Of the objectives as the user gives them, the main one, a metric, first.
        constraints: Bounds on costs and metrics.
        target: Column that a table is about, for metrics that predict it.
        features: Feature space of metrics that have one; the kind's own where empty.
    """

    kind: str
    names: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()
    target: str = ""
    features: str = ""

    @cached_property
    def metric(self) -> Metric:
        """The metric that steers the search, ranks finalists and gives the verdict."""
        chosen = self._metric(self.names[0])
        if chosen.diagnostic:
            raise SettingsError(
                f"{self.names[0]!r} is no objective: it does not see some ways in which samples can be bad; "
                f"autogen score gives it as a diagnostic"
            )
        return chosen

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics that are objectives beside the main one, or constrained, by name."""
        return {name: self._metric(name) for name in self.also if name not in COSTS}

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """All objectives, the main one first; the others go by the user's names."""
        return (self.metric.objective, *(self._objective(name) for name in self.names[1:]))

    @property
    def multi_objective(self) -> bool:
        """Whether objectives are weighed against each other."""
        return len(self.names) > 1

    @property
    def also(self) -> tuple[str, ...]:
        """What must be known of a trial besides its score."""
        return tuple(dict.fromkeys([*self.names[1:], *(bound.name for bound in self.constraints)]))

    @property
    def limits(self) -> tuple[Constraint, ...]:
        """Bounds that a config breaks or keeps before it is trained."""
        return tuple(bound for bound in self.constraints if bound.name == "params")

    def describe(self) -> str:
        """What is strived for, and within which bounds, in a few words."""
        text = " and ".join(objective.name for objective in self.objectives)
        return text + "".join(f", {bound}" for bound in self.constraints)

    def _objective(self, name: str) -> Objective:
        return COSTS[name] if name in COSTS else replace(self.metrics[name].objective, name=name)

    @cached_property
    def _space(self) -> FeatureSpace | None:
        return space_for(self.features, self.kind) if self.features else None

    def _metric(self, name: str) -> Metric:
        """The metric of a name; where it is none, costs are named too."""
        try:
            return metric_for(name, self.kind, space=self._space, target=self.target)
        except UnknownNameError as error:
            raise UnknownNameError(f"{str(error).rstrip('.')}. Costs are {', '.join(COSTS)}.") from error
