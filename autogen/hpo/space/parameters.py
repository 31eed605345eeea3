"""The domains that parameters of a search space range over: constants and choices; see also ``ranges``.

Every domain maps the unit interval onto its values (``from_unit``), which is how random points are
drawn: uniformly, or uniformly in the logarithm where ``log`` is set. A domain with finitely many
values also counts them (``count``, ``value_at``), which is how grids are enumerated.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autogen.errors import SpaceError
from autogen.hpo.trial import Value

#: Values that other parameters must have for this one to be active: key or sibling's name to value(s).
When = Mapping[str, Value | Sequence[Value]]


def same(a: object, b: object) -> bool:
    """Whether two values are one point of a domain: ``1`` and ``1.0`` are, ``1`` and ``True`` are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


@dataclass(frozen=True, kw_only=True)
class Parameter(ABC):
    """A named degree of freedom of a search space; the name is its key in the space.

    Attributes:
        when: Conditions that must all hold for the parameter to be active.
    """

    when: When = field(default_factory=dict)

    @property
    @abstractmethod
    def count(self) -> int | float:
        """How many values there are; ``math.inf`` for a continuous domain."""

    @abstractmethod
    def value_at(self, index: int) -> Value:
        """The value with this index, 0 to ``count - 1``."""

    @abstractmethod
    def from_unit(self, unit: float) -> Value:
        """The value that a number in [0, 1) stands for."""

    @abstractmethod
    def to_unit(self, value: Value) -> float:
        """A number in [0, 1) that stands for a value of the domain."""

    @abstractmethod
    def contains(self, value: object) -> bool:
        """Whether a value lies in the domain."""

    @abstractmethod
    def __str__(self) -> str:
        """What a value must do, for messages: ``lie in [0.1, 1.0]``."""

    @property
    @abstractmethod
    def initial(self) -> Value:
        """The default, or what stands in for it: a range's middle, the first choice."""

    def cast(self, value: Value) -> Value:
        """A value of the domain in the domain's own type."""
        return value

    def sample(self, rng: np.random.Generator) -> Value:
        """Draw a value at random."""
        return self.from_unit(float(rng.random()))


@dataclass(frozen=True)
class Constant(Parameter):
    """A parameter with one value."""

    value: Value

    def __post_init__(self) -> None:
        _check_value(self.value)

    @property
    def count(self) -> int:
        """One."""
        return 1

    @property
    def initial(self) -> Value:
        """The value."""
        return self.value

    def value_at(self, index: int) -> Value:
        """The value."""
        assert index == 0
        return self.value

    def from_unit(self, unit: float) -> Value:
        """The value."""
        return self.value

    def to_unit(self, value: Value) -> float:
        """The middle."""
        return 0.5

    def contains(self, value: object) -> bool:
        """Whether it is the value."""
        return same(value, self.value)

    def cast(self, value: Value) -> Value:
        """The value."""
        return self.value

    def __str__(self) -> str:
        return f"be {self.value!r}"


@dataclass(frozen=True)
class Choice(Parameter):
    """One of several values without an order.

    Attributes:
        values: The values, each once.
        default: The default; the first value if not given.
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
        """How many values there are."""
        return len(self.values)

    @property
    def initial(self) -> Value:
        """The default, or the first value."""
        return self.values[0] if self.default is None else self.default

    def value_at(self, index: int) -> Value:
        """The value with this index."""
        return self.values[index]

    def from_unit(self, unit: float) -> Value:
        """The value of the equal share of [0, 1) in which a number falls."""
        return self.values[int(unit * len(self.values))]

    def to_unit(self, value: Value) -> float:
        """The middle of the value's share."""
        place = next(place for place, own in enumerate(self.values) if same(value, own))
        return (place + 0.5) / len(self.values)

    def contains(self, value: object) -> bool:
        """Whether it is one of the values."""
        return any(same(value, own) for own in self.values)

    def cast(self, value: Value) -> Value:
        """The value as it is written in the choice."""
        return next(own for own in self.values if same(value, own))

    def __str__(self) -> str:
        return f"be one of {', '.join(map(repr, self.values))}"


def _check_value(value: object) -> None:
    """Refuse what is no value of a config."""
    if not isinstance(value, bool | int | float | str):
        raise SpaceError(f"a value must be a number, a string, true or false, but it is {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(f"a value must be finite, but it is {value!r}")


def check_default(parameter: Parameter, default: object) -> None:
    """Refuse a default outside its own domain."""
    if default is not None and not parameter.contains(default):
        raise SpaceError(f"default must {parameter}, but it is {default!r}")
