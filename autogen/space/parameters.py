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
        log: Whether values are drawn evenly in the logarithm.
        step: Distance between neighbouring values; every number, or every whole number, if not given.
        factor: Instead of a step, with ``log``: ratio of neighbouring values, which are equally likely.
            ``Int(8, 128, log=True, factor=2)`` is 8, 16, 32, 64 or 128.
        default: The default; if not given the middle, geometric with ``log``.
    """

    low: Any
    high: Any
    log: bool = field(default=False, kw_only=True)
    step: Any = field(default=None, kw_only=True)
    factor: Any = field(default=None, kw_only=True)
    default: Any = field(default=None, kw_only=True)
    _steps: int | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("low", "high", "step", "factor", "default"):
            value = getattr(self, name)
            if value is not None or name in ("low", "high"):
                object.__setattr__(self, name, self._number(name, value))
        self._check_bounds()
        if self._by is not None or self.factor is not None:
            object.__setattr__(self, "_steps", self._count_steps())
        _check_default(self, self.default)

    def _check_bounds(self) -> None:
        """Refuse bounds and spacings that make no range."""
        if not isinstance(self.log, bool):
            raise SpaceError(f"log must be true or false, but it is {self.log!r}")
        if not self.low < self.high:
            raise SpaceError(f"low must be below high, but they are {self.low!r} and {self.high!r}")
        if self.log and not self.low > 0:
            raise SpaceError(f"low must be above 0 with log, but it is {self.low!r}")
        if self.step is not None and not self.step > 0:
            raise SpaceError(f"step must be above 0, but it is {self.step!r}")
        if self.factor is not None and not (self.log and self.factor > 1 and self.step is None):
            raise SpaceError(f"factor must be above 1, with log and without step, but it is {self.factor!r}")

    @staticmethod
    @abstractmethod
    def _number(name: str, value: object) -> int | float:
        """A bound, spacing or default in the domain's type."""

    @staticmethod
    @abstractmethod
    def _exact(number: Any) -> Any:
        """A number with which steps can be counted without rounding."""

    @property
    def _by(self) -> Any:
        """Distance between neighbouring values, or ``None``."""
        return self.step

    def _count_steps(self) -> int:
        """How many steps lie between low and high."""
        steps = max(1, round(self._steps_to(self.high)))
        end = self._stepped(steps)
        if not math.isclose(end, self.high, rel_tol=1e-9, abs_tol=1e-12):
            raise SpaceError(
                f"high must lie a whole number of {'factors' if self.factor else 'steps'} from low, "
                f"but {self.high!r} does not; the nearest that does is {end!r}"
            )
        return steps

    def _steps_to(self, value: Any) -> float:
        """How many steps a number lies from low."""
        if self.factor is not None:
            return math.log(value / self.low) / math.log(self.factor)
        return float((value - self.low) / self._by)

    def _stepped(self, index: int) -> Any:
        """The number ``index`` steps from low."""
        low = self._exact(self.low)
        if self.factor is not None:
            return type(self.low)(low * self._exact(self.factor) ** index)
        return type(self.low)(low + self._exact(self._by) * index)

    @property
    def count(self) -> int | float:
        """How many values there are."""
        return math.inf if self._steps is None else self._steps + 1

    @property
    def initial(self) -> Value:
        """The default, or the middle."""
        if self.default is not None:
            return self.default  # type: ignore[no-any-return]
        middle = math.sqrt(self.low) * math.sqrt(self.high) if self.log else (self.low + self.high) / 2
        return middle if self._steps is None else self.value_at(self.index_of(middle))

    def value_at(self, index: int) -> Value:
        """The value with this index."""
        assert self._steps is not None
        return self.high if index == self._steps else self._stepped(index)  # type: ignore[no-any-return]

    def index_of(self, value: Value) -> int:
        """The index of the value of a stepped range that is nearest to a number."""
        assert self._steps is not None
        return min(max(round(self._steps_to(value)), 0), self._steps)

    def from_unit(self, unit: float) -> Value:
        """The value that a number in [0, 1) stands for."""
        if self._steps is not None and (self.factor is not None or not self.log):
            return self.value_at(int(unit * (self._steps + 1)))
        low, high = self._edges
        drawn = low * (high / low) ** unit if self.log else low + unit * (high - low)
        return (
            min(max(drawn, self.low), self.high)
            if self._steps is None
            else self.value_at(self.index_of(drawn))
        )

    def to_unit(self, value: Value) -> float:
        """A number in [0, 1) that stands for a value: the middle of its share where there are steps."""
        assert not isinstance(value, str)
        if self._steps is not None and (self.factor is not None or not self.log):
            return (self.index_of(value) + 0.5) / (self._steps + 1)
        low, high = self._edges
        place = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return min(max(place, 0.0), _BELOW_ONE)

    @property
    def _edges(self) -> tuple[float, float]:
        """Where numbers are drawn from: half a step beyond both ends, so that these get their share."""
        half = 0.0 if self._by is None else self._by / 2
        return max(self.low - half, self.low / 2) if half else self.low, self.high + half

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
        by = "" if self.step is None else f" by steps of {self.step!r}"
        by = by if self.factor is None else f" by factors of {self.factor!r}"
        return f"lie in [{self.low!r}, {self.high!r}]{by}"


@dataclass(frozen=True)
class Float(_Range):
    """A real number between two bounds, both included; the attributes are those of every range."""

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)
    step: float | None = field(default=None, kw_only=True)
    factor: float | None = field(default=None, kw_only=True)
    default: float | None = field(default=None, kw_only=True)

    @staticmethod
    def _number(name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise SpaceError(f"{name} must be a finite number, but it is {value!r}")
        return float(value)

    @staticmethod
    def _exact(number: float) -> Decimal:
        return Decimal(str(number))  # 0.1 + 2 x 0.1 is 0.3

    def cast(self, value: Value) -> float:
        """The number as a float."""
        return float(value)


@dataclass(frozen=True)
class Int(_Range):
    """A whole number between two bounds, both included; the attributes are those of every range."""

    low: int
    high: int
    log: bool = field(default=False, kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    factor: int | None = field(default=None, kw_only=True)
    default: int | None = field(default=None, kw_only=True)

    @staticmethod
    def _number(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise SpaceError(f"{name} must be a whole number, but it is {value!r}")
        if abs(value) > _LARGEST_INT:
            raise SpaceError(f"{name} must lie within ±2**53, but it is {value!r}")
        return int(value)

    @staticmethod
    def _exact(number: int) -> int:
        return number

    @property
    def _by(self) -> int | None:
        return 1 if self.step is None and self.factor is None else self.step

    def contains(self, value: object) -> bool:
        """Whether a whole number lies between low and high, and on a step."""
        return isinstance(value, int) and super().contains(value)


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
