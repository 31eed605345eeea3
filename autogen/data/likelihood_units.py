"""Units of negative log-likelihoods: bits per value or token, nats per frame or row."""

import math

from autogen.data.codec import Codec
from autogen.data.specs import FrameSpec, ImageSpec, Samples, SequenceSpec


def unit_of_spec(samples: Samples, codec: Codec) -> tuple[str, float]:
    """Name the unit in which the field reports negative log-likelihoods, and compute its divisor.

    Args:
        samples: N raw samples.
        codec: codec of the data set.

    Returns:
        The unit, and the divisor that turns the total nats of the samples into it.
    """
    spec, arrays = codec.spec, codec.encode(samples)
    if isinstance(spec, ImageSpec):
        return "bits per value", arrays["pixels"].size * math.log(2)
    if isinstance(spec, SequenceSpec):
        return "bits per token", float((arrays["tokens"] != spec.pad).sum()) * math.log(2)
    if isinstance(spec, FrameSpec):
        return "nats per frame", float(arrays["frames"][..., 0].sum())
    return "nats per row", float(len(next(iter(arrays.values()))))
