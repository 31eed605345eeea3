"""MIDI in and out; the one door to symusic.

All tracks but drums become one piece. Times are rounded to 24ths of a quarter note. The first tempo and the
first time signature are kept; later ones, sustain pedals and pitch bends are not.
"""

from typing import Any

import numpy as np

from autogen.data.music.notes import TICKS, Piece, on_keys
from autogen.errors import DataError, reason

SUFFIXES = (".mid", ".midi")
_RESOLUTION = 480  # ticks per quarter note in written files
_TEMPI = (10.0, 400.0)


def read_midi(content: bytes) -> tuple[Piece, dict[str, int]]:
    """Read a MIDI file as a piece, and count changes.

    Returns:
        The piece, and the numbers of ``notes``, of notes that were ``moved`` or ``shifted``, of ``drums``
        notes, and 1 in ``tempi`` or ``metres`` if the file changes its tempo or metre.

    Raises:
        DataError: the file is damaged, holds no notes, or is of type 2.
    """
    score = _parsed(content)
    quarter = score.ticks_per_quarter
    tracks = [(track.is_drum, track.notes.numpy()) for track in score.tracks]
    found = [_rows(notes) for drums, notes in tracks if not drums and len(notes["time"])]
    if not found or quarter <= 0:
        raise DataError("it holds only drum notes" if tracks else "it holds no notes")
    rows = np.concatenate(found)
    times = rows[:, :2] * TICKS / quarter
    ends = np.rint(times.sum(axis=1))
    rows[:, 0] = np.rint(times[:, 0])
    off_grid = int((np.abs(rows[:, 0] - times[:, 0]) > 0.05).sum())
    rows[:, 1] = np.maximum(1, ends - rows[:, 0])
    if rows[:, :2].min() < 0 or rows[:, :2].sum(axis=1).max() > 2**30:
        raise DataError("its times are damaged")
    rows, moved = on_keys(rows)
    counts = {"moved": moved, "shifted": off_grid, "notes": len(rows)}
    counts["drums"] = sum(len(notes["time"]) for drums, notes in tracks if drums)
    counts["tempi"] = int(len({round(tempo.qpm, 1) for tempo in score.tempos}) > 1)
    signatures = {(one.numerator, one.denominator) for one in score.time_signatures}
    counts["metres"] = int(len(signatures) > 1)
    return Piece.of(rows, 0, _tempo(score), _bar(score)), counts


def write_midi(piece: Piece) -> bytes:
    """Write a piece as a MIDI file with one piano track."""
    symusic = _symusic()
    score = symusic.Score(_RESOLUTION)
    score.tempos.append(symusic.Tempo(0, piece.tempo))
    score.time_signatures.append(symusic.TimeSignature(0, *_signature(piece.bar)))
    track = symusic.Track()
    times = piece.notes[:, :2].astype(np.int32) * (_RESOLUTION // TICKS)
    kinds = piece.notes[:, 2:].clip(0, 127).astype(np.int8)
    columns = (times[:, 0], times[:, 1], kinds[:, 0], kinds[:, 1].clip(1))
    track.notes = symusic.Note.from_numpy(*map(np.ascontiguousarray, columns))
    score.tracks.append(track)
    return bytes(score.dumps_midi())


def _parsed(content: bytes) -> Any:
    symusic = _symusic()
    if not content.startswith((b"MThd", b"RIFF")):
        raise DataError("it is no MIDI file")
    if content.startswith(b"RIFF") and content[8:16] == b"RMIDdata":
        content = content[20:]
    if content[12:14] == b"\0\0":
        raise DataError("its header gives no ticks of a quarter note")
    if content[8:10] == b"\0\2":  # its tracks do not sound together, so they are no piece
        raise DataError("it is a MIDI file of type 2, whose tracks are independent patterns")
    if content[12:13] and content[12] & 0x80:  # the top bit of the division: frames of film, no quarter notes
        raise DataError("it counts time in SMPTE frames of film, not in quarter notes, so it has no bars")
    try:
        return symusic.Score.from_midi(content)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise DataError(f"it is damaged: {reason(error)}") from error


def _rows(notes: dict[str, np.ndarray]) -> np.ndarray:
    """Stack onset, duration, pitch and velocity, int64 (N, 4)."""
    names = ("time", "duration", "pitch", "velocity")
    return np.stack([notes[name].astype(np.int64) for name in names], axis=1)


def _tempo(score: Any) -> float:
    found = float(score.tempos[0].qpm) if len(score.tempos) else 120.0
    return float(np.clip(found, *_TEMPI)) if np.isfinite(found) else 120.0


def _bar(score: Any) -> int:
    if not len(score.time_signatures):
        return 4 * TICKS
    signature = score.time_signatures[0]
    ticks = 4 * TICKS * signature.numerator // max(1, signature.denominator)
    return int(np.clip(ticks, TICKS, 16 * TICKS))


def _signature(bar: int) -> tuple[int, int]:
    """Find the numerator and denominator of a bar of so many ticks."""
    denominator = next((d for d in (4, 8, 16) if bar * d % (4 * TICKS) == 0), 32)
    return bar * denominator // (4 * TICKS), denominator


def _symusic() -> Any:
    try:
        import symusic
    except ImportError:
        raise DataError("MIDI files need symusic; run pip install symusic") from None
    return symusic
