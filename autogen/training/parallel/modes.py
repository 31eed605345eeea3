"""Ways in which the ranks of a trial share its work: rows of each batch, or the matrices of its layers."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, nn

from autogen.families.nets.splits import split
from autogen.training.noise import KeyedNoise
from autogen.training.parallel.group import Group
from autogen.training.parallel.noise import RankNoise

#: Loss of a batch with a source of random draws: a scalar.
LossOf = Callable[[KeyedNoise | RankNoise], Tensor]


@dataclass
class Learned:
    """Parameters that a phase updates, in lists of one length.

    Attributes:
        names: Names of the parameters.
        leaves: Parameters of the model, which gradients are computed for.
        parameters: What this rank holds of them, plain tensors that the optimizer updates.
        apart: Those of ``parameters`` that are none of the model's.
    """

    names: list[str] = field(default_factory=list)
    leaves: list[nn.Parameter] = field(default_factory=list)
    parameters: list[nn.Parameter] = field(default_factory=list)
    apart: list[nn.Parameter] = field(default_factory=list)

    def add(self, name: str, leaf: nn.Parameter, held: Tensor) -> None:
        """Add a parameter, and what this rank holds of it."""
        self.names.append(name)
        self.leaves.append(leaf)
        if held is leaf:
            self.parameters.append(leaf)
        else:
            self.parameters.append(nn.Parameter(held.detach()))
            self.apart.append(self.parameters[-1])

    def forget(self) -> None:
        """Drop all gradients; an optimizer's zero_grad costs 25 microseconds."""
        for one in self.leaves:
            one.grad = None
        for one in self.apart:
            one.grad = None

    def gradients(self) -> list[Tensor]:
        """Return the gradients that there are."""
        return [p.grad for p in self.parameters if p.grad is not None]


