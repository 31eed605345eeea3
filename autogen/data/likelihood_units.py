"""Units of negative log-likelihoods: bits per dimension, per byte or per token, nats per frame or per row."""

import math
from collections.abc import Sequence

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, FrameSpec, ImageSpec, SequenceSpec, Spec
from autogen.data.texts.codec import TextCodec


def unit_of(codec: Codec) -> str:
    """Name the unit in which the field reports negative log-likelihoods of this kind of data."""
    spec = codec.spec
    if isinstance(codec, TextCodec):
        return "bits a byte"
    if isinstance(spec, ImageSpec):
        return "bits a value"
    if isinstance(spec, SequenceSpec):
        return "bits a token"
    return "nats a frame" if isinstance(spec, FrameSpec) else "nats a row"


def bits_per_byte(texts: Sequence[str]) -> float:
    """Compute the divisor that turns nats of texts into bits per byte.

    Bytes do not depend on the tokens, so models with different tokenizers compare. Ends of documents are
    no bytes.
    """
    return sum(len(text.encode("utf-8", "replace")) for text in texts) * math.log(2)


def units_of(arrays: Arrays, spec: Spec) -> float:
    """Compute the divisor that turns the total nats of a split into the unit of ``unit_of``."""
    if isinstance(spec, ImageSpec):
        return arrays["pixels"].size * math.log(2)
    if isinstance(spec, SequenceSpec):
        return float((arrays["tokens"] != spec.pad).sum()) * math.log(2)
    if isinstance(spec, FrameSpec):
        return float(arrays["frames"][..., 0].sum())
    return float(len(next(iter(arrays.values()))))
