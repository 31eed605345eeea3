"""Feature spaces: samples as vectors, for metrics that work on any kind of data."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError

_REMEMBERED = 8


class FeatureSpace(ABC):
    """Feature extractor that turns samples into vectors; its name is part of the name of a score.

    The last results are cached, so that metrics which share a space extract nothing twice.

    Attributes:
        name: Name with a version, ``random_conv-v1``; any change of the vectors needs a new name.
    """

    name: str

    def __init__(self) -> None:
        self._recent: deque[tuple[tuple[Any, ...], Any]] = deque(maxlen=_REMEMBERED)
        self._shared: dict[tuple[str, tuple[int, ...]], Any] | None = None

    @final
    def prepare(self, real: Samples, codec: Codec) -> tuple[Any, np.ndarray]:
        """Fit the space to N real samples: its state for ``features``, and their features, float64 (N, D)."""
        found: tuple[Any, np.ndarray] = self._remember((real, codec), lambda: self.fit(real, codec))
        return found

    @final
    def features(self, known: Any, samples: Samples) -> np.ndarray:
        """Extract the features of samples, float64 (M, D).

        Args:
            known: State that ``prepare`` returned.
            samples: M raw samples.

        Raises:
            MetricError: samples of another shape, or features that are not finite.
        """
        found: np.ndarray = self._remember((known, samples), lambda: self.describe(known, samples))
        return found

    @final
    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Let metrics of this space compute distances and the like once; they are forgotten at the end."""
        self._shared = {}
        try:
            yield
        finally:
            self._shared = None

    @final
    def once(self, name: str, make: Callable[..., Any], *arrays: np.ndarray) -> Any:
        """Compute ``make(*arrays)``, inside ``sharing`` only once for the same name and the same arrays."""
        if self._shared is None:
            return make(*arrays)
        key = (name, tuple(map(id, arrays)))
        if key not in self._shared:
            self._shared[key] = (make(*arrays), arrays)  # an array that is kept keeps its id
        return self._shared[key][0]

    @abstractmethod
    def fit(self, real: Samples, codec: Codec) -> tuple[Any, np.ndarray]:
        """Compute what ``prepare`` returns; subclasses implement this."""

    @abstractmethod
    def describe(self, known: Any, samples: Samples) -> np.ndarray:
        """Compute what ``features`` returns; subclasses implement this."""

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without the caches, which are of no use to a worker."""
        return self.__dict__ | {"_recent": deque(maxlen=_REMEMBERED), "_shared": None}

    def _remember(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return the cached value of a key or make it; keys are compared by identity."""
        for known, value in self._recent:
            if all(one is other for one, other in zip(known, key, strict=True)):
                return value
        value = make()
        features = value[1] if isinstance(value, tuple) else value
        if not np.isfinite(features).all():
            bad = int((~np.isfinite(features)).any(axis=1).sum())
            raise MetricError(
                f"features {self.name} are not finite for {bad} of {len(features)} samples; "
                f"use other features, or leave out those samples"
            )
        self._recent.append((key, value))
        return value


def standardize(features: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Standardize features (N, D) by mean and scale, (D,) both."""
    return np.asarray((features - mean) / scale)


def scale_of(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute mean and scale of each feature of (N, D), (D,) both.

    The scale is the standard deviation, but at least a tenth of the median deviation of all features:
    otherwise a corner that is nearly always blank would outweigh all other features.
    """
    deviation = features.std(axis=0)
    return features.mean(axis=0), np.maximum(deviation, max(0.1 * float(np.median(deviation)), 1e-6))
