"""Distance of pieces by the n-grams of melody and rhythm that they share, in any key."""

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import checked
from autogen.data.music.notes import Piece
from autogen.data.specs import Samples
from autogen.errors import DataError, MetricError
from autogen.metrics.distance import Distance
from autogen.metrics.texts.distance import TextDistance

_FIRST = 0x4E00  # code points from here on stand for notes; none is a control character
_LONGEST = 63


class MusicDistance(Distance):
    """Text distance of pieces that are spelled with one character for each note.

    The character encodes the interval to the note before and the time since its onset. So a copy in another
    key or velocity, or at another tempo marking, has distance 0.

    Args:
        pool: M real pieces.
        codec: Codec of the data set; unused.
    """

    def __init__(self, pool: Samples, codec: Codec | None = None) -> None:
        self._texts = TextDistance([spelled(piece) for piece in pool])
        self.size = self._texts.size

    def prepare(self, samples: Samples) -> np.ndarray:
        """Hash the n-grams of N pieces: an object array (N,) of uint64 arrays."""
        try:
            pieces = checked(samples)
        except DataError as error:
            raise MetricError(str(error)) from error
        return self._texts.prepare([spelled(piece) for piece in pieces])

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b pieces from the pool, float64 (b, M)."""
        return self._texts.strip(prepared)


def spelled(piece: Piece) -> str:
    """Spell a piece with a character for each note but the first."""
    interval = np.diff(piece.notes[:, 2].astype(np.int64))
    later = np.diff(piece.notes[:, 0].astype(np.int64)).clip(max=_LONGEST)
    return "".join(map(chr, _FIRST + (interval + 88) * (_LONGEST + 1) + later))
