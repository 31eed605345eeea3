"""ABC notation to pieces: tunes of one voice with chord symbols (abcnotation.com, standard 2.1).

The reader knows the fields X, M, L, K and Q, notes with accidentals, octaves, lengths, broken rhythm,
tuplets, ties and rests, bars with repeats and first and second endings, fields inside of a tune, and chord
symbols, which become block chords that last until the next one. It ignores words, ornaments, slurs and
grace notes. An upbeat comes at the end of a bar of its own, so that later bars begin where they should.

Files are untrusted: every repetition in the patterns below has an upper bound, so that parsing takes time
proportional to the length of a text of any shape.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from autogen.data.music.chords import chord_pitches
from autogen.data.music.notes import TICKS, VELOCITY, Piece, on_keys
from autogen.errors import DataError

SUFFIXES = (".abc", ".abc.gz")
_CHORD_VELOCITY = 60
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"
_FIFTHS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
_MODES = {"mix": -1, "dor": -2, "min": -3, "m": -3, "aeo": -3, "phr": -4, "loc": -5, "lyd": 1}
_NOTE = r"[_^=]{0,4}[A-Ga-g][,']{0,8}"
_LENGTH = r"\d{0,9}/{0,4}\d{0,9}"
_TOKEN = re.compile(
    r'"(?P<chord>[^"]{0,80})"'
    r"|\[(?P<field>[A-Za-z]):(?P<value>[^\]]{0,80})\]"
    r"|(?P<bar>:{0,4}\|{1,4}[\]:|]{0,4}(?:\s{0,4}\[?[1-9](?:[,-][1-9]){0,8})?|:{2,4}"
    r"|\[[1-9](?:[,-][1-9]){0,8}|\|?\]\|?)"
    r"|\((?P<tuplet>[2-9])(?::(?P<per>[2-9]?)(?::[2-9]?)?)?"
    r"|(?P<grace>\{[^}]{0,200}\})"
    rf"|(?P<note>\[(?=[^\]|:]{{0,40}}[A-Ga-g])[^\]|:]{{1,200}}\]|{_NOTE}|[zxZ])(?P<length>{_LENGTH})(?P<tie>\s{{0,4}}-)?"
    r"|(?P<broken>>{1,3}|<{1,3})"
)
_PITCH = re.compile(
    rf"(?P<sign>[_^=]{{0,4}})(?P<name>[A-Ga-g])(?P<octave>[,']{{0,8}})(?P<length>{_LENGTH})(?P<tie>-?)"
)
_MOST_NOTES = 100_000
_MOST_TICKS = 100_000 * TICKS  # 14 hours at 120 quarter notes a minute
_MOST_CHARACTERS = 80  # of the value of a field
_MOST_BEATS = 100
_SHOWN = 20
#: Values of a key, and of a metre that has no bars.
_KEYS = re.compile(r"\s*([A-G]|HP|Hp|none|[a-z]+=|\^|_|=|clef|treble|bass|alto|tenor|perc|$)")
_FREE = ("", "none", "free", "n", "no")
_MOST_UNITS = 999  # of the numerator or denominator of a note's length


@dataclass
class _Event:
    """Note, chord of notes or rest, in the written order."""

    pitches: tuple[int, ...]
    length: Fraction
    tied: frozenset[int] = frozenset()
    chord: str | None = None


@dataclass
class _Section:
    """Events between two bar lines that control repeats."""

    events: list[_Event] = field(default_factory=list)
    ending: frozenset[int] = frozenset()
    opens: bool = False
    closes: bool = False


def tunes_of(text: str) -> list[str]:
    """Split a file into tunes, which begin with a field X or after an empty line and have a key."""
    blocks = re.split(r"\n(?=X:)|\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return [block for block in blocks if re.search(r"^K:", block, re.MULTILINE)]


def name_of(tune: str) -> str:
    """Name a tune by its first title, else by its number."""
    for field_, form in (("T", "{!r}"), ("X", "number {}")):
        if found := re.search(rf"^{field_}:[ \t]*([^\n%]{{1,60}})", tune, re.MULTILINE):
            return form.format(found[1].strip())
    return "one without a name"


def read_abc(tune: str, told: list[str] | None = None) -> tuple[Piece, int]:
    """Read a tune as a piece with its repeats played; return it and the number of notes moved by octaves.

    Args:
        tune: lines of the tune.
        told: list to which fields are added that could not be read and are passed over.

    Raises:
        DataError: the tune holds no notes, too many notes or too long ones, or no readable unit of length.
    """
    reader = _Reader([] if told is None else told)
    for line in tune.split("\n"):
        reader.line(line)
    events = _played(reader.sections)
    rows = _melody(events) + _accompaniment(events)
    if not rows or not any(event.pitches for event in events):
        raise DataError("it holds no notes")
    if max(onset + duration for onset, duration, *_ in rows) > _MOST_TICKS:
        raise DataError(f"it is longer than {_MOST_TICKS // TICKS} quarter notes")
    notes, moved = on_keys(np.array(rows, dtype=np.int64))
    notes[:, 0] += reader.rest
    return Piece.of(notes, 0, reader.tempo, reader.bar), moved


class _Reader:
    """Reader of the lines of a tune, with the key, unit length and accidentals at the current place."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.sections = [_Section()]
        self._bars: list[Fraction] = []  # lengths of the first two bars as written, in ticks
        self.tempo, self.bar = 120.0, 4 * TICKS
        self._unit: Fraction | None = None
        self._metre = (4, 4)
        self._key: dict[str, int] = {}
        self._signs: dict[str, int] = {}  # by letter: an accidental holds in all octaves, as in the standard
        self._chord: str | None = None
        self._stretch, self._left = Fraction(1), 0
        self._broken = Fraction(1)
        self._begun = False
        self._count = self._counted = 0  # notes and rests so far, and at the end of the last counted bar

    @property
    def rest(self) -> int:
        """Ticks by which an upbeat, a short bar before a whole one, is shorter than a bar."""
        upbeat = len(self._bars) == 2 and self._bars[0] < self._bars[1] == self.bar
        return self.bar - round(self._bars[0]) if upbeat else 0

    def line(self, line: str) -> None:
        """Read one line: a field, or music."""
        line = line.split("%")[0].rstrip("\\ \t")
        if re.match(r"^[A-Za-z]:(?![|:])", line):  # "d:|" is a note at the end of a repeat
            self._field(line[0], line[2:].strip()[:_MOST_CHARACTERS])
        elif self._begun:
            for found in _TOKEN.finditer(line):
                self._token(found)

    def _field(self, name: str, value: str) -> None:
        if name == "K":
            self._key = signature(value)
            self._begun = True
            if not _KEYS.match(value):
                self.told.append(f"K:{value[:_SHOWN]}")
        elif name == "M" and (metre := _metre(value)):
            self._metre = metre
            if not self._begun or not any(section.events for section in self.sections):
                self.bar = int(np.clip(metre[0] * 4 * TICKS // metre[1], TICKS, 16 * TICKS))
        elif name == "M" and value.casefold() not in _FREE:
            self.told.append(f"M:{value[:_SHOWN]}")
        elif name == "L" and re.fullmatch(r"[1-9]\d?(/[1-9]\d{0,2})?", value):
            self._unit = Fraction(value)
        elif name == "L":
            raise DataError(f"L:{value[:_SHOWN]} is no unit of length, such as L:1/8")
        elif name == "Q" and (found := re.search(r"(\d{1,4})$", value)):
            self.tempo = float(np.clip(int(found[1]), 20, 300))

    def _token(self, found: re.Match[str]) -> None:
        if found["chord"] is not None:
            self._chord = found["chord"]
        elif found["field"]:
            self._field(found["field"], found["value"].strip())
        elif found["bar"]:
            self._bar_line(found["bar"])
        elif found["tuplet"]:
            self._tuplet(int(found["tuplet"]), found["per"])
        elif found["note"]:
            self._note(found["note"], found["length"], bool(found["tie"]))
        elif found["broken"]:
            self._break(found["broken"])

    def _bar_line(self, text: str) -> None:
        self._signs = {}
        if len(self._bars) < 2 and self._count > self._counted:
            self._counted = self._count
            lengths = [event.length for section in self.sections for event in section.events]
            self._bars.append(sum(lengths, Fraction(0)) - sum(self._bars))
        endings = frozenset(int(digit) for digit in re.findall(r"[1-9]", text))
        closes, opens = ":|" in text or "::" in text, "|:" in text or "::" in text
        self.sections[-1].closes |= closes
        ended = text.startswith(("||", "|]")) and self.sections[-1].ending
        if closes or opens or endings or ended:
            self.sections.append(_Section(ending=endings, opens=opens or bool(ended)))

    def _tuplet(self, notes: int, per: str | None) -> None:
        compound = self._metre[1] == 8 and self._metre[0] % 3 == 0
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(notes, 3 if compound else 2)
        self._stretch, self._left = Fraction(int(per) if per else usual, notes), notes

    def _note(self, text: str, length: str, tied: bool) -> None:
        short = 4 * self._metre[0] < 3 * self._metre[1]
        unit = self._unit or Fraction(1, 16 if short else 8)
        found = [] if text[0] in "zxZ" else _PITCH.findall(text)
        # A chord of notes has the length of its first note, times the length behind the bracket.
        inner = _length(found[0][3]) if text[0] == "[" else Fraction(1)
        lasting = unit * inner * _length(length) * self._broken
        self._broken = Fraction(1)
        if self._left:
            lasting, self._left = lasting * self._stretch, self._left - 1
        ties = {self._pitch(*pitch): tied or bool(tie) for *pitch, _, tie in found}
        self._count += max(1, len(ties))
        if self._count > _MOST_NOTES:
            raise DataError(f"it holds more than {_MOST_NOTES} notes")
        held = frozenset(pitch for pitch, tie in ties.items() if tie)
        self.sections[-1].events.append(_Event(tuple(ties), lasting * 4 * TICKS, held, self._chord))
        self._chord = None

    def _pitch(self, sign: str, name: str, octave: str) -> int:
        letter = name.upper()
        if sign:
            self._signs[letter] = sign.count("^") - sign.count("_")
        shift = self._signs.get(letter, self._key.get(letter, 0))
        return 60 + _STEPS[letter] + 12 * (name.islower() + octave.count("'") - octave.count(",")) + shift

    def _break(self, signs: str) -> None:
        events = self.sections[-1].events
        if events and self._broken == 1:  # one sign between two notes: more would multiply without end
            short = Fraction(1, 2 ** len(signs))
            first, self._broken = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
            events[-1].length *= first


def signature(key: str) -> dict[str, int]:
    """Find the accidentals of a key: ``signature("Gm")`` is ``{"B": -1, "E": -1}``."""
    found = re.match(r"\s*([A-G])([#b]?)\s*([A-Za-z]*)", key)
    if not found:
        return {}
    mode = found[3].lower()
    shift = _MODES.get(mode if mode == "m" else mode[:3], 0)
    fifths = _FIFTHS[found[1]] + 7 * {"#": 1, "b": -1}.get(found[2], 0) + shift
    letters, sign = (_SHARPS, 1) if fifths > 0 else (_FLATS, -1)
    return dict.fromkeys(letters[: min(7, abs(fifths))], sign)


def _metre(value: str) -> tuple[int, int] | None:
    if value.startswith("C"):
        return (4, 4)
    found = re.match(r"\(?(\d{1,2}(?:\+\d{1,2}){0,8})\)?/(\d{1,2})(?!\d)", value)
    beats = sum(map(int, found[1].split("+"))) if found else 0
    return (beats, int(found[2])) if found and 0 < beats < _MOST_BEATS and int(found[2]) else None


def _length(text: str) -> Fraction:
    """Parse the length ``3/2``, ``/``, ``//`` or ``2`` after a note to a factor."""
    before, slash, after = text.partition("/")
    over, below = int(before or 1), int(after.strip("/") or 0)
    if max(over, below) > _MOST_UNITS:
        raise DataError(f"a note is {text} units long; at most {_MOST_UNITS} are allowed")
    factor = Fraction(over, (below or 2 ** text.count("/")) if slash else 1)
    return factor if factor > 0 else Fraction(1)


def _played(sections: list[_Section]) -> list[_Event]:
    """List the events in the order in which they are played.

    Raises:
        DataError: the repeats give too many notes.
    """
    order = _unfolded(sections)
    sizes = {id(section): sum(max(1, len(event.pitches)) for event in section.events) for section in sections}
    if sum(sizes[id(section)] for section in order) > 4 * _MOST_NOTES:
        raise DataError(f"with its repeats it holds more than {4 * _MOST_NOTES} notes")
    return [event for section in order for event in section.events]


def _unfolded(sections: list[_Section]) -> list[_Section]:
    """List the sections with their repeats and endings, in the order in which they are played."""
    seconds = _second_endings(sections)
    order: list[_Section] = []
    start = 0
    for place, section in enumerate(sections):
        if section.opens:
            start = place
        if section.ending and 1 not in section.ending:
            continue
        order.append(section)
        if section.closes:
            order += [again for again in sections[start : place + 1] if not again.ending or 2 in again.ending]
            if section.ending and (later := seconds[place]):
                order.append(later)
            start = place + 1
    return order


def _second_endings(sections: list[_Section]) -> list[_Section | None]:
    """Find the next second ending after each section."""
    found: list[_Section | None] = []
    later: _Section | None = None
    for section in reversed(sections):
        found.append(later)
        later = section if 2 in section.ending else later
    return found[::-1]


def _melody(events: list[_Event]) -> list[list[int]]:
    rows: list[list[int]] = []
    held: dict[int, int] = {}  # rows of the notes that a tie holds, by pitch
    now = Fraction(0)
    for event in events:
        begin, end = round(now), round(now + event.length)
        sounding: dict[int, int] = {}
        for pitch in event.pitches:
            if pitch in held:
                row = sounding[pitch] = held[pitch]
                rows[row][1] = end - rows[row][0]
            else:
                sounding[pitch] = len(rows)
                rows.append([begin, max(1, end - begin), pitch, VELOCITY])
        held = {pitch: row for pitch, row in sounding.items() if pitch in event.tied}
        now += event.length
    return rows


def _accompaniment(events: list[_Event]) -> list[list[int]]:
    """Make block chords, each until the next chord symbol or the end."""
    starts, now = [], Fraction(0)
    for event in events:
        if event.chord is not None and (pitches := chord_pitches(event.chord)):
            starts.append((round(now), pitches))
        now += event.length
    ends = [*(start for start, _ in starts[1:]), round(now)][: len(starts)]
    return [
        [start, end - start, pitch, _CHORD_VELOCITY]
        for (start, pitches), end in zip(starts, ends, strict=True)
        for pitch in pitches
        if end > start
    ]
