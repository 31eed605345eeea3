"""Optimizers, learning-rate schedules, gradient clipping and weight averages from training settings.

The update rules are torch's functional ones, and Muon's, which torch has as a class only. Torch's optimizer
classes import its compiler when the first is built, which takes as long as importing torch itself: 1.8
seconds in every worker.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from autogen.errors import SpaceError
from autogen.families.base import Training

_MOMENTUM = 0.9
_FLOOR = 0.1  # share of lr at which a cosine ends
_SCHEDULES = ("constant", "cosine")
#: Tensors that an update rule keeps for each parameter: shaped like it, but ``step``, a number.
_STATE = {
    "sgd": ("momentum",),
    "adam": ("mean", "square", "step"),
    "adamw": ("mean", "square", "step"),
    "adagrad": ("square", "step"),
    "rmsprop": ("square", "step"),
    "muon": ("mean", "square", "step"),
}
#: Muon's momentum, and the polynomial of its Newton-Schulz iteration with its number of steps, after
#: Jordan 2024 (https://kellerjordan.github.io/posts/muon).
_MUON_MOMENTUM, _POLYNOMIAL, _ITERATIONS = 0.95, (3.4445, -4.7750, 2.0315), 5


class Optimizer:
    """Updates parameters from their gradients.

    Args:
        training: Settings that name the update rule and its constants.
        parameters: Parameters to update; weight decay acts on matrices and filters only.
        hidden: For each parameter, whether it is a matrix of a hidden layer: Muon updates these, and AdamW
            the rest. None is where ``None``.

    Attributes:
        state: Tensors that the rule keeps, by name, one for each parameter.

    Raises:
        SpaceError: an unknown optimizer or schedule.
    """

    def __init__(
        self, training: Training, parameters: Sequence[nn.Parameter], hidden: Sequence[bool] | None = None
    ) -> None:
        _check_choice("optimizer", training.optimizer, tuple(_STATE))
        _check_choice("schedule", training.schedule, _SCHEDULES)
        self.parameters = list(parameters)
        self.state = {
            name: [_zero(parameter, scalar=name == "step") for parameter in parameters]
            for name in _STATE[training.optimizer]
        }
        rest = "adamw" if training.optimizer == "muon" else training.optimizer
        rules = _rules(training, self.parameters[0].device)
        groups: dict[tuple[str, float], list[int]] = {}
        for index, parameter in enumerate(parameters):
            decay = training.weight_decay if parameter.ndim > 1 else 0.0
            name = training.optimizer if hidden and hidden[index] else rest
            groups.setdefault((name, decay), []).append(index)
        self._groups = [(rules[name], decay, indices) for (name, decay), indices in groups.items()]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Update every parameter that has a gradient."""
        for rule, decay, indices in self._groups:
            chosen = [index for index in indices if self.parameters[index].grad is not None]
            parameters = [self.parameters[index] for index in chosen]
            state = [[tensors[index] for index in chosen] for tensors in self.state.values()]
            if chosen:
                rule(parameters, [p.grad for p in parameters], *state, lr=lr, weight_decay=decay)


