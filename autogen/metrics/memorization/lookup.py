"""How far one sample lies from another: what the search for copies of training samples goes by."""

from autogen.data.codec import Codec
from autogen.data.specs import ImageSpec, Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.texts.codec import TextCodec
from autogen.errors import MetricError
from autogen.metrics.distance import Distance
from autogen.metrics.images.distance import ImageDistance
from autogen.metrics.tables.distance import TableDistance


def distance_to(pool: Samples, codec: Codec) -> Distance:
    """The distance that fits a kind of data.

    Raises:
        MetricError: there is none.
    """
    if isinstance(codec.spec, ImageSpec):
        return ImageDistance(pool)
    if isinstance(codec, TableCodec):
        return TableDistance(pool, codec)
    if isinstance(codec, TextCodec):
        from autogen.metrics.texts.distance import TextDistance

        return TextDistance(pool)
    if codec.kind == "music":
        from autogen.metrics.music.distance import MusicDistance

        return MusicDistance(pool)
    raise MetricError(f"no distance between samples is known for {codec.kind} data")
