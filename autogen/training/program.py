"""Contract of programs: what the training loop needs of a trial."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from torch import Tensor, nn

from autogen.data.specs import Spec
from autogen.families.base import FamilyConfig, ModelFamily

#: Function that takes tensors one at a time, with their names.
Take = Callable[[Iterator[tuple[str, Tensor]]], None]


class Program(ABC):
    """Training of a trial.

    Attributes:
        step: Optimizer steps done.
    """

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
    def sample(self, n: int, seed: int) -> dict[str, np.ndarray]:
        """Draw n encoded samples, name to (n, ...), without effect on the training."""

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
    def weights(self) -> dict[str, Tensor]:
        """Return the weights and buffers, by name, that samples are drawn with."""

    def give_weights(self, take: Take) -> None:
        """Pass the tensors of ``weights`` to a function one at a time: it need not hold all of them."""
        take(iter(self.weights().items()))


class ModelProgram(Program):
    """Program of a trial of a model family.

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
