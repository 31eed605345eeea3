"""What a user says of privacy: epsilon, delta and the ranges of columns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from autogen.errors import SettingsError, nearest

#: Entries of the table ``[privacy]`` of a study.
_ENTRIES = ("epsilon", "delta", "ranges")


@dataclass(frozen=True)
class Range:
    """Values that a column of numbers can have, known without a look at its rows.

    Attributes:
        low: Smallest value; smaller ones count as this.
        high: Largest value; larger ones count as this.
        step: Spacing of the values; 0 for any.
    """

    low: float
    high: float
    step: float = 0.0

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """Read ``LOW:HIGH`` or ``LOW:HIGH:STEP``.

        Raises:
            SettingsError: another form, or a range without room.
        """
        try:
            numbers = [float(part) for part in text.split(":")]
        except ValueError:
            numbers = []
        if not 2 <= len(numbers) <= 3 or not all(map(math.isfinite, numbers)):
            raise SettingsError(f"a range is given as {name}=LOW:HIGH or {name}=LOW:HIGH:STEP, not {text!r}")
        found = cls(*numbers)
        if not (found.low < found.high and 0 <= found.step <= found.high - found.low):
            raise SettingsError(f"the range of {name} must ascend by steps that fit into it; got {text!r}")
        return found


@dataclass(frozen=True)
class PrivacySettings:
    """Guarantee that a user wants.

    Attributes:
        epsilon: Largest epsilon, above 0.
        delta: Largest delta, in (0, 1); 0 for 1e-5, or a tenth of one over the number of units.
        ranges: Range of each column of numbers by name.
    """

    epsilon: float
    delta: float = 0.0
    ranges: Mapping[str, Range] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "PrivacySettings | None":
        """Read the table ``[privacy]``; ``None`` if it is empty.

        Raises:
            SettingsError: an unknown entry, or a bad value.
        """
        if not table:
            return None
        for name in table:
            if name not in _ENTRIES:
                near = nearest(name, _ENTRIES)
                hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(_ENTRIES)}"
                raise SettingsError(f"privacy has no entry {name!r}{hint}")
        if "epsilon" not in table:
            raise SettingsError("delta and ranges are part of a guarantee with epsilon: give epsilon too")
        epsilon, delta = (_number(name, table.get(name, 0.0)) for name in ("epsilon", "delta"))
        if not epsilon > 0:
            raise SettingsError(f"epsilon must be above 0; got {epsilon:g}")
        if not 0 <= delta < 1:
            raise SettingsError(f"delta must be below 1, and above 0 or left out; got {delta:g}")
        return cls(epsilon, delta, _ranges(table.get("ranges", ())))

    def delta_for(self, units: int) -> float:
        """Return delta for so many units.

        Raises:
            SettingsError: with this delta one unit in the data could be published as it is.
        """
        delta = self.delta or min(1e-5, 0.1 / units)
        if delta >= 1 / units:
            raise SettingsError(
                f"delta must be below one over the number of units, {1 / units:.2g}; got {delta:g}"
            )
        return delta


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingsError(f"{name} must be a number; got {value!r:.40}")
    return float(value)


def _ranges(texts: Any) -> dict[str, Range]:
    """Read texts ``NAME=LOW:HIGH``; names may hold equals signs."""
    found = {}
    for text in texts:
        name, equals, ends = str(text).rpartition("=")
        if not (name and equals):
            raise SettingsError(f"a range is given as NAME=LOW:HIGH, such as age=0:120, not {text!r}")
        found[name] = Range.parse(name, ends)
    return found
