"""Contract of programs: what the training loop needs of one or many trials that train together."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from torch import Tensor, nn

from autogen.data.specs import Spec
from autogen.families.base import FamilyConfig, ModelFamily

#: Function that takes tensors one at a time, with their names.
Take = Callable[[Iterator[tuple[str, Tensor]]], None]


class Program(ABC):
    """Training of K trials of one architecture, its members; all are always at the same step.

    Attributes:
        size: K, members still in training.
        step: Optimizer steps done.
    """

    size: int
    step: int

    @abstractmethod
    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train until ``step`` steps are done.

        Args:
            step: Step to stop at.
            deadline: Time of ``time.monotonic()`` at which training is stopped.

        Raises:
            Diverged: a loss or a weight is no longer finite.
            DeadlineExceeded: the deadline has passed.
        """

    @abstractmethod
    def sample(self, n: int, seed: int, member: int = 0) -> dict[str, np.ndarray]:
        """Draw n encoded samples from a member, name to (n, ...), without effect on its training."""

    @abstractmethod
    def keep(self, members: Sequence[int]) -> None:
        """Continue with these members alone, in this order."""

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """Return all tensors that ``restore`` needs to continue bit for bit; the step is not among them."""

    def give_state(self, take: Take) -> None:
        """Pass the tensors of ``state`` to a function one at a time: it need not hold all of them."""
        take(iter(self.state().items()))

    @abstractmethod
    def restore(self, state: Mapping[str, Tensor], step: int) -> None:
        """Restore a state of ``state``.

        Raises:
            ValueError: the state is another program's.
        """

    @abstractmethod
    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """Return the weights and buffers, by name, that a member's samples are drawn with."""

    def give_weights(self, take: Take, member: int = 0) -> None:
        """Pass the tensors of ``weights`` to a function one at a time: it need not hold all of them."""
        take(iter(self.weights(member).items()))


class ModelProgram(Program):
    """Program of one trial.

    Attributes:
        family: Family that builds, trains and samples the model.
        config: Settings of the family.
        spec: Spec of the encoded data.
        seed: Seed of the trial.
        average: Model that samples are drawn from, in eval mode.
    """

    family: ModelFamily
    config: FamilyConfig
    spec: Spec
    seed: int
    average: nn.Module
