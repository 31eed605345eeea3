"""Feature spaces of the user's own: a module of torch, or any callable, named in the call itself."""

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
from autogen.metrics.features.space import FeatureSpace

_BATCH = 64


class GivenFeatures(FeatureSpace):
    """What a module or a callable makes of samples, as it is: nothing is put on another scale.

    A module of torch gets float32 images (B, C, H, W) in 0..1 and gives (B, D); resizing,
    normalisation and a third channel are its own affair. Any other callable gets the raw samples and
    gives N rows of D numbers.

    Args:
        given: The module or callable.
        name: It is called by in scores.
        imported: Whether that is also what it can be imported by, ``package.module:name``: so it travels
            to workers, whatever it holds.
    """

    def __init__(self, given: Callable[[Any], Any], name: str, *, imported: bool = False) -> None:
        super().__init__()
        self.given, self.name, self._imported = given, name, imported
        if isinstance(given, nn.Module):
            given.eval()

    def __reduce__(self) -> tuple[Any, ...]:
        """By name where it has been imported."""
        if self._imported:
            return given_space, (self.name,)
        return GivenFeatures, (self.given, self.name)

    def fit(self, real: Samples, codec: Codec) -> tuple[None, np.ndarray]:
        """Nothing has to be known of the real samples."""
        return None, self.describe(None, real)

    def describe(self, known: None, samples: Samples) -> np.ndarray:
        """Run the module or callable."""
        try:
            raw = self._of_images(samples) if isinstance(self.given, nn.Module) else self.given(samples)
            found = np.asarray(raw.detach().cpu() if isinstance(raw, torch.Tensor) else raw, dtype=np.float64)
        except Exception as error:  # the user's own code may raise anything
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
            raise TypeError("a module of torch takes images; give a callable for other data")
        parts = []
        with torch.inference_mode():
            for first in range(0, len(images), _BATCH):
                pixels = torch.from_numpy(np.ascontiguousarray(images[first : first + _BATCH]))
                parts.append(self.given(pixels.permute(0, 3, 1, 2).float() / 255))
        return torch.cat(parts).double().cpu().numpy()


def given_space(features: Any) -> GivenFeatures:
    """Make a feature space of ``package.module:name``, or of a module or callable itself.

    Args:
        features: A name is imported and so runs that package's code: it must come from the caller, never
            from a file. A class is called without arguments.

    Raises:
        SettingsError: there is no such thing, or it cannot be called.
    """
    if isinstance(features, str):
        return GivenFeatures(_imported(features), features, imported=True)
    name = getattr(features, "__qualname__", type(features).__qualname__)
    return GivenFeatures(_callable(features, name), name)


def import_name(features: Any) -> str:
    """What features can be imported by, ``package.module:name``; a name is left as it is.

    Raises:
        SettingsError: they are made where no worker can import them.
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
    """What a name stands for; a network is made but once in a process."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)  # a command's own path lacks the folder that it is called in
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
    """What can be called with samples: an instance where a class is given."""
    made = found() if isinstance(found, type) else found
    if not callable(made):
        raise SettingsError(f"features {name!r} must be a module or a callable, not {type(made).__name__}")
    return made
