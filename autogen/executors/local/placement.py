"""Placement of workers on the GPUs of this machine, and their shares of the memory."""

from dataclasses import dataclass, replace
from typing import Self

from autogen.errors import SettingsError
from autogen.hpo.executor import HasDevice, Options, Work, cores

#: Where this machine's workers may train; empty for the best there is.
DEVICES = ("", "cpu", "cuda")
#: Number of replicas that is chosen by the number of devices.
AUTO = "auto"
#: Most workers per core: beyond, they only take memory from each other, and a machine can be brought down.
MOST_PER_CORE = 16


@dataclass(frozen=True)
class LocalOptions(Options):
    """Options of executors on this machine.

    Attributes:
        device: ``cpu``, or ``cuda`` for the GPUs, which workers share; GPUs where there are any.
        replicas: Processes that train a trial together, each on a part of every batch: a number, or
            ``auto`` for as many as the workers and the trials leave devices for; default 1.
    """

    device: str = ""
    replicas: str = "1"

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise SettingsError(
                f"device is cpu or cuda, not {self.device!r}; left out: cuda where there is one"
            )
        if self.replicas != AUTO and not (self.replicas.isdecimal() and int(self.replicas)):
            raise SettingsError(f"replicas is a number from 1 on, or auto, not {self.replicas!r}")

    def replica_count(self) -> int:
        """Number of processes that train a trial together; 1 for ``auto`` before ``settled``."""
        return 1 if self.replicas == AUTO else int(self.replicas)

    def settled(self, workers: int, trials: int) -> Self:
        """Return the same options with a number for ``auto``: devices without a trial join the others.

        Args:
            workers: Number of workers that is asked for; 0 for all.
            trials: Number of trials of the study; 0 if it is unknown.
        """
        if self.replicas != AUTO:
            return self
        parallel = workers or trials or self.devices()
        return replace(self, replicas=str(max(1, self.devices() // parallel)))

    def devices(self) -> int:
        """Count the GPUs that trials may train on, or the cores where there is none."""
        import torch

        cards = 0 if self.device == "cpu" else torch.cuda.device_count()
        return cards or cores()

    def worker_count(self, asked: int) -> int:
        """Resolve the number of workers, 0 for one per core, or for one per group of devices.

        Raises:
            SettingsError: there are far too many, or more replicas than devices.
        """
        if (replicas := self.replica_count()) > 1:
            if replicas > (most := self.devices()):
                raise SettingsError(
                    f"replicas must be at most {most} here, one for each GPU or core; got {replicas}; use "
                    "fewer, or a larger machine"
                )
            asked = asked or most // replicas
        if asked > (most := MOST_PER_CORE * cores()):
            raise SettingsError(
                f"workers must be at most {most} here, {MOST_PER_CORE} for each of {cores()} cores; got "
                f"{asked:,}; use fewer, or a cluster (executor ray)"
            )
        return super().worker_count(asked)

    def about(self) -> str:
        """Say by how many replicas each trial is trained."""
        return f" of {self.replica_count()} replicas" if self.replica_count() > 1 else ""

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
