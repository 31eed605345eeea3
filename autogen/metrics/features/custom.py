"""Custom feature spaces: the user's torch module or callable as a feature extractor."""

import importlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError, SettingsError
from autogen.files import is_disk_error
from autogen.metrics.features.space import FeatureSpace

_BATCH = 64


class CustomFeatures(FeatureSpace):
    """Features of a user's torch module or callable, unscaled.

    A torch module gets float32 images (B, C, H, W) in 0..1 and returns (B, D); it has to resize, normalize
    and add channels itself. Any other callable gets the N raw samples and returns (N, D) numbers.

    Args:
        given: Torch module or callable.
        name: Name of the space in scores.
        imported: True if ``name`` can be imported, ``package.module:name``. Then workers get the name
            instead of a pickle of the module.
    """

    def __init__(self, given: Callable[[Any], Any], name: str, *, imported: bool = False) -> None:
        super().__init__()
        self.given, self.name, self._imported = given, name, imported
        if isinstance(given, nn.Module):
            given.eval()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the name alone if it can be imported."""
        if self._imported:
            return custom_space, (self.name,)
        return CustomFeatures, (self.given, self.name)

    def fit(self, real: Samples, codec: Codec) -> tuple[None, np.ndarray]:
        """Compute the features of the real samples, float64 (N, D); there is no state to fit."""
        return None, self.describe(None, real)

    def describe(self, known: None, samples: Samples) -> np.ndarray:
        """Run the module or callable on M samples, float64 (M, D)."""
        try:
            raw = self._of_images(samples) if isinstance(self.given, nn.Module) else self.given(samples)
            found = np.asarray(raw.detach().cpu() if isinstance(raw, torch.Tensor) else raw, dtype=np.float64)
        except Exception as error:  # the user's own code may raise anything
            if is_disk_error(error):  # which is not the samples' fault
                raise
            why = " ".join(str(error).split())
            raise MetricError(f"features {self.name} failed: {type(error).__name__}: {why}") from error
        if found.ndim != 2 or len(found) != len(samples):
            raise MetricError(
                f"features {self.name} must give an array ({len(samples)}, D) for {len(samples)} samples; "
                f"it gave {found.shape}"
            )
        return found

    def _of_images(self, images: Samples) -> np.ndarray:
        if not isinstance(images, np.ndarray):
            raise TypeError("a torch module takes images; give a callable for other data")
        parts = []
        with torch.inference_mode():
            for first in range(0, len(images), _BATCH):
                pixels = torch.from_numpy(np.ascontiguousarray(images[first : first + _BATCH]))
                parts.append(self.given(pixels.permute(0, 3, 1, 2).float() / 255))
        return torch.cat(parts).double().cpu().numpy()


def custom_space(features: Any) -> CustomFeatures:
    """Make a feature space of ``package.module:name``, or of a torch module or callable.

    Args:
        features: Import name, torch module, callable or class; a class is called without arguments. Importing
            a name runs that package's code: the name must come from the caller, never from a file.

    Raises:
        SettingsError: the name cannot be imported, or its value cannot be called.
    """
    if isinstance(features, str):
        return CustomFeatures(_imported(features), features, imported=True)
    name = getattr(features, "__qualname__", type(features).__qualname__)
    return CustomFeatures(_callable(features, name), name)


def import_name(features: Any) -> str:
    """Return the import name of features, ``package.module:name``; a name is returned as it is.

    Raises:
        SettingsError: they are defined where no worker can import them.
    """
    if isinstance(features, str):
        return features
    module, name = getattr(features, "__module__", "__main__"), getattr(features, "__qualname__", "<none>")
    if module == "__main__" or "<" in name:
        raise SettingsError(
            f"features {features!r} cannot be imported by workers; put a class or a function into a module, "
            "and give it or its name, package.module:name"
        )
    return f"{module}:{name}"


@cache
def _imported(path: str) -> Any:
    """Import a name; the cache makes a network only once in a process."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)  # the path of a console script lacks the working folder
    module, _, attribute = path.partition(":")
    try:
        found = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"features {path!r} cannot be imported: {error}; expected package.module:name"
        ) from error
    return _callable(found, path)


def _callable(found: Any, name: str) -> Any:
    """Return a callable: an instance where a class is given."""
    made = found() if isinstance(found, type) else found
    if not callable(made):
        raise SettingsError(f"features {name!r} must be a module or a callable, not {type(made).__name__}")
    return made
