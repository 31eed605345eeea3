"""Way in which the ranks of a trial share it, by its settings."""

from autogen.errors import SpaceError
from autogen.families.base import Training
from autogen.training.parallel.group import Group
from autogen.training.parallel.modes import DataParallel, Parallel, TensorParallel
from autogen.training.parallel.pipeline import PipelineParallel
from autogen.training.parallel.shard import ShardParallel

#: Values of the training setting ``parallel``.
DATA, SHARD, TENSOR, PIPELINE = "data", "shard", "tensor", "pipeline"
_WAYS = {DATA: DataParallel, SHARD: ShardParallel, TENSOR: TensorParallel, PIPELINE: PipelineParallel}
_CUTS_MATRICES = (SHARD, TENSOR)


def parallel_for(training: Training, group: Group | None) -> Parallel:
    """Return the way in which a trial's settings share it between ranks.

    Raises:
        SpaceError: there is no such way, or the optimizer needs whole matrices.
    """
    if training.parallel not in _WAYS:
        raise SpaceError(f"training.parallel must be one of {', '.join(_WAYS)}, not {training.parallel!r}")
    if group is None:
        return Parallel()
    if training.optimizer == "muon" and training.parallel in _CUTS_MATRICES:
        raise SpaceError(
            f"training.optimizer muon needs whole matrices, which parallel = {training.parallel} splits; "
            "take adamw"
        )
    return _WAYS[training.parallel](group)
