"""Pipelines: each rank holds some of the blocks, which parts of a batch pass through one after the other.

By torch.distributed.pipelining, after GPipe (Huang 2019, https://arxiv.org/abs/1811.06965) with the order of
PipeDream (Narayanan 2019, https://arxiv.org/abs/1806.03377): a rank does a backward pass as soon as it can.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from autogen.errors import SpaceError, counted
from autogen.families.nets.blocks import IsBlock, RerunsBlocks, blocks_of
from autogen.training.noise import KeyedNoise
from autogen.training.parallel.group import Group
from autogen.training.parallel.modes import InParts, Learned, LossOf
from autogen.training.parallel.noise import RankNoise

#: Most parts of a batch for each rank: one of N ranks then waits for (N - 1) / (5 N - 1) of a step.
_PARTS_A_RANK = 4


def stages(blocks: int, ranks: int) -> list[int]:
    """Deal blocks to ranks, at least one to each, in their order; return the rank of each."""
    return [block * ranks // blocks for block in range(blocks)]


class _Reached(BaseException):
    """End of a rank's part of a loss, with the tokens that the next rank goes on with."""

    def __init__(self, tokens: Tensor) -> None:
        super().__init__()
        self.tokens = tokens


class Stage:
    """What the calls of the blocks of a trunk do on a rank, which holds those of one stage.

    In a training step they run this rank's part of the loss: the first of its blocks goes on with the tokens
    that came from the rank before, and its last block ends the loss, on all ranks but the last. Otherwise
    all ranks run the model together, and each sends the tokens of its last block to the others.

    Args:
        group: The ranks.
        depth: Number of blocks, at least one a rank.
    """

    def __init__(self, group: Group, depth: int) -> None:
        self._group = group
        self.of = stages(depth, group.size)
        self._ends = {self.of.index(rank) + self.of.count(rank) - 1 for rank in range(group.size)}
        self.first = self.of.index(group.rank)
        self._training = self._probing = False
        self._came: Tensor | None = None

    def __deepcopy__(self, _: object) -> "Stage":
        """Return the stage itself, which a model and its copy share."""
        return self

    def take(self, block: IsBlock, number: int) -> None:
        """Make the calls of a block those of this stage; a block of another rank is left without layers."""
        if self.of[number] != self._group.rank:
            for name, _ in [*block.named_children(), *block.named_parameters(recurse=False)]:
                delattr(block, name)
        for call in block.calls:
            setattr(block, call, partial(self._called, block, number, getattr(type(block), call)))

    def tokens(self, loss: Callable[[], Tensor]) -> Tensor:
        """Return the tokens that a loss calls its first block with."""
        self._probing = True
        try:
            loss()
        except _Reached as reached:
            return reached.tokens
        finally:
            self._probing = False
        raise SpaceError("parallel = pipeline needs a loss that runs the blocks of its transformer")

    def part(self, loss: Callable[[], Tensor], came: Tensor | None) -> Tensor:
        """Compute this rank's part of a loss: tokens for the next rank, or the loss (1,) on the last one."""
        self._training, self._came = True, came
        try:
            return loss().view(1)
        except _Reached as reached:
            return reached.tokens
        finally:
            self._training, self._came = False, None

    def _called(
        self, block: IsBlock, number: int, call: Callable[..., Tensor], x: Tensor, *rest: Any
    ) -> Tensor:
        if self._probing:
            raise _Reached(x)
        rank, here = self._group.rank, self.of[number]
        if self._training:
            if not torch.is_grad_enabled():
                raise RuntimeError("the loss runs the blocks without gradients: it needs RerunsBlocks")
            if here != rank:
                return x  # of a rank before: none comes after the last of this rank
            own = self._came if number == self.first and self._came is not None else x
            done = call(block, own, *rest)
            if number in self._ends and rank < self._group.size - 1:
                raise _Reached(done)
            return done
        done = call(block, x, *rest) if here == rank else x
        if number in self._ends:
            done = done.contiguous() if here == rank else torch.empty_like(x)
            self._group.broadcast([done], here)
        return done


