"""Words of dates that ``strftime`` does not print: weekdays, ``a.m.``, names of zones, other digits."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from autogen.data.tables.formats.months import PRINTED as PRINTED_MONTHS

#: Names of the weekdays from Monday on; abbreviations are their first letters, or follow after a slash.
_LANGUAGES = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag/Sonnabend Sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "segunda-feira/segunda terça-feira/terça quarta-feira/quarta quinta-feira/quinta sexta-feira/sexta "
    "sábado domingo",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "måndag tisdag onsdag torsdag fredag lördag söndag",
    "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "maanantai/maanantaina tiistai/tiistaina keskiviikko/keskiviikkona torstai/torstaina "
    "perjantai/perjantaina lauantai/lauantaina sunnuntai/sunnuntaina",
    "hétfő/h kedd/k szerda/sze csütörtök/cs péntek/p szombat/szo vasárnap/v",
    "pondělí úterý středa čtvrtek pátek sobota neděle",
    "pondelok utorok/ut streda/st štvrtok/št piatok sobota nedeľa",
    "ponedjeljak utorak srijeda četvrtak petak subota nedjelja",
    "ponedeljek torek sreda četrtek petek sobota nedelja",
    "poniedziałek/pn wtorek środa/śr czwartek piątek/pt sobota niedziela/nd",
    "luni marți miercuri joi vineri sâmbătă duminică",
    "dilluns/dl dimarts/dt dimecres/dc dijous/dj divendres/dv dissabte/ds diumenge/dg",
    "Pazartesi/Pzt Salı Çarşamba Perşembe Cuma Cumartesi/Cmt Pazar/Paz",
    "Δευτέρα Τρίτη Τετάρτη Πέμπτη Παρασκευή Σάββατο Κυριακή",
    "понедельник/пн вторник/вт среда/ср четверг/чт пятница/пт суббота/сб воскресенье/вс",
    "понеділок/пн вівторок/вт середа/ср четвер/чт пʼятниця/п'ятниця/п’ятниця/пт субота/сб неділя/нд",
    "понеделник/пн вторник/вт сряда/ср четвъртък/чт петък/пт събота/сб неделя/нд",
    "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
    "الاثنين/الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "שני/ב' שלישי/ג' רביעי/ד' חמישי/ה' שישי/ו' שבת/ש' ראשון/א'",
    "月曜日/月曜/月 火曜日/火曜/火 水曜日/水曜/水 木曜日/木曜/木 金曜日/金曜/金 "
    "土曜日/土曜/土 日曜日/日曜/日",
    "星期一/周一/週一/一 星期二/周二/週二/二 星期三/周三/週三/三 星期四/周四/週四/四 星期五/周五/週五/五 "
    "星期六/周六/週六/六 星期日/周日/週日/星期天/日",
    "월요일/월 화요일/화 수요일/수 목요일/목 금요일/금 토요일/토 일요일/일",
)
_TABLES = tuple(tuple(names.split("/") for names in language.split()) for language in _LANGUAGES)
_PRINTED = frozenset(word for names in _TABLES[0] for word in (names[0], names[0][:3]))
_DAY = re.compile(r"(?<!\w)[^\W\d_]+(?:[-'’ʼ][^\W\d_]*)*\.?|(?<=[日일])[^\W\d_]+")
_FEWEST = 2
#: What other languages write for AM and PM.
_HALVES = (
    *(("a.m.", "p.m."), ("A.M.", "P.M."), ("a. m.", "p. m."), ("a.\u00a0m.", "p.\u00a0m.")),
    *(("a.\u202fm.", "p.\u202fm."), ("A. M.", "P. M."), ("a.m", "p.m"), ("A.M", "P.M"), ("Am", "Pm")),
    *(("上午", "下午"), ("午前", "午後"), ("오전", "오후"), ("π.μ.", "μ.μ."), ("πμ", "μμ"), ("ΠΜ", "ΜΜ")),
    *(("ÖÖ", "ÖS"), ("öö", "ös"), ("ص", "م"), ("de.", "du."), ("dop.", "odp."), ("vorm.", "nachm.")),
    *(("a", "p"), ("A", "P")),
)
#: Zones by the names of their standard and their summer time, with the hours of the former.
_ZONES = {
    ("EST", "EDT"): ("America/New_York", -5.0),
    ("CST", "CDT"): ("America/Chicago", -6.0),
    ("MST", "MDT"): ("America/Denver", -7.0),
    ("PST", "PDT"): ("America/Los_Angeles", -8.0),
    ("AKST", "AKDT"): ("America/Anchorage", -9.0),
    ("AST", "ADT"): ("America/Halifax", -4.0),
    ("NST", "NDT"): ("America/St_Johns", -3.5),
    ("GMT", "BST"): ("Europe/London", 0.0),
    ("WET", "WEST"): ("Europe/Lisbon", 0.0),
    ("CET", "CEST"): ("Europe/Berlin", 1.0),
    ("MEZ", "MESZ"): ("Europe/Berlin", 1.0),
    ("EET", "EEST"): ("Europe/Helsinki", 2.0),
    ("IST", "IDT"): ("Asia/Jerusalem", 2.0),
    ("AEST", "AEDT"): ("Australia/Sydney", 10.0),
    ("ACST", "ACDT"): ("Australia/Adelaide", 9.5),
    ("NZST", "NZDT"): ("Pacific/Auckland", 12.0),
}
#: Share of the texts that must have a word.
_SHARE = 0.8


@dataclass(frozen=True)
class Words:
    """Words in which the dates of a column are written.

    Attributes:
        days: names of the weekdays from Monday on; empty for English ones or none.
        halves: what stands for AM and for PM; empty for these.
        zones: names of a zone's standard and summer time; empty for none.
        zero: the zero of the digits; empty for 0 to 9.
        last: True if the weekday stands behind the day.
    """

    days: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    zero: str = ""
    last: bool = False

    @property
    def zone(self) -> str:
        """Name of the zone, as the tz database has it."""
        return _ZONES[self.zones[0], self.zones[1]][0]

    @property
    def lists(self) -> tuple[str, ...]:
        """Write the words as they stand in a format."""
        return "|".join(self.days), "|".join(self.halves), "|".join(self.zones), self.zero

    def english(self, text: str, day: str = "", zone: str = "") -> str:
        """Write a date in English words and digits.

        Args:
            text: the date.
            day: what replaces the weekday.
            zone: what replaces the name of the zone.
        """
        text = western(text, self.zero) if self.zero else text
        if self.zones:
            text = self._zone.sub(zone, text, count=1)
        if self.halves:
            text = self._half.sub(lambda found: "AM" if found[0] == self.halves[0] else "PM", text, count=1)
        if self.days and (found := list(self._day.finditer(text))):
            one = found[-1 if self.last else 0]
            text = f"{text[: one.start()]}{day}{text[one.end() :]}"
        return text

    def seconds(self, text: str) -> float:
        """Read the offset from UTC of the name of a zone in a text, in seconds; NaN without such a name."""
        found = self._zone.search(text)
        if found is None:
            return float("nan")
        hours = _ZONES[self.zones[0], self.zones[1]][1]
        return 3600 * (hours + (found[0] == self.zones[1]))

    @cached_property
    def _day(self) -> re.Pattern[str]:
        return _any_of(self.days)

    @cached_property
    def _half(self) -> re.Pattern[str]:
        return _any_of(self.halves, letters=True)

    @cached_property
    def _zone(self) -> re.Pattern[str]:
        return _any_of(self.zones)


def find_words(texts: Sequence[str]) -> Words:
    """Find the words of some dates, of which most must have them.

    Args:
        texts: unique texts; months in any language are left to ``autogen.data.tables.formats.months``.
    """
    zero = zero_of(texts)
    plain = [western(text, zero) for text in texts] if zero else list(texts)
    zones = _pair(plain, tuple(_ZONES), both=True)
    halves = _pair(plain, _HALVES, both=False)
    bare = [Words(halves=halves, zones=zones).english(text) for text in plain]
    days, last = _days(bare)
    return Words(days, halves, zones, zero, last)


def zero_of(texts: Sequence[str]) -> str:
    """Find the zero of the digits that most texts have; empty for 0 to 9, or for digits of several kinds."""
    if "".join(texts).isascii():
        return ""
    zeros = [{chr(ord(one) - unicodedata.decimal(one)) for one in text if one.isdecimal()} for text in texts]
    counts = Counter(one for some in zeros for one in some)
    zero = counts.most_common(1)[0][0] if counts else "0"
    alone = sum(some == {zero} for some in zeros)
    return zero if zero != "0" and alone >= _SHARE * len(texts) else ""


def western(text: str, zero: str) -> str:
    """Write the digits of a text as 0 to 9."""
    return text.translate({ord(zero) + digit: str(digit) for digit in range(10)})


def native(text: str, zero: str) -> str:
    """Write the digits 0 to 9 of a text as others: the inverse of ``western``."""
    return text.translate({ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)})


def _any_of(words: Sequence[str], *, letters: bool = False) -> re.Pattern[str]:
    """Compile a pattern of words that stand alone; of ``letters``, one stands behind a digit."""
    found = []
    for word in sorted(filter(None, words), key=len, reverse=True):
        if letters and len(word) == 1 and word.isascii():
            found.append(rf"(?<=[\d ]){word}(?![\w.])")
        elif len(word) > 1 and ord(word[0]) >= 0x2E80:  # no spaces between words
            found.append(re.escape(word))
        else:
            found.append(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])")
    return re.compile("|".join(found))


def _pair(texts: Sequence[str], pairs: Sequence[tuple[str, str]], *, both: bool) -> tuple[str, ...]:
    """Find the first pair of words of which most texts have one; ``both`` must occur if so asked."""
    for pair in pairs:
        if not any(pair[0] in text or pair[1] in text for text in texts[:3]):
            continue
        pattern = _any_of(pair, letters=True)
        found = [match[0] for text in texts if (match := pattern.search(text))]
        if len(found) >= _SHARE * len(texts) and (not both or len(set(found)) == len(pair)):
            return pair
    return ()


def _days(texts: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Find the weekdays of some dates, as most are written, and tell if they stand behind a number."""
    words = [_DAY.findall(text) for text in texts]
    bare = {word: word.rstrip(".").casefold() for some in words for word in some}
    best, most, known = -1, 0, dict[str, int]()
    for place, numbers in enumerate(_numbers()):
        found = {word: numbers[name] for word, name in bare.items() if name in numbers}
        count = sum(any(word in found for word in some) for some in words) if found else 0
        if count > most and len(set(found.values())) >= _FEWEST:
            best, most, known = place, count, found
    if best < 0 or most < _SHARE * len(texts):
        return (), False
    chosen = [next((word for word in some if word in known), "") for some in words]
    seen = Counter(filter(None, chosen))
    others = {word for word in bare if word not in known and len(word) > _FEWEST and not word.isupper()}
    if all(word in _PRINTED for word in seen) and others <= PRINTED_MONTHS:
        return (), False
    usual = seen.most_common(1)[0][0]
    own: list[str] = []
    for number, names in enumerate(_TABLES[best]):
        mine = [word for word, _ in seen.most_common() if known[word] == number]
        own.append(mine[0] if mine else _like(names, usual, _TABLES[best][known[usual]]))
    pairs = [(word, text) for word, text in zip(chosen, texts, strict=True) if word]
    behind = sum(any(map(str.isdecimal, text[: text.rindex(word)])) for word, text in pairs)
    return (tuple(own), 2 * behind > len(pairs)) if len(set(own)) == len(own) else ((), False)


@cache
def _numbers() -> tuple[dict[str, int], ...]:
    """Number the weekdays of each language by their names and by first letters that no other one has."""
    tables = []
    for table in _TABLES:
        begun = Counter(names[0].casefold()[:size] for names in table for size in range(2, len(names[0])))
        known: dict[str, int] = {}
        for number, names in enumerate(table):
            name = names[0].casefold()
            known |= {name[:size]: number for size in range(2, len(name)) if begun[name[:size]] == 1}
        for number, names in enumerate(table):
            known |= {name.casefold(): number for name in names}
        tables.append(known)
    return tuple(tables)


def _like(names: Sequence[str], usual: str, own: Sequence[str]) -> str:
    """Write the name of a weekday that no date has as another one is written."""
    bare = usual.rstrip(".")
    place = next((i for i, name in enumerate(own) if name.casefold() == bare.casefold()), None)
    if place is not None and place < len(names):
        name = names[place]
    else:
        name = names[0] if len(bare) == len(own[0]) else names[0][: len(bare)]
    name = name[0].upper() + name[1:] if usual[0].isupper() else name[0].lower() + name[1:]
    return (name.upper() if usual.isupper() and len(bare) > 1 else name) + "." * usual.endswith(".")
