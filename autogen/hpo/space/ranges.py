"""Parameters that are numbers between two bounds."""

import math
from abc import abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from autogen.errors import SpaceError
from autogen.hpo.space.parameters import Parameter, check_default
from autogen.hpo.trial import Value

_BELOW_ONE = math.nextafter(1.0, 0.0)
_LARGEST_INT = 2**53  # a float64, and so the unit interval, does not reach every integer beyond it


@dataclass(frozen=True)
class _Range(Parameter):
    """Base of float and int ranges.

    Attributes:
        low: smallest value.
        high: largest value, included.
        log: True to draw values log-uniformly.
        step: distance of adjacent values; all numbers (or all integers) by default.
        factor: ratio of adjacent, equally likely values, with ``log`` and instead of a step.
            ``Int(8, 128, log=True, factor=2)`` is 8, 16, 32, 64 or 128.
        default: default value; the middle if ``None``, the geometric one with ``log``.
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
        check_default(self, self.default)

    def _check_bounds(self) -> None:
        """Refuse bounds and steps that make no range."""
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
        """Convert a bound, step or default to the type of the domain."""

    @staticmethod
    @abstractmethod
    def _exact(number: Any) -> Any:
        """Convert a number so that steps add up without rounding errors."""

    @property
    def _by(self) -> Any:
        """Distance of adjacent values, or ``None``."""
        return self.step

    def _count_steps(self) -> int:
        """Count the steps between low and high."""
        steps = max(1, round(self._steps_to(self.high)))
        end = self._stepped(steps)
        if not math.isclose(end, self.high, rel_tol=1e-9, abs_tol=1e-12):
            raise SpaceError(
                f"high must lie a whole number of {'factors' if self.factor else 'steps'} from low, "
                f"but {self.high!r} does not; use {end!r}"
            )
        return steps

    def _steps_to(self, value: Any) -> float:
        """Compute the distance of a number from low, in steps."""
        if self.factor is not None:
            return math.log(value / self.low) / math.log(self.factor)
        return float((value - self.low) / self._by)

    def _stepped(self, index: int) -> Any:
        """Compute the number that lies ``index`` steps from low."""
        low = self._exact(self.low)
        if self.factor is not None:
            return type(self.low)(low * self._exact(self.factor) ** index)
        return type(self.low)(low + self._exact(self._by) * index)

    @property
    def count(self) -> int | float:
        """Number of values; ``math.inf`` without steps."""
        return math.inf if self._steps is None else self._steps + 1

    @property
    def initial(self) -> Value:
        """Default, or the middle."""
        default: Value | None = self.default
        if default is not None:
            return default
        middle = math.sqrt(self.low) * math.sqrt(self.high) if self.log else (self.low + self.high) / 2
        return middle if self._steps is None else self.value_at(self.index_of(middle))

    def value_at(self, index: int) -> Value:
        """Return the value with this index."""
        assert self._steps is not None
        value: Value = self.high if index == self._steps else self._stepped(index)
        return value

    def index_of(self, value: Value) -> int:
        """Find the index of the value nearest to a number, in a range with steps."""
        assert self._steps is not None
        return min(max(round(self._steps_to(value)), 0), self._steps)

    def from_unit(self, unit: float) -> Value:
        """Map a number in [0, 1) to a value."""
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
        """Map a value to a number in [0, 1): with steps, the middle of its share."""
        assert not isinstance(value, str)
        if self._steps is not None and (self.factor is not None or not self.log):
            return (self.index_of(value) + 0.5) / (self._steps + 1)
        low, high = self._edges
        place = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return min(max(place, 0.0), _BELOW_ONE)

    @property
    def _edges(self) -> tuple[float, float]:
        """Ends of the drawn interval: half a step beyond the bounds, so that both get their full share."""
        half = 0.0 if self._by is None else self._by / 2
        return max(self.low - half, self.low / 2) if half else self.low, self.high + half

    def contains(self, value: object) -> bool:
        """Tell if a number lies between low and high, and on a step."""
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
    """Real number between two bounds, both included; see the base class for the attributes."""

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
        """Convert the number to float."""
        return float(value)


@dataclass(frozen=True)
class Int(_Range):
    """Integer between two bounds, both included; see the base class for the attributes."""

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
        """Tell if an integer lies between low and high, and on a step."""
        return isinstance(value, int) and super().contains(value)
