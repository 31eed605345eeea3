"""Memory that is free, and that this process holds and may still take."""

import os
from pathlib import Path

MEMORY, LIMITS, HELD = Path("/proc/meminfo"), Path("/proc/self/limits"), Path("/proc/self/statm")
_LIMIT = "Max data size"  # of RLIMIT_DATA
_DATA = 5  # its place in a line of ``statm``


def free_memory() -> int:
    """Return the bytes that programs can still allocate; all memory of the machine where that is unknown."""
    try:
        lines = MEMORY.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def held_memory() -> int:
    """Return the bytes that this process can write to and shares with none (Linux).

    They are what RLIMIT_DATA bounds: neither addresses that the allocator of each thread, or CUDA, reserves
    without using them, nor the data of a study that workers share.

    Raises:
        OSError: the system does not tell.
    """
    return int(HELD.read_text(encoding="ascii").split()[_DATA]) * os.sysconf("SC_PAGE_SIZE")


def allowed_memory() -> int:
    """Return the bytes that this process may still allocate: those that are free, or up to its limit."""
    free = free_memory()
    try:
        line = next(one for one in LIMITS.read_text(encoding="ascii").splitlines() if one.startswith(_LIMIT))
        limit, held = line.removeprefix(_LIMIT).split()[0], held_memory()
    except (OSError, StopIteration):  # not Linux
        return free
    return free if limit == "unlimited" else max(0, min(free, int(limit) - held))
