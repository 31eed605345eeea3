"""Gradients with differential privacy (DP-SGD, Abadi 2016, https://arxiv.org/abs/1607.00133).

Each step draws a Poisson sample of the units, computes the gradient of each row alone, clips its norm, sums,
adds normal noise and divides by the expected number of rows. A loss gets one row at a time, so that it cannot
mix rows whatever it does. Batches, the draws of losses and the noise are secret (``autogen.privacy.noise``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from autogen.errors import SpaceError
from autogen.families.base import Batch, FamilyConfig, HasRowLosses, Loss, ModelFamily, Noise, Scalars
from autogen.privacy.noise import secret_generator, secret_normal, secret_uniform
from autogen.training.private.draws import Draw, Recorder, Replayed, drawn

#: Numbers in the gradients of the rows that are computed at once: 64 MB.
_NUMBERS = 2**24
#: Share of the bound that clipped gradients have: norms and sums of float32 are off by less than the rest.
_ROUNDING = 1 - 1e-4


@dataclass(frozen=True)
class PrivateTraining:
    """What gradients need to keep a guarantee.

    Attributes:
        noise: Noise multiplier: standard deviation of the noise, divided by the largest norm of a gradient.
        rate: Probability that a unit takes part in a step, in (0, 1].
        owners: Number of the unit that each training row belongs to, 0 .. m - 1, int64 (N,).
    """

    noise: float
    rate: float
    owners: np.ndarray


def refuse_mixing(family: ModelFamily, config: FamilyConfig) -> None:
    """Refuse what learns from rows in another way than by gradients of single rows.

    Raises:
        SpaceError: the family or its settings do so.
    """
    if not isinstance(family, HasRowLosses):
        raise SpaceError(
            f"{type(family).__name__} cannot be trained with epsilon: it learns from several rows at once; "
            "leave it out of the families"
        )
    if why := family.why_not_by_row(config):
        raise SpaceError(f"{why}, so it cannot be trained with epsilon; change it in the search space")
    phases = family.phases(config)
    if len(phases) != 1 or phases[0].repeats != 1:
        raise SpaceError("epsilon accounts for one update a step, but these settings make several")
    if not config.training.clip > 0:
        raise SpaceError("training.clip must be above 0 with epsilon: it bounds each row's gradient")


class UnitSampler:
    """Poisson samples of units, one random row of each unit that is drawn.

    Args:
        owners: Number of the unit of each row, 0 .. m - 1, int64 (N,).
        rate: Probability that a unit is drawn.

    Attributes:
        expected: Mean number of rows of a sample.
    """

    def __init__(self, owners: np.ndarray, rate: float) -> None:
        self.rate = rate
        self._rows = np.argsort(owners, kind="stable")
        self._sizes = np.bincount(owners)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self.expected = rate * len(self._sizes)

    def draw(self) -> np.ndarray:
        """Draw the indices of rows, int64 (B,), of at most one row of each unit; B is random."""
        units = np.flatnonzero(secret_uniform(len(self._sizes)) < self.rate)
        which = np.floor(secret_uniform(len(units)) * self._sizes[units]).astype(np.int64)
        return np.asarray(self._rows[self._starts[units] + which])


class PrivateGradients:
    """Noisy sums of clipped gradients of single rows.

    Args:
        model: Model in training.
        loss: Loss of its one phase.
        tensors: Encoded train split on the model's device, name to (N, ...).
        private: Noise, rate and units.
        clip: Largest norm of a row's gradient.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        tensors: Mapping[str, Tensor],
        private: PrivateTraining,
        clip: float,
    ) -> None:
        self.sampler = UnitSampler(private.owners, private.rate)
        self.scale, self.clip = private.noise * clip, clip
        self._tensors = tensors
        self._holder = _LossOf(model, loss)
        self._parameters = {name: p for name, p in self._holder.named_parameters() if p.requires_grad}
        numbers = sum(parameter.numel() for parameter in self._parameters.values())
        self._chunk = max(1, _NUMBERS // numbers)
        self._draws: list[Draw] | None = None

    def step(self, scalars: Scalars) -> Tensor:
        """Set the gradient of each parameter for one step.

        Args:
            scalars: Training settings and ``progress``.

        Returns:
            The norm of the noisy gradient, a scalar: no loss, which would not be private.
        """
        sums = self.clipped_sums(self.sampler.draw(), scalars)
        for name, parameter in self._parameters.items():
            noise = torch.from_numpy(self.scale * secret_normal(*parameter.shape)).to(sums[name].device)
            parameter.grad = ((sums[name] + noise) / self.sampler.expected).to(parameter.dtype)
        gradients = [p.grad.flatten() for p in self._parameters.values() if p.grad is not None]
        norm: Tensor = torch.linalg.vector_norm(torch.cat(gradients))
        return norm

    def clipped_sums(self, rows: np.ndarray, scalars: Scalars) -> dict[str, Tensor]:
        """Sum the clipped gradients of rows, without noise: float64 tensors by parameter.

        Args:
            rows: Indices of the rows, int64 (B,).
            scalars: Training settings and ``progress``.
        """
        sums = {name: torch.zeros_like(p, dtype=torch.float64) for name, p in self._parameters.items()}
        weights = {name: parameter.detach() for name, parameter in self._parameters.items()}
        for start in range(0, len(rows), self._chunk):
            index = torch.from_numpy(rows[start : start + self._chunk])
            batch = {name: tensor[index.to(tensor.device)] for name, tensor in self._tensors.items()}
            draws = self._draw(batch, scalars)

            def loss(parameters: dict[str, Tensor], row: Batch, drawn: Sequence[Tensor]) -> Tensor:
                alone = {name: tensor.unsqueeze(0) for name, tensor in row.items()}
                found: Tensor = functional_call(self._holder, parameters, (alone, Replayed(drawn), scalars))
                return found

            with sdpa_kernel(SDPBackend.MATH):  # the other kernels of attention loop over the rows under vmap
                gradients = vmap(grad(loss), in_dims=(None, 0, 0))(weights, batch, draws)
            factors = clip_factors(list(gradients.values()), self.clip)
            if bool((factors == 0).any()):  # a gradient that is not finite would not vanish by a factor of 0
                gradients = {name: found.nan_to_num(0.0, 0.0, 0.0) for name, found in gradients.items()}
            for name, gradient in gradients.items():
                sums[name] += torch.tensordot(factors, gradient, dims=1)
        return sums

    def _draw(self, batch: Batch, scalars: Scalars) -> list[Tensor]:
        """Make the draws of a loss for each of B rows, (B, ...) each, independently."""
        if self._draws is None:
            recorder = Recorder(next(iter(batch.values())).device)
            with torch.no_grad():
                self._holder({name: tensor[:1] for name, tensor in batch.items()}, recorder, scalars)
            self._draws = recorder.draws
        rows, generator = len(next(iter(batch.values()))), secret_generator()
        device = next(iter(batch.values())).device
        return [torch.from_numpy(drawn(generator, draw, rows)).to(device) for draw in self._draws]


def clip_factors(gradients: Sequence[Tensor], largest: float) -> Tensor:
    """Compute by how much each of B rows' gradients is to be scaled, float32 (B,).

    The common norm of a row's gradients, (B, ...) each, is then at most ``largest``; one that is not finite
    counts nothing.
    """
    norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)
    factors = (_ROUNDING * largest / norms.clamp(min=1e-30)).clamp(max=1.0)
    return torch.where(torch.isfinite(norms), factors, torch.zeros_like(factors))


class _LossOf(nn.Module):
    """A model with a loss as its forward pass, for ``functional_call``."""

    def __init__(self, model: nn.Module, loss: Loss) -> None:
        super().__init__()
        self.model, self._loss = model, loss

    def forward(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        return self._loss(self.model, batch, noise, scalars)
