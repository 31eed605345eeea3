"""A generator that draws its samples in one pass, as a pure function of the random numbers it is given."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from autogen.errors import UserError
from autogen.families.base import ModelFamily
from autogen.training.noise import KeyedNoise

#: Most draws of random numbers of a generator that counts as one-shot; others draw one value at a time.
MOST_DRAWS = 16
_ONE_SHOT = "one-shot generators: gan and vae (but not with recurrent nets), and flow distilled to one step"
#: Numbers of samples by which the dimensions that grow with it are found.
_FEW, _MORE = 5, 7


@dataclass(frozen=True)
class Draw:
    """An input of an exported generator: random numbers.

    Attributes:
        name: Name of the input: distribution and place, ``normal_0``.
        distribution: ``normal`` (standard), ``uniform`` in [0, 1), or ``integers`` in 0..high-1.
        shape: Shape; ``None`` where it is the number of samples.
        high: Bound of ``integers``; 0 for others.
    """

    name: str
    distribution: str
    shape: tuple[int | None, ...]
    high: int = 0


class _Recorder(KeyedNoise):
    """Noise that keeps what it gave."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.given: list[tuple[str, int, Tensor]] = []

    def _kept(self, distribution: str, high: int, drawn: Tensor) -> Tensor:
        self.given.append((distribution, high, drawn))
        return drawn

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        return self._kept("normal", 0, super().normal(*shape))

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        return self._kept("uniform", 0, super().uniform(*shape))

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        return self._kept("integers", high, super().integers(high, *shape))

    def permutation(self, n: int) -> Tensor:
        """Refuse: an order of samples is no input of a graph."""
        raise UserError("a generator that shuffles its samples cannot be exported")


class _Given:
    """Noise that gives prepared numbers, in order."""

    def __init__(self, draws: Sequence[Tensor]) -> None:
        self._draws = iter(draws)

    def normal(self, *_: int) -> Tensor:
        """Give the next numbers."""
        return next(self._draws)

    def uniform(self, *_: int) -> Tensor:
        """Give the next numbers."""
        return next(self._draws)

    def integers(self, _: int, *__: int) -> Tensor:
        """Give the next numbers."""
        return next(self._draws)

    def spread(self, n: int) -> Tensor:
        """Refuse: see ``_Recorder``."""
        raise UserError(f"no order of {n} samples was prepared")

    def permutation(self, n: int) -> Tensor:
        """Refuse: see ``_Recorder``."""
        raise UserError(f"no order of {n} samples was prepared")


class _Passes:
    """Counts how often the layers of a model run, until ``end``."""

    def __init__(self, model: nn.Module) -> None:
        self._runs: Counter[nn.Module] = Counter()
        layers = [one for one in model.modules() if any(True for _ in one.parameters(recurse=False))]
        self._hooks = [one.register_forward_pre_hook(self._count) for one in layers]

    def _count(self, layer: nn.Module, _: object) -> None:
        self._runs[layer] += 1

    def end(self) -> None:
        """Stop counting."""
        for hook in self._hooks:
            hook.remove()

    @property
    def most(self) -> int:
        """Runs of the layer that runs most often; 0 where none does."""
        return max(self._runs.values(), default=0)


class OneShotGenerator(nn.Module):
    """A trained generator as a module: random numbers in, encoded samples out.

    Args:
        family: Family of the model.
        model: Trained module in eval mode.

    Attributes:
        draws: Inputs, in order.
        outputs: Names of the outputs, in order: those of the data's spec.

    Raises:
        UserError: the model draws its samples value by value or in several passes, or not by a network.
    """

    def __init__(self, family: ModelFamily, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self._family = family
        passes = _Passes(model)
        few, outputs = self._recorded(_FEW)
        passes.end()
        more, _ = self._recorded(_MORE)
        if len(few) != len(more) or len(few) > MOST_DRAWS or not list(model.parameters()):
            name = type(family).__name__
            raise UserError(
                f"{name} models of this kind draw value by value or use no network, so there is no graph to "
                f"export; ONNX is for {_ONE_SHOT}"
            )
        if passes.most > 1:
            raise UserError(
                f"this {type(family).__name__} model runs its network {passes.most} times for a sample; "
                f"ONNX is for {_ONE_SHOT}"
            )
        self.outputs = tuple(outputs)
        self.draws = tuple(
            Draw(
                f"{kind}_{place}",
                kind,
                tuple(None if a != b else a for a, b in zip(one.shape, other.shape, strict=True)),
                high,
            )
            for place, ((kind, high, one), (_, _, other)) in enumerate(zip(few, more, strict=True))
        )

    def forward(self, *draws: Tensor) -> tuple[Tensor, ...]:
        """Compute encoded samples.

        Args:
            draws: Random numbers, as ``draws`` describes them.

        Returns:
            Encoded samples, (n, ...), in the order of ``outputs``.
        """
        found = self._family.sample(self.model, draws[0].shape[0], _Given(draws))
        return tuple(found[name] for name in self.outputs)

    def draw(self, n: int, seed: int) -> tuple[Tensor, ...]:
        """Draw the inputs for n samples."""
        noise = KeyedNoise(seed)
        found = []
        for one in self.draws:
            shape = tuple(n if size is None else size for size in one.shape)
            if one.distribution == "integers":
                found.append(noise.integers(one.high, *shape))
            else:
                found.append(getattr(noise, one.distribution)(*shape))
        return tuple(found)

    @torch.no_grad()
    def _recorded(self, n: int) -> tuple[list[tuple[str, int, Tensor]], dict[str, Any]]:
        noise = _Recorder(0)
        outputs = self._family.sample(self.model, n, noise)
        return noise.given, outputs
