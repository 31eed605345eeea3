"""Writes samples of a model to files."""

from pathlib import Path

from autogen import registry
from autogen.data.base import DataKind
from autogen.training.generated import GeneratedModel


def write_samples(model: GeneratedModel, n: int, path: Path, seed: int = 0) -> None:
    """Draw n samples and write them; equal for equal n and seed.

    Args:
        model: To draw from.
        n: How many, at least 1.
        path: File or folder; the suffix says the form, see the kind of data.
        seed: Of the draws.

    Raises:
        DataError: a suffix that this kind of data is not written as, or a place that cannot be written.
    """
    kind: DataKind = registry.get("data", model.codec.kind)()
    kind.save(model.sample(n, seed), path, model.codec)
