"""Memory that a trial on a table, or of a pre-trained base, needs, estimated before anything is built."""

import os
from pathlib import Path

from autogen.data.specs import Spec, TableSpec
from autogen.errors import TrialFailure
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily
from autogen.families.based import HasBase
from autogen.training.worker.efficiency import count_parameters

_NUMBER = 4  # bytes
_COPIES = 5  # of each parameter: itself, its average, its gradient, the optimizer's two moments
_PASSES = 6  # numbers kept for each code of each row of a batch: one-hots, logits, their gradients
MEMORY = Path("/proc/meminfo")


def free_memory() -> int:
    """Return the bytes that programs can still allocate; all memory of the machine where that is unknown."""
    try:
        lines = MEMORY.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def estimated_bytes(family: ModelFamily, config: FamilyConfig, spec: TableSpec) -> int:
    """Estimate the bytes of a training step: parameters with their copies, and a batch's codes."""
    levels = sum(column.levels for column in spec.columns)
    batch = config.training.batch_size * levels * _PASSES
    return _NUMBER * (_COPIES * count_parameters(family, config, spec) + int(batch))


def held_bytes(family: ModelFamily, config: FamilyConfig, spec: Spec) -> int:
    """Compute the bytes of parameters with their copies: less than a step takes, which has activations."""
    return _NUMBER * _COPIES * count_parameters(family, config, spec)


def check_room(family: ModelFamily, config: FamilyConfig, spec: Spec, copies: int = 1) -> None:
    """Refuse a trial that would take more memory than is free, by what takes most of it.

    Args:
        family: Family of the model.
        config: Its settings.
        spec: Spec of the encoded data.
        copies: Processes of this machine that hold the whole model.

    Raises:
        TrialFailure: says what it would take, and which column or base is too large.
    """
    if isinstance(family, HasBase):
        needed, free = copies * family.needed_bytes(config, spec), free_memory()
        if needed > free:
            raise TrialFailure(
                f"it needs about {needed / 1e9:.1f} GB of memory, but {free / 1e9:.1f} GB are free; take a "
                "smaller base, fewer workers, or adaptation = lora and fewer tokens per step in the space"
            )
    if isinstance(family, IsGrown):
        return  # what is grown looks at a bounded number of rows at a time
    if isinstance(spec, TableSpec) and spec.columns:
        _check_copies(one := estimated_bytes(family, config, spec), copies)
        largest = max(spec.columns, key=lambda column: column.levels)
        _check_one(
            one,
            f"column {largest.name!r} alone has {largest.levels:,} distinct values: leave it out, merge its "
            "rare values, or lower batch_size and width in the search space",
        )
    elif copies > 1 and not isinstance(family, HasBase):
        _check_copies(one := held_bytes(family, config, spec), copies)
        _check_one(one, "take a smaller model")


def _check_copies(one: int, copies: int) -> None:
    """Refuse replicas of which fewer would fit. Raises ``TrialFailure``."""
    if one <= (free := free_memory()) < copies * one:
        raise TrialFailure(
            f"{copies} replicas with the whole model each need about {copies * one / 1e9:.1f} GB of memory, "
            f"but {free / 1e9:.1f} GB are free; take --replicas {free // one}, or parallel = tensor in the "
            "search space, by which replicas share one transformer"
        )


def _check_one(needed: int, remedy: str) -> None:
    """Refuse what does not fit once. Raises ``TrialFailure``."""
    if needed > (free := free_memory()):
        raise TrialFailure(
            f"it needs about {needed / 1e9:.1f} GB of memory, but {free / 1e9:.1f} GB are free; {remedy}"
        )