class Parallel:
    """Way in which ranks share a trial; this one is that of a single process.

    Attributes:
        splits: Whether each rank has a part of the weights, so that all of them sample and save together.
    """

    splits = False

    def models(self, build: Callable[[], nn.Module]) -> tuple[nn.Module, nn.Module]:
        """Build what this rank holds of a model, and of its copy that samples are drawn from.

        Args:
            build: Builds the whole model, the same at each call.

        Raises:
            SpaceError: the model cannot be shared so.
        """
        model = build()
        return model, copy.deepcopy(model)

    def held(self, tensor: Tensor) -> Tensor:
        """Return the plain tensor that this rank holds of a model's tensor; it shares its memory."""
        return tensor

    def noise(self, seed: int, device: torch.device) -> KeyedNoise | RankNoise:
        """Return the source of a trial's random draws."""
        return KeyedNoise(seed, device=device)

    def backward(self, learned: Learned, loss: LossOf, noise: KeyedNoise | RankNoise) -> Tensor:
        """Set the gradients of a phase, those of the whole batch; return its loss, a scalar.

        Args:
            learned: Parameters of the phase.
            loss: Computes the loss of this rank.
            noise: Source of this step's draws.
        """
        learned.forget()
        value = loss(noise)
        torch.autograd.backward(value)
        return value

    def norm(self, learned: Learned) -> Tensor:
        """Compute the norm of the gradients of whole parameters, a scalar."""
        return nn.utils.get_total_norm(learned.gradients())

    def agreed(self, flag: bool, asked: bool = True) -> bool:
        """Tell whether a flag is set on any rank.

        Args:
            flag: Flag of this rank.
            asked: Whether ranks ask each other now, which takes a message; the same on all ranks.
        """
        return flag

    def is_part(self, name: str) -> bool:
        """Tell whether ranks hold different parts of what a parameter belongs to."""
        return False

    def own(self, name: str, whole: Tensor) -> Tensor | None:
        """Return what this rank holds of a tensor of a whole parameter's shape; ``None`` for nothing."""
        return whole

    def joined(self, tensors: Iterable[tuple[str, str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
        """Join what the ranks hold, one tensor at a time.

        Args:
            tensors: This rank's: key, name of the parameter whose shape it has or empty, and tensor; with the
                same keys in the same order on all ranks, but for those that only some ranks hold.

        Returns:
            Keys and whole tensors; nothing on other ranks than 0 where they hold parts.
        """
        return ((key, tensor) for key, _, tensor in tensors)


class Grouped(Parallel):
    """What all ways have in common that several ranks share.

    Args:
        group: The ranks.
    """

    def __init__(self, group: Group) -> None:
        self.group = group

    def agreed(self, flag: bool, asked: bool = True) -> bool:
        """Tell whether a flag is set on any rank, if they ask each other now."""
        return asked and self.group.any(flag)


class DataParallel(Grouped):
    """Each rank has the whole model and trains on its part of each batch."""

    def noise(self, seed: int, device: torch.device) -> RankNoise:
        """Return noise whose draws are rows of those of one process."""
        return RankNoise(seed, self.group.rank, self.group.size, device, self.group.sum)

    def backward(self, learned: Learned, loss: LossOf, noise: KeyedNoise | RankNoise) -> Tensor:
        """Sum the gradients of all ranks; see ``Parallel.backward``."""
        value = super().backward(learned, loss, noise)
        weight = noise.weight if isinstance(noise, RankNoise) else 1 / self.group.size
        return self.group.reduce(learned.gradients(), value, weight)


class HeldPart(Protocol):
    """Part of a tensor that a rank holds."""

    def own(self, whole: Tensor) -> Tensor:
        """Copy this rank's part of a whole tensor."""
        ...

    def whole(self, own: Tensor) -> Tensor | None:
        """Join the parts of all ranks; ``None`` on other ranks than 0."""
        ...


class InParts(Grouped):
    """What ways have in common in which each rank holds a part of the weights.

    Attributes:
        parts: Parts by the names of their parameters, the same on all ranks.
    """

    splits = True

    def __init__(self, group: Group) -> None:
        super().__init__(group)
        self.parts: Mapping[str, HeldPart] = {}

    def norm(self, learned: Learned) -> Tensor:
        """Compute the norm of all gradients, each once, a scalar."""
        squares = [torch.zeros((), device=learned.parameters[0].device) for _ in range(2)]
        for name, parameter in zip(learned.names, learned.parameters, strict=True):
            if parameter.grad is not None:
                squares[self.is_part(name)] += parameter.grad.square().sum()
        return (squares[0] + self.group.sum(squares[1])).sqrt()

    def is_part(self, name: str) -> bool:
        """Tell whether a parameter is cut into parts."""
        return name in self.parts

    def own(self, name: str, whole: Tensor) -> Tensor | None:
        """Return this rank's part of a tensor."""
        return self.parts[name].own(whole) if name in self.parts else whole

    def joined(self, tensors: Iterable[tuple[str, str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
        """Join the parts of each tensor on rank 0; see ``Parallel.joined``."""
        for key, name, tensor in tensors:
            whole = self.parts[name].whole(tensor) if name in self.parts else tensor
            if whole is not None and self.group.rank == 0:
                yield key, whole


class TensorParallel(InParts):
    """Each rank has a part of each transformer block; all compute each batch with the same draws."""

    def __init__(self, group: Group) -> None:
        super().__init__(group)
        self._sums: set[str] = set()

    def models(self, build: Callable[[], nn.Module]) -> tuple[nn.Module, nn.Module]:
        """Keep this rank's heads and hidden features of each block."""
        model = build()
        self.parts, self._sums = split(model, self.group)
        return model, copy.deepcopy(model)

    def backward(self, learned: Learned, loss: LossOf, noise: KeyedNoise | RankNoise) -> Tensor:
        """Sum the gradients of what each rank applies to its own heads; see ``Parallel.backward``.

        Each rank has the loss of the whole batch.
        """
        value = super().backward(learned, loss, noise)
        named = zip(learned.names, learned.parameters, strict=True)
        shared = [p.grad for name, p in named if name in self._sums and p.grad is not None]
        if shared:
            self.group.reduce(shared, value, 1.0)
        return value
