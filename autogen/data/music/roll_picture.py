"""Picture of pieces as piano rolls."""

from collections.abc import Sequence

import numpy as np

from autogen.data.music.notes import Piece

_TICKS_A_PIXEL, _ROWS, _GAP = 3, 3, 6
_PAPER, _LINE, _INK = (250, 250, 248), (226, 226, 222), (33, 84, 150)


def picture(pieces: Sequence[Piece]) -> np.ndarray:
    """Draw pieces below each other, time to the right, pitch up, lines at bars and Cs, uint8 (H, W, 3)."""
    held = [piece for piece in pieces if len(piece)]
    pitches = np.concatenate([piece.notes[:, 2] for piece in held]) if held else np.array([60])
    low, high = int(pitches.min()) - 2, int(pitches.max()) + 2
    width = max([piece.length // _TICKS_A_PIXEL for piece in pieces], default=1) + 1
    tiles = [_tile(piece, low, high, width) for piece in pieces]
    gap = np.full((_GAP, width, 3), 255, dtype=np.uint8)
    return np.concatenate([part for tile in tiles for part in (tile, gap)][:-1] or [gap])


def _tile(piece: Piece, low: int, high: int, width: int) -> np.ndarray:
    """Draw one piece, uint8 (rows, width, 3)."""
    tile = np.full(((high - low + 1) * _ROWS, width, 3), 255, dtype=np.uint8)
    end = piece.length // _TICKS_A_PIXEL + 1
    tile[:, :end] = _PAPER
    tile[:, : end : max(1, piece.bar // _TICKS_A_PIXEL)] = _LINE
    for pitch in range(low, high + 1):
        if pitch % 12 == 0:
            tile[(high - pitch + 1) * _ROWS - 1, :end] = _LINE
    for onset, duration, pitch, _ in piece.notes:
        top, left = (high - pitch) * _ROWS, onset // _TICKS_A_PIXEL
        right = max(left + 1, (onset + duration) // _TICKS_A_PIXEL - 1)  # a gap separates repeated notes
        tile[top : top + _ROWS, left:right] = _INK
    return tile
