"""Counts on their way: where they are not 0, and how many; checked and added up by the server."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from autogen.errors import RunError

_AT, _COUNT = "at.", "count."


def packed_counts(counts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Write counts, int64, as the places that are not 0 and their counts, both int32."""
    found = {}
    for name, one in counts.items():
        flat = one.reshape(-1)
        at = flat.nonzero().squeeze(1)
        found[_AT + name], found[_COUNT + name] = at.int(), flat[at].int()
    return found


def add_counts(
    total: dict[str, Tensor],
    tensors: Mapping[str, Tensor],
    shapes: Mapping[str, tuple[int, ...]],
    rows: int,
    times: int = 1,
) -> None:
    """Add an owner's counts to a sum, which is changed only if all are counts of these shapes.

    Args:
        total: Sums so far by name, int64, of these shapes.
        tensors: Of the answer.
        shapes: Shape of each by name.
        rows: Rows of the owner: no group has more.
        times: How often a tensor counts a row, at most: all its groups have so many times the rows.

    Raises:
        RunError: they are no such counts.
    """
    if set(tensors) != {lead + name for name in shapes for lead in (_AT, _COUNT)}:
        raise RunError("its counts are not those that were asked for")
    for name, shape in shapes.items():
        at, count = tensors[_AT + name], tensors[_COUNT + name]
        plain = at.dtype == count.dtype == torch.int32 and at.ndim == 1 and at.shape == count.shape
        if not plain:
            raise RunError("its counts have another shape or number format")
        size = int(np.prod(shape))
        if len(at) and not (int(at.min()) >= 0 and int(at.max()) < size and bool((at.diff() > 0).all())):
            raise RunError("its counts are of groups that were not asked for")
        if len(at) and not (int(count.min()) > 0 and int(count.max()) <= rows):
            raise RunError("it counts more rows than it has, or fewer than none")
        if int(count.long().sum()) > times * rows:
            raise RunError("it counts more rows than it has in all groups together")
    for name in shapes:
        total[name].view(-1)[tensors[_AT + name].long()] += tensors[_COUNT + name].long()
