"""Input and output layers by kind of data: batches to numbers, and numbers to distributions."""

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.nets.io.frames import FrameHead, FrameInput, SoftFrames
from autogen.families.nets.io.images import ImageInput, PixelMixtureHead, SoftPixels
from autogen.families.nets.io.tables import RowHead, RowInput, SoftRow
from autogen.families.nets.io.tokens import SoftTokens, TokenEmbedding, TokenHead, TokenInput

#: Converts an encoded batch to a critic's input: called as (batch); has ``shape`` and ``noisy``.
CriticInput = ImageInput | RowInput | TokenInput | FrameInput
#: Converts an encoded batch to a net's input: called as (batch); has ``shape``.
InputProjection = CriticInput | TokenEmbedding
#: Tokens of more levels than this are embedded.
_MANY_TOKENS = 512
#: Makes a distribution from a decoder's outputs: has ``shape``, ``cells``, ``nll``, ``sample``.
Head = PixelMixtureHead | RowHead | TokenHead | FrameHead
#: Makes soft samples from a generator's outputs: called as (outputs, noise); has ``shape``, ``quantize``.
SoftHead = SoftPixels | SoftRow | SoftTokens | SoftFrames


def input_projection_for(spec: Spec) -> InputProjection:
    """Return the input layer for this data; tokens of many levels are embedded."""
    if isinstance(spec, SequenceSpec) and spec.levels > _MANY_TOKENS:
        return TokenEmbedding(spec)
    return critic_input_for(spec)


def critic_input_for(spec: Spec) -> CriticInput:
    """Return a critic's input layer for this data; generated samples have the same form."""
    if isinstance(spec, SequenceSpec):
        return TokenInput(spec)
    if isinstance(spec, FrameSpec):
        return FrameInput(spec)
    return ImageInput(spec) if isinstance(spec, ImageSpec) else RowInput(_table(spec))


def head_for(spec: Spec, mixtures: int) -> Head:
    """Return the output layer for this data.

    Args:
        spec: Spec of the encoded data.
        mixtures: Components of each pixel's or quantity's distribution.
    """
    if isinstance(spec, SequenceSpec):
        return TokenHead(spec)
    if isinstance(spec, FrameSpec):
        return FrameHead(spec)
    return (
        PixelMixtureHead(spec, mixtures) if isinstance(spec, ImageSpec) else RowHead(_table(spec), mixtures)
    )


def soft_head_for(spec: Spec, softness: float) -> SoftHead:
    """Return a generator's output layer for this data.

    Args:
        spec: Spec of the encoded data.
        softness: Temperature of the Gumbel-softmax; not used for images.
    """
    if isinstance(spec, SequenceSpec):
        return SoftTokens(spec, softness)
    if isinstance(spec, FrameSpec):
        return SoftFrames(spec, softness)
    return SoftPixels(spec) if isinstance(spec, ImageSpec) else SoftRow(_table(spec), softness)


def _table(spec: Spec) -> TableSpec:
    if not isinstance(spec, TableSpec):
        raise SpaceError(f"this family models images and tables, but the data has a {type(spec).__name__}")
    return spec
