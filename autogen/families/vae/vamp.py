"""VampPrior: a prior over latent codes made of the posteriors of pseudo-inputs.

After Tomczak 2018 (https://arxiv.org/abs/1705.07120), where the pseudo-inputs are learned with the model.
Here they are training rows drawn once it is trained; the weights of the components and a common variance are
fitted.
"""

import math

import torch
from torch import Tensor, nn

from autogen.errors import Diverged
from autogen.families.base import Noise

_ITERATIONS = 20
_FLOOR = 1e-3  # added to the variances, so that no component shrinks to a point


class VampPrior(nn.Module):
    """Mixture of normals with diagonal covariances, in buffers; standard normal until it is fitted.

    Args:
        components: Maximum number of pseudo-inputs.
        size: Z, numbers of a latent code.
    """

    weights: Tensor
    means: Tensor
    variances: Tensor

    def __init__(self, components: int, size: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, size))
        self.register_buffer("variances", torch.ones(components, size))

    def sample(self, n: int, noise: Noise) -> Tensor:
        """Draw n latent codes, float32 (n, Z)."""
        ends = self.weights.cumsum(0)
        # a binary search would be no faster for so few components, and is no operation of ONNX
        chosen = (ends <= noise.uniform(n)[:, None] * ends[-1]).sum(1)
        chosen = chosen.clamp(max=len(ends) - 1)
        return self.means[chosen] + self.variances[chosen].sqrt() * noise.normal(n, self.means.shape[1])

    def log_density(self, codes: Tensor) -> Tensor:
        """Compute the log-density of latent codes (B, Z), in nats: (B,)."""
        return _joint(codes, self.weights, self.means, self.variances).logsumexp(1)

    def fit(self, mean: Tensor, std: Tensor, noise: Noise) -> None:
        """Draw pseudo-inputs; fit their weights and a common variance by expectation maximization.

        Args:
            mean: Mean of each training row's posterior, (N, Z).
            std: Standard deviation of each training row's posterior, (N, Z).
            noise: Source of the random draws.

        Raises:
            Diverged: the codes are not finite.
        """
        codes = mean + std * noise.normal(*mean.shape)
        if not bool(torch.isfinite(codes).all()):
            raise Diverged("no mixture can be fitted to the codes of the training data")
        # The codes that are fitted to are those of other rows: with the pseudo-inputs' own the variance would
        # shrink, and the prior would copy training rows.
        order = noise.permutation(len(codes))
        most = max(1, min(len(self.weights), len(codes) // 2))
        chosen, others = order[:most], codes[order[most:] if len(codes) > 1 else order]
        means, own = mean[chosen], std[chosen].square() + _FLOOR
        weights, reach = codes.new_full((most,), 1 / most), codes.var(0, correction=0)
        for _ in range(_ITERATIONS):
            # E step: responsibilities (others, components); M step: weights and the variance ``reach`` that
            # is added to each posterior's own. Squared distances are expanded to spare a (N, K, Z) tensor.
            shares = _joint(others, weights, means, own + reach).softmax(1)
            weights = shares.mean(0)
            apart = others.square().sum(0) - 2 * (means * (shares.T @ others)).sum(0)
            apart = apart + (shares.sum(0)[:, None] * (means.square() - own)).sum(0)
            reach = (apart / len(others)).clamp(min=0)
        self.weights.zero_()
        self.weights[:most] = weights
        self.means[:most] = means
        self.variances[:most] = own + reach


def _joint(codes: Tensor, weights: Tensor, means: Tensor, variances: Tensor) -> Tensor:
    """Compute the log of each component's weight times its density of codes (B, Z): (B, components)."""
    precise = 1 / variances  # (components, Z)
    apart = codes.square() @ precise.T - 2 * codes @ (means * precise).T + (means.square() * precise).sum(1)
    peaks = weights.log() - (variances.log().sum(1) + codes.shape[1] * math.log(math.tau)) / 2
    return peaks - apart / 2
