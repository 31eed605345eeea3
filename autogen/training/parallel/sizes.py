"""Bytes that a rank needs for its part of a model, computed before anything is built."""

from collections.abc import Sequence

from torch import nn

from autogen.families.base import numbers_in
from autogen.families.nets.blocks import IsBlock
from autogen.families.nets.splits import IsSplit
from autogen.training.parallel.lookup import DATA, PIPELINE, SHARD, TENSOR
from autogen.training.parallel.pipeline import stages

_NUMBER = 4  # bytes
_COPIES = 5  # of each parameter: itself, its average, its gradient, the optimizer's two moments
#: Most replicas that are proposed.
_MOST = 64


def held_bytes(model: nn.Module, parallel: str = DATA, ranks: int = 1) -> int:
    """Compute the most bytes of parameters and their copies on a rank, without activations.

    Args:
        model: Whole model; its numbers need not exist (meta device).
        parallel: Way in which the ranks share it.
        ranks: N, number of ranks.
    """
    whole = numbers_in(model)
    if ranks == 1 or parallel == DATA:
        return _NUMBER * _COPIES * whole
    blocks = [numbers_in(layer) for layer in model.modules() if isinstance(layer, IsBlock)]
    gathered = 0
    if parallel == TENSOR:
        layers = [layer for layer in model.modules() if isinstance(layer, IsSplit)]
        cut = sum(numbers_in(one.inward) + numbers_in(one.outward) for one in layers)
        own = whole - cut + -(-cut // ranks)
    elif parallel == SHARD:
        own = whole - sum(blocks) + -(-sum(blocks) // ranks)
        gathered = 2 * max(blocks, default=0)  # of a block that runs: its matrices and their gradients
    else:
        own = whole - sum(blocks) + _largest_stage(blocks, ranks)
    training = _COPIES * own + gathered
    building = whole + own  # each rank builds the whole model, and keeps its part
    return _NUMBER * max(training, building)


def least_that_fits(model: nn.Module, allowed: int, free: int, optimizer: str) -> tuple[str, int, int] | None:
    """Find the fewest ranks, and the way in which they share a model, that fit.

    Args:
        model: Whole model; its numbers need not exist.
        allowed: Bytes that each rank may take.
        free: Bytes that all of them may take.
        optimizer: Update rule; Muon needs whole matrices.

    Returns:
        Way, number of ranks, and bytes of each; ``None`` where nothing fits.
    """
    blocks = sum(isinstance(layer, IsBlock) for layer in model.modules())
    if not blocks:
        return None
    for ranks in range(2, _MOST + 1):
        ways = [SHARD, PIPELINE] if optimizer != "muon" else [PIPELINE]
        for way in ways:
            if way == PIPELINE and ranks > blocks:
                continue
            needed = held_bytes(model, way, ranks)
            if needed <= allowed and ranks * needed <= free:
                return way, ranks, needed
    return None


def _largest_stage(blocks: Sequence[int], ranks: int) -> int:
    """Return the numbers of the blocks of the largest stage."""
    sizes = [0] * ranks
    for size, stage in zip(blocks, stages(len(blocks), ranks), strict=True):
        sizes[stage] += size
    return max(sizes)
