"""The contract of programs: what the training loop needs of one or many trials that train together."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from autogen.data.specs import Spec
from autogen.families.base import FamilyConfig, ModelFamily


class Program(ABC):
    """Trains K trials of one architecture, its members; all are always at the same step.

    Attributes:
        size: Members still in training.
        step: Optimiser steps done.
    """

    size: int
    step: int

    @abstractmethod
    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train until ``step`` steps are done.

        Args:
            step: Where to stop.
            deadline: Time of ``time.monotonic()`` after which to give up.

        Raises:
            Diverged: a loss or a weight is no longer finite.
            DeadlineExceeded: the deadline has passed.
        """

    @abstractmethod
    def sample(self, n: int, seed: int, member: int = 0) -> dict[str, np.ndarray]:
        """Draw n encoded samples from a member; leaves its training untouched."""

    @abstractmethod
    def keep(self, members: Sequence[int]) -> None:
        """Go on with these members alone, in this order."""

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """All tensors that ``restore`` needs to go on bit for bit; the step is not among them."""

    @abstractmethod
    def restore(self, state: dict[str, Tensor], step: int) -> None:
        """Go back to a state; ``ValueError`` where it is another program's."""

    @abstractmethod
    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """A member's weights and buffers as its samples are drawn with; training settings left out."""


class ModelProgram(Program):
    """A program of one trial.

    Attributes:
        family: How the model is built, trained and sampled.
        config: The family's settings.
        spec: Of the data.
        seed: The trial's seed.
        average: The model as its samples are drawn, in eval mode.
    """

    family: ModelFamily
    config: FamilyConfig
    spec: Spec
    seed: int
    average: nn.Module
