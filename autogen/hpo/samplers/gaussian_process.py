"""A Gaussian process on points of the unit cube: Matern 5/2, a length scale for each parameter.

The priors make few data in many dimensions mean long length scales, after Hvarfner 2024
(arxiv.org/abs/2402.02229).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.special import erfcx, ndtr

Array = NDArray[np.float64]

_JITTER = 1e-8
_SPREAD_LENGTH = math.sqrt(3)  # of the log length scales' prior
_LOG_NOISE = (-5.0, 2.0)  # mean and spread of the log noise variance's prior
_LARGE = 1e10
_LOG_ROOT = 0.5 * math.log(2 * math.pi)  # of the normal density's factor
_HOPELESS = 1e4  # deviations above the best


@dataclass(frozen=True)
class Kernel:
    """What was learnt about a function's smoothness.

    Attributes:
        log_lengths: Log of the length scale of each parameter, (D,).
        log_signal: Log of the signal's variance.
        log_noise: Log of the noise's variance.
    """

    log_lengths: Array
    log_signal: float
    log_noise: float


def fit_kernel(X: Array, y: Array, groups: NDArray[np.intp], iterations: int = 30) -> Kernel:
    """The most probable kernel given data.

    Args:
        X: Points, (N, C).
        y: Values, (N,).
        groups: For each of the C columns the parameter (0..D-1, ascending) that it belongs to.
        iterations: Most iterations of the optimiser.
    """
    D = int(groups[-1]) + 1
    squares = _squares(X, groups).reshape(D, -1)
    y = (y - y.mean()) / max(float(y.std()), 1e-6)
    start = np.r_[np.full(D, 0.5 * math.log(D)), 0.0, math.log(1e-3)]
    bounds = [(-3.0, 6.0)] * D + [(-3.0, 3.0), (math.log(1e-6), 0.0)]
    options = {"maxiter": iterations}
    found = minimize(
        _negative_log_posterior, start, (squares, y), "L-BFGS-B", True, bounds=bounds, options=options
    )
    return Kernel(found.x[:D], float(found.x[D]), float(found.x[D + 1]))


def _negative_log_posterior(theta: Array, squares: Array, y: Array) -> tuple[float, Array]:
    """Minus the log of evidence times priors, and its gradient."""
    N, D = len(y), len(theta) - 2
    inverse = np.exp(-2 * theta[:D])
    signal, noise = math.exp(theta[D]), math.exp(theta[D + 1])
    root = np.sqrt(5 * (inverse @ squares) + 1e-12)
    decay = np.exp(-root)
    clean = (signal * (1 + root + root * root / 3) * decay).reshape(N, N)
    try:
        L = np.linalg.cholesky(clean + (noise + _JITTER) * np.eye(N))
    except np.linalg.LinAlgError:
        return _LARGE, np.zeros_like(theta)
    K_inverse = cho_solve((L, True), np.eye(N))
    weights = K_inverse @ y
    W = K_inverse - np.outer(weights, weights)
    gradient = np.empty_like(theta)
    slope = W.ravel() * (signal * 5 / 3) * (1 + root) * decay
    gradient[:D] = 0.5 * inverse * (squares @ slope)
    gradient[D] = 0.5 * np.sum(W * clean)
    gradient[D + 1] = 0.5 * noise * np.trace(W)
    means = np.r_[np.full(D, math.sqrt(2) + 0.5 * math.log(D)), 0.0, _LOG_NOISE[0]]
    spreads = np.r_[np.full(D, _SPREAD_LENGTH), 1.0, _LOG_NOISE[1]]
    z = (theta - means) / spreads
    value = 0.5 * float(y @ weights) + float(np.log(np.diag(L)).sum()) + 0.5 * float(z @ z)
    return value, gradient + z / spreads


class Prediction:
    """What a process expects at points, each of which can then be taken to turn out so.

    Args:
        mean: Means of the function at the points, (M,).
        Z: The points, each column over its length scale, (M, C).
        solved: Covariances with the N points that are known, over the factor of theirs, (N, M).
        signal: The kernel's variance.
        noise: Variance of what is seen of the function.
        scale: What a deviation of 1 is in units of the function.
    """

    def __init__(
        self, mean: Array, Z: Array, solved: Array, signal: float, noise: float, scale: float
    ) -> None:
        self.mean = mean
        self._Z, self._solved, self._assumed = Z, solved, list[Array]()
        self._signal, self._noise, self._scale = signal, noise, scale
        self._variance: Array = signal - np.sum(solved * solved, axis=0)

    @property
    def deviation(self) -> Array:
        """Standard deviations of the function at the points, (M,)."""
        deviation: Array = np.sqrt(np.maximum(self._variance, 1e-10)) * self._scale
        return deviation

    def assume(self, place: int) -> None:
        """Take one of the points to turn out as expected: means stay, deviations near it shrink.

        One step of a Cholesky factorisation, so that it costs O(N M) and no new process.
        """
        covariance = _covariance(self._Z, self._Z[place : place + 1], self._signal)[:, 0]
        covariance -= self._solved[:, place] @ self._solved
        for row in self._assumed:
            covariance -= row[place] * row
        row = covariance / math.sqrt(max(self._variance[place], 0.0) + self._noise)
        self._assumed.append(row)
        self._variance = self._variance - row * row


class GaussianProcess:
    """A posterior over functions.

    Args:
        kernel: The prior's kernel.
        X: Points where the function is known, (N, C).
        y: Its values there, (N,).
        groups: For each of the C columns the parameter that it belongs to.
    """

    def __init__(self, kernel: Kernel, X: Array, y: Array, groups: NDArray[np.intp]) -> None:
        self._mean, self._scale = float(y.mean()), max(float(y.std()), 1e-6)
        self._signal, self._noise = math.exp(kernel.log_signal), math.exp(kernel.log_noise) + _JITTER
        self._inverse = np.exp(-kernel.log_lengths)[groups]
        self._X = X * self._inverse
        self._L: Any = np.linalg.cholesky(
            _covariance(self._X, self._X, self._signal) + self._noise * np.eye(len(X))
        )
        self._weights: Array = cho_solve((self._L, True), (y - self._mean) / self._scale)

    def predict(self, Z: Array) -> Prediction:
        """What to expect of the function at points (M, C)."""
        scaled = Z * self._inverse
        cross = _covariance(scaled, self._X, self._signal)
        solved = solve_triangular(self._L, cross.T, lower=True)
        mean = cross @ self._weights * self._scale + self._mean
        return Prediction(mean, scaled, solved, self._signal, self._noise, self._scale)


def _covariance(A: Array, B: Array, signal: float) -> Array:
    """Covariance of points (M, C) with others (N, C), columns over their length scales, (M, N)."""
    norms = np.sum(A * A, axis=1)[:, None] + np.sum(B * B, axis=1)[None]
    root = np.sqrt(5 * np.maximum(norms - 2 * A @ B.T, 0) + 1e-12)
    covariance: Array = signal * (1 + root + root * root / 3) * np.exp(-root)
    return covariance


def log_expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Log of how far below the best values are expected to fall, (M,).

    Three forms of log(z ndtr(z) + density(z)), after Ament 2023 (arxiv.org/abs/2310.20708): as it stands
    where z > -1; by Mills' ratio where its two terms cancel; by the first term of its series where even
    that would lose all digits. Neighbouring forms differ by less than 1e-7 where they meet.
    """
    z = (best - mean) / deviation
    density = np.exp(-0.5 * z * z - _LOG_ROOT)
    near = np.log(np.maximum(z * ndtr(z) + density, 1e-300))
    low = np.clip(z, -_HOPELESS, -1.0)
    ratio = math.sqrt(math.pi / 2) * erfcx(-low / math.sqrt(2))  # ndtr over density, which both underflow
    far = np.where(z > -_HOPELESS, np.log1p(low * ratio), -2 * np.log(np.maximum(-z, 1.0)))
    result: Array = np.where(z > -1, near, far - 0.5 * z * z - _LOG_ROOT) + np.log(deviation)
    return result


def _squares(X: Array, groups: NDArray[np.intp]) -> Array:
    """Squared distances of all pairs of points for each parameter, (D, N, N)."""
    squares = (X.T[:, :, None] - X.T[:, None, :]) ** 2
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    summed: Array = np.add.reduceat(squares, starts, axis=0)
    return summed
