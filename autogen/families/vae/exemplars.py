"""A prior over latent codes made of the posteriors of some training rows.

After Tomczak 2018 (https://arxiv.org/abs/1705.07120), where the inputs are learnt with the model; here
they are rows drawn once it is trained, and what is fitted is how much each counts and how far all reach.
"""

import math

import torch
from torch import Tensor, nn

from autogen.errors import Diverged
from autogen.families.base import Noise

_ITERATIONS = 20
_FLOOR = 1e-3  # added to the variances, so that no component shrinks to a point


class ExemplarMixture(nn.Module):
    """Mixture of normals with a variance a number, in buffers; standard normal until it is fitted.

    Args:
        components: At most so many rows are taken.
        size: Numbers of a code.
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
        """Draw n codes, (n, Z)."""
        ends = self.weights.cumsum(0)
        chosen = torch.searchsorted(ends, noise.uniform(n) * ends[-1], right=True)
        chosen = chosen.clamp(max=len(ends) - 1)
        return self.means[chosen] + self.variances[chosen].sqrt() * noise.normal(n, self.means.shape[1])

    def log_density(self, codes: Tensor) -> Tensor:
        """Log-density of codes (B, Z) in nats, (B,)."""
        return _joint(codes, self.weights, self.means, self.variances).logsumexp(1)

    def fit(self, mean: Tensor, std: Tensor, noise: Noise) -> None:
        """Take rows as exemplars; fit weights and a common reach to codes of the others.

        Codes of the exemplars themselves would make the reach too small: the prior would copy.

        Args:
            mean: Of each row's posterior, (N, Z).
            std: Of each row's posterior, (N, Z).
            noise: Chooses the exemplars and draws the codes.

        Raises:
            Diverged: the codes are not finite.
        """
        codes = mean + std * noise.normal(*mean.shape)
        if not bool(torch.isfinite(codes).all()):
            raise Diverged("no mixture can be fitted to the codes of the training data")
        order = noise.permutation(len(codes))
        most = max(1, min(len(self.weights), len(codes) // 2))
        chosen, others = order[:most], codes[order[most:] if len(codes) > 1 else order]
        means, own = mean[chosen], std[chosen].square() + _FLOOR
        weights, reach = codes.new_full((most,), 1 / most), codes.var(0, correction=0)
        for _ in range(_ITERATIONS):
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
    """Log of each component's weight times its density of codes (B, Z): (B, components)."""
    precise = 1 / variances
    apart = codes.square() @ precise.T - 2 * codes @ (means * precise).T + (means.square() * precise).sum(1)
    peaks = weights.log() - (variances.log().sum(1) + codes.shape[1] * math.log(math.tau)) / 2
    return peaks - apart / 2
