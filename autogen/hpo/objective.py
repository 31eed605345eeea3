"""Objectives of a study: metrics and costs with their direction, and bounds that a model must keep."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from autogen.errors import SettingsError

Direction = Literal["minimize", "maximize"]

_BOUND = re.compile(r"\s*(?P<sign><=|>=)\s*(?P<number>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?P<unit>\S*)\s*")


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


#: Costs that can be objectives and be bounded; lower is better, but for throughput.
COSTS = {
    "latency": Objective("latency"),
    "params": Objective("params"),
    "flops": Objective("flops"),
    "memory": Objective("memory"),
    "train_seconds": Objective("train_seconds"),
    "throughput": Objective("throughput", direction="maximize"),
}

#: Units that an amount may be given in, as factors of the first, which is printed.
UNITS: dict[str, dict[str, float]] = {
    "latency": {"ms": 1.0, "us": 1e-3, "s": 1e3},
    "params": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9},
    "flops": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12},
    "memory": {"MB": 1.0, "KB": 1e-3, "GB": 1e3},
    "train_seconds": {"s": 1.0, "m": 60.0, "h": 3600.0},
    "throughput": {"/s": 1.0},
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A bound on a cost or on a score.

    Attributes:
        name: A cost of ``autogen.hpo.objective`` or a metric.
        most: Whether the bound is the most that is allowed, rather than the least.
        bound: In the first unit of the cost, or in the metric's own.
    """

    name: str
    most: bool
    bound: float

    @classmethod
    def parse(cls, name: str, text: str) -> "Constraint":
        """Read ``<= 20ms``, ``<= 1e6``, ``>= 3``.

        Raises:
            SettingsError: another form, or a unit that the cost has not.
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
            raise SettingsError(f"the unit {unit!r} of {text!r} is none of {name}'s, which are: {known}")
        return cls(name, match["sign"] == "<=", number * units[unit])

    def keeps(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return value <= self.bound if self.most else value >= self.bound

    def __str__(self) -> str:
        return f"{self.name} {'<=' if self.most else '>='} {amount(self.name, self.bound)}"


def losses_of(values: Mapping[str, float], objectives: Iterable[Objective]) -> list[float]:
    """Values by name oriented so that lower is better, in the order of the objectives."""
    return [objective.loss(values[objective.name]) for objective in objectives]


def unit_of(name: str) -> str:
    """The unit that a value is printed in; empty for counts and for scores of quality."""
    return next(iter(UNITS.get(name, {"": 1.0})))


def amount(name: str, value: float) -> str:
    """A value with its unit, to three digits, counts with their thousands parted."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{text} {unit_of(name)}".rstrip()


def parse_constraints(texts: Mapping[str, str]) -> tuple[Constraint, ...]:
    """Read the table of constraints in a study's settings. Raises ``SettingsError``."""
    return tuple(Constraint.parse(name, text) for name, text in texts.items())


def broken(constraints: Iterable[Constraint], values: Mapping[str, float]) -> str:
    """Which constraints some values break, in words; empty where none. What is not known breaks nothing."""
    found = [
        f"{c.name} {amount(c.name, values[c.name])} breaks {c}"
        for c in constraints
        if c.name in values and not c.keeps(values[c.name])
    ]
    return "; ".join(found)
