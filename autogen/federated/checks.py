"""Checks of what owners answer: wrong shapes and NaN are refused, large updates clipped, huge ones refused.

The bound on an update's norm follows the norms of all (Sun 2019, arxiv.org/abs/1911.07963): the lower median
of the round, so that one of two owners cannot raise it, and not much above those of the rounds before.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from autogen.federated.messages import Message
from autogen.federated.owner import part
from autogen.federated.strategies import Update

#: Norms in units of the usual one: beyond the first an update is scaled down, beyond the second refused.
CLIPPED, REFUSED = 3.0, 10.0
_BEFORE, _GROWTH = 5, 2.0  # rounds that the usual norm is compared with, and its growth over them


@dataclass
class Checked:
    """Answers of a round after the checks.

    Attributes:
        updates: Updates that count.
        refused: Why an owner's update does not count, by name.
        clipped: Factor by which an owner's update was scaled down, by name.
    """

    updates: list[Update] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    clipped: dict[str, float] = field(default_factory=dict)


def check(
    answers: Mapping[str, Message],
    weights: Mapping[str, Tensor],
    rows: Mapping[str, int],
    usual: list[float],
    *,
    control: bool = False,
) -> Checked:
    """Check the updates of a round.

    Args:
        answers: Answers to ``train`` by the owner's name.
        weights: Weights of the round, whose names and shapes updates must have.
        rows: Training rows of each owner, as it told them before.
        usual: Usual norms of the rounds before; that of this one is added.
        control: True if each must bring a control variate.
    """
    found, norms = Checked(), {}
    for owner, answer in sorted(answers.items()):
        if answer.act != "train":
            found.refused[owner] = str(answer.about.get("reason", "it sent no update"))[:200]
            continue
        delta, variate = part(answer.tensors, "delta"), part(answer.tensors, "control")
        why = _why_not(delta, weights) or (_why_not(variate, weights) if control else "")
        if why:
            found.refused[owner] = why
            continue
        norms[owner] = norm_of(delta)
        found.updates.append(Update(owner, rows[owner], delta, variate if control else {}))
    if not norms:
        return found
    bound = sorted(norms.values())[(len(norms) - 1) // 2]
    if usual:
        bound = min(bound, _GROWTH * max(usual[-_BEFORE:]))
    usual.append(bound)
    found.updates = [
        _bounded(one, norms[one.owner], bound, found)
        for one in found.updates
        if norms[one.owner] <= REFUSED * bound
    ]
    for owner, norm in norms.items():
        if norm > REFUSED * bound:
            found.refused[owner] = f"its update is {norm / max(bound, 1e-12):.3g} times as large as usual"
    _bound_controls(found)
    return found


def norm_of(tensors: Mapping[str, Tensor]) -> float:
    """Compute the Euclidean norm of all tensors together."""
    return math.sqrt(sum(float(one.double().square().sum()) for one in tensors.values()))


def _why_not(tensors: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> str:
    """Say why tensors are no change of these weights; empty if they are one."""
    if {name: one.shape for name, one in tensors.items()} != {n: one.shape for n, one in weights.items()}:
        return "its update is not of this model"
    if any(one.dtype != weights[name].dtype for name, one in tensors.items()):
        return "its update has another number format"
    bad = next((name for name, one in tensors.items() if not bool(torch.isfinite(one).all())), "")
    return f"its update has NaN or infinite numbers in {bad}" if bad else ""


def _bounded(update: Update, norm: float, bound: float, found: Checked) -> Update:
    """Scale an update down to the largest norm that is taken."""
    if norm <= CLIPPED * bound:
        return update
    factor = CLIPPED * bound / norm
    found.clipped[update.owner] = factor
    return replace(update, delta={name: one * factor for name, one in update.delta.items()})


def _bound_controls(found: Checked) -> None:
    """Scale control variates down to the same multiple of their usual norm."""
    norms = {one.owner: norm_of(one.control) for one in found.updates if one.control}
    if not norms:
        return
    most = CLIPPED * sorted(norms.values())[(len(norms) - 1) // 2]
    found.updates = [
        replace(one, control={name: t * (most / norms[one.owner]) for name, t in one.control.items()})
        if norms.get(one.owner, 0.0) > most
        else one
        for one in found.updates
    ]
