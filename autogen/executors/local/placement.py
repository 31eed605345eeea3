"""Which graphics card each worker of this machine trains on, and the share of its memory that it may take."""

from autogen.hpo.executor import HasDevice, Work


def share_of_cards(index: int, workers: int, cards: int) -> tuple[str, float]:
    """A worker's card, and its share of it: cards are dealt in turn, workers on one card share it evenly.

    Args:
        index: Of the worker, from 0.
        workers: How many there are.
        cards: Of the machine, at least 1.

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
        index: Of the worker.
        workers: How many there are.
    """
    if device == "cpu" or not isinstance(work, HasDevice):
        return work
    cards = work.cards()
    return work.on(*share_of_cards(index, workers, cards)) if cards else work
