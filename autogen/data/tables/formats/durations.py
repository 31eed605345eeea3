"""Durations in a column of text, as seconds and back: ``26:03:59``, ``3 days 04:05:06``, ``PT1H30M``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from autogen.data.tables.formats.missing import NUMBER_SHARE
from autogen.data.tables.formats.text_format import TextFormat

_PATTERNS = {
    "clock": r"(?P<sign>-?)(?P<h>\d+):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?",
    "pandas": r"(?P<d>-?\d+) days? \+?(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)",
    "python": r"(?:(?P<d>-?\d+) days?, )?(?P<h>\d\d?):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)",
    "iso": r"(?P<sign>-?)P(?=.*\d)(?:(?P<d>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?",
}
_DAY, _HOUR, _MINUTE, _PARTS = 86_400, 3_600, 60, 3


@dataclass(frozen=True)
class DurationFormat(TextFormat):
    """Format in which the durations of a column are written; their numbers are seconds.

    Attributes:
        style: ``clock`` (hours may exceed 24), ``pandas``, ``python`` or ``iso``.
        parts: number of parts of a clock, of which seconds are the third; of ISO the largest part that
            occurs: 1 for seconds to 4 for days.
        width: digits of the first part of a clock.
        decimals: decimals of seconds.
        whole: True if ISO parts that are zero are written too.
    """

    style: str = "clock"
    parts: int = 3
    width: int = 1
    decimals: int = 0
    whole: bool = False

    def format(self, number: float) -> str:
        """Format a number of seconds, rounded to the decimals (to minutes for a clock of two parts)."""
        step = _MINUTE if self.style == "clock" and self.parts == 2 else 10.0**-self.decimals
        number = round(round(number / step) * step, self.decimals)
        split = self.style in ("pandas", "python") or (self.style == "iso" and self.parts > _PARTS)
        days, rest = divmod(number if self.style in ("pandas", "python") else abs(number), _DAY)
        days, rest = (days, rest) if split else (0, abs(number))
        hours, rest = divmod(rest, _HOUR) if self.style != "iso" or self.parts >= _PARTS else (0, rest)
        minutes, seconds = divmod(rest, _MINUTE) if self.style != "iso" or self.parts > 1 else (0, rest)
        sign = "-" if number < 0 and self.style in ("clock", "iso") else ""
        last = f"{seconds:0{3 + self.decimals if self.decimals else 2}.{self.decimals}f}"
        if self.style == "iso":
            return sign + self._iso(int(days), int(hours), int(minutes), float(last))
        if self.style == "clock":
            shown = [f"{int(hours):0{self.width}d}", f"{int(minutes):02d}", last]
            return sign + ":".join(shown[: self.parts])
        if self.style == "pandas":
            mark = "+" if days < 0 else ""
            return f"{int(days)} days {mark}{int(hours):02d}:{int(minutes):02d}:{last}"
        count = f"{int(days)} day{'' if abs(days) == 1 else 's'}, " if days else ""
        return f"{count}{int(hours)}:{int(minutes):02d}:{last}"

    def strip(self, text: str) -> str | None:
        """Strip a duration of this style to its seconds; ``None`` for another text."""
        if not (found := _pattern(self.style).fullmatch(text.strip())):
            return None
        parts = {name: float(part or 0) for name, part in found.groupdict().items() if name != "sign"}
        total = parts.get("d", 0) * _DAY + parts["h"] * _HOUR + parts["m"] * _MINUTE + parts["s"]
        total = -total if found.groupdict().get("sign") else total
        return str(int(total)) if total == int(total) else repr(total)

    def _iso(self, days: int, hours: int, minutes: int, seconds: float) -> str:
        last = f"{seconds:.{self.decimals}f}"
        clock = ((hours, f"{hours}H"), (minutes, f"{minutes}M"), (seconds, f"{last}S"))
        time = "".join(text for value, text in clock if value or self.whole)
        date = f"{days}D" if days or (self.whole and self.parts > _PARTS) else ""
        return f"P{date}T{time}" if time else f"P{date}" if date else "PT0S"


def detect_durations(texts: Sequence[str], seen: np.ndarray, dtype: str) -> DurationFormat | None:
    """Detect the format of durations that nine tenths of the cells have; ``None`` if there is none.

    Clocks below 24 hours alone are no durations, but times of a day.

    Args:
        texts: unique texts, (U,).
        seen: number of cells with each text, int64 (U,).
        dtype: dtype of the column of texts, as pandas prints it.
    """
    for form in _candidates(texts, dtype):
        bare = [form.strip(text) for text in texts]
        same = [
            seconds is not None and form.format(float(seconds)) == text
            for seconds, text in zip(bare, texts, strict=True)
        ]
        day = form.style != "clock" or max((float(b) for b in bare if b), default=0.0) >= _DAY
        if day and seen[same].sum() >= NUMBER_SHARE * seen.sum():
            return form
    return None


def _candidates(texts: Sequence[str], dtype: str) -> list[DurationFormat]:
    """List the formats that some of the texts have, the frequent ones first."""
    first = texts[:: max(1, len(texts) // 50)]
    found = []
    for style, source in _PATTERNS.items():
        matches = [match for text in first if (match := re.fullmatch(source, text.strip()))]
        if not matches or len(matches) < NUMBER_SHARE / 2 * len(first):
            continue
        decimals = max(len((match["s"] or "").partition(".")[2]) for match in matches)
        parts = 3 if any(match["s"] for match in matches) else 2
        if style == "iso":
            parts = max(place for match in matches for place, name in enumerate("smhd", 1) if match[name])
        widths = sorted({len(match["h"]) for match in matches if match["h"]}) or [1]
        found += [
            DurationFormat(dtype, style, parts, width, decimals, whole)
            for width in dict.fromkeys((1, widths[0]))
            for whole in ((False, True) if style == "iso" else (False,))
        ]
    return found


@cache
def _pattern(style: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[style])
