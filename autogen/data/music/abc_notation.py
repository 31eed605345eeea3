"""Pieces as ABC notation, which a terminal shows and ``autogen.data.music.abc`` reads again."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from autogen.data.music.notes import TICKS, Piece

#: Unit of the lengths, an eighth note, in ticks; bars in one line.
_UNIT, _BARS = TICKS // 2, 4
#: Letter and sharps of each pitch class.
_NAMES = (
    *(("C", 0), ("C", 1), ("D", 0), ("D", 1), ("E", 0), ("F", 0)),
    *(("F", 1), ("G", 0), ("G", 1), ("A", 0), ("A", 1), ("B", 0)),
)


def abc_lines(pieces: Sequence[Piece]) -> list[str]:
    """Write pieces as ABC tunes, one after the other, an empty line between two."""
    lines: list[str] = []
    for number, piece in enumerate(pieces, 1):
        lines += [*([""] if lines else []), *_tune(piece, number)]
    return lines


def _tune(piece: Piece, number: int) -> list[str]:
    """Fields, then bars of notes, chords and rests; what sounds across a change of the chord is tied."""
    head = [f"X:{number}", f"T:Sample {number}", f"M:{_metre(piece.bar)}", "L:1/8"]
    head += [f"Q:1/4={round(piece.tempo)}", "K:C"]
    bars = _bars(piece)
    lines = [" | ".join(bars[i : i + _BARS]) for i in range(0, len(bars), _BARS)]
    return [*head, *(f"{line} |{']' * (i == len(lines) - 1)}" for i, line in enumerate(lines))]


def _metre(bar: int) -> str:
    """Write the length of a bar in ticks as a metre: 96 is ``4/4``, 36 is ``3/8``."""
    whole = 4 * TICKS
    under = next((n for n in (4, 8, 16) if bar * n % whole == 0), 32)
    return f"{max(1, round(bar * under / whole))}/{under}"


def _bars(piece: Piece) -> list[str]:
    """Write each bar; times at which a note begins or ends, or a bar does, divide the piece."""
    notes = [(int(on), int(on + length), int(pitch)) for on, length, pitch, _ in piece.notes]
    lines = range(0, piece.length, piece.bar)
    times = sorted({0, piece.length, *lines, *(time for on, end, _ in notes for time in (on, end))})
    bars: list[list[str]] = []
    signs: dict[str, int] = {}
    for begin, end in pairwise(times):
        if begin % piece.bar == 0:
            bars.append([])
            signs = {}
        sounding = [(pitch, until > end) for on, until, pitch in notes if on <= begin < until]
        bars[-1].append(_chord(sounding, end - begin, signs))
    return [" ".join(bar) for bar in bars]


def _chord(sounding: Sequence[tuple[int, bool]], ticks: int, signs: dict[str, int]) -> str:
    """Write what sounds between two times.

    Args:
        sounding: MIDI pitch, and if it sounds on afterwards, of each note.
        ticks: Length in ticks.
        signs: Sharps of letters, in all octaves and by octave, that hold in this bar; changed here.
    """
    length = _length(ticks)
    if not sounding:
        return f"z{length}"
    if len(sounding) == 1:
        (pitch, tied), *_ = sounding
        return f"{_pitch(pitch, signs)}{length}{'-' * tied}"
    inside = "".join(f"{_pitch(pitch, signs)}{'-' * tied}" for pitch, tied in sounding)
    return f"[{inside}]{length}"


def _length(ticks: int) -> str:
    """Write a length in eighth notes: nothing for one, ``2``, ``3/2``, ``/2``."""
    share = Fraction(ticks, _UNIT)
    over = "" if share.numerator == 1 else str(share.numerator)
    return over if share.denominator == 1 else f"{over}/{share.denominator}"


def _pitch(pitch: int, signs: dict[str, int]) -> str:
    """Write a MIDI pitch: 60 is ``C``, 72 is ``c``, 73 is ``^c``; a sign holds until the end of the bar.

    Some readers let it hold in its octave alone, and some in all: it is written if either would be wrong.
    """
    letter, sharps = _NAMES[pitch % 12]
    octave = pitch // 12 - 5
    name = letter if octave <= 0 else letter.lower()
    name += "'" * (octave - 1) if octave > 0 else "," * -octave
    keys = (letter, f"{letter}{octave}")
    known = {signs.get(key, 0) for key in keys}
    signs.update(dict.fromkeys(keys, sharps))
    return f"{'' if known == {sharps} else '^' if sharps else '='}{name}"