def hidden_matrices(model: nn.Module) -> set[int]:
    """Return the ids of the matrices of linear and recurrent layers, without embeddings and filters."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.RNNBase)]
    return {id(parameter) for layer in layers for parameter in layer.parameters() if parameter.ndim == 2}


def _rules(training: Training, device: torch.device) -> dict[str, Callable[..., None]]:
    """Return the update rules by name: rule(parameters, gradients, *state, lr, weight_decay).

    Fused kernels were the fastest of fused, foreach and loop on a CPU for each rule that has one.
    """
    betas: dict[str, Any] = {"beta1": training.beta1, "beta2": training.beta2, "eps": 1e-8}

    def by_sgd(p: Any, g: Any, momentum: Any, **kw: Any) -> None:
        sgd(
            p, g, momentum, momentum=_MOMENTUM, dampening=0.0, nesterov=True, maximize=False, fused=True, **kw
        )

    def by_adam(p: Any, g: Any, mean: Any, square: Any, step: Any, **kw: Any) -> None:
        adam(p, g, mean, square, [], step, amsgrad=False, maximize=False, fused=True, **betas, **kw)

    def by_adamw(p: Any, g: Any, mean: Any, square: Any, step: Any, **kw: Any) -> None:
        adamw(p, g, mean, square, [], step, amsgrad=False, maximize=False, fused=True, **betas, **kw)

    def by_adagrad(p: Any, g: Any, square: Any, step: Any, **kw: Any) -> None:
        fused = device.type == "cpu"  # there is a fused kernel for CPUs only
        adagrad(
            p, g, square, step, lr_decay=0.0, eps=1e-10, maximize=False, fused=fused, foreach=not fused, **kw
        )

    def by_rmsprop(p: Any, g: Any, square: Any, step: Any, **kw: Any) -> None:
        rmsprop(p, g, square, [], [], step, alpha=0.99, eps=1e-8, momentum=0.0, centered=False, **kw)

    def by_muon(p: Any, g: Any, mean: Any, _square: Any, _step: Any, **kw: Any) -> None:
        _muon(p, g, mean, **kw)

    return {
        "sgd": by_sgd,
        "adam": by_adam,
        "adamw": by_adamw,
        "adagrad": by_adagrad,
        "rmsprop": by_rmsprop,
        "muon": by_muon,
    }


def _muon(
    parameters: list[Tensor], gradients: list[Tensor], means: list[Tensor], *, lr: float, weight_decay: float
) -> None:
    """Update matrices (M, N) by Muon's rule, bit for bit as ``torch.optim.Muon`` does.

    Torch has it in public as a class only, and its classes import the compiler.
    """
    for parameter, gradient, mean in zip(parameters, gradients, means, strict=True):
        mean.lerp_(gradient, 1 - _MUON_MOMENTUM)
        update = orthogonalize(gradient.lerp(mean, _MUON_MOMENTUM))  # Nesterov's momentum
        # as large as AdamW's update, to share its learning rate: Liu 2025 (arxiv.org/abs/2502.16982)
        scale = 0.2 * math.sqrt(max(parameter.shape))
        parameter.mul_(1 - lr * weight_decay).add_(update, alpha=-lr * scale)


def orthogonalize(matrix: Tensor) -> Tensor:
    """Compute about the nearest semi-orthogonal matrix to a matrix (M, N), in bfloat16.

    Singular values end between 0.7 and 1.2.
    """
    tall = matrix.size(0) > matrix.size(1)
    X = matrix.bfloat16()
    X = X.T if tall else X  # the Gram matrix is then the smaller of the two
    X = X / X.norm().clamp(min=1e-7)
    a, b, c = _POLYNOMIAL
    for _ in range(_ITERATIONS):
        gram = X @ X.T
        X = torch.addmm(X, torch.addmm(gram, gram, gram, beta=b, alpha=c), X, beta=a)
    return X.T if tall else X


def learning_rate(training: Training, step: int) -> float:
    """Compute the learning rate at a step, from 0: linear warm-up, then constant or a cosine to lr / 10."""
    warmup = training.warmup * training.steps
    if step + 1 < warmup:
        return training.lr * (step + 1) / warmup
    if training.schedule == "constant":
        return training.lr
    done = min(1.0, (step - warmup) / max(1.0, training.steps - warmup))
    return training.lr * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * max(0.0, done))))


def clip_gradients(parameters: Sequence[Tensor], largest: float, norm: Tensor | None = None) -> None:
    """Scale gradients so that their common norm is at most ``largest``; set them to 0 if it is not finite.

    One bad batch then costs a step and not the trial. Nothing waits for the device.

    Args:
        parameters: Parameters with gradients.
        largest: Largest norm.
        norm: Their norm, a scalar, where other ranks have parts of them; computed where ``None``.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients) if norm is None else norm
    nn.utils.clip_grads_with_norm_(parameters, largest, norm)
    for gradient in gradients:
        torch.nan_to_num_(gradient, nan=0.0, posinf=0.0, neginf=0.0)


def update_average(average: list[Tensor], current: list[Tensor], decay: float, step: int) -> None:
    """Move an exponential average toward the current weights, both lists of tensors of equal shapes.

    The decay starts small, as (1 + step) / (10 + step), so that the first weights are soon forgotten.
    """
    torch._foreach_lerp_(average, current, 1 - min(decay, (1 + step) / (10 + step)))


def _zero(parameter: Tensor, *, scalar: bool) -> Tensor:
    if scalar:
        return torch.zeros((), dtype=torch.float32, device=parameter.device)
    return torch.zeros_like(parameter, memory_format=torch.preserve_format).detach()


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SpaceError(f"training.{name} must be one of {', '.join(choices)}, not {value!r}")
