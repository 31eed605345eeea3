"""Sharded parameters: each rank holds some rows of each matrix of the blocks, and its rows of each batch.

By torch's ``fully_shard`` (Zhao 2023, https://arxiv.org/abs/2304.11277): a block's ranks gather its whole
matrices when it runs, and drop them afterwards.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.blocks import blocks_of
from autogen.training.noise import KeyedNoise
from autogen.training.parallel.group import Group
from autogen.training.parallel.modes import InParts, Learned, LossOf
from autogen.training.parallel.noise import RankNoise


class Rows:
    """Rows of a tensor that a rank holds: all ranks as many, but for the last ones, which may have none.

    Args:
        count: Rows of the whole tensor.
        group: Ranks that hold them.
    """

    def __init__(self, count: int, group: Group) -> None:
        self._count, self._group = count, group
        self._most = -(-count // group.size)

    def own(self, whole: Tensor) -> Tensor:
        """Copy this rank's rows of a whole tensor."""
        first = self._group.rank * self._most
        return whole[first : first + self._most].clone()

    def whole(self, own: Tensor) -> Tensor | None:
        """Join the rows of all ranks; ``None`` on other ranks than 0."""
        missing = [0, 0] * (own.ndim - 1) + [0, self._most - len(own)]
        parts = self._group.gather(F.pad(own, missing))
        return torch.cat(parts)[: self._count] if parts else None


class ShardParallel(InParts):
    """Each rank has some rows of each matrix of the blocks, and trains on its part of each batch.

    A block is gathered where it runs. What is not in a block (embeddings, output layers) is whole on each
    rank.
    """

    def models(self, build: Callable[[], nn.Module]) -> tuple[nn.Module, nn.Module]:
        """Keep this rank's rows of each block, of the model and of its copy."""
        return self._sharded(build()), self._sharded(build())

    def held(self, tensor: Tensor) -> Tensor:
        """Return this rank's rows of a tensor of the model."""
        from torch.distributed.tensor import DTensor  # takes a second

        return tensor.to_local() if isinstance(tensor, DTensor) else tensor

    def noise(self, seed: int, device: torch.device) -> RankNoise:
        """Return noise whose draws are rows of those of one process."""
        return RankNoise(seed, self.group.rank, self.group.size, device, self.group.sum)

    def backward(self, learned: Learned, loss: LossOf, noise: KeyedNoise | RankNoise) -> Tensor:
        """Sum the gradients of all ranks, of a block's matrices on the rank that holds the rows."""
        from torch.distributed.tensor import DTensor  # takes a second

        assert isinstance(noise, RankNoise)
        learned.forget()
        value = loss(noise)
        value = value * noise.weight  # known after the loss has taken its rows
        torch.autograd.backward(value)
        for leaf, parameter in zip(learned.leaves, learned.parameters, strict=True):
            if leaf is not parameter and isinstance(leaf.grad, DTensor):
                parameter.grad = leaf.grad.to_local()
        named = zip(learned.names, learned.parameters, strict=True)
        shared = [p.grad for name, p in named if name not in self.parts and p.grad is not None]
        return self.group.reduce(shared, value, 1.0)

    def _sharded(self, model: nn.Module) -> nn.Module:
        # imported here: it takes seconds, which trials in other ways should not wait for
        from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

        self.group.refuse_shared_cards("shard")
        mesh = self.group.mesh()
        for name, block in blocks_of(model, "shard").items():
            self.parts = {
                **self.parts,
                **{f"{name}.{p}": Rows(len(t), self.group) for p, t in block.named_parameters()},
            }
            wrapped = fully_shard(block, mesh=mesh, reshard_after_forward=True)
            wrapped.set_gradient_divide_factor(1.0)  # losses carry their rank's weight
            wrapped.set_force_sum_reduction_for_comms(True)  # gloo has no sum with a factor
            for call in block.calls:
                register_fsdp_forward_method(block, call)
        return model
