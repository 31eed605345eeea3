"""Optimisers, learning-rate schedules, gradient clipping and weight averages from training settings."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autogen.errors import SpaceError
from autogen.families.base import Training

_OPTIMIZERS = ("sgd", "adam", "adamw", "adagrad")
_SCHEDULES = ("constant", "cosine")
_FLOOR = 0.1  # share of lr at which a cosine ends


def build_optimizer(training: Training, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Build the optimiser that the settings name; weight decay acts on matrices and filters only.

    Raises:
        SpaceError: an unknown optimiser or schedule.
    """
    _check_choice("optimizer", training.optimizer, _OPTIMIZERS)
    _check_choice("schedule", training.schedule, _SCHEDULES)
    weights: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for parameter in parameters:
        (weights if parameter.ndim > 1 else others).append(parameter)
    groups = [
        {"params": weights, "weight_decay": training.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    if not training.weight_decay:
        groups = [{"params": weights + others, "weight_decay": 0.0}]
    return _of_groups(training, [group for group in groups if group["params"]])


def learning_rate(training: Training, step: int) -> float:
    """The learning rate at a step, counted from 0: linear warm-up, then constant or a cosine to lr / 10."""
    warmup = training.warmup * training.steps
    if step + 1 < warmup:
        return training.lr * (step + 1) / warmup
    if training.schedule == "constant":
        return training.lr
    done = min(1.0, (step - warmup) / max(1.0, training.steps - warmup))
    return training.lr * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * max(0.0, done))))


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate of all parameter groups."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def clip_gradients(parameters: Sequence[Tensor], largest: float) -> None:
    """Scale gradients so that their common norm is at most ``largest``; drop them where it is not finite.

    One bad batch then costs one step instead of the trial. Nothing waits for the device.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    nn.utils.clip_grads_with_norm_(parameters, largest, norm)
    for gradient in gradients:
        torch.nan_to_num_(gradient, nan=0.0, posinf=0.0, neginf=0.0)


def update_average(average: list[Tensor], current: list[Tensor], decay: float, step: int) -> None:
    """Move an exponential average towards the current weights.

    The decay starts small, as (1 + step) / (10 + step), so that the first weights are soon forgotten.
    """
    torch._foreach_lerp_(average, current, 1 - min(decay, (1 + step) / (10 + step)))


def _of_groups(training: Training, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """Torch's optimiser, with its fused kernels.

    They were the fastest of fused, foreach and loop for each of the four on a CPU (an MLP of 6
    tensors, Adam: 100 microseconds a step against 190 and 280).
    """
    betas = (training.beta1, training.beta2)
    match training.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, training.lr, momentum=0.9, nesterov=True, fused=True)
        case "adam":
            return torch.optim.Adam(groups, training.lr, betas, fused=True)
        case "adamw":
            return torch.optim.AdamW(groups, training.lr, betas, fused=True)
    on_cpu = groups[0]["params"][0].device.type == "cpu"  # fused AdaGrad runs nowhere else
    return torch.optim.Adagrad(groups, training.lr, fused=on_cpu)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SpaceError(f"training.{name} must be one of {', '.join(choices)}, not {value!r}")
