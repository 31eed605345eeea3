"""How many workers a cluster has room for, and how many to ask it for; plain arithmetic, no Ray."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Workers asked for beyond what the known nodes hold, so that an autoscaler sees that more are wanted.
SPARE = 2


@dataclass(frozen=True)
class Need:
    """What one worker takes of a node.

    Attributes:
        cpus: Cores.
        gpus: GPUs, or a share of one: a share lies on one card.
        memory: Bytes.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int = 0

    def __str__(self) -> str:
        parts = [f"{self.cpus:g} CPU"]
        parts += [f"{self.gpus:g} GPU"] if self.gpus else []
        return " and ".join(parts + ([f"{self.memory / 1e9:g} GB"] if self.memory else []))


def room(nodes: Iterable[Mapping[str, float]], need: Need) -> int:
    """How many workers nodes hold, each by its resources as Ray names them (``CPU``, ``GPU``, ``memory``)."""
    return sum(_room_of(node, need) for node in nodes)


def _room_of(node: Mapping[str, float], need: Need) -> int:
    rooms = [node.get("CPU", 0.0) // need.cpus]
    if need.memory:
        rooms.append(node.get("memory", 0.0) // need.memory)
    if need.gpus:
        cards = node.get("GPU", 0.0)
        on_a_card = math.floor(1 / need.gpus + 1e-9)
        rooms.append(math.floor(cards) * on_a_card if need.gpus <= 1 else cards // need.gpus)
    return int(min(rooms))


def workers_at_once(slots: int, limit: int, overdue: int) -> int:
    """How many cohorts to have in hand: one a worker that there is room for, and never none.

    Args:
        slots: Workers that the nodes hold.
        limit: The user's; 0 for none.
        overdue: Workers that were asked for long ago and are not there: others have taken their room.
    """
    known = min(slots, limit) if limit else slots
    return max(1, known - max(0, overdue - (min(SPARE, limit - known) if limit else SPARE)))


def workers_wanted(slots: int, limit: int, cohorts: int, spare: int = SPARE) -> int:
    """How many workers there should be, those asked for included.

    Args:
        slots: Workers that the nodes hold.
        limit: The user's; 0 for none.
        cohorts: In work or waiting.
        spare: To ask for beyond the room there is, once all of it is in use.
    """
    wanted = cohorts if cohorts < slots else slots + spare
    return min(wanted, limit) if limit else wanted
