"""Layers whose matrices several ranks hold parts of, and the sums that join their results.

After Shoeybi 2019 (Megatron-LM, https://arxiv.org/abs/1909.08053): the first matrix is split by its outputs,
heads or hidden features, the second by its inputs, so that the ranks' results are summed once for both.
"""

from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.errors import SpaceError


class Joins(Protocol):
    """Ranks that compute a layer together.

    Attributes:
        rank: Number of this process, from 0.
        size: N, number of ranks.
    """

    rank: int
    size: int

    def sum(self, values: Tensor) -> Tensor:
        """Sum values (...) over all ranks."""
        ...

    def gather(self, part: Tensor) -> list[Tensor]:
        """Return the parts of all ranks, of one shape, in their order; none on other ranks than 0."""
        ...


class IsSplit(nn.Module):
    """Capability of a layer: its matrices ``inward`` and ``outward`` can be split between ranks.

    Attributes:
        fused: Matrices that ``inward`` holds one below the other, such as those of queries, keys and values.
        shared: Names of submodules that each rank applies to its own part, so that their gradients are sums.
        inward: Linear layer from features to ``fused`` times as many units.
        outward: Linear layer from units back.
    """

    fused: ClassVar[int]
    shared: ClassVar[tuple[str, ...]] = ()
    inward: nn.Linear
    outward: nn.Linear

    def units(self) -> tuple[str, int]:
        """Return what is dealt to the ranks, as messages call it, and its number."""
        raise NotImplementedError

    def keep(self, units: int) -> None:
        """Take over the number of units that this rank has."""


class ColumnLinear(nn.Linear):
    """Linear layer of which this rank has a part of the outputs; gradients of the input are summed."""

    def __init__(self, weight: Tensor, ranks: Joins) -> None:
        super().__init__(weight.shape[1], weight.shape[0], bias=False, device="meta")
        self.weight = nn.Parameter(weight)
        self.ranks = ranks

    def forward(self, x: Tensor) -> Tensor:
        """Compute this rank's outputs of x (..., features)."""
        return F.linear(_copied(x, self.ranks), self.weight)


class RowLinear(nn.Linear):
    """Linear layer of which this rank has a part of the inputs; the ranks' outputs are summed."""

    def __init__(self, weight: Tensor, ranks: Joins) -> None:
        super().__init__(weight.shape[1], weight.shape[0], bias=False, device="meta")
        self.weight = nn.Parameter(weight)
        self.ranks = ranks

    def forward(self, x: Tensor) -> Tensor:
        """Compute the outputs of all ranks together, of this rank's inputs x (..., units)."""
        return _summed(F.linear(x, self.weight), self.ranks)


class _Copied(torch.autograd.Function):
    """The identity, whose gradient is summed over the ranks."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ranks: Joins) -> Tensor:
        ctx.ranks = ranks
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.ranks.sum(gradient), None


class _Summed(torch.autograd.Function):
    """The sum over the ranks, whose gradient each rank takes as it is."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ranks: Joins) -> Tensor:  # noqa: ARG004 - torch passes it
        return ranks.sum(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004
        return gradient, None


def _copied(x: Tensor, ranks: Joins) -> Tensor:
    copied: Tensor = _Copied.apply(x, ranks)  # type: ignore[no-untyped-call]
    return copied


def _summed(x: Tensor, ranks: Joins) -> Tensor:
    total: Tensor = _Summed.apply(x, ranks)  # type: ignore[no-untyped-call]
    return total


class Part:
    """Part of a matrix that a rank holds.

    Args:
        axis: Axis that is split.
        fused: Matrices that the axis holds one after the other, each of which is split.
        ranks: Ranks that hold the parts.
    """

    def __init__(self, axis: int, fused: int, ranks: Joins) -> None:
        self._axis, self._fused, self._ranks = axis, fused, ranks

    def own(self, whole: Tensor) -> Tensor:
        """Copy this rank's part of a whole matrix."""
        parts = self._apart(whole).chunk(self._ranks.size, self._axis + 1)
        return parts[self._ranks.rank].flatten(self._axis, self._axis + 1).clone()

    def whole(self, own: Tensor) -> Tensor | None:
        """Join the parts of all ranks, in their order; ``None`` on other ranks than 0."""
        apart = [self._apart(part) for part in self._ranks.gather(own)]
        return torch.cat(apart, self._axis + 1).flatten(self._axis, self._axis + 1) if apart else None

    def _apart(self, matrix: Tensor) -> Tensor:
        """Split the axis into its matrices and their rows or columns."""
        shape = list(matrix.shape)
        shape[self._axis : self._axis + 1] = [self._fused, -1]
        return matrix.view(shape)


def split(model: nn.Module, ranks: Joins) -> tuple[dict[str, Part], set[str]]:
    """Leave in a model this rank's part of each layer that can be split.

    Args:
        model: Whole model; changed in place.
        ranks: Ranks that hold the parts.

    Returns:
        Parts by the names of their parameters, and the names of whole parameters whose gradients are sums.

    Raises:
        SpaceError: no layer can be split, or one not evenly.
    """
    parts: dict[str, Part] = {}
    sums: set[str] = set()
    for name, layer in list(model.named_modules()):
        if not isinstance(layer, IsSplit):
            continue
        what, count = layer.units()
        if count % ranks.size:
            raise SpaceError(
                f"parallel = tensor deals {what} evenly: {count} do not go to {ranks.size} replicas; change "
                "model.heads or model.width in the search space, or --replicas"
            )
        places = {"inward": Part(0, layer.fused, ranks), "outward": Part(1, 1, ranks)}
        layer.inward = ColumnLinear(places["inward"].own(layer.inward.weight.detach()), ranks)
        layer.outward = RowLinear(places["outward"].own(layer.outward.weight.detach()), ranks)
        layer.keep(count // ranks.size)
        parts |= {f"{name}.{place}.weight": part for place, part in places.items()}
        sums |= {
            f"{name}.{one}.{p}" for one in layer.shared for p, _ in getattr(layer, one).named_parameters()
        }
    if not parts:
        raise SpaceError(
            "parallel = tensor splits the blocks of a transformer, and this model has none; take "
            "net = transformer where the family has it, or parallel = data"
        )
    return parts, sums
