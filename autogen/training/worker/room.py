"""Memory that a trial needs on each of its ranks, estimated before anything is built."""

from autogen.data.specs import Spec, TableSpec
from autogen.errors import TrialFailure
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily
from autogen.families.based import HasBase
from autogen.training.parallel.lookup import DATA
from autogen.training.parallel.sizes import held_bytes, least_that_fits
from autogen.training.worker.efficiency import outline
from autogen.training.worker.memory import allowed_memory, free_memory

_NUMBER = 4  # bytes
_PASSES = 6  # numbers kept for each code of each row of a batch: one-hots, logits, their gradients


def estimated_bytes(family: ModelFamily, config: FamilyConfig, spec: TableSpec, ranks: int = 1) -> int:
    """Estimate the bytes of a training step of a rank: parameters with their copies, and a batch's codes."""
    levels = sum(column.levels for column in spec.columns)
    batch = config.training.batch_size * levels * _PASSES
    return _NUMBER * int(batch) + of_a_rank(family, config, spec, ranks)


def of_a_rank(family: ModelFamily, config: FamilyConfig, spec: Spec, ranks: int = 1) -> int:
    """Compute a rank's bytes of parameters and their copies: less than a step takes, with its activations."""
    return held_bytes(outline(family, config, spec), config.training.parallel, ranks)


def check_room(family: ModelFamily, config: FamilyConfig, spec: Spec, ranks: int = 1) -> None:
    """Refuse a trial that would take more memory than is free, by what takes most of it.

    Args:
        family: Family of the model.
        config: Its settings.
        spec: Spec of the encoded data.
        ranks: Processes of this machine that train it together.

    Raises:
        TrialFailure: says what it would take, and which column or base is too large, or what would fit.
    """
    if isinstance(family, HasBase):
        needed, free = ranks * family.needed_bytes(config, spec), free_memory()
        if needed > free:
            raise TrialFailure(
                f"it needs about {needed / 1e9:.1f} GB of memory, but {free / 1e9:.1f} GB are free; take a "
                "smaller base, fewer workers, or adaptation = lora and fewer tokens per step in the space"
            )
    if isinstance(family, IsGrown | HasBase):
        return  # what is grown looks at a bounded number of rows at a time
    if isinstance(spec, TableSpec) and spec.columns:
        one = estimated_bytes(family, config, spec, ranks)
        largest = max(spec.columns, key=lambda column: column.levels)
        remedy = (
            f"column {largest.name!r} alone has {largest.levels:,} distinct values: leave it out, merge its "
            "rare values, or lower batch_size and width in the search space"
        )
    else:
        one, remedy = of_a_rank(family, config, spec, ranks), "take a smaller model"
    free = free_memory()
    if one <= (allowed := allowed_memory()) and ranks * one <= free:
        return
    _check_copies(config, one, ranks)
    what = "each replica" if ranks > 1 else "it"
    fits = least_that_fits(outline(family, config, spec), allowed, free, config.training.optimizer)
    if fits is not None:
        remedy = (
            f"parallel = {fits[0]} in the search space with --replicas {fits[1]} takes "
            f"at least {_amount(fits[2])} a replica; or {remedy}"
        )
    raise TrialFailure(
        f"{what} needs about {_amount(one)} of memory, but {_amount(min(allowed, free // ranks))} are free; "
        f"{remedy}"
    )


def _check_copies(config: FamilyConfig, one: int, ranks: int) -> None:
    """Refuse replicas with the whole model each of which fewer would fit. Raises ``TrialFailure``."""
    if one <= min(free := free_memory(), allowed_memory()) and config.training.parallel == DATA:
        raise TrialFailure(
            f"{ranks} replicas with the whole model each need about {_amount(ranks * one)} of memory, "
            f"but {_amount(free)} are free; take --replicas {free // one}, or parallel = shard, tensor or "
            "pipeline in the search space, by which replicas share one transformer"
        )


def _amount(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 10**8 else f"{number / 1e6:.0f} MB"
