"""Large steps: a net that is told the size of its step learns the mean velocity over it.

Shortcut models (Frans 2024, https://arxiv.org/abs/2410.12557): the model is its own teacher. What it should
do in a large step is what it does in two steps of half the size, without gradients; below the smallest size
that it learns, these two follow its velocity. One run of the net a step is then enough, and few steps are.
"""

import torch
from torch import Tensor, nn

from autogen.data.specs import ImageSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import Batch, Noise, Scalars, Training
from autogen.families.nets.adaptive import TimeEmbedding

#: Most steps from noise to data whose size is learned.
MOST = 16
#: Rows that stay together where ranks share a batch, and which of them learn large steps, not velocities.
PACK, LARGE = 2, slice(1, None, 2)


class StepSize(nn.Module):
    """Condition of the size of a step, in (0, 1]; zero for size 0, the velocity, and before any is learned.

    Args:
        width: Features of a condition.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = TimeEmbedding(width)
        for parameter in self.embedding.outward.parameters():
            nn.init.zeros_(parameter)
        self._learned = False

    @property
    def learned(self) -> bool:
        """Tell whether the model has been trained on large steps: only these move the weights from zero."""
        if not torch.compiler.is_exporting():  # there the weights have no values: what was seen before holds
            self._learned = bool(self.embedding.outward.weight.any())
        return self._learned

    def forward(self, size: Tensor) -> Tensor:
        """Embed sizes (B,) as conditions (B, width)."""
        embedded: Tensor = self.embedding(size) * (size > 0)[:, None]
        return embedded


def check_distill(training: Training, spec: Spec) -> None:
    """Refuse distillation of what is not moved along paths.

    Raises:
        SpaceError: the data is texts or music.
    """
    if getattr(training, "distill", 0.0) and not isinstance(spec, ImageSpec | TableSpec):
        raise SpaceError(
            "training.distill is for images and tables; it must be 0 for this kind of data, whose samples "
            "are revealed in model.sampling_steps rounds"
        )


def distills(scalars: Scalars, batch: Batch) -> bool:
    """Tell whether a step of training is one of the last ones, that teach large steps, too.

    Args:
        scalars: Training settings, with ``distill`` and ``progress``.
        batch: Encoded rows, name to (B, ...).
    """
    share, rows = float(scalars["distill"]), len(next(iter(batch.values())))
    return share > 0 and rows >= PACK and float(scalars["progress"]) >= 1 - share


def whole_packs(batch: Batch) -> Batch:
    """Leave out the last row of a batch, name to (B, ...), of an odd number of rows."""
    return {name: rows[: len(rows) // PACK * PACK] for name, rows in batch.items()}


def with_large_steps(time: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """Replace the times (B,) of the rows ``LARGE`` by those at which a large step begins.

    The number of steps of the same size from noise to data is 1 to 16, all their logarithms alike.

    Returns:
        Times, and sizes of the steps, both (B,); size 0 for the other rows.
    """
    number = ((MOST + 1) ** noise.spread(len(time))).floor().clamp(max=MOST)
    place = torch.minimum((noise.uniform(len(time)) * number).floor(), number - 1)
    time, size = time.clone(), torch.zeros_like(time)
    time[LARGE], size[LARGE] = (place / number)[LARGE], (1 / number)[LARGE]
    return time, size


def told(size: Tensor) -> Tensor:
    """Return the sizes (B,) that a net is told: 0, the velocity, for steps smaller than the smallest."""
    return torch.where(size > 0.99 / MOST, size, 0.0)
