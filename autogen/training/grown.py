"""Program of one trial whose model grows without gradients: trees."""

import time
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import Arrays, Spec
from autogen.errors import DeadlineExceeded
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily
from autogen.training.batches import Batches, copies
from autogen.training.drawing import draw
from autogen.training.noise import SHUFFLING, TRAINING, KeyedNoise
from autogen.training.program import ModelProgram
from autogen.training.solo import build_model


class GrownProgram(ModelProgram):
    """Growth of one model on the CPU, a step at a time, from the whole train split.

    Args:
        family: Family that builds, grows and samples the model; it ``IsGrown``.
        config: Settings of the family.
        spec: Spec of the encoded data.
        train: Encoded train split, name to (N, ...).
        seed: Seed of the trial; all randomness follows from it.
        weights: Weight of each row, float64 (N,): it is grown from as many ``copies`` of each;
            default one of each.
    """

    def __init__(
        self,
        family: ModelFamily,
        config: FamilyConfig,
        spec: Spec,
        train: Arrays,
        seed: int,
        weights: np.ndarray | None = None,
    ) -> None:
        assert isinstance(family, IsGrown)
        self.step = 0
        self.family, self.config, self.spec, self.seed = family, config, spec, seed
        self.average = build_model(family, config, spec, seed).eval()
        if weights is not None:
            drawn = copies(torch.from_numpy(weights), KeyedNoise(seed, SHUFFLING)).numpy()
            train = {name: array[drawn] for name, array in train.items()}
        rows = len(next(iter(train.values())))
        self._train = Batches(train, rows, seed, torch.device("cpu")).tensors
        self._noise = KeyedNoise(seed)

    @torch.no_grad()
    def advance(self, step: int, deadline: float | None = None) -> None:
        """Grow until ``step`` steps are done; after a step that a deadline ended the program is unusable."""
        assert isinstance(self.family, IsGrown)
        while self.step < step:
            noise = self._noise.at(TRAINING, self.step)
            for _ in self.family.grow(self.average, self.config, self._train, self.step, noise):
                if deadline is not None and time.monotonic() > deadline:
                    raise DeadlineExceeded(f"past its deadline in step {self.step + 1}")
            self.step += 1

    def sample(self, n: int, seed: int) -> dict[str, np.ndarray]:
        """Draw n encoded samples, name to (n, ...); see ``Program.sample``."""
        parts = list(draw(self.family, self.average, self.spec, n, seed))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def state(self) -> dict[str, Tensor]:
        """Return the model's tensors by name, which are the whole state."""
        return dict(self.average.state_dict())

    def restore(self, state: Mapping[str, Tensor], step: int) -> None:
        """Restore a state of ``state``; see ``Program.restore``."""
        self.average.load_state_dict(state)
        self.step = step

    def weights(self) -> dict[str, Tensor]:
        """Return the model's tensors by name."""
        return dict(self.average.state_dict())
