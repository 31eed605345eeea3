"""Evidence of copies of training samples, by kind of data: a distance and further evidence."""

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.declaration import declared
from autogen.data.specs import Samples
from autogen.errors import MetricError, UnknownNameError
from autogen.metrics.distance import Distance


def distance_to(pool: Samples, codec: Codec) -> Distance:
    """The distance that a kind of data declares, from each of a pool of M raw samples.

    Raises:
        MetricError: there is no such kind.
    """
    try:
        place = declared(codec.kind).distance
    except UnknownNameError as error:
        raise MetricError(f"no distance between samples is known for {codec.kind} data: {error}") from error
    distance: Distance = registry.load(place)(pool, codec)
    return distance


def copy_evidence(samples: Samples, train: Samples, codec: Codec) -> dict[str, float]:
    """Evidence of copying by name, beside the memorization test; none where the kind of data declares none.

    It is to be held against the same number of unseen real samples.

    Args:
        samples: Raw samples, generated or real ones that the model has not seen.
        train: All raw samples that the model was fitted on.
        codec: Codec of the data set.
    """
    found = declared(codec.kind).evidence
    return {name: float(registry.load(place)(samples, train, codec)) for name, place in found.items()}
