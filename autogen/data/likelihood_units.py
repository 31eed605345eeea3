"""Units of a likelihood by what families see of the data: bits a value, bits a token, nats a row ..."""

import math

from autogen.data.codec import Codec
from autogen.data.specs import FrameSpec, ImageSpec, Samples, SequenceSpec


def unit_of_spec(samples: Samples, codec: Codec) -> tuple[str, float]:
    """Unit of the negative log-likelihood that the field gives, and its nats in all samples.

    Args:
        samples: N raw samples.
        codec: Codec of the data set.
    """
    spec, arrays = codec.spec, codec.encode(samples)
    if isinstance(spec, ImageSpec):
        return "bits a value", arrays["pixels"].size * math.log(2)
    if isinstance(spec, SequenceSpec):
        return "bits a token", float((arrays["tokens"] != spec.pad).sum()) * math.log(2)
    if isinstance(spec, FrameSpec):
        return "nats a frame", float(arrays["frames"][..., 0].sum())
    return "nats a row", float(len(next(iter(arrays.values()))))
