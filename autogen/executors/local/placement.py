"""Placement of workers on the GPUs of this machine, and their shares of the memory."""

from dataclasses import dataclass

from autogen.errors import SettingsError
from autogen.hpo.executor import HasDevice, Options, Work, cores

#: Where this machine's workers may train; empty for the best there is.
DEVICES = ("", "cpu", "cuda")
#: Most workers per core: beyond, they only take memory from each other, and a machine can be brought down.
MOST_PER_CORE = 16


@dataclass(frozen=True)
class LocalOptions(Options):
    """Options of executors on this machine.

    Attributes:
        device: ``cpu``, or ``cuda`` for the GPUs, which workers share; GPUs where there are any.
    """

    device: str = ""

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise SettingsError(
                f"device is cpu or cuda, not {self.device!r}; left out: cuda where there is one"
            )

    def worker_count(self, asked: int) -> int:
        """Resolve the number of workers, 0 for one per core. Raises ``SettingsError`` for far too many."""
        if asked > (most := MOST_PER_CORE * cores()):
            raise SettingsError(
                f"workers must be at most {most} here, {MOST_PER_CORE} for each of {cores()} cores; got "
                f"{asked:,}; use fewer, or a cluster (executor ray)"
            )
        return super().worker_count(asked)

    def check(self) -> None:
        """Raise ``SettingsError`` where a card is asked for and there is none."""
        if self.device != "cuda":
            return
        import torch

        if not torch.cuda.is_available():
            raise SettingsError(
                f"device is cuda, but torch {torch.__version__} sees no GPU here; leave it out, or "
                "install a build of torch for CUDA and the GPU's driver"
            )

    def trains_on(self) -> str:
        """Number and names of the cards, or the number of cores."""
        import torch

        cards = 0 if self.device == "cpu" else torch.cuda.device_count()
        names = sorted({torch.cuda.get_device_name(card) for card in range(cards)})
        return f"{cards} x {', '.join(names)}" if cards else f"{cores()} cores"


def share_of_cards(index: int, workers: int, cards: int) -> tuple[str, float]:
    """A worker's card, and its share of it: cards are dealt in turn, workers on one card share it evenly.

    Args:
        index: Index of the worker, from 0.
        workers: Number of workers.
        cards: Number of cards of the machine, at least 1.

    Returns:
        Name of the card as torch has it, and the share in (0, 1].
    """
    card = index % cards
    return f"cuda:{card}", 1 / len(range(card, workers, cards))


def placed(work: Work, device: str, index: int = 0, workers: int = 1) -> Work:
    """The work where this worker is to do it.

    Args:
        work: Stays on the processor where it cannot be done elsewhere.
        device: ``cpu``; anything else: on a card where there is one.
        index: Index of the worker, from 0.
        workers: Number of workers.
    """
    if device == "cpu" or not isinstance(work, HasDevice):
        return work
    cards = work.cards()
    return work.on(*share_of_cards(index, workers, cards)) if cards else work
