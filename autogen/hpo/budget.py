"""The budget of a study: seconds, trials, or both."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from autogen.errors import SettingsError, agreed

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WORDS = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "day": "d"}
_PART = re.compile(r"(?P<amount>\d+(?:\.\d+)?)(?P<unit>s|m|h|d|trial|sec|second|min|minute|hour|day)s?")


@dataclass(frozen=True, slots=True)
class Budget:
    """Budget of a study; the search ends at the first limit.

    Attributes:
        seconds: Wall-clock seconds of the whole study, finals included; ``None`` for no limit.
        trials: Number of trials of the search; ``None`` for no limit.
    """

    seconds: float | None = None
    trials: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """Read ``90s``, ``10m``, ``10 minutes``, ``2h``, ``1d``, ``200trials``, or several joined by commas.

        Raises:
            SettingsError: the text has another form, a part is zero, or there are two times or two numbers of
                trials.
        """
        seconds: float | None = None
        trials: int | None = None
        for part in text.replace(" ", "").split(","):
            match = _PART.fullmatch(part)
            if match is None or float(match["amount"]) == 0:
                unit = f"; did you mean {part}s, {part}m or {part}trials?" if part.isdecimal() else ""
                raise SettingsError(
                    f"a budget looks like 90s, 10m, 2h or 200trials and is above zero, not {text!r}{unit}"
                )
            is_trials = match["unit"] == "trial"
            if (trials if is_trials else seconds) is not None:
                kind = "numbers of trials" if is_trials else "times"
                raise SettingsError(
                    f"a budget has one time and one number of trials; {text!r} has two {kind}"
                )
            if is_trials:
                trials = _whole(match["amount"], text)
            else:
                unit = _WORDS.get(match["unit"], match["unit"])
                seconds = float(match["amount"]) * _UNITS[unit]
                if seconds == math.inf:
                    raise SettingsError(f"a budget must be finite, not {text!r:.40}")
        return cls(seconds, trials)

    @classmethod
    def time(cls, text: str) -> float | None:
        """Read the seconds of a time such as ``30m``; ``None`` for a text that is none, or has trials too."""
        try:
            found = cls.parse(text)
        except SettingsError:
            return None
        return found.seconds if found.trials is None else None

    def extended(self, text: str, seconds: float = 0.0, trials: int = 0) -> "Budget":
        """Add to this budget (``+10m``), or replace it (``10m``).

        An addition counts from what is spent if that exceeds the limit. A limit that is spent and to which
        nothing is added is removed.

        Args:
            text: Addition or new budget.
            seconds: Seconds spent so far; default 0.
            trials: Trials run so far; default 0.
        """
        more = Budget.parse(text.removeprefix("+"))
        if not text.startswith("+"):
            return more
        whole = _extended(self.trials, more.trials, trials)
        return Budget(_extended(self.seconds, more.seconds, seconds), None if whole is None else int(whole))

    def __str__(self) -> str:
        parts = [] if self.seconds is None else [seconds_text(self.seconds)]
        return ",".join(parts + ([] if self.trials is None else [self._trials("")]))

    def words(self) -> str:
        """Write the budget for readers: ``60s and 1 trial``."""
        parts = [] if self.seconds is None else [seconds_text(self.seconds)]
        return " and ".join(parts + ([] if self.trials is None else [self._trials(" ")]))

    def _trials(self, space: str) -> str:
        return f"{self.trials}{space}{agreed(self.trials or 0, 'trial', 'trials')}"


def seconds_text(seconds: float) -> str:
    """Write seconds as a budget, to 15 digits and without an exponent, which budgets do not have."""
    return f"{Decimal(f'{seconds:.15g}'):f}s"


def _whole(amount: str, text: str) -> int:
    if "." in amount:
        raise SettingsError(f"a number of trials must be whole, not {text!r}")
    return int(amount)


def _extended(limit: float | None, more: float | None, spent: float) -> float | None:
    if more is not None:
        return max(limit or 0.0, spent) + more
    return None if limit is not None and spent >= limit else limit