class PipelineParallel(InParts):
    """Each rank has some of the blocks; what is not in a block is whole on each rank."""

    def __init__(self, group: Group) -> None:
        super().__init__(group)
        self._stage: Stage | None = None
        self._of: dict[str, int] = {}
        self._schedules: dict[str, tuple[Any, _Part]] = {}

    def models(self, build: Callable[[], nn.Module]) -> tuple[nn.Module, nn.Module]:
        """Keep this rank's blocks of the model."""
        self.group.refuse_shared_cards("pipeline")
        model = build()
        reruns = [layer.reruns for layer in model.modules() if isinstance(layer, RerunsBlocks)]
        if setting := next(filter(None, reruns), ""):
            raise SpaceError(
                f"parallel = pipeline needs a loss that runs the blocks once, and {setting} runs them more "
                "often; take parallel = data, shard or tensor"
            )
        blocks = blocks_of(model, "pipeline")
        if len(blocks) < self.group.size:
            raise SpaceError(
                f"parallel = pipeline deals the blocks of a transformer to the {self.group.size} replicas, "
                f"and this one has {counted(len(blocks), 'block')}; raise model.depth in the search space, "
                "or lower --replicas"
            )
        self._stage = stage = Stage(self.group, len(blocks))
        for rank, (name, block) in zip(stage.of, blocks.items(), strict=True):
            self._of |= {f"{name}.{p}": rank for p in block.state_dict()}
        for number, block in enumerate(blocks.values()):
            stage.take(block, number)
        average = copy.deepcopy(model)
        for number, block in enumerate(blocks_of(average, "pipeline").values()):
            stage.take(block, number)
        return model, average

    def noise(self, seed: int, device: torch.device) -> "MicroNoise":
        """Return noise for parts of a batch, whose draws are rows of those of the whole batch."""
        return MicroNoise(seed, self.group.rank, device)

    def backward(self, learned: Learned, loss: LossOf, noise: KeyedNoise | RankNoise) -> Tensor:
        """Pass the parts of a batch through the ranks, forward and backward, and sum what all ranks hold."""
        assert isinstance(noise, MicroNoise)
        learned.forget()
        key = "\n".join(learned.names)
        if key not in self._schedules:
            self._schedules[key] = self._schedule(loss, noise)
        schedule, part = self._schedules[key]
        part.loss, part.noise, part.numbers = loss, noise, count()
        found: list[Tensor] = []
        try:
            schedule.step(target=torch.arange(part.parts), losses=found, return_outputs=False)
        except RuntimeError as error:  # torch wraps what a stage raises
            raise error.__cause__ or error from None
        return self._summed(learned, found)

    def is_part(self, name: str) -> bool:
        """Tell whether a parameter is in a block."""
        return name in self._of

    def own(self, name: str, whole: Tensor) -> Tensor | None:
        """Return a tensor if it is not in another rank's block."""
        return whole if self._of.get(name, self.group.rank) == self.group.rank else None

    def joined(self, tensors: Iterable[tuple[str, str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
        """Receive the blocks of all ranks on rank 0, one tensor at a time; see ``Parallel.joined``.

        An optimizer's numbers for a parameter (``step``) have no shape: they belong to the key's end.
        """
        if self.group.rank:
            blocks = tuple(f".{name}" for name in self._of)
            self.group.give((k, t) for k, name, t in tensors if name in self._of or k.endswith(blocks))
            return
        yield from ((key, tensor) for key, _, tensor in tensors)
        for rank in range(1, self.group.size):
            yield from self.group.taken(rank)

    def _schedule(self, loss: LossOf, noise: "MicroNoise") -> "tuple[Any, _Part]":
        """Make torch's schedule of a loss whose whole batch has rows in parts of one size."""
        from torch.distributed.pipelining import PipelineStage, Schedule1F1B, ScheduleGPipe  # takes a second

        assert self._stage is not None
        whole = noise.part(0, 1)
        self._stage.tokens(lambda: loss(whole))
        most = self.group.size * _PARTS_A_RANK
        parts = max(n for n in range(1, most + 1) if whole.units % n == 0)
        tokens = self._stage.tokens(lambda: loss(noise.part(0, parts))).detach().requires_grad_()
        part = _Part(self._stage, loss, noise, parts)
        rank, last = self.group.rank, self.group.rank == self.group.size - 1
        stage = PipelineStage(
            part,
            rank,
            self.group.size,
            self.group.device,
            input_args=(tokens,) if rank else (),
            output_args=(torch.zeros(1, device=tokens.device, requires_grad=True) if last else tokens,),
        )
        kind = Schedule1F1B if parts >= self.group.size else ScheduleGPipe
        return kind(stage, parts, loss_fn=lambda value, _: value.sum(), scale_grads=False), part

    def _summed(self, learned: Learned, found: list[Tensor]) -> Tensor:
        """Sum the gradients of what all ranks hold, of which some ranks may have none, and the loss."""
        whole = [p for n, p in zip(learned.names, learned.parameters, strict=True) if n not in self._of]
        device = self.group.device
        there = self.group.sum(torch.tensor([float(p.grad is not None) for p in whole], device=device))
        used = [p for p, some in zip(whole, there.tolist(), strict=True) if some]
        for parameter in used:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        loss = torch.stack(found).sum() if found else torch.zeros((), device=device)
        return self.group.reduce([p.grad for p in used if p.grad is not None], loss, 1.0)


class _Part(nn.Module):
    """This rank's part of a loss, for one part of a batch after the other, as torch's stages call it."""

    def __init__(self, stage: Stage, loss: LossOf, noise: "MicroNoise", parts: int) -> None:
        super().__init__()
        self.stage, self.loss, self.noise, self.parts = stage, loss, noise, parts
        self.numbers = count()

    def forward(self, *came: Tensor) -> Tensor:
        """Compute tokens for the next rank, or the weighted loss (1,), of tokens that came, if any did."""
        noise = self.noise.part(next(self.numbers), self.parts)
        return self.stage.part(lambda: self.loss(noise) * noise.weight, came[0] if came else None)


class MicroNoise(RankNoise):
    """Noise of a whole batch, and of its parts.

    Args:
        seed: Seed of the trial.
        rank: Number of this rank, whose dropout masks are its own.
        device: Device on which the draws are made.
    """

    def __init__(self, seed: int, rank: int, device: torch.device) -> None:
        self._made = seed, rank, device
        super().__init__(seed, 0, 1, device)

    def at(self, *place: int) -> "MicroNoise":
        """Move to another place."""
        self._where = place
        super().at(*place)
        return self

    def part(self, number: int, parts: int) -> RankNoise:
        """Return the noise of one of so many parts of a batch, at this place."""
        seed, rank, device = self._made
        return RankNoise(seed, number, parts, device, own=rank * parts + number).at(*self._where)
