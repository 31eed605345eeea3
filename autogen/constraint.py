"""Bounds that a model must keep to be delivered, however good its samples are."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autogen.costs import UNITS, amount
from autogen.errors import SettingsError

_BOUND = re.compile(r"\s*(?P<sign><=|>=)\s*(?P<number>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?P<unit>\S*)\s*")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A bound on a cost or on a score.

    Attributes:
        name: A cost of ``autogen.costs`` or a metric.
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
