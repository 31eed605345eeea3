"""Objectives of a study (metrics and costs with a direction) and constraints."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from autogen.errors import SettingsError

Direction = Literal["minimize", "maximize"]

_BOUND = re.compile(r"\s*(?P<sign><=|>=)\s*(?P<number>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?P<unit>\S*)\s*")


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric or cost that a study optimizes.

    Attributes:
        name: Name beside every score, with the feature space (``kd[random_conv-v1]``).
        version: Version of the definition; scores of two versions are not comparable.
        direction: ``minimize`` or ``maximize``.
    """

    name: str
    version: int = 1
    direction: Direction = "minimize"

    def loss(self, score: float) -> float:
        """Orient a score so that lower is better; its own inverse."""
        return score if self.direction == "minimize" else -score


#: Costs that can be objectives and constrained; lower is better, except for throughput.
COSTS = {
    "latency": Objective("latency"),
    "params": Objective("params"),
    "flops": Objective("flops"),
    "memory": Objective("memory"),
    "train_seconds": Objective("train_seconds"),
    "throughput": Objective("throughput", direction="maximize"),
}

#: Units of an amount, as factors of the first one, which is printed.
UNITS: dict[str, dict[str, float]] = {
    "latency": {"ms": 1.0, "us": 1e-3, "s": 1e3},
    "params": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9},
    "flops": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12},
    "memory": {"MB": 1.0, "KB": 1e-3, "GB": 1e3},
    "train_seconds": {"s": 1.0, "m": 60.0, "h": 3600.0},
    "throughput": {"/s": 1.0},
    "rejected": {"": 1.0, "%": 0.01},
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A bound on a cost or on a score.

    Attributes:
        name: A cost of ``autogen.hpo.objective`` or a metric.
        most: True for an upper bound, False for a lower one.
        bound: Bound in the first unit of the cost, or in that of the metric.
    """

    name: str
    most: bool
    bound: float

    @classmethod
    def parse(cls, name: str, text: str) -> "Constraint":
        """Read ``<= 20ms``, ``<= 1e6``, ``>= 3``.

        Raises:
            SettingsError: the text has another form, the cost has no such unit, or the bound is infinite, or
                that of a cost is not above 0.
        """
        match = _BOUND.fullmatch(text)
        units = UNITS.get(name, {"": 1.0})
        try:
            number = float(match["number"]) if match else None
        except ValueError:
            number = None
        if match is None or number is None:
            raise SettingsError(f"a constraint on {name} looks like '<= 20' or '>= 3', not {text!r}")
        unit = match["unit"] or next(iter(units))
        if unit not in units:
            known = ", ".join(word for word in units if word) or "none"
            raise SettingsError(f"{name} has no unit {unit!r} as in {text!r}; its units are: {known}")
        bound = number * units[unit]
        if not math.isfinite(bound):
            raise SettingsError(f"a constraint on {name} needs a finite bound, not {text!r:.40}")
        if name in COSTS and bound <= 0:
            raise SettingsError(f"a constraint on {name} needs a bound above 0, not {text!r}")
        return cls(name, match["sign"] == "<=", bound)

    def keeps(self, value: float) -> bool:
        """Tell if a value keeps the bound."""
        return value <= self.bound if self.most else value >= self.bound

    def __str__(self) -> str:
        return f"{self.name} {'<=' if self.most else '>='} {amount(self.name, self.bound)}"


def losses_of(values: Mapping[str, float], objectives: Iterable[Objective]) -> list[float]:
    """Orient values by name so that lower is better, in the order of the objectives."""
    return [objective.loss(values[objective.name]) for objective in objectives]


def unit_of(name: str) -> str:
    """Unit in which a value is printed; empty for counts and metrics."""
    return next(iter(UNITS.get(name, {"": 1.0})))


def amount(name: str, value: float) -> str:
    """Format a value with its unit, to three digits, with thousands separators."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{text} {unit_of(name)}".rstrip()


def parse_constraints(texts: Mapping[str, str]) -> tuple[Constraint, ...]:
    """Parse the table of constraints of a study's settings. Raises ``SettingsError``."""
    return tuple(Constraint.parse(name, text) for name, text in texts.items())


def broken(constraints: Iterable[Constraint], values: Mapping[str, float]) -> str:
    """Describe the constraints that values break; empty for none. An unknown value breaks nothing."""
    found = [
        f"{c.name} {amount(c.name, values[c.name])} breaks {c}"
        for c in constraints
        if c.name in values and not c.keeps(values[c.name])
    ]
    return "; ".join(found)
