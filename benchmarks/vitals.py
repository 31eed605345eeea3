"""What processes and their surroundings hold, read from /proc, and whether it grows."""

import contextlib
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import t as student

_MIB = 2**20
#: Of memory: what is resident, the same with shared pages divided, and what is no copy of a file.
_MEMORY = {"Rss:": "rss_mib", "Pss:": "pss_mib", "Anonymous:": "anonymous_mib"}


@dataclass(frozen=True)
class Vitals:
    """What one process holds.

    Attributes:
        pid: Its number.
        rss_mib: Resident memory.
        pss_mib: The same, where shared pages are divided among those that share them.
        anonymous_mib: Resident memory that is no copy of a file: no other process changes it.
        handles: Open files, pipes and sockets.
        threads: Threads.
        unnamed_mib: Size of open files that have no name any more.
    """

    pid: int
    rss_mib: float
    pss_mib: float
    anonymous_mib: float
    handles: int
    threads: int
    unnamed_mib: float


def vitals(pid: int) -> Vitals | None:
    """Read what a process holds; ``None`` if it has ended."""
    folder = Path("/proc") / str(pid)
    try:
        lines = (line.split() for line in (folder / "smaps_rollup").read_text().splitlines()[1:])
        memory = {_MEMORY[key]: round(int(kib) / 1024, 3) for key, kib, _ in lines if key in _MEMORY}
        handles = list((folder / "fd").iterdir())
        threads = len(list((folder / "task").iterdir()))
    except OSError:
        return None
    return Vitals(pid, handles=len(handles), threads=threads, unnamed_mib=_unnamed(handles), **memory)


def _unnamed(handles: Sequence[Path]) -> float:
    size = 0
    for handle in handles:
        with contextlib.suppress(OSError):
            about = handle.stat()
            size += about.st_size if stat.S_ISREG(about.st_mode) and not about.st_nlink else 0
    return round(size / _MIB, 3)


def zombies(pids: Iterable[int]) -> int:
    """Count the processes that have ended and were not waited for."""
    states = []
    for pid in pids:
        with contextlib.suppress(OSError):
            states.append((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0])
    return states.count("Z")


def started(pid: int) -> int:
    """Tell when a process was started, in ticks since the machine's start; 0 if it has ended."""
    with contextlib.suppress(OSError):
        return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
    return 0


def content(folder: Path) -> tuple[int, float]:
    """Count the files under a folder, and their MiB."""
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                sizes.append((Path(place) / name).lstat().st_size)
    return len(sizes), round(sum(sizes) / _MIB, 3)


@dataclass(frozen=True)
class Trend:
    """A straight line through what was measured.

    Attributes:
        slope: Its slope.
        low: Lower end of the slope's 95 % interval.
        high: Upper end.
        blocks: Means that it was fitted to.
    """

    slope: float
    low: float
    high: float
    blocks: int


def trend(points: Sequence[tuple[str, float, float]], block: int, warm: int = 0) -> Trend | None:
    """Fit one slope to several series, each with a level of its own.

    Neighbors are alike, so that means of blocks of them are fitted, which are nearly independent.

    Args:
        points: Series, x and y, in their order.
        block: Points of one mean.
        warm: First points of each series that are left out, while a process warms up.

    Returns:
        The slope with Student's interval; ``None`` for too few points.
    """
    series = defaultdict(list)
    for name, x, y in points:
        series[name].append((x, y))
    means = [_means(np.array(one[warm:]).reshape(-1, 2), block) for one in series.values()]
    means = [one for one in means if len(one) > 1]
    count, freedom = sum(map(len, means)), sum(len(one) - 1 for one in means) - 1
    if freedom < 1:
        return None
    x, y = np.concatenate([one - one.mean(0) for one in means]).T
    if not (spread := float(x @ x)):
        return None
    slope = float(x @ y) / spread
    rest = y - slope * x
    half = float(student.ppf(0.975, freedom)) * float(np.sqrt(rest @ rest / freedom / spread))
    return Trend(slope, slope - half, slope + half, count)


def _means(points: np.ndarray, block: int) -> np.ndarray:
    """Means of blocks, (N // block, 2); what is left over at the beginning is left out."""
    whole = len(points) // block * block
    return points[len(points) - whole :].reshape(-1, block, 2).mean(1)
