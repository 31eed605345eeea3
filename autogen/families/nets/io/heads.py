"""Stems and heads by kind of data: what turns a batch into numbers, and numbers into distributions."""

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.nets.io.frames import FrameHead, FrameStem, SoftFrames
from autogen.families.nets.io.images import ImageStem, PixelHead, SoftPixels
from autogen.families.nets.io.tables import RowHead, RowStem, SoftRow
from autogen.families.nets.io.tokens import SoftTokens, TokenHead, TokenStem, TokenVectors

#: Turns an encoded batch into numbers as a critic sees them: called as (batch); has ``shape`` and ``noisy``.
CriticStem = ImageStem | RowStem | TokenStem | FrameStem
#: Turns an encoded batch into numbers: called as (batch); has ``shape``.
Stem = CriticStem | TokenVectors
#: More different tokens than this come as vectors.
_MANY_TOKENS = 512
#: Makes a distribution of a decoder's outputs: has ``shape``, ``cells``, ``nll``, ``sample``.
Head = PixelHead | RowHead | TokenHead | FrameHead
#: Makes soft samples of a generator's outputs: called as (outputs, noise); has ``shape``, ``quantise``.
SoftHead = SoftPixels | SoftRow | SoftTokens | SoftFrames


def stem_for(spec: Spec) -> Stem:
    """The stem for this data."""
    if isinstance(spec, SequenceSpec) and spec.levels > _MANY_TOKENS:
        return TokenVectors(spec)
    return critic_stem_for(spec)


def critic_stem_for(spec: Spec) -> CriticStem:
    """The stem for this data of which generated samples are like."""
    if isinstance(spec, SequenceSpec):
        return TokenStem(spec)
    if isinstance(spec, FrameSpec):
        return FrameStem(spec)
    return ImageStem(spec) if isinstance(spec, ImageSpec) else RowStem(_table(spec))


def head_for(spec: Spec, mixtures: int) -> Head:
    """The head for this data, with so many components a pixel or quantity."""
    if isinstance(spec, SequenceSpec):
        return TokenHead(spec)
    if isinstance(spec, FrameSpec):
        return FrameHead(spec)
    return PixelHead(spec, mixtures) if isinstance(spec, ImageSpec) else RowHead(_table(spec), mixtures)


def soft_head_for(spec: Spec, softness: float) -> SoftHead:
    """The head of a generator for this data."""
    if isinstance(spec, SequenceSpec):
        return SoftTokens(spec, softness)
    if isinstance(spec, FrameSpec):
        return SoftFrames(spec, softness)
    return SoftPixels(spec) if isinstance(spec, ImageSpec) else SoftRow(_table(spec), softness)


def _table(spec: Spec) -> TableSpec:
    if not isinstance(spec, TableSpec):
        raise SpaceError(f"this family models images and tables, but the data has a {type(spec).__name__}")
    return spec
