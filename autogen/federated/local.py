"""Local steps of an owner: the usual program of a family, started at the weights of the round.

An owner keeps nothing between rounds. Batches and noise are keyed by the trial's seed, the owner and the
step, so that a round that is asked for again gives the same update.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.specs import Arrays, Spec
from autogen.errors import RunError, told
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasLikelihood,
    Loss,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
)
from autogen.training.noise import TRAINING, KeyedNoise
from autogen.training.solo import SoloProgram, build_model, settings_of

#: Rows from which the gradient of a control variate is computed.
GRADIENT_ROWS = 1024
_ROWS = 512  # of a pass that measures likelihoods


@dataclass(frozen=True)
class Pull:
    """Terms that a strategy adds to the loss.

    Attributes:
        proximal: Weight of half the squared distance from ``anchor`` (Li 2020).
        anchor: Weights of the round by name.
        tilt: What is added to the gradient of each parameter, by name (Karimireddy 2020); empty for none.
    """

    proximal: float = 0.0
    anchor: Mapping[str, Tensor] = field(default_factory=dict)
    tilt: Mapping[str, Tensor] = field(default_factory=dict)


class Pulled(ModelFamily):
    """A family whose losses have further terms. Nothing of it is fitted on rows.

    Args:
        family: The family.
        pull: The terms.
    """

    def __init__(self, family: ModelFamily, pull: Pull) -> None:
        self._family, self._pull = family, pull

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build the family's module."""
        return self._family.build(config, spec)

    def phases(self, config: FamilyConfig) -> list[Phase]:
        """Return the family's phases with the terms in their losses."""
        return [replace(one, loss=_plus(one.loss, self._pull)) for one in self._family.phases(config)]

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n encoded samples of the family."""
        return self._family.sample(model, n, noise)


def _plus(loss: Loss, pull: Pull) -> Loss:
    """Add the terms to a loss."""

    def total(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        value = loss(model, batch, noise, scalars)
        for name, parameter in model.named_parameters():
            if pull.proximal:
                value = value + pull.proximal / 2 * (parameter - pull.anchor[name]).square().sum()
            if pull.tilt:
                value = value + (parameter * pull.tilt[name]).sum()
        return value

    return total


def global_model(family: ModelFamily, config: FamilyConfig, spec: Spec, seed: int) -> nn.Module:
    """Build the model of a trial: with one seed it is the same at all owners and at the server."""
    return build_model(family, config, spec, seed)


def learned(model: nn.Module) -> dict[str, Tensor]:
    """Return what a model has learned: its parameters, or its buffers where it has none, by name."""
    return {name: one.detach() for name, one in model.named_parameters()} or dict(model.state_dict())


def place(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights into a model.

    Raises:
        RunError: they are another model's.
    """
    known = dict(model.named_parameters())
    if not known:
        try:
            model.load_state_dict(dict(weights))
        except RuntimeError as error:
            raise RunError(f"the trees of the round are no trees of this table: {told(error)}") from error
        return
    if {name: one.shape for name, one in known.items()} != {n: one.shape for n, one in weights.items()}:
        raise RunError("the weights of the round are another model's")
    with torch.no_grad():
        for name, parameter in known.items():
            parameter.copy_(weights[name])


@dataclass(frozen=True)
class Step:
    """One round of one trial.

    Attributes:
        seed: Seed of the trial.
        own_seed: Seed of the owner's batches and noise.
        round: Number of rounds before.
        local_steps: Optimizer steps of a round.
        control: True to compute a control variate.
    """

    seed: int
    own_seed: int
    round: int
    local_steps: int
    control: bool = False


def train_locally(
    family: ModelFamily,
    config: FamilyConfig,
    spec: Spec,
    train: Arrays,
    weights: Mapping[str, Tensor],
    step: Step,
    pull: Pull,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Take the local steps of a round; the optimizer starts anew in each.

    Args:
        family: Family of the model.
        config: Settings as ``autogen.federated.config.local`` returns them.
        spec: Spec of the encoded data.
        train: Encoded rows, name to (N, ...).
        weights: Weights of the round by name.
        step: Round and seeds.
        pull: Terms of the strategy.

    Returns:
        Change of each parameter by name, and the control variate by name, empty if not asked for.

    Raises:
        Diverged: the weights are no longer finite.
    """
    model = global_model(family, config, spec, step.seed)
    place(model, weights)
    control = _gradient(family, config, model, train, step) if step.control else {}
    program = SoloProgram(Pulled(family, pull), config, spec, train, step.own_seed)
    began = program.state() | {f"model.{name}": one for name, one in model.state_dict().items()}
    done = step.round * step.local_steps
    program.restore(began, done)
    program.advance(done + step.local_steps)
    changed = {name: one.detach() - weights[name] for name, one in program.model.named_parameters()}
    return changed, control


def _gradient(
    family: ModelFamily, config: FamilyConfig, model: nn.Module, train: Arrays, step: Step
) -> dict[str, Tensor]:
    """Compute the gradient of the loss at the weights of the round on some rows, by parameter."""
    (phase,) = family.phases(config)
    rows = len(next(iter(train.values())))
    chosen = KeyedNoise(step.own_seed, TRAINING, step.round).permutation(rows)[:GRADIENT_ROWS]
    batch = {name: torch.from_numpy(np.ascontiguousarray(one))[chosen] for name, one in train.items()}
    scalars = settings_of(config.training) | {"progress": 0.0}
    noise = KeyedNoise(step.own_seed, TRAINING, step.round, 1)
    model.train()
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(
        phase.loss(model, batch, noise, scalars), parameters, allow_unused=True, materialize_grads=True
    )
    return dict(zip(names, found, strict=True))


@torch.no_grad()
def likelihoods(
    family: ModelFamily,
    config: FamilyConfig,
    spec: Spec,
    weights: Mapping[str, Tensor],
    rows: Arrays,
    seed: int,
) -> np.ndarray:
    """Compute the log-likelihood of each encoded row, or its lower bound, in nats: float64 (N,).

    Args:
        family: Family of the model, which ``HasLikelihood``.
        config: Settings of the family.
        spec: Spec of the encoded data.
        weights: Weights by name.
        rows: Encoded rows, name to (N, ...).
        seed: Seed of the trial.
    """
    assert isinstance(family, HasLikelihood)
    model = global_model(family, config, spec, seed)
    place(model, weights)
    model.eval()
    parts, count = [], len(next(iter(rows.values())))
    for start in range(0, count, _ROWS):
        batch = {
            name: torch.from_numpy(np.ascontiguousarray(one[start : start + _ROWS]))
            for name, one in rows.items()
        }
        noise = KeyedNoise(seed, TRAINING, start)
        parts.append(family.log_likelihood(model, batch, noise).double().numpy())
    return np.concatenate(parts)
