"""Capacity of a cluster: the workers that fit, and the workers to request; plain arithmetic, no Ray."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Number of workers requested beyond the capacity of the known nodes, so that an autoscaler adds nodes.
SPARE = 2


@dataclass(frozen=True)
class Need:
    """Resources of one worker.

    Attributes:
        cpus: number of cores.
        gpus: number of GPUs, or a share of one GPU.
        memory: memory in bytes; 0 for no limit.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int = 0

    def __str__(self) -> str:
        parts = [f"{self.cpus:g} CPU"]
        parts += [f"{self.gpus:g} GPU"] if self.gpus else []
        return " and ".join(parts + ([f"{self.memory / 1e9:g} GB"] if self.memory else []))


def cores_for(workers: int, need: Need) -> int | None:
    """Count the cores that a new cluster of this machine has for workers; ``None`` for all, if 0 of them."""
    return math.ceil(workers * need.cpus) or None


def room(nodes: Iterable[Mapping[str, float]], need: Need) -> int:
    """Count the workers that fit on nodes, by their resources (``CPU``, ``GPU``, ``memory``)."""
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
    """Compute the number of trial batches to submit at once: one per worker that fits, and at least one.

    Args:
        slots: number of workers that fit on the nodes.
        limit: maximum number of workers that the user set; 0 for none.
        overdue: number of workers that were requested long ago and did not start, since others use the
            capacity.
    """
    known = min(slots, limit) if limit else slots
    return max(1, known - max(0, overdue - (min(SPARE, limit - known) if limit else SPARE)))


def workers_wanted(slots: int, limit: int, trial_batches: int, spare: int = SPARE) -> int:
    """Compute the number of workers to have, with the requested ones.

    Args:
        slots: number of workers that fit on the nodes.
        limit: maximum number of workers that the user set; 0 for none.
        trial_batches: number of running and waiting trial batches.
        spare: number of workers to request beyond the capacity, once all of it is in use.
    """
    wanted = trial_batches if trial_batches < slots else slots + spare
    return min(wanted, limit) if limit else wanted
