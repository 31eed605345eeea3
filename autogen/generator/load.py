"""Opens what a run left: the run itself, or its best model."""

from pathlib import Path

from autogen.errors import RunError
from autogen.generator.generator import GeneratedModel


def load(path: Path | str) -> GeneratedModel:
    """Load a generative model.

    Args:
        path: A run folder, for its best model, or the folder of a model.

    Raises:
        RunError: no model there, or a damaged, foreign or newer one.
    """
    path = Path(path)
    if (path / "study.toml").exists():
        if not (path / "best" / "model.safetensors").exists():
            raise RunError(f"{path} has no best model yet; finish it: autogen resume {path}")
        path = path / "best"
    return GeneratedModel.load(path)
