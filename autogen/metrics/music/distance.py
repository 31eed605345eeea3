"""How far pieces lie from others: by the stretches of melody and rhythm that they share, in any key."""

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
    """The distance of texts, of pieces spelled with a character for each note.

    The character tells how much higher than the note before it is and how much later it begins, so a
    copy in another key, tempo or velocity is a copy.

    Args:
        pool: The real pieces.
    """

    def __init__(self, pool: Samples, codec: Codec | None = None) -> None:
        self._texts = TextDistance([spelled(piece) for piece in pool])
        self.size = self._texts.size

    def prepare(self, samples: Samples) -> np.ndarray:
        """Hashes of the stretches of each piece: an object array (N,)."""
        try:
            pieces = checked(samples)
        except DataError as error:
            raise MetricError(str(error)) from error
        return self._texts.prepare([spelled(piece) for piece in pieces])

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """As of texts."""
        return self._texts.strip(prepared)


def spelled(piece: Piece) -> str:
    """A character for each note but the first."""
    interval = np.diff(piece.notes[:, 2].astype(np.int64))
    later = np.diff(piece.notes[:, 0].astype(np.int64)).clip(max=_LONGEST)
    return "".join(map(chr, _FIRST + (interval + 88) * (_LONGEST + 1) + later))
