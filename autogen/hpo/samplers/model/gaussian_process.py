"""A Gaussian process on the unit cube: Matern 5/2 kernel with one length scale per parameter.

The priors favor long length scales for few points in many dimensions, as in Hvarfner 2024
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
_SPREAD_LENGTH = math.sqrt(3)  # standard deviation of the prior of log length scales
_LOG_NOISE = (-5.0, 2.0)  # mean and standard deviation of the prior of the log noise variance
_LARGE = 1e10  # value of parameters whose covariance is singular
_LOG_ROOT = 0.5 * math.log(2 * math.pi)  # log of the normalizing factor of the normal density
_HOPELESS = 1e4  # standard deviations above the best value


@dataclass(frozen=True)
class Kernel:
    """Hyperparameters of the kernel.

    Attributes:
        log_lengths: log of the length scale of each parameter, (D,).
        log_signal: log of the signal variance.
        log_noise: log of the noise variance.
    """

    log_lengths: Array
    log_signal: float
    log_noise: float


def fit_kernel(X: Array, y: Array, groups: NDArray[np.intp], iterations: int = 30) -> Kernel:
    """Fit the kernel with the largest posterior probability (MAP), by L-BFGS.

    Args:
        X: points, (N, C).
        y: values at the points, (N,).
        groups: parameter (0..D-1) of each column, ascending, (C,).
        iterations: maximum number of iterations.
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
    """Compute the negative log posterior up to a constant, and its gradient.

    Args:
        theta: log length scales, log signal variance, log noise variance, (D + 2,).
        squares: squared distances of all pairs of points for each parameter, (D, N * N).
        y: standardized values, (N,).

    Returns:
        Value and gradient, (D + 2,).
    """
    N, D = len(y), len(theta) - 2
    # Matern 5/2 with r = sqrt(5) * scaled distance: k = signal * (1 + r + r^2 / 3) * exp(-r). The 1e-12 keeps
    # the square root differentiable at distance 0.
    inverse = np.exp(-2 * theta[:D])
    signal, noise = math.exp(theta[D]), math.exp(theta[D + 1])
    root = np.sqrt(5 * (inverse @ squares) + 1e-12)
    decay = np.exp(-root)
    clean = (signal * (1 + root + root * root / 3) * decay).reshape(N, N)
    try:
        L = np.linalg.cholesky(clean + (noise + _JITTER) * np.eye(N))
    except np.linalg.LinAlgError:
        return _LARGE, np.zeros_like(theta)
    # The gradient of the log evidence is -tr(W dK) / 2 with W = K^-1 - K^-1 y y^T K^-1 (Rasmussen 2006, 5.9):
    # one inverse serves all D + 2 derivatives.
    K_inverse = cho_solve((L, True), np.eye(N))
    weights = K_inverse @ y
    W = K_inverse - np.outer(weights, weights)
    gradient = np.empty_like(theta)
    # dk/d(log length) = signal * 5/3 * (1 + r) * exp(-r) * squared distance / length^2: the factors that do
    # not depend on the parameter are computed once, for all pairs.
    slope = W.ravel() * (signal * 5 / 3) * (1 + root) * decay
    gradient[:D] = 0.5 * inverse * (squares @ slope)
    gradient[D] = 0.5 * np.sum(W * clean)
    gradient[D + 1] = 0.5 * noise * np.trace(W)
    # Normal priors on the logs. The mean of the log lengths grows with log(D) / 2, as distances in the cube
    # grow with sqrt(D): without it every point would be far from every other in many dimensions.
    means = np.r_[np.full(D, math.sqrt(2) + 0.5 * math.log(D)), 0.0, _LOG_NOISE[0]]
    spreads = np.r_[np.full(D, _SPREAD_LENGTH), 1.0, _LOG_NOISE[1]]
    z = (theta - means) / spreads
    value = 0.5 * float(y @ weights) + float(np.log(np.diag(L)).sum()) + 0.5 * float(z @ z)
    return value, gradient + z / spreads


class Prediction:
    """Posterior of a process at M points, which can be updated as if a point were observed.

    Args:
        mean: posterior means at the points, (M,).
        Z: points divided by their length scales, (M, C).
        solved: L^-1 times the covariances of the N known points with these, (N, M), for the Cholesky factor
            L of the covariance of the known points.
        signal: signal variance.
        noise: noise variance.
        scale: standard deviation of the training values, by which deviations are multiplied.
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
        """Posterior standard deviations at the points, (M,)."""
        deviation: Array = np.sqrt(np.maximum(self._variance, 1e-10)) * self._scale
        return deviation

    def assume(self, place: int) -> None:
        """Condition on one of the points with its mean as its value: means stay, deviations near it shrink.

        This is one step of a Cholesky factorization and costs O(N M), without a new process.
        """
        covariance = _covariance(self._Z, self._Z[place : place + 1], self._signal)[:, 0]
        covariance -= self._solved[:, place] @ self._solved
        for row in self._assumed:
            covariance -= row[place] * row
        row = covariance / math.sqrt(max(self._variance[place], 0.0) + self._noise)
        self._assumed.append(row)
        self._variance = self._variance - row * row


class GaussianProcess:
    """Posterior over functions, given values at N points.

    Args:
        kernel: hyperparameters of the kernel.
        X: known points, (N, C).
        y: values at the points, (N,).
        groups: parameter of each column, ascending, (C,).
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
        """Compute the posterior at points, (M, C)."""
        scaled = Z * self._inverse
        cross = _covariance(scaled, self._X, self._signal)
        solved = solve_triangular(self._L, cross.T, lower=True)
        mean = cross @ self._weights * self._scale + self._mean
        return Prediction(mean, scaled, solved, self._signal, self._noise, self._scale)


def _covariance(A: Array, B: Array, signal: float) -> Array:
    """Compute the covariances, (M, N), of points (M, C) and (N, C), divided by their length scales."""
    norms = np.sum(A * A, axis=1)[:, None] + np.sum(B * B, axis=1)[None]
    root = np.sqrt(5 * np.maximum(norms - 2 * A @ B.T, 0) + 1e-12)
    covariance: Array = signal * (1 + root + root * root / 3) * np.exp(-root)
    return covariance


def log_expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Compute the log of the expected improvement below ``best``, (M,).

    It takes three forms of log(z ndtr(z) + density(z)), after Ament 2023 (arxiv.org/abs/2310.20708): the
    formula itself for z > -1; Mills' ratio where its two terms cancel; and the first term of the series
    where even that would lose all digits. Adjacent forms differ by less than 1e-7 where they meet.

    Args:
        mean: posterior means, (M,).
        deviation: posterior standard deviations, (M,).
        best: best known value; lower is better.
    """
    z = (best - mean) / deviation
    density = np.exp(-0.5 * z * z - _LOG_ROOT)
    near = np.log(np.maximum(z * ndtr(z) + density, 1e-300))
    low = np.clip(z, -_HOPELESS, -1.0)
    ratio = math.sqrt(math.pi / 2) * erfcx(-low / math.sqrt(2))  # ndtr / density, both of which underflow
    far = np.where(z > -_HOPELESS, np.log1p(low * ratio), -2 * np.log(np.maximum(-z, 1.0)))
    result: Array = np.where(z > -1, near, far - 0.5 * z * z - _LOG_ROOT) + np.log(deviation)
    return result


def _squares(X: Array, groups: NDArray[np.intp]) -> Array:
    """Compute squared distances of all pairs of points for each parameter, (D, N, N)."""
    squares = (X.T[:, :, None] - X.T[:, None, :]) ** 2
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    summed: Array = np.add.reduceat(squares, starts, axis=0)
    return summed
