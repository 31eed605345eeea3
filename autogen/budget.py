"""How long a search may go on: seconds, trials, or both."""

import re
from dataclasses import dataclass

from autogen.errors import SettingsError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(?P<amount>\d+(?:\.\d+)?)(?P<unit>s|m|h|d|trials?)")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may spend; it ends with the first limit it reaches.

    Attributes:
        seconds: Wall-clock of the whole study, confirmation included; ``None`` for no limit.
        trials: Trials of the search; ``None`` for no limit.
    """

    seconds: float | None = None
    trials: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """Read ``90s``, ``10m``, ``2h``, ``1d``, ``200trials``, or several joined by commas.

        Raises:
            SettingsError: another form, or nothing to spend.
        """
        seconds: float | None = None
        trials: int | None = None
        for part in text.replace(" ", "").split(","):
            match = _PART.fullmatch(part)
            if match is None or float(match["amount"]) == 0:
                raise SettingsError(
                    f"a budget looks like 90s, 10m, 2h or 200trials and is above zero, not {text!r}"
                )
            if match["unit"].startswith("trial"):
                trials = _whole(match["amount"], text)
            else:
                seconds = float(match["amount"]) * _UNITS[match["unit"]]
        return cls(seconds, trials)

    def extended(self, text: str) -> "Budget":
        """This budget with more added (``+10m``), or another in its place (``10m``)."""
        more = Budget.parse(text.removeprefix("+"))
        if not text.startswith("+"):
            return more
        return Budget(_sum(self.seconds, more.seconds), _sum_trials(self.trials, more.trials))

    def __str__(self) -> str:
        parts = [] if self.seconds is None else [f"{self.seconds:g}s"]
        return ",".join(parts + ([] if self.trials is None else [f"{self.trials}trials"]))


def _whole(amount: str, text: str) -> int:
    if "." in amount:
        raise SettingsError(f"a number of trials is whole, not {text!r}")
    return int(amount)


def _sum(left: float | None, right: float | None) -> float | None:
    return None if left is None and right is None else (left or 0.0) + (right or 0.0)


def _sum_trials(left: int | None, right: int | None) -> int | None:
    return None if left is None and right is None else (left or 0) + (right or 0)
