"""Affine coupling flow: a second model over the latent codes, fitted after training.

Two stages after Dai 2019 (https://arxiv.org/abs/1903.05789), couplings after Dinh 2017
(https://arxiv.org/abs/1605.08803). Unlike a second autoencoder, a flow has an exact density.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.errors import Diverged
from autogen.families.base import Noise

_LAYERS, _HIDDEN = 4, 64
_LARGEST_LOG_SCALE = 2.0  # of one coupling
_STEPS, _BATCH, _LR = 240, 256, 4e-3
_CHECK_EVERY, _PATIENCE = 24, 3  # steps between validations; validations without a gain before it stops
_HELD_OUT = 10  # one row in so many
_FLOOR = 1e-3  # added to the variances


class CouplingFlow(nn.Module):
    """Affine couplings over a full normal distribution, in buffers; standard normal until it is fitted.

    Args:
        size: Z, numbers of a latent code.
    """

    centre: Tensor
    factor: Tensor
    inward: Tensor
    inner: Tensor
    outward: Tensor
    outer: Tensor
    kept: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("factor", torch.eye(size))
        self.register_buffer("inward", torch.zeros(_LAYERS, size, _HIDDEN))
        self.register_buffer("inner", torch.zeros(_LAYERS, _HIDDEN))
        self.register_buffer("outward", torch.zeros(_LAYERS, _HIDDEN, 2 * size))
        self.register_buffer("outer", torch.zeros(_LAYERS, 2 * size))
        # A layer changes the numbers that its mask does not keep, given those it keeps. Layers come in pairs
        # with complementary masks; each pair splits by another bit of a number's index.
        bits = [((torch.arange(size) >> (layer // 2)) + layer) % 2 for layer in range(_LAYERS)]
        self.register_buffer("kept", torch.stack(bits).float(), persistent=False)

    def sample(self, n: int, noise: Noise) -> Tensor:
        """Draw n latent codes, float32 (n, Z)."""
        x = noise.normal(n, len(self.centre))
        for layer in reversed(range(_LAYERS)):
            log_scale, shift = self._coupling(x, layer, self._weights())
            x = (x - shift) * (-log_scale).exp()
        return self.centre + x @ self.factor.T

    def log_density(self, codes: Tensor) -> Tensor:
        """Compute the log-density of latent codes (B, Z), in nats: (B,)."""
        return self._log_density(codes, self._weights())

    def fit(self, mean: Tensor, std: Tensor, noise: Noise) -> None:
        """Maximize the likelihood of the rows' codes, with early stopping on held-out rows.

        Args:
            mean: Mean of each training row's posterior, (N, Z).
            std: Standard deviation of each training row's posterior, (N, Z).
            noise: Source of codes, batches and initial weights.

        Raises:
            Diverged: the codes are not finite, or too large for a covariance.
        """
        codes = mean + std * noise.normal(*mean.shape)
        held = len(codes) // _HELD_OUT
        self._fit_normal(codes[held:])
        starts = noise.normal(*self.inward.shape) / math.sqrt(len(self.centre))
        for buffer, start in zip(self._weights(), (starts, 0.0, 0.0, 0.0), strict=True):
            buffer.copy_(torch.as_tensor(start))
        if held:
            with torch.enable_grad():
                best = self._trained(mean[held:], std[held:], codes[:held], noise)
            for buffer, weight in zip(self._weights(), best, strict=True):
                buffer.copy_(weight)

    def _fit_normal(self, codes: Tensor) -> None:
        """Fit the base distribution, a full normal, to codes (N, Z)."""
        centered = codes - codes.mean(0)
        eye = torch.eye(codes.shape[1], device=codes.device)
        factor, failed = torch.linalg.cholesky_ex(centered.T @ centered / len(codes) + _FLOOR * eye)
        if bool(failed) or not bool(torch.isfinite(factor).all()):
            raise Diverged("no normal distribution can be fitted to the codes of the training data")
        self.centre.copy_(codes.mean(0))
        self.factor.copy_(factor)

    def _trained(self, mean: Tensor, std: Tensor, unseen: Tensor, noise: Noise) -> list[Tensor]:
        """Train the couplings; return the weights that give held-out codes (M, Z) the highest density."""
        weights = [buffer.clone().requires_grad_() for buffer in self._weights()]
        optimizer = torch.optim.Adam(weights, lr=_LR)
        best, highest, looks = self._weights(), self._mean_density(unseen, weights), 0
        for step in range(1, _STEPS + 1):
            rows = noise.integers(len(mean), _BATCH)
            codes = mean[rows] + std[rows] * noise.normal(_BATCH, mean.shape[1])
            optimizer.zero_grad()
            loss = -self._log_density(codes, weights).mean()
            torch.autograd.backward(loss)
            optimizer.step()
            if step % _CHECK_EVERY == 0:
                reached, looks = self._mean_density(unseen, weights), looks + 1
                if reached > highest:
                    best, highest, looks = [weight.detach().clone() for weight in weights], reached, 0
                if looks == _PATIENCE:
                    break
        return best

    @torch.no_grad()
    def _mean_density(self, codes: Tensor, weights: list[Tensor]) -> float:
        return float(self._log_density(codes, weights).mean())

    def _weights(self) -> list[Tensor]:
        return [self.inward, self.inner, self.outward, self.outer]

    def _log_density(self, codes: Tensor, weights: list[Tensor]) -> Tensor:
        # change of variables: log-density of the base at f(codes) plus log |det f'|
        x = torch.linalg.solve_triangular(self.factor, (codes - self.centre).T, upper=False).T
        volume = -self.factor.diagonal().log().sum()
        for layer in range(_LAYERS):
            log_scale, shift = self._coupling(x, layer, weights)
            x = x * log_scale.exp() + shift
            volume = volume + log_scale.sum(1)
        normal: Tensor = -(x.square() + math.log(math.tau)).sum(1) / 2
        return normal + volume

    def _coupling(self, x: Tensor, layer: int, weights: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Compute a layer's log-scales and shifts of x, both (B, Z); 0 for the numbers it conditions on."""
        inward, inner, outward, outer = (weight[layer] for weight in weights)
        kept = self.kept[layer]
        hidden = F.silu((x * kept) @ inward + inner)
        log_scale, shift = (hidden @ outward + outer).chunk(2, dim=1)
        log_scale = _LARGEST_LOG_SCALE * torch.tanh(log_scale / _LARGEST_LOG_SCALE)
        return log_scale * (1 - kept), shift * (1 - kept)
