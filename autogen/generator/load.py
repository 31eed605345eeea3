"""Loading of a model from a run folder or a model's folder."""

from pathlib import Path

from autogen.errors import RunError
from autogen.generator.generator import GeneratedModel


def load(path: Path | str) -> GeneratedModel:
    """Load a generative model.

    Args:
        path: Run folder, for its best model, or the folder of a model.

    Raises:
        RunError: there is no model, or it is damaged, foreign or a newer autogen's.
    """
    path = Path(path)
    if (path / "study.toml").exists():
        if not (path / "best" / "model.safetensors").exists():
            raise RunError(f"{path} has no best model yet; finish it: autogen resume {path}")
        path = path / "best"
    return GeneratedModel.load(path)
