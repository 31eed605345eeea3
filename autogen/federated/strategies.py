"""Strategies of a server: pure functions of its state and of the owners' updates.

FedAvg: McMahan 2017 (arxiv.org/abs/1602.05629). FedProx: Li 2020 (arxiv.org/abs/1812.06127), whose term is
in the owners' loss. SCAFFOLD: Karimireddy 2020 (arxiv.org/abs/1910.06378), with its option I. FedAdam and
FedYogi: Reddi 2021 (arxiv.org/abs/2003.00295).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from autogen.federated.config import Rounds

Tensors = Mapping[str, Tensor]

_BETA1, _BETA2, _TAU = 0.9, 0.99, 1e-3  # Reddi 2021
CONTROL = "control."


@dataclass(frozen=True)
class Update:
    """Result of an owner's local steps.

    Attributes:
        owner: Name of the owner.
        rows: Number of its training rows, at least 1.
        delta: Change of each parameter, by name.
        control: Gradient at the weights of the round, by name, for SCAFFOLD; empty for others.
    """

    owner: str
    rows: int
    delta: Tensors
    control: Tensors = field(default_factory=dict)


@dataclass(frozen=True)
class ServerState:
    """State of a server between two rounds.

    Attributes:
        round: Number of rounds done.
        weights: Parameters by name.
        average: Their moving average, which samples are drawn with.
        memory: Moments ``mean.NAME`` and ``square.NAME``, or control variates ``control.OWNER/NAME``.
    """

    round: int
    weights: dict[str, Tensor]
    average: dict[str, Tensor]
    memory: dict[str, Tensor] = field(default_factory=dict)


def mean_of(updates: Sequence[Update]) -> dict[str, Tensor]:
    """Average updates by their numbers of rows, in the order of the owners' names: parameter to tensor."""
    ordered = sorted(updates, key=lambda update: update.owner)
    total = sum(update.rows for update in ordered)
    return {
        name: torch.stack([update.delta[name] * (update.rows / total) for update in ordered]).sum(0)
        for name in ordered[0].delta
    }


def advance(rounds: Rounds, state: ServerState, updates: Sequence[Update], decay: float) -> ServerState:
    """Return the state after a round.

    Args:
        rounds: Settings of the rounds.
        state: State before.
        updates: Updates of the owners that took part, at least one.
        decay: Decay of the moving average for a round; 0 for none.
    """
    mean = mean_of(updates)
    memory = dict(state.memory)
    if rounds.strategy in ("fedadam", "fedyogi"):
        step = _adaptive(rounds, mean, memory)
    else:
        step = {name: rounds.server_rate * one for name, one in mean.items()}
    for update in updates:
        memory |= {f"{CONTROL}{update.owner}/{name}": one for name, one in update.control.items()}
    weights = {name: one + step[name] for name, one in state.weights.items()}
    kept = min(decay, (1 + state.round) / (10 + state.round)) if decay else 0.0
    average = {name: torch.lerp(one, state.average[name], kept) for name, one in weights.items()}
    return ServerState(state.round + 1, weights, average, memory)


def _adaptive(rounds: Rounds, mean: Tensors, memory: dict[str, Tensor]) -> dict[str, Tensor]:
    """Compute the step of Adam or Yogi with the mean update as its gradient; moments are updated in place."""
    found = {}
    for name, delta in mean.items():
        first = memory.get(f"mean.{name}", torch.zeros_like(delta))
        second = memory.get(f"square.{name}", torch.full_like(delta, _TAU**2))
        first = _BETA1 * first + (1 - _BETA1) * delta
        square = delta.square()
        if rounds.strategy == "fedadam":
            second = _BETA2 * second + (1 - _BETA2) * square
        else:
            second = second - (1 - _BETA2) * square * torch.sign(second - square)
        memory[f"mean.{name}"], memory[f"square.{name}"] = first, second
        found[name] = rounds.adaptive_rate * first / (second.sqrt() + _TAU)
    return found


def correction(state: ServerState, owner: str, rows: Mapping[str, int]) -> dict[str, Tensor]:
    """Compute the term c - c_i that SCAFFOLD adds to an owner's gradients, by parameter; 0 at first.

    Args:
        state: State of the server.
        owner: Name of the owner, i.
        rows: Number of training rows of each owner, by which control variates are averaged.
    """
    total = sum(rows.values())
    found = {}
    for name, weight in state.weights.items():
        zero = torch.zeros_like(weight)
        known = {one: state.memory.get(f"{CONTROL}{one}/{name}", zero) for one in sorted(rows)}
        common = torch.stack([known[one] * (rows[one] / total) for one in known]).sum(0)
        found[name] = common - known[owner]
    return found
