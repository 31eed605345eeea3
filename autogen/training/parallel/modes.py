"""Ways in which the ranks of a trial share its work: rows of each batch, or the matrices of its layers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autogen.errors import SpaceError
from autogen.families.base import Training
from autogen.families.nets.splits import Part, split
from autogen.training.noise import KeyedNoise
from autogen.training.parallel.group import Group
from autogen.training.parallel.noise import RankNoise

#: Values of the training setting ``parallel``.
DATA, TENSOR = "data", "tensor"


class Parallel:
    """Way in which ranks share a trial; this one is that of a single process.

    Attributes:
        splits: Whether each rank has a part of the weights, so that all of them sample and save together.
    """

    splits = False

    def take_part(self, model: nn.Module) -> None:
        """Leave in a whole model what this rank holds of it. Raises ``SpaceError`` if it cannot be shared."""

    def noise(self, seed: int, device: torch.device) -> KeyedNoise | RankNoise:
        """Return the source of a trial's random draws."""
        return KeyedNoise(seed, device=device)

    def reduce(
        self,
        names: Sequence[str],
        parameters: Sequence[Tensor],
        loss: Tensor,
        noise: KeyedNoise | RankNoise,
    ) -> Tensor:
        """Complete the gradients of parameters, in place; return the loss of the whole batch, a scalar.

        Args:
            names: Names of the parameters.
            parameters: Parameters with this rank's gradients.
            loss: Loss of this rank.
            noise: Noise that the loss was computed with.
        """
        return loss

    def norm(self, names: Sequence[str], parameters: Sequence[Tensor]) -> Tensor:
        """Compute the norm of the gradients of whole parameters, a scalar."""
        return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])

    def agreed(self, flag: bool, asked: bool = True) -> bool:
        """Tell whether a flag is set on any rank.

        Args:
            flag: Flag of this rank.
            asked: Whether ranks ask each other now, which takes a message; the same on all ranks.
        """
        return flag

    def own(self, name: str, tensor: Tensor) -> Tensor:
        """Return what this rank holds of a whole tensor of a parameter's shape."""
        return tensor

    def whole(self, name: str, tensor: Tensor) -> Tensor:
        """Return the whole tensor of which all ranks give what they hold."""
        return tensor


class _Grouped(Parallel):
    """What all ways have in common that several ranks share.

    Args:
        group: The ranks.
    """

    def __init__(self, group: Group) -> None:
        self.group = group

    def agreed(self, flag: bool, asked: bool = True) -> bool:
        """Tell whether a flag is set on any rank, if they ask each other now."""
        return asked and self.group.any(flag)


class DataParallel(_Grouped):
    """Each rank has the whole model and trains on its part of each batch."""

    def noise(self, seed: int, device: torch.device) -> RankNoise:
        """Return noise whose draws are rows of those of one process."""
        return RankNoise(seed, self.group, device)

    def reduce(
        self,
        names: Sequence[str],
        parameters: Sequence[Tensor],
        loss: Tensor,
        noise: KeyedNoise | RankNoise,
    ) -> Tensor:
        """Sum the gradients of all ranks; see ``Parallel.reduce``."""
        weight = noise.weight if isinstance(noise, RankNoise) else 1 / self.group.size
        return self.group.reduce([p.grad for p in parameters if p.grad is not None], loss, weight)


class TensorParallel(_Grouped):
    """Each rank has a part of each transformer block; all compute each batch with the same draws."""

    splits = True

    def __init__(self, group: Group) -> None:
        super().__init__(group)
        self._parts: dict[str, Part] = {}
        self._sums: set[str] = set()

    def take_part(self, model: nn.Module) -> None:
        """Keep this rank's heads and hidden features of each block."""
        self._parts, self._sums = split(model, self.group)

    def reduce(
        self,
        names: Sequence[str],
        parameters: Sequence[Tensor],
        loss: Tensor,
        noise: KeyedNoise | RankNoise,
    ) -> Tensor:
        """Sum the gradients of what each rank applies to its own heads; see ``Parallel.reduce``.

        Each rank has the loss of the whole batch.
        """
        shared = [p.grad for n, p in zip(names, parameters, strict=True) if n in self._sums]
        if gradients := [gradient for gradient in shared if gradient is not None]:
            self.group.reduce(gradients, loss, 1.0)
        return loss

    def norm(self, names: Sequence[str], parameters: Sequence[Tensor]) -> Tensor:
        """Compute the norm of all gradients, each once, a scalar."""
        squares = [torch.zeros((), device=parameters[0].device) for _ in range(2)]
        for name, parameter in zip(names, parameters, strict=True):
            if parameter.grad is not None:
                squares[name in self._parts] += parameter.grad.square().sum()
        return (squares[0] + self.group.sum(squares[1])).sqrt()

    def own(self, name: str, tensor: Tensor) -> Tensor:
        """Return this rank's part of a tensor."""
        return self._parts[name].own(tensor) if name in self._parts else tensor

    def whole(self, name: str, tensor: Tensor) -> Tensor:
        """Join the parts of a tensor."""
        return self._parts[name].whole(self.group.gather(tensor)) if name in self._parts else tensor


def parallel_for(training: Training, group: Group | None) -> Parallel:
    """Return the way in which a trial's settings share it between ranks.

    Raises:
        SpaceError: there is no such way, or the optimizer needs whole matrices.
    """
    if training.parallel not in (DATA, TENSOR):
        raise SpaceError(f"training.parallel must be {DATA} or {TENSOR}, not {training.parallel!r}")
    if group is None:
        return Parallel()
    if training.parallel == DATA:
        return DataParallel(group)
    if training.optimizer == "muon":
        raise SpaceError(
            "training.optimizer muon needs whole matrices, which parallel = tensor splits; take adamw"
        )
    return TensorParallel(group)
