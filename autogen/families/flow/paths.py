"""Straight paths from noise to data: times, pairs of noise and data, and the way along them.

A net learns the velocity of straight paths from noise at time 0 to data at time 1 (Lipman 2023,
https://arxiv.org/abs/2210.02747; Liu 2023, https://arxiv.org/abs/2209.03003). Pairs that cross little make
the paths of samples straighter (Tong 2024, https://arxiv.org/abs/2302.00482).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from autogen.errors import SpaceError
from autogen.families.base import Noise
from autogen.families.nets.draw import draw_codes

SOLVERS = ("euler", "midpoint", "heun")
#: Iterations, and temperature as a share of the mean squared distance, of entropic optimal transport.
_ITERATIONS, _SOFTNESS = 30, 0.02

#: velocity(x (B, ...), time) -> (B, ...)
Velocity = Callable[[Tensor, float], Tensor]


def logit_normal_times(n: int, noise: Noise, mean: float | Tensor, std: float | Tensor) -> Tensor:
    """Draw n times whose logits are normal (Esser 2024, https://arxiv.org/abs/2403.03206): (n,).

    The normal numbers are spread evenly, so that a batch has early and late times alike.

    Args:
        n: Number of times.
        noise: Source of the random draws.
        mean: Mean of the logits; above 0 for more late times, near the data.
        std: Standard deviation of the logits.
    """
    places = noise.spread(n).clamp(1e-5, 1 - 1e-5)
    return torch.sigmoid(mean + std * torch.special.ndtri(places))


def paired(start: Tensor, end: Tensor, noise: Noise, groups: Tensor | None = None) -> Tensor:
    """Draw for each row of data a row of noise by entropic optimal transport within the batch.

    Under a condition the noise is only then standard normal, as in sampling, if the pairing does not know
    the condition: rows are paired among those with the same one.

    Args:
        start: Noise, (B, F).
        end: Data, (B, F).
        noise: Source of the random draws.
        groups: Group of each row of noise and of data, int64 (B,), within which rows are paired; all are one
            where ``None``.

    Returns:
        Index of the noise of each row of data, int64 (B,).
    """
    costs = torch.cdist(end, start).square()
    if groups is None:
        scores = -costs / (_SOFTNESS * costs.mean())
    else:
        same = groups[:, None] == groups
        scores = -costs / (_SOFTNESS * (costs * same).sum() / same.sum())
        scores = scores.masked_fill(~same, -torch.inf)
    for _ in range(_ITERATIONS):  # Sinkhorn's algorithm (Cuturi 2013): rows and columns in turn sum to one
        scores = scores - scores.logsumexp(1, keepdim=True)
        scores = scores - scores.logsumexp(0, keepdim=True)
    return draw_codes(scores, noise.uniform(len(end)))


def check_solver(solver: str) -> None:
    """Refuse an unknown solver.

    Raises:
        SpaceError: there is none of this name.
    """
    if solver not in SOLVERS:
        raise SpaceError(f"model.solver must be one of {', '.join(SOLVERS)}, not {solver!r}")


def follow(velocity: Velocity, x: Tensor, solver: str, steps: int) -> Tensor:
    """Move noise x (B, ...) along its velocity from time 0 to 1, in steps of equal length.

    Args:
        velocity: Function of samples and time.
        x: Noise.
        solver: ``euler``, one evaluation a step, or ``midpoint`` or ``heun``, two. Heun's last step is
            Euler's: no velocity is known at time 1.
        steps: Number of steps.
    """
    length = 1 / steps
    for step in range(steps):
        time = step * length
        here = velocity(x, time)
        if solver == "midpoint":
            here = velocity(x + here * (length / 2), time + length / 2)
        elif solver == "heun" and step < steps - 1:
            here = (here + velocity(x + here * length, time + length)) / 2
        x = x + here * length
    return x
