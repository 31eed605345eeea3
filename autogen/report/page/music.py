"""A piece of music on the page: its piano roll, a player, and its MIDI file."""

import base64
import json
from collections.abc import Sequence

from autogen.errors import counted
from autogen.report.contents import Tune
from autogen.report.markup import Content, Markup, tag

#: Height of a semitone and width of a second in units of the drawing; least range in semitones.
KEY, SECOND, RANGE = 4, 40, 24
_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def tunes(name: str, pieces: Sequence[Tune]) -> Content:
    """Pieces one above the other."""
    return tag("div", *(tune(f"{name} {i}", piece) for i, piece in enumerate(pieces, 1)), class_="tunes")


def tune(name: str, piece: Tune) -> Markup:
    """A piece: a piano roll with a cursor, a player and the MIDI file."""
    link = f"data:audio/midi;base64,{base64.b64encode(piece.midi).decode()}"
    file = f"{name.lower().replace(' ', '-')}.mid"
    notes = Markup(f'<script type="application/json">{json.dumps([*piece.notes])}</script>')
    play = tag("button", "Play", type="button", aria_label=f"Play {name}")
    caption = tag("figcaption", tag("span", name), play, tag("a", "MIDI", href=link, download=file))
    return tag("figure", caption, roll(name, piece), notes, class_="tune")


def roll(name: str, piece: Tune) -> Markup:
    """Piano roll: notes as bars, time to the right, pitch upwards, a line at each C."""
    if not piece.notes:
        return tag("p", f"{name} has no notes.")
    pitches = [pitch for _, _, pitch in piece.notes]
    low, high = min(pitches), max(pitches)
    spare = max(0, RANGE - (high - low)) // 2 + 1
    low, high = low - spare, high + spare
    end = max(start + length for start, length, _ in piece.notes)
    width, height = max(1.0, end * SECOND), (high - low + 1) * KEY
    lines = [
        _rect(0, (high - pitch + 1) * KEY - 0.5, width, 1, "octave")
        for pitch in range(low, high + 1)
        if pitch % 12 == 0
    ]
    bars = [
        _rect(start * SECOND, (high - pitch) * KEY, max(2.0, length * SECOND - 1), KEY - 0.6, "note")
        for start, length, pitch in piece.notes
    ]
    says = (
        f"Piano roll of {name}: {counted(len(piece.notes), 'note')} between {_named(min(pitches))} and "
        f"{_named(max(pitches))} in {end:.0f} seconds"
    )
    drawing = tag(
        "svg",
        *(*lines, *bars, _rect(-2, 0, 1.5, height, "cursor")),
        viewBox=f"0 0 {width:.0f} {height}",
        width=f"{width:.0f}",
        height=height,
        preserveAspectRatio="none",
        role="img",
        aria_label=says,
    )
    return tag("div", drawing, class_="scroll", tabindex=0)


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return tag("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", class_=kind)


def _named(pitch: int) -> str:
    """Name a MIDI pitch: 60 is C4."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"
