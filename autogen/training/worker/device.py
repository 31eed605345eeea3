"""The share of a graphics card's memory that a trial may take: measured before it trains."""

from dataclasses import dataclass
from typing import Protocol

import torch

from autogen.errors import TrialFailure
from autogen.training.drawing import block_rows
from autogen.training.program import ModelProgram


class Card(Protocol):
    """Tells how much memory a card has and how much of it was taken."""

    def total(self) -> int:
        """Bytes of the card."""
        ...

    def forget_peak(self) -> None:
        """Count from here."""
        ...

    def peak(self) -> int:
        """The most bytes that were taken at once since ``forget_peak``."""
        ...


@dataclass(frozen=True)
class CudaCard:
    """The card that torch calls by a name such as ``cuda:0``."""

    name: str

    def total(self) -> int:
        """Bytes of the card."""
        return int(torch.cuda.get_device_properties(self.name).total_memory)

    def forget_peak(self) -> None:
        """Count from here."""
        torch.cuda.reset_peak_memory_stats(self.name)

    def peak(self) -> int:
        """The most bytes that torch took at once since ``forget_peak``."""
        return int(torch.cuda.max_memory_allocated(self.name))


def check_fit(probe: ModelProgram, card: Card, share: float, rows: int) -> None:
    """Take one step and draw one block of samples, and refuse a trial that outgrows its share of the card.

    Args:
        probe: A program like the trial's; it is thrown away, so that the trial's own numbers stay.
        card: Where it lies.
        share: Of the card's memory that the trial may take, in (0, 1].
        rows: Samples of an evaluation.

    Raises:
        TrialFailure: it needs more; others on the same card would pay for it.
    """
    card.forget_peak()
    probe.advance(1)
    probe.sample(min(rows, block_rows(probe.spec)), seed=0)
    needed, allowed = card.peak(), share * card.total()
    if needed > allowed:
        raise TrialFailure(
            f"needs {needed / 1e9:.2f} GB of the card, but {share:g} of it are {allowed / 1e9:.2f} GB; "
            "raise gpus_per_trial"
        )
