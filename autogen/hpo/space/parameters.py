"""Parameters of a search space: constants and choices; see ``ranges`` for numbers.

Every parameter maps the unit interval onto its values (``from_unit``). Random points are drawn by it:
uniformly, or log-uniformly with ``log``. A parameter with finitely many values also numbers them (``count``,
``value_at``), by which grids are enumerated.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autogen.errors import SpaceError
from autogen.hpo.trial import Value

#: Values of other parameters that make this one active: key, or name of a sibling, to value(s).
When = Mapping[str, Value | Sequence[Value]]


def same(a: object, b: object) -> bool:
    """Tell if two values are equal in a domain: ``1`` and ``1.0`` are, ``1`` and ``True`` are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


@dataclass(frozen=True, kw_only=True)
class Parameter(ABC):
    """Parameter of a search space; its name is its key in the space.

    Attributes:
        when: conditions that must all hold for the parameter to be active.
    """

    when: When = field(default_factory=dict)

    @property
    @abstractmethod
    def count(self) -> int | float:
        """Number of values; ``math.inf`` for a continuous domain."""

    @abstractmethod
    def value_at(self, index: int) -> Value:
        """Return the value with this index, 0 to ``count - 1``."""

    @abstractmethod
    def from_unit(self, unit: float) -> Value:
        """Map a number in [0, 1) to a value."""

    @abstractmethod
    def to_unit(self, value: Value) -> float:
        """Map a value of the domain to a number in [0, 1)."""

    @abstractmethod
    def contains(self, value: object) -> bool:
        """Tell if a value lies in the domain."""

    @abstractmethod
    def __str__(self) -> str:
        """Describe the domain after "must", for messages: ``lie in [0.1, 1.0]``."""

    @property
    @abstractmethod
    def initial(self) -> Value:
        """Default value; if none is set, the middle of a range or the first choice."""

    def cast(self, value: Value) -> Value:
        """Convert a value of the domain to the domain's own type."""
        return value

    def sample(self, rng: np.random.Generator) -> Value:
        """Draw a value at random."""
        return self.from_unit(float(rng.random()))


@dataclass(frozen=True)
class Constant(Parameter):
    """Parameter with one value."""

    value: Value

    def __post_init__(self) -> None:
        _check_value(self.value)

    @property
    def count(self) -> int:
        """Number of values, 1."""
        return 1

    @property
    def initial(self) -> Value:
        """Value of the constant."""
        return self.value

    def value_at(self, index: int) -> Value:
        """Return the value."""
        assert index == 0
        return self.value

    def from_unit(self, unit: float) -> Value:
        """Return the value."""
        return self.value

    def to_unit(self, value: Value) -> float:
        """Return 0.5."""
        return 0.5

    def contains(self, value: object) -> bool:
        """Tell if this is the value of the constant."""
        return same(value, self.value)

    def cast(self, value: Value) -> Value:
        """Return the value of the constant."""
        return self.value

    def __str__(self) -> str:
        return f"be {self.value!r}"


@dataclass(frozen=True)
class Choice(Parameter):
    """Parameter with several values without an order.

    Attributes:
        values: distinct values.
        default: default value; the first value if ``None``.
    """

    values: Sequence[Value]
    default: Value | None = None

    def __post_init__(self) -> None:
        if isinstance(self.values, str) or not isinstance(self.values, Sequence) or not self.values:
            raise SpaceError(f"choice must be a list of at least one value, but it is {self.values!r}")
        for value in self.values:
            _check_value(value)
        if len(set(self.values)) < len(self.values):
            raise SpaceError(f"choice must list each value once, but it is {list(self.values)!r}")
        object.__setattr__(self, "values", tuple(self.values))
        check_default(self, self.default)

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.values)

    @property
    def initial(self) -> Value:
        """Default, or the first value."""
        return self.values[0] if self.default is None else self.default

    def value_at(self, index: int) -> Value:
        """Return the value with this index."""
        return self.values[index]

    def from_unit(self, unit: float) -> Value:
        """Return the value whose share of [0, 1) holds the number; all values have equal shares."""
        return self.values[int(unit * len(self.values))]

    def to_unit(self, value: Value) -> float:
        """Return the middle of the value's share of [0, 1)."""
        place = next(place for place, own in enumerate(self.values) if same(value, own))
        return (place + 0.5) / len(self.values)

    def contains(self, value: object) -> bool:
        """Tell if this is one of the values."""
        return any(same(value, own) for own in self.values)

    def cast(self, value: Value) -> Value:
        """Return the value as it is written in the choice."""
        return next(own for own in self.values if same(value, own))

    def __str__(self) -> str:
        return f"be one of {', '.join(map(repr, self.values))}"


def _check_value(value: object) -> None:
    """Refuse values that no config can have."""
    if not isinstance(value, bool | int | float | str):
        raise SpaceError(f"a value must be a number, a string, true or false, but it is {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(f"a value must be finite, but it is {value!r}")


def check_default(parameter: Parameter, default: object) -> None:
    """Refuse a default outside of the domain of its parameter."""
    if default is not None and not parameter.contains(default):
        raise SpaceError(f"default must {parameter}, but it is {default!r}")
