"""Units of a likelihood: nats of a model per row, bits per dimension, per character, per note."""

import math
from collections.abc import Sequence

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, FrameSpec, ImageSpec, SequenceSpec, Spec
from autogen.data.texts.codec import TextCodec


def unit_of(codec: Codec) -> str:
    """Name of the negative log-likelihood that the field gives for a kind of data."""
    spec = codec.spec
    if isinstance(codec, TextCodec):
        return "bits a byte"
    if isinstance(spec, ImageSpec):
        return "bits a value"
    if isinstance(spec, SequenceSpec):
        return "bits a token"
    return "nats a frame" if isinstance(spec, FrameSpec) else "nats a row"


def bits_per_byte(texts: Sequence[str]) -> float:
    """The bytes of texts, each as one bit's nats: a scale for all tokens. Ends of documents are no bytes."""
    return sum(len(text.encode("utf-8", "replace")) for text in texts) * math.log(2)


def units_of(arrays: Arrays, spec: Spec) -> float:
    """What the nats of a split are divided by."""
    if isinstance(spec, ImageSpec):
        return arrays["pixels"].size * math.log(2)
    if isinstance(spec, SequenceSpec):
        return float((arrays["tokens"] != spec.pad).sum()) * math.log(2)
    if isinstance(spec, FrameSpec):
        return float(arrays["frames"][..., 0].sum())
    return float(len(next(iter(arrays.values()))))
