"""What a study optimises: a metric's name, its version and the direction that is better."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric a study optimises.

    Attributes:
        name: Name as printed beside every score; it holds the feature space (``kd[random_conv-v1]``).
        version: Version of the metric's definition; scores of two versions are not comparable.
        direction: ``minimize`` or ``maximize``.
    """

    name: str
    version: int = 1
    direction: Direction = "minimize"

    def loss(self, score: float) -> float:
        """Orient a score so that lower is better; its own inverse."""
        return score if self.direction == "minimize" else -score


def losses_of(values: Mapping[str, float], objectives: Iterable[Objective]) -> list[float]:
    """Values by name oriented so that lower is better, in the order of the objectives."""
    return [objective.loss(values[objective.name]) for objective in objectives]
