"""Baselines for images: independent pixels, a Gaussian on principal components, kernel density."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import ImageSpec, Samples
from autogen.families.baselines.base import Baseline, HasState, some

_KEPT = 0.99
_ROWS, _KDE_ROWS = 20_000, 1000
#: Most rows, or numbers of an image, whose matrix of products is decomposed: its cost is of the third power.
_LARGEST = 1500


class PixelMarginals(Baseline):
    """Each pixel, with its channels, drawn from that pixel of a random training image."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the images, uint8 (N, H, W, C)."""
        self._train = train

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n images, uint8 (n, H, W, C)."""
        size, height, width, _ = self._train.shape
        chosen = rng.integers(size, size=(n, height, width))
        return self._train[chosen, np.arange(height)[:, None], np.arange(width)]


class PcaGaussian(Baseline, HasState):
    """Gaussian on the principal components of the pixels that hold 99 % of the variance."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Fit the principal components."""
        self._codec, self._components = codec, Components(codec.encode(train)["pixels"])

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n images, uint8 (n, H, W, C)."""
        center = self._components.mean
        return _decoded(center + self._components.draw(n, rng), self._codec)

    def state(self) -> dict[str, np.ndarray]:
        """Mean and axes."""
        return {"mean": self._components.mean, "axes": self._components.axes}

    def restore(self, state: Mapping[str, np.ndarray], codec: Codec) -> None:
        """Take the place of ``fit``."""
        self._codec, self._components = codec, Components.of(state["mean"], state["axes"])


class Kde(Baseline):
    """Kernel density estimate: a training image plus a small draw of the Gaussian of all (Parzen 1962).

    The bandwidth is the one of 20 with the highest leave-one-out likelihood.
    """

    def fit(self, train: Samples, codec: Codec) -> None:
        """Fit the principal components and the bandwidth."""
        self._codec, self._pixels = codec, codec.encode(train)["pixels"]
        self._components = Components(self._pixels)
        places = self._components.places(some(self._pixels, _KDE_ROWS))
        self.width = max(np.geomspace(0.05, 1.5, 20), key=_left_out_likelihood(places))

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n images, uint8 (n, H, W, C)."""
        centers = self._pixels[rng.integers(len(self._pixels), size=n)].reshape(n, -1)
        return _decoded(centers + self.width * self._components.draw(n, rng), self._codec)


class Components:
    """Principal components of images that hold 99 % of the variance.

    At most 20,000 images are used, 1,500 where an image has more numbers than that.

    Args:
        pixels: Images, uint8 (N, C, H, W).
    """

    def __init__(self, pixels: np.ndarray) -> None:
        size = int(np.prod(pixels.shape[1:]))
        chosen = some(pixels, _ROWS if size <= _LARGEST else _LARGEST)
        flat = chosen.reshape(len(chosen), -1).astype(np.float64)
        self.mean = flat.mean(axis=0)
        variances, axes = _principal(flat - self.mean)
        share = np.cumsum(variances) / max(variances.sum(), 1e-12)
        count = int(np.searchsorted(share, _KEPT)) + 1
        self._variances, self.axes = variances[:count], axes[:, :count]

    @classmethod
    def of(cls, mean: np.ndarray, axes: np.ndarray) -> "Components":
        """Components as saved: the mean (D,), and axes as long as their standard deviations (D, K)."""
        made = cls.__new__(cls)
        made.mean, made.axes, made._variances = mean, axes, (axes**2).sum(axis=0)
        return made

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n vectors of the Gaussian around zero, float64 (n, C H W)."""
        return np.asarray(rng.normal(size=(n, self.axes.shape[1])) @ self.axes.T)

    def places(self, pixels: np.ndarray) -> np.ndarray:
        """Compute standardized coordinates of images (N, C, H, W), float64 (N, components)."""
        flat = pixels.reshape(len(pixels), -1) - self.mean
        return np.asarray(flat @ self.axes / np.maximum(self._variances, 1e-12))


def _principal(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute variances, descending, and axes as long as their standard deviations, (D, min(N, D))."""
    rows, size = flat.shape
    if size <= rows:
        variances, axes = np.linalg.eigh(flat.T @ flat / max(rows - 1, 1))
        axes = axes * np.sqrt(np.maximum(variances, 0))
    else:
        variances, left = np.linalg.eigh(flat @ flat.T / max(rows - 1, 1))
        axes = flat.T @ left / max(rows - 1, 1) ** 0.5
    return np.maximum(variances[::-1], 0), axes[:, ::-1]


def _left_out_likelihood(places: np.ndarray) -> Callable[[float], float]:
    """Return a function from bandwidth to mean leave-one-out log-density of places (N, D), unnormalized."""
    squares = (places**2).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares - 2 * places @ places.T, 0)
    np.fill_diagonal(apart, np.inf)

    def likelihood(width: float) -> float:
        exponents = apart / (-2 * width**2)
        top = exponents.max(axis=1, keepdims=True)
        logs = top[:, 0] + np.log(np.exp(exponents - top).sum(axis=1))
        return float(logs.mean() - places.shape[1] * np.log(width))

    return likelihood


def _decoded(flat: np.ndarray, codec: Codec) -> Samples:
    """Decode flat pixels (n, C H W), rounded to the nearest levels, to raw images, uint8 (n, H, W, C)."""
    spec = codec.spec
    assert isinstance(spec, ImageSpec)
    codes = np.clip(np.rint(flat), 0, spec.levels - 1).astype(np.uint8)
    return codec.decode({"pixels": codes.reshape(-1, spec.channels, spec.height, spec.width)})
