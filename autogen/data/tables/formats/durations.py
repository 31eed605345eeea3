"""Durations in a column of text, as seconds and back: ``26:03:59``, ``3 days 04:05:06``, ``1h 5m``."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from autogen.data.tables.formats.missing import NUMBER_SHARE
from autogen.data.tables.formats.text_format import TextFormat

_PATTERNS = {
    "lap": r"(?P<sign>-?)(?P<m>\d+):(?P<s>[0-5]\d\.\d+)",
    "clock": r"(?P<sign>-?)(?P<h>\d+):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?",
    "h": r"(?P<sign>-?)(?P<h>\d+)h(?P<m>[0-5]\d)(?P<s>)",
    "pandas": r"(?P<d>-?\d+) days? \+?(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)",
    "python": r"(?:(?P<d>-?\d+) days?, )?(?P<h>\d\d?):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)",
    "postgres": r"(?:(?P<d>\d+) days? )?(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)",
    "iso": r"(?P<sign>-?)P(?=.*\d)(?:(?P<d>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?",
}
_DAY, _HOUR, _MINUTE, _PARTS = 86_400, 3_600, 60, 3
_NAMES = {
    7 * _DAY: "w wk wks week weeks Wo Woche Wochen semaine semaines semana semanas",
    _DAY: "d day days Tag Tage Tg j jour jours día días dia dias giorno giorni дн д 日 天 일",
    _HOUR: "h hr hrs hour hours H Hr Hrs Std Stunde Stunden heure heures hora horas ora ore uur timer tim ч "
    "時間 小时 小時 시간",
    _MINUTE: "m min mins minute minutes Min Mins M Minute Minuten minuto minutos minuti minuten мин м 分 "
    "分钟 分鐘 분",
    1: "s sec secs second seconds S Sek Sec Secs Sekunde Sekunden seconde secondes segundo segundos secondo "
    "secondi сек с 秒 초",
}
#: Seconds of each unit, by its name.
_UNITS = {name: seconds for seconds, names in _NAMES.items() for name in names.split()}
_UNIT = re.compile(r"(\d+(?:\.\d+)?)( ?)([^\W\d_]+)(\.?,? ?(?:(?:and|und|et|y|e|og|och|en) )?)")

#: Most characters of a duration: longer texts would be searched at each of their places.
_LONGEST = 200


@dataclass(frozen=True)
class DurationFormat(TextFormat):
    """Format in which the durations of a column are written; their numbers are seconds.

    Attributes:
        style: ``clock`` (hours may exceed 24), ``h`` (``26h05``), ``lap`` (minutes may exceed 60),
            ``pandas``, ``python``, ``postgres``, ``iso`` or ``units``.
        parts: number of parts of a clock, of which seconds are the third; of ISO the largest part that
            occurs: 1 for seconds to 4 for days.
        width: digits of the first part of a clock.
        decimals: decimals of seconds.
        whole: True if parts of ISO or units that are zero are written too.
        units: units from the largest one on, separated by spaces: ``h m``; what stands behind 1 follows after
            a slash: ``hours/hour``.
        gap: what stands between a number and its unit.
        between: what stands behind a unit before the next number.
        end: what stands behind the last unit.
    """

    style: str = "clock"
    parts: int = 3
    width: int = 1
    decimals: int = 0
    whole: bool = False
    units: str = ""
    gap: str = ""
    between: str = ""
    end: str = ""

    @property
    def measures(self) -> bool:
        """True for all durations."""
        return True

    def format(self, number: float) -> str:
        """Format a number of seconds, rounded to the decimals (to minutes for a clock of two parts)."""
        if self.style == "units":
            return self._in_units(number)
        step = _MINUTE if self.style in ("clock", "h") and self.parts == 2 else 10.0**-self.decimals
        number = round(round(number / step) * step, self.decimals)
        split = self.style in ("pandas", "python", "postgres") or (
            self.style == "iso" and self.parts > _PARTS
        )
        days, rest = divmod(number if self.style in ("pandas", "python") else abs(number), _DAY)
        days, rest = (days, rest) if split else (0, abs(number))
        hours, rest = divmod(rest, _HOUR) if self.style != "iso" or self.parts >= _PARTS else (0, rest)
        minutes, seconds = divmod(rest, _MINUTE) if self.style != "iso" or self.parts > 1 else (0, rest)
        sign = "-" if number < 0 and self.style in ("clock", "h", "iso", "lap") else ""
        last = f"{seconds:0{3 + self.decimals if self.decimals else 2}.{self.decimals}f}"
        if self.style == "iso":
            return sign + self._iso(int(days), int(hours), int(minutes), float(last))
        if self.style == "lap":
            return f"{sign}{int(_MINUTE * hours + minutes):0{self.width}d}:{last}"
        if self.style == "h":
            return f"{sign}{int(hours):0{self.width}d}h{int(minutes):02d}"
        if self.style == "clock":
            shown = [f"{int(hours):0{self.width}d}", f"{int(minutes):02d}", last]
            return sign + ":".join(shown[: self.parts])
        if self.style == "postgres":
            before = f"{int(days)} day{'' if days == 1 else 's'} " if days else ""
            return f"{before}{int(hours):02d}:{int(minutes):02d}:{last}"
        if self.style == "pandas":
            mark = "+" if days < 0 else ""
            return f"{int(days)} days {mark}{int(hours):02d}:{int(minutes):02d}:{last}"
        count = f"{int(days)} day{'' if abs(days) == 1 else 's'}, " if days else ""
        return f"{count}{int(hours)}:{int(minutes):02d}:{last}"

    def strip(self, text: str) -> str | None:
        """Strip a duration of this style to its seconds; ``None`` for another text."""
        if self.style == "units":
            return _seconds_in_units(text.strip(), self.units.replace("/", " ").split())
        if not (found := _pattern(self.style).fullmatch(text.strip())):
            return None
        parts = {name: float(part or 0) for name, part in found.groupdict().items() if name != "sign"}
        total = parts.get("d", 0) * _DAY + parts.get("h", 0) * _HOUR + parts["m"] * _MINUTE + parts["s"]
        total = -total if found.groupdict().get("sign") else total
        return str(int(total)) if total == int(total) else repr(total)

    def _in_units(self, number: float) -> str:
        """Format seconds by the units, largest first; the last one takes what is left, rounded."""
        units = [unit.split("/") for unit in self.units.split()]
        last = _UNITS[units[-1][0]]
        rest = round(round(abs(number) / last, self.decimals) * last, self.decimals)
        parts: list[str] = []
        for place, unit in enumerate(units):
            size, end = _UNITS[unit[0]], unit is units[-1]
            count, rest = (rest / size, 0.0) if end else divmod(rest, size)
            decimals = self.decimals if end else 0
            wide = (self.width if place else 1) + (decimals + 1 if decimals else 0)
            if count or self.whole or (end and not parts):
                parts.append(f"{count:0{wide}.{decimals}f}{self.gap}{unit[-1 if count == 1 else 0]}")
        return self.between.join(parts) + self.end

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
    best, most = None, 0
    for form in (*_candidates(texts, dtype), *_candidates_in_units(texts, dtype)):
        bare = [form.strip(text) for text in texts]
        same = [
            seconds is not None and form.format(float(seconds)) == text
            for seconds, text in zip(bare, texts, strict=True)
        ]
        day = (
            form.style not in ("clock", "h", "postgres")
            or max((float(b) for b in bare if b), default=0.0) >= _DAY
        )
        if day and seen[same].sum() > most:
            best, most = form, int(seen[same].sum())
    return best if most >= NUMBER_SHARE * seen.sum() else None


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
        first_part = "m" if style == "lap" else "h"
        widths = sorted({len(match[first_part]) for match in matches if match[first_part]}) or [1]
        found += [
            DurationFormat(dtype, style, parts, width, decimals, whole)
            for width in dict.fromkeys((1, widths[0]))
            for whole in ((False, True) if style == "iso" else (False,))
        ]
    return found


def _candidates_in_units(texts: Sequence[str], dtype: str) -> list[DurationFormat]:
    """List the formats of numbers with units of time, ``1h 5m``, that some of the texts have."""
    first = texts[:: max(1, len(texts) // 50)]
    rows = [parts for text in first if (parts := _parts_in_units(text.strip())) is not None]
    if len(rows) < NUMBER_SHARE / 2 * len(first):
        return []
    parts = [part for row in rows for part in row]
    units = _units_of(parts)
    if len(units) < 2:
        return []
    gap = Counter(gap for _, gap, _, _ in parts).most_common(1)[0][0]
    behind = Counter(behind for row in rows for *_, behind in row[:-1])
    between = behind.most_common(1)[0][0] if behind else " "
    decimals = max(len(number.partition(".")[2]) for number, *_ in parts)
    end = Counter(row[-1][3] for row in rows).most_common(1)[0][0]
    return [
        DurationFormat(dtype, "units", len(units), width, decimals, whole, " ".join(units), gap, between, end)
        for width in (1, 2)
        for whole in (False, True)
    ]


def _units_of(parts: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """List the units from the largest one on, as most are written behind 1 and behind other numbers."""
    named: dict[int, tuple[Counter[str], Counter[str]]] = {}
    for number, _, unit, _ in parts:
        named.setdefault(_UNITS[unit], (Counter(), Counter()))[float(number) == 1][unit] += 1
    units = []
    for size in sorted(named, reverse=True):
        many, one = (some.most_common(1)[0][0] if some else "" for some in named[size])
        units.append(f"{many}/{one}" if many and one and one != many else many or one)
    return units


def _parts_in_units(text: str) -> list[tuple[str, str, str, str]] | None:
    """Split ``1h 5m`` into number, gap, unit and what stands behind; ``None`` for another text."""
    if len(text) > _LONGEST:
        return None
    parts: list[tuple[str, str, str, str]] = _UNIT.findall(text)
    whole = "".join("".join(part) for part in parts) == text
    return parts if parts and whole and all(unit in _UNITS for _, _, unit, _ in parts) else None


def _seconds_in_units(text: str, units: Sequence[str]) -> str | None:
    """Add up the parts of a duration; ``None`` for another text."""
    parts = _parts_in_units(text)
    if parts is None or not {unit for _, _, unit, _ in parts} <= set(units):
        return None
    total = sum(float(number) * _UNITS[unit] for number, _, unit, _ in parts)
    return str(int(total)) if total == int(total) else repr(total)


@cache
def _pattern(style: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[style])
