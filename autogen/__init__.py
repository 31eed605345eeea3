"""AutoML for generative models: bring a data set and a budget, get back the best generator, with proof."""

import importlib
import os.path
import warnings
from typing import Any

__version__ = "0.1.0"

if os.path.isdir(os.path.join(os.path.dirname(__file__), "agentchat")):  # noqa: PTH112, PTH118, PTH120 - quick
    warnings.warn(
        "the folder of this package holds files of another project of the same import name (the distribution "
        "autogen or ag2): they break each other; make a new environment and install only autogen-search",
        stacklevel=2,
    )

#: Public names and where they live; imported on first use, so that ``import autogen`` costs nothing.
#: Editors and mypy read them from ``__init__.pyi``.
_PUBLIC = {
    "search": "autogen.api.search",
    "Generator": "autogen.api.estimator",
    "GeneratorOverSampler": "autogen.api.oversampler",
    "resume": "autogen.api.resume",
    "update": "autogen.api.update",
    "load": "autogen.generator.load",
    "judge": "autogen.judging.command",
    "score": "autogen.verdict.external",
    "benchmark": "autogen.benchmarking.run",
    "StudyResult": "autogen.engine.study_result",
    "GeneratedModel": "autogen.generator.generator",
    "SearchSpace": "autogen.hpo.space.search_space",
    "AutogenError": "autogen.errors",
    "UserError": "autogen.errors",
}

__all__ = [
    "AutogenError",
    "GeneratedModel",
    "Generator",
    "GeneratorOverSampler",
    "SearchSpace",
    "StudyResult",
    "UserError",
    "__version__",
    "benchmark",
    "judge",
    "load",
    "resume",
    "score",
    "search",
    "update",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        from autogen.errors import did_you_mean

        hint = did_you_mean(name, __all__)
        raise AttributeError(
            f"module 'autogen' has no attribute {name!r}; it has {', '.join(__all__)}.{hint}"
        )
    return getattr(importlib.import_module(_PUBLIC[name]), name)
