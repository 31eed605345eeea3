"""Share of a GPU's memory that a trial may take, measured before it trains."""

from dataclasses import dataclass
from typing import Protocol

import torch

from autogen.errors import TrialFailure
from autogen.training.drawing import block_rows
from autogen.training.program import ModelProgram


class Card(Protocol):
    """Source of a GPU's memory figures."""

    def total(self) -> int:
        """Return the GPU's memory, in bytes."""
        ...

    def forget_peak(self) -> None:
        """Reset the peak."""
        ...

    def peak(self) -> int:
        """Return the most bytes allocated at once since ``forget_peak``."""
        ...


@dataclass(frozen=True)
class CudaCard:
    """GPU that torch calls by a name such as ``cuda:0``.

    Attributes:
        name: Torch's name of the device.
    """

    name: str

    def total(self) -> int:
        """Return the GPU's memory, in bytes."""
        return int(torch.cuda.get_device_properties(self.name).total_memory)

    def forget_peak(self) -> None:
        """Reset the peak."""
        torch.cuda.reset_peak_memory_stats(self.name)

    def peak(self) -> int:
        """Return the most bytes that torch allocated at once since ``forget_peak``."""
        return int(torch.cuda.max_memory_allocated(self.name))


def check_fit(probe: ModelProgram, card: Card, share: float, rows: int) -> None:
    """Take one step and draw one block of samples; refuse a trial that exceeds its share of the GPU's memory.

    Args:
        probe: Program like the trial's, used for this alone, so that the trial's own numbers stay the same.
        card: Memory figures of the GPU.
        share: Share of the GPU's memory that the trial may take, in (0, 1].
        rows: Number of samples of an evaluation.

    Raises:
        TrialFailure: it needs more, and other trials on the same GPU would run out of memory.
    """
    card.forget_peak()
    probe.advance(1)
    probe.sample(min(rows, block_rows(probe.spec)), seed=0)
    needed, allowed = card.peak(), share * card.total()
    if needed > allowed:
        raise TrialFailure(
            f"needs {needed / 1e9:.2f} GB of GPU memory, but its share of {share:g} is "
            f"{allowed / 1e9:.2f} GB; raise gpus_per_trial"
        )
