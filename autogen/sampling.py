"""Writes samples of a model to files."""

from pathlib import Path

from autogen import registry
from autogen.data.base import DataKind
from autogen.errors import RunError
from autogen.training.generated import GeneratedModel


def write_samples(model: GeneratedModel, n: int, path: Path, seed: int = 0) -> None:
    """Draw n samples and write them; equal for equal n and seed.

    Args:
        model: To draw from.
        n: How many, at least 1.
        path: File or folder; the suffix says the form, see the kind of data.
        seed: Of the draws.

    Raises:
        DataError: a suffix that this kind of data is not written as.
        RunError: it cannot be written.
    """
    kind: DataKind = registry.get("data", model.codec.kind)()
    try:
        kind.save(model.sample(n, seed), path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; choose another file with -o") from error
