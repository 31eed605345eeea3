"""Reverse n-gram score of music: train on synthetic, test on real, on events that depend on no codec.

As for texts (see ``autogen.metrics.texts.reverse_ngram``), with tokens for onset, duration and pitch of each
note. So all families and both representations have one scale. Pieces are so short that Kneser-Ney counts
alone notice repetition: for 186 copies of one chorale they give 6.3 bits, for independent events 4.4, for
real chorales 3.4.
"""

from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import MusicCodec
from autogen.data.music.events import EVENTS
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.texts.reverse_ngram import ReverseNGram, TextReference, histories_of


class ReverseNotes(ReverseNGram):
    """Mean bits that an event of the real pieces costs a 5-gram model of the generated ones."""

    about: ClassVar[str] = (
        "Bits that one event of unseen real music costs a 5-gram model counted on the generated music "
        "(train on synthetic, test on real). Nothing reaches 0, since music is not predictable: a good "
        "value is near that of real music."
    )
    kinds: ClassVar[tuple[str, ...]] = ("music",)
    objective = Objective("reverse_ngram[event-kn5-v1]", version=1, direction="minimize")
    readings: ClassVar[tuple[bool, ...]] = (False,)
    early_rows: ClassVar[int] = 50

    def prepare(self, real: Samples, codec: Codec) -> TextReference:
        """Tokenize N real pieces into positions."""
        if not isinstance(codec, MusicCodec):
            raise MetricError(f"{self.objective.name} scores music, but the data is {codec.kind}")
        return TextReference(EVENTS, histories_of(real, EVENTS))

    def replicates(self, reference: TextReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), centered on the score.

        Counts on fewer pieces cost more bits; that bias is the same for all groups and is subtracted.
        """
        found = super().replicates(reference, fake, groups)
        return np.asarray(found - found.mean() + self.score(reference, fake))
