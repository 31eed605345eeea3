"""The domains that parameters of a search space range over.

Every domain maps the unit interval onto its values (``from_unit``), which is how random points are
drawn: uniformly, or uniformly in the logarithm where ``log`` is set. A domain with finitely many
values also counts them (``count``, ``value_at``), which is how grids are enumerated.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from autogen.errors import SpaceError
from autogen.trial import Value

#: Values that other parameters must have for this one to be active: key or sibling's name to value(s).
When = Mapping[str, Value | Sequence[Value]]

_BELOW_ONE = math.nextafter(1.0, 0.0)
_LARGEST_INT = 2**53  # beyond it a float, and so the unit interval, misses whole numbers


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
        _check_default(self, self.default)

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


@dataclass(frozen=True)
class _Range(Parameter):
    """What float and int ranges share.

    Attributes:
        low: The least value.
        high: The greatest value, itself included.
        log: Whether values are spread evenly in the logarithm.
        step: Distance between neighbouring values, or with ``log`` their ratio: ``Int(8, 128,
            log=True, step=2)`` is 8, 16, 32, 64, 128. ``None``: every number, or every whole number.
        default: The default; if not given the middle, geometric with ``log``.
    """

    low: Any
    high: Any
    log: bool = field(default=False, kw_only=True)
    step: Any = field(default=None, kw_only=True)
    default: Any = field(default=None, kw_only=True)
    _steps: int | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("low", "high", "step", "default"):
            value = getattr(self, name)
            if value is not None or name in ("low", "high"):
                object.__setattr__(self, name, self._number(name, value))
        if not isinstance(self.log, bool):
            raise SpaceError(f"log must be true or false, but it is {self.log!r}")
        if not self.low < self.high:
            raise SpaceError(f"low must be below high, but they are {self.low!r} and {self.high!r}")
        if self.log and not self.low > 0:
            raise SpaceError(f"low must be above 0 with log, but it is {self.low!r}")
        if self.step is not None:
            object.__setattr__(self, "_steps", self._count_steps())
        _check_default(self, self.default)

    @staticmethod
    @abstractmethod
    def _number(name: str, value: object) -> int | float:
        """A bound, step or default in the domain's type."""

    @abstractmethod
    def _free(self, unit: float) -> Value:
        """The value that a number in [0, 1) stands for, where there is no step."""

    @abstractmethod
    def _place(self, value: float) -> float:
        """The number in [0, 1] that stands for a value, where there is no step."""

    def _count_steps(self) -> int:
        """How many steps lie between low and high."""
        least = 1 if self.log else 0
        if not self.step > least:
            what = "a factor above 1 with log" if self.log else "above 0"
            raise SpaceError(f"step must be {what}, but it is {self.step!r}")
        exact = (
            math.log(self.high / self.low) / math.log(self.step)
            if self.log
            else (self.high - self.low) / self.step
        )
        steps = max(1, round(exact))
        end = self._stepped(steps)
        if not math.isclose(end, self.high, rel_tol=1e-9, abs_tol=1e-12):
            raise SpaceError(
                f"high must lie a whole number of steps from low, but {self.high!r} does not; "
                f"the nearest that does is {end!r}"
            )
        return steps

    def _stepped(self, index: int) -> int | float:
        """The number ``index`` steps from low; in decimals, so that 0.1 + 2 x 0.1 is 0.3."""
        low, step = Decimal(str(self.low)), Decimal(str(self.step))
        exact = low * step**index if self.log else low + step * index
        return type(self.low)(exact)  # type: ignore[no-any-return]

    @property
    def count(self) -> int | float:
        """How many values there are."""
        return math.inf if self._steps is None else self._steps + 1

    @property
    def initial(self) -> Value:
        """The default, or the middle."""
        if self.default is not None:
            return self.default  # type: ignore[no-any-return]
        if self._steps is not None:
            return self.value_at(self._steps // 2)
        if not self.log:
            return self.cast((self.low + self.high) / 2)
        return self.cast(math.sqrt(self.low) * math.sqrt(self.high))

    def value_at(self, index: int) -> Value:
        """The value with this index."""
        assert self._steps is not None
        return self.high if index == self._steps else self._stepped(index)

    def from_unit(self, unit: float) -> Value:
        """The value that a number in [0, 1) stands for."""
        if self._steps is None:
            return self._free(unit)
        return self.value_at(int(unit * (self._steps + 1)))

    def to_unit(self, value: Value) -> float:
        """The number in [0, 1) that stands for a value: the middle of its share where there is a step."""
        assert not isinstance(value, str)
        if self._steps is not None:
            return (self.index_of(value) + 0.5) / (self._steps + 1)
        return min(max(self._place(value), 0.0), _BELOW_ONE)

    def index_of(self, value: Value) -> int:
        """The index of the value of a stepped range."""
        assert self._steps is not None
        assert not isinstance(value, str)
        exact = (
            math.log(value / self.low) / math.log(self.step) if self.log else (value - self.low) / self.step
        )
        return min(max(round(exact), 0), self._steps)

    def contains(self, value: object) -> bool:
        """Whether a number lies between low and high, and on a step."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if not self.low <= value <= self.high:
            return False
        if self._steps is None:
            return True
        return math.isclose(value, float(self.value_at(self.index_of(value))), rel_tol=1e-9, abs_tol=1e-12)

    def __str__(self) -> str:
        by = "" if self.step is None else f" by {'factors' if self.log else 'steps'} of {self.step!r}"
        return f"lie in [{self.low!r}, {self.high!r}]{by}"


@dataclass(frozen=True)
class Float(_Range):
    """A real number between two bounds, both included."""

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)
    step: float | None = field(default=None, kw_only=True)
    default: float | None = field(default=None, kw_only=True)

    @staticmethod
    def _number(name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise SpaceError(f"{name} must be a finite number, but it is {value!r}")
        return float(value)

    def _free(self, unit: float) -> float:
        if not self.log:
            value = self.low + unit * (self.high - self.low)
        else:
            value = self.low * math.exp(unit * math.log(self.high / self.low))
        return min(max(value, self.low), self.high)

    def _place(self, value: float) -> float:
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        return math.log(value / self.low) / math.log(self.high / self.low)

    def cast(self, value: Value) -> float:
        """The number as a float."""
        return float(value)


@dataclass(frozen=True)
class Int(_Range):
    """A whole number between two bounds, both included."""

    low: int
    high: int
    log: bool = field(default=False, kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    default: int | None = field(default=None, kw_only=True)

    @staticmethod
    def _number(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise SpaceError(f"{name} must be a whole number, but it is {value!r}")
        if abs(value) > _LARGEST_INT:
            raise SpaceError(f"{name} must lie within ±2**53, but it is {value!r}")
        return int(value)

    def _free(self, unit: float) -> int:
        if not self.log:
            return self.low + min(int(unit * self._width), self._width - 1)
        # Half a unit beyond both ends, so that they are as likely as their neighbours (in the logarithm).
        ratio = (self.high + 0.5) / (self.low - 0.5)
        return min(max(round((self.low - 0.5) * math.exp(unit * math.log(ratio))), self.low), self.high)

    def _place(self, value: float) -> float:
        if not self.log:
            return (value - self.low + 0.5) / self._width
        return math.log(value / (self.low - 0.5)) / math.log((self.high + 0.5) / (self.low - 0.5))

    @property
    def _width(self) -> int:
        return self.high - self.low + 1

    @property
    def count(self) -> int:
        """How many values there are."""
        return self._width if self._steps is None else self._steps + 1

    def value_at(self, index: int) -> Value:
        """The value with this index."""
        return self.low + index if self._steps is None else super().value_at(index)

    def contains(self, value: object) -> bool:
        """Whether a whole number lies between low and high, and on a step."""
        return isinstance(value, int) and super().contains(value)

    def cast(self, value: Value) -> int:
        """The number as an int."""
        return round(float(value)) if isinstance(value, float) else int(value)


def _check_value(value: object) -> None:
    """Refuse what is no value of a config."""
    if not isinstance(value, bool | int | float | str):
        raise SpaceError(f"a value must be a number, a string, true or false, but it is {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(f"a value must be finite, but it is {value!r}")


def _check_default(parameter: Parameter, default: object) -> None:
    """Refuse a default outside its own domain."""
    if default is not None and not parameter.contains(default):
        raise SpaceError(f"default must {parameter}, but it is {default!r}")
