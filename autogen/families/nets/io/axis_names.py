"""Names of the places along the axes of weights that belong to codes: columns, tokens, classes.

A model that starts from another one takes over a weight by these names, since their data may have different
codes. The layouts are those of the input and output layers beside this file.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace

from autogen.data.codec import CodeNames
from autogen.data.specs import ColumnSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.families.nets.io.table_layout import is_scored

#: Names of the places of one axis.
Names = list[Hashable]
#: Most samples that a critic sees at once, and most normals of a scored column, that are looked for.
_MOST_PACKED, _MOST_MIXTURES = 16, 16
_TAPS = 9  # of a convolution, in the start of the power iteration of its spectral norm
_WAVES = (0, 6)  # cosines of each quantity, in the input of an encoder and of a critic


def with_more_codes(spec: Spec, names: CodeNames) -> tuple[Spec, CodeNames]:
    """Add codes to each part of a spec: axes of weights that then differ in length belong to codes.

    Args:
        spec: Spec of encoded data.
        names: Names of its codes.
    """

    def more(place: int) -> tuple[Hashable, ...]:
        return tuple(("more", number) for number in range(2 + place))

    longer = tuple((part, (*codes, *more(place))) for place, (part, codes) in enumerate(names))
    if isinstance(spec, TableSpec):
        columns = (
            replace(one, levels=one.levels + 2 + place, specials=one.specials + 1)
            for place, one in enumerate(spec.columns)
        )
        return replace(spec, columns=tuple(columns)), longer
    if isinstance(spec, SequenceSpec):
        return replace(spec, levels=spec.levels + 2), longer
    if isinstance(spec, ImageSpec) and spec.labels:
        return replace(spec, labels=spec.labels + 2), longer
    return spec, names


def axis_layouts(spec: Spec, names: CodeNames) -> Iterator[tuple[Hashable, Names]]:
    """List the ways in which codes are laid out along an axis, each under a key and with a name a place.

    Args:
        spec: Spec of encoded data.
        names: Names of its codes.
    """
    if isinstance(spec, TableSpec):
        yield from _table_layouts(spec, names)
    elif isinstance(spec, SequenceSpec) and names:
        tokens = list(names[0][1])
        for pack in range(1, _MOST_PACKED + 1):
            packed: Names = [(copy, token) for copy in range(pack) for token in tokens]
            yield ("packed", pack), packed
            yield ("planes", pack), [(one, t) for one in packed for t in range(spec.length)]
            yield ("filters", pack), [(one, tap) for one in packed for tap in range(_TAPS)]
        yield "hidden", [*tokens, ("hidden",)]
    elif isinstance(spec, ImageSpec) and names:
        yield "classes", list(names[0][1])
        yield "classes and none", [*names[0][1], ("none",)]


def _table_layouts(spec: TableSpec, names: CodeNames) -> Iterator[tuple[Hashable, Names]]:
    """List the layouts of ``RowLayout``, ``RowInput``, ``RowHead``, ``SoftRow`` and what ``RowFlow`` gets."""
    parts = [(name, codes, column) for (name, codes), column in zip(names, spec.columns, strict=True)]
    for place, (_, codes, _) in enumerate(parts):
        yield ("column", place), list(codes)
    yield "codes", [(name, code) for name, codes, _ in parts for code in codes]
    segments: Names = [(name, code) for name, codes, column in parts for code in _segment(codes, column)]
    scored = [name for name, _, column in parts if is_scored(column)]
    ranked = [name for name, _, column in parts if _is_ranked(column)]
    for waves in _WAVES:
        row: Names = [*segments, *(("rank", name) for name in ranked)]
        row += [("wave", k, name) for k in range(waves) for name in scored]
        row += [("score", name) for name in scored]
        for pack in range(1, _MOST_PACKED + 1):
            yield ("input", waves, pack), [(copy, one) for copy in range(pack) for one in row]
    soft: Names = [*segments, *(("score", name) for name in scored)]
    yield "soft", soft
    yield "soft and known", [*soft, *(("known", name) for name, _, _ in parts)]
    for mixtures in range(1, _MOST_MIXTURES + 1):
        normals = [(k, m, name) for k in range(3) for m in range(mixtures) for name in scored]
        yield ("head", mixtures), [*segments, *normals]


def _segment(codes: tuple[Hashable, ...], column: ColumnSpec) -> tuple[Hashable, ...]:
    """Names of the places of a column's segment: the bins of a scored one share a place."""
    return (*codes[: column.specials], "bins") if is_scored(column) else codes


def _is_ranked(column: ColumnSpec) -> bool:
    """Tell whether an ordered column without bins has a rank, as ``RowLayout.ranks`` does."""
    return column.ordered and not is_scored(column) and column.levels - column.specials > 2
