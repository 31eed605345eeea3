"""Feature spaces: samples as vectors, for metrics that do not care what the samples are."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, final

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError

_REMEMBERED = 8


class FeatureSpace(ABC):
    """Turns samples into vectors; its name stands in the name of every score taken in it.

    What was described last is remembered, so that metrics which share a space encode nothing twice.

    Attributes:
        name: With a version, ``random_conv-v1``: another name wherever a vector would be another.
    """

    name: str

    def __init__(self) -> None:
        self._recent: deque[tuple[tuple[Any, ...], Any]] = deque(maxlen=_REMEMBERED)

    @final
    def prepare(self, real: Samples, codec: Codec) -> tuple[Any, np.ndarray]:
        """What ``features`` has to know of the real samples, and their features, float64 (N, D)."""
        found: tuple[Any, np.ndarray] = self._remember((real, codec), lambda: self.fit(real, codec))
        return found

    @final
    def features(self, known: Any, samples: Samples) -> np.ndarray:
        """Features of samples, float64 (M, D).

        Args:
            known: From ``prepare``.
            samples: Raw samples.

        Raises:
            MetricError: samples of another shape, or features that are not finite.
        """
        found: np.ndarray = self._remember((known, samples), lambda: self.describe(known, samples))
        return found

    @abstractmethod
    def fit(self, real: Samples, codec: Codec) -> tuple[Any, np.ndarray]:
        """See ``prepare``."""

    @abstractmethod
    def describe(self, known: Any, samples: Samples) -> np.ndarray:
        """See ``features``."""

    def __getstate__(self) -> dict[str, Any]:
        """Without what is remembered, which a worker would have no use for."""
        return self.__dict__ | {"_recent": deque(maxlen=_REMEMBERED)}

    def _remember(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        for known, value in self._recent:
            if all(one is other for one, other in zip(known, key, strict=True)):
                return value
        value = make()
        features = value[1] if isinstance(value, tuple) else value
        if not np.isfinite(features).all():
            bad = int((~np.isfinite(features)).any(axis=1).sum())
            raise MetricError(
                f"features {self.name} are not finite for {bad} of {len(features)} samples; "
                f"give features that are, or leave out those samples"
            )
        self._recent.append((key, value))
        return value


def standardise(features: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Put features on one scale."""
    return np.asarray((features - mean) / scale)


def scale_of(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale of each feature, (D,) both.

    The scale is the standard deviation, but at least a tenth of the features' median one: else a
    corner that is nearly always blank would outweigh all the rest.
    """
    deviation = features.std(axis=0)
    return features.mean(axis=0), np.maximum(deviation, max(0.1 * float(np.median(deviation)), 1e-6))
