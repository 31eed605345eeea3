"""The contract of all model families: build, phases, sample; losses are pure, noise is keyed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.hpo.trial import Config

#: Encoded samples as tensors, name to (B, ...); see the specs in ``autogen.data.specs``.
Batch = Mapping[str, Tensor]
#: Loss settings by name; numbers when solo, (K,) slices when fused.
Scalars = Mapping[str, float | Tensor]


class Noise(Protocol):
    """The only source of randomness of losses, dropout and samplers.

    Draws are keyed by (trial seed, step, how many draws came before in this step), so that a
    trial's numbers are the same alone, fused, resumed or retried, on any worker.
    """

    def normal(self, *shape: int) -> Tensor:
        """Standard normal float32."""
        ...

    def uniform(self, *shape: int) -> Tensor:
        """Uniform float32 in [0, 1)."""
        ...

    def integers(self, high: int, *shape: int) -> Tensor:
        """Uniform int64 in 0..high-1."""
        ...

    def permutation(self, n: int) -> Tensor:
        """A uniformly random order of 0..n-1, int64."""
        ...


#: loss(model, batch, noise, scalars) -> scalar tensor. Pure: no branch on a tensor's value, no
#: ``.item()``, no random draw but from ``noise``.
Loss = Callable[[nn.Module, Batch, Noise, Scalars], Tensor]


def fusible(default: Any) -> Any:
    """Mark a field of a config whose value may differ between trials fused into one program."""
    return field(default=default, metadata={"fusible": True})


@dataclass(frozen=True)
class Steps:
    """What the training settings of every family have.

    Attributes:
        steps: Steps of training at full fidelity.
    """

    steps: int = 1000


@dataclass(frozen=True)
class Training(Steps):
    """Training settings that families trained by gradients share; ``[<family>.training]`` of a search space.

    Attributes:
        steps: Optimiser steps at full fidelity (of the generator, for a GAN).
        batch_size: Rows a step.
        optimizer: ``sgd`` (Nesterov momentum .9), ``adam``, ``adamw``, ``adagrad``, ``rmsprop``, or ``muon``
            (Jordan 2024: matrices of hidden layers; AdamW for the rest, at the same learning rate).
        lr: Learning rate after warm-up.
        beta1: First moment's decay (Adam, AdamW; Muon's rest).
        beta2: Second moment's decay (Adam, AdamW; Muon's rest).
        weight_decay: Decoupled for AdamW and Muon, L2 otherwise; matrices and filters only.
        schedule: ``constant`` or ``cosine`` (to a tenth of lr).
        warmup: Share of the steps over which lr rises linearly.
        clip: Largest gradient norm; 0 for no limit.
        ema: Decay of the weights' moving average that samples are drawn with; 0 for none.
    """

    steps: int = 1000
    batch_size: int = 128
    optimizer: str = "adam"
    lr: float = fusible(1e-3)
    beta1: float = fusible(0.9)
    beta2: float = fusible(0.999)
    weight_decay: float = fusible(0.0)
    schedule: str = "constant"
    warmup: float = fusible(0.0)
    clip: float = fusible(0.0)
    ema: float = fusible(0.0)


@dataclass(frozen=True)
class Phase:
    """One optimiser and the loss it minimises; a step of training runs the phases in order.

    Attributes:
        name: For messages and checkpoints.
        loss: Pure function of (model, batch, noise, scalars).
        parameters: Prefixes of the parameters' names that this phase updates; ``("",)`` for all.
        repeats: Times this phase is run in a step, each time with a fresh batch.
        lr_scale: Factor on the training settings' lr (two time-scale update rule).
        during: Shares of the steps at which the phase comes in and goes out; outside it is passed over.
    """

    name: str
    loss: Loss
    parameters: tuple[str, ...] = ("",)
    repeats: int = 1
    lr_scale: float = 1.0
    during: tuple[float, float] = (0.0, 1.0)

    def runs(self, progress: float) -> bool:
        """Whether the phase is part of a step, after this share of all steps."""
        first, last = self.during
        return first <= progress and (progress < last or last >= 1)


@dataclass(frozen=True)
class FamilyConfig:
    """A family's two sections of a search space, typed.

    Attributes:
        model: The family's own frozen dataclass of architecture settings.
        training: ``Training`` or the family's subclass of it with loss settings.
    """

    model: Any
    training: Any


class ModelFamily(ABC):
    """A way to model a distribution, on every kind of data its nets have a stem and a head for.

    Attributes:
        model_config: Frozen dataclass of ``[<family>.model]``.
        training_config: Frozen dataclass of ``[<family>.training]``: ``Training`` or a subclass of it, or a
            subclass of ``Steps`` where the family ``IsGrown``.
        specs: Kinds of data that it models.
    """

    model_config: ClassVar[type]
    training_config: ClassVar[type[Steps]]
    specs: ClassVar[tuple[type, ...]] = (ImageSpec, TableSpec, SequenceSpec, FrameSpec)

    @abstractmethod
    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """The module with all networks of the family, freshly initialised from torch's global generator."""

    @abstractmethod
    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """What a training step does."""

    @abstractmethod
    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n encoded samples; the model is in eval mode and gradients are off."""


class IsGrown(ABC):
    """Capability of a family: its models are grown step by step on the train split, without gradients.

    Its ``phases`` are none; what a step adds is kept in the model's buffers.
    """

    @abstractmethod
    def grow(
        self, model: nn.Module, config: FamilyConfig, train: Batch, step: int, noise: Noise
    ) -> Iterator[None]:
        """Do one step of training; yields after each part of it, where a deadline may end it.

        Args:
            model: As built, or as the step before left it; changed in place.
            config: The family's settings.
            train: The encoded train split, all rows.
            step: Steps done before.
            noise: Draws.
        """


class HasFitting(ABC):
    """Capability of a family: something is fitted after training, before sampling (a VAE's prior)."""

    @abstractmethod
    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        """Fit on (part of) the train split and store the result in buffers of the model."""

    def get_ready(self, model: nn.Module) -> None:  # noqa: B027 - most need nothing
        """Import what ``fit`` will need; called before the seconds of a trial are counted."""


class HasConditioning(ABC):
    """Capability of a family: samples of which a part is given, drawn without throwing any away."""

    @abstractmethod
    def completes(self, model: nn.Module) -> bool:
        """Whether this model can; that may depend on its settings and on its data."""

    @abstractmethod
    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw an encoded sample for each row of what is given; the model is in eval mode.

        Args:
            model: One that ``completes``.
            given: Tables: encoded rows with ``known``, bool (B, D), whether a cell is to be kept, and
                ``present``, bool (D,), columns in which code 0, a missing cell, is not to be drawn.
                Images: ``label``, int64 (B,). Sequences of tokens: ``tokens``, int64 (B, T), what each
                row begins with and ``pad`` after it.
            noise: Draws.
        """


class HasLikelihood(ABC):
    """Capability of a family: an exact log-likelihood, or a stated bound of it."""

    exact: ClassVar[bool]

    @abstractmethod
    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Log-likelihood, or a lower bound, of each encoded row: nats, float32 (B,)."""


def parse_config(family: ModelFamily, config: Config) -> FamilyConfig:
    """Type a flat config by the family's dataclasses.

    Raises:
        SpaceError: a key that neither dataclass has.
    """
    sections: dict[str, dict[str, Any]] = {"model": {}, "training": {}}
    known = {
        "model": {f.name for f in fields(family.model_config)},
        "training": {f.name for f in fields(family.training_config)},
    }
    for key, value in config.items():
        if key == "family":
            continue
        section, _, name = key.partition(".")
        if name not in known.get(section, ()):
            raise SpaceError(
                f"{config['family']}.{key} is no setting of this family; "
                f"[{section}] has {', '.join(sorted(known.get(section, ())))}"
            )
        sections[section][name] = value
    return FamilyConfig(
        family.model_config(**sections["model"]), family.training_config(**sections["training"])
    )


def numbers_in(model: nn.Module) -> int:
    """How many numbers were learnt: a model's parameters, or its buffers where it has none."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return parameters or sum(buffer.numel() for buffer in model.buffers())


def device_of(model: nn.Module) -> torch.device:
    """The device a model's parameters lie on, or its buffers where it has none."""
    return next(chain(model.parameters(), model.buffers())).device
