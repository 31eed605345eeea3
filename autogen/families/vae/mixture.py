"""Gaussian mixture over latent codes, fitted after training and saved with the weights."""

import math
import warnings

import torch
from torch import Tensor, nn

from autogen.errors import Diverged
from autogen.families.base import Noise

_ROWS_A_NUMBER = 2  # with one, samples of small tables lie too near to the training rows
_ITERATIONS = 20  # more gained nothing on held-out codes
_FLOOR = 1e-3  # added to the variances, so that no component shrinks to a point


class GaussianMixture(nn.Module):
    """Gaussian mixture with full covariances, in buffers; standard normal until it is fitted.

    Args:
        components: Maximum number of components.
        size: Z, numbers of a latent code.
    """

    weights: Tensor
    means: Tensor
    factors: Tensor

    def __init__(self, components: int, size: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, size))
        self.register_buffer("factors", torch.eye(size).repeat(components, 1, 1))

    def sample(self, n: int, noise: Noise) -> Tensor:
        """Draw n latent codes, float32 (n, Z)."""
        ends = self.weights.cumsum(0)
        # a binary search would be no faster for so few components, and is no operation of ONNX
        chosen = (ends <= noise.uniform(n)[:, None] * ends[-1]).sum(1)
        chosen = chosen.clamp(max=len(ends) - 1)
        spread = noise.normal(n, self.means.shape[1])
        return self.means[chosen] + torch.einsum("nij,nj->ni", self.factors[chosen], spread)

    def log_density(self, codes: Tensor) -> Tensor:
        """Compute the log-density of latent codes (B, Z), in nats: (B,)."""
        apart = (codes.unsqueeze(0) - self.means.unsqueeze(1)).mT  # (components, Z, B)
        scores = torch.linalg.solve_triangular(self.factors, apart, upper=False)
        sizes = self.factors.diagonal(dim1=1, dim2=2).log().sum(1)
        peaks = self.weights.log() - sizes - codes.shape[1] / 2 * math.log(math.tau)
        each: Tensor = peaks.unsqueeze(1) - scores.square().sum(1) / 2
        return each.logsumexp(0)

    def fit(self, mean: Tensor, std: Tensor, noise: Noise) -> None:
        """Fit to one latent code of each row by expectation maximization; small data gets fewer components.

        Args:
            mean: Mean of each training row's posterior, (N, Z).
            std: Standard deviation of each training row's posterior, (N, Z).
            noise: Source of the codes and of a seed.

        Raises:
            Diverged: the codes are not finite, or too large for a covariance.
        """
        from sklearn import mixture
        from sklearn.exceptions import ConvergenceWarning

        codes = mean + std * noise.normal(*mean.shape)
        seed = int(noise.integers(2**31, 1))
        rows, size = codes.shape
        numbers = size * (size + 3) // 2  # of a component
        most = max(1, min(len(self.weights), rows // (_ROWS_A_NUMBER * numbers)))
        fitted = mixture.GaussianMixture(most, reg_covar=_FLOOR, max_iter=_ITERATIONS, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                fitted.fit(codes.double().cpu().numpy())
            except ValueError as error:
                raise Diverged("no mixture can be fitted to the codes of the training data") from error
        self.weights.zero_()
        self.weights[:most] = torch.from_numpy(fitted.weights_)
        self.means[:most] = torch.from_numpy(fitted.means_)
        self.factors[:most] = torch.linalg.cholesky(torch.from_numpy(fitted.covariances_)).float()
