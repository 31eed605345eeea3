"""Chord symbols to pitches: ``Am7/g`` and its like."""

import re

_ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "9": (0, 4, 7, 10, 14),
    "7b9": (0, 4, 7, 10, 13),
    "d": (0, 3, 6),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "a": (0, 4, 8),
    "a7": (0, 4, 8, 10),
    "aug": (0, 4, 8),
    "+": (0, 4, 8),
    "sus": (0, 5, 7),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
}
_SYMBOL = re.compile(r"\(?([A-G])([#b]?)([^/()]*)(?:/([A-Ga-g])([#b+]?))?\)?")
#: Lowest MIDI pitch of a root (C3); another bass lies below it.
_OCTAVE = 48
_SIGNS = {"": 0, "#": 1, "+": 1, "b": -1}


def chord_pitches(symbol: str) -> tuple[int, ...]:
    """Parse a chord symbol to MIDI pitches, ascending; empty if the text is no chord.

    An unknown quality is read as its triad, major or minor.
    """
    found = _SYMBOL.fullmatch(symbol.strip())
    if not found:
        return ()
    quality = found[3].strip()
    intervals = _QUALITIES.get(quality)
    if intervals is None:
        if not re.fullmatch(r"(maj|min|m|d|dim|aug|sus|add|[0-9#b+-])+", quality):
            return ()
        minor = quality.startswith("m") and not quality.startswith("maj")
        intervals = _QUALITIES["m" if minor else ""]
    root = _OCTAVE + (_ROOTS[found[1]] + _SIGNS[found[2]]) % 12
    pitches = {root + interval for interval in intervals}
    if found[4]:
        bass = (_ROOTS[found[4].upper()] + _SIGNS[found[5]]) % 12
        pitches = {pitch for pitch in pitches if pitch % 12 != bass} | {_OCTAVE - 12 + bass}
    return tuple(sorted(pitches))
