"""Contract of all model families: build, phases, sample; losses are pure, noise is keyed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from math import inf
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.renamed import with_todays_names
from autogen.hpo.trial import Config

#: Encoded samples as tensors: name to (B, ...). ``autogen.data.specs`` lists names, shapes and dtypes.
Batch = Mapping[str, Tensor]
#: Loss settings by name; numbers when solo, (K,) slices when fused.
Scalars = Mapping[str, float | Tensor]


class Noise(Protocol):
    """Only source of randomness of losses, dropout and sampling.

    A draw's key is (trial seed, step, number of draws before it in this step), so that a trial's numbers are
    the same alone, fused, resumed or retried, and on any worker.
    """

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        ...

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        ...

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        ...

    def spread(self, n: int) -> Tensor:
        """Draw n numbers spread evenly over [0, 1), one in each n-th of it, in random order: float32 (n,)."""
        ...

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,)."""
        ...


#: loss(model, batch, noise, scalars) -> float32 (). Pure: no branch on a tensor's value, no ``.item()``, no
#: random draw but from ``noise``.
Loss = Callable[[nn.Module, Batch, Noise, Scalars], Tensor]


def fusible(default: Any) -> Any:
    """Declare a config field whose value may differ between trials that are fused into one program."""
    return field(default=default, metadata={"fusible": True})


def bounded(default: Any, low: float, high: float) -> Any:
    """Declare a config field whose other values would make sampling fail, or take for ever."""
    return field(default=default, metadata={"bounds": (low, high)})


@dataclass(frozen=True)
class Steps:
    """Training settings of every family.

    Attributes:
        steps: Training steps at full fidelity.
    """

    steps: int = 1000


@dataclass(frozen=True)
class Training(Steps):
    """Training settings that families trained by gradients share; ``[<family>.training]`` of a search space.

    Attributes:
        steps: Optimizer steps at full fidelity (of the generator, for a GAN).
        batch_size: B, rows in a step.
        optimizer: ``sgd`` (Nesterov momentum .9), ``adam``, ``adamw``, ``adagrad``, ``rmsprop``, or ``muon``
            (Jordan 2024) for matrices of hidden layers with AdamW for the rest, at the same learning rate.
        lr: Learning rate after warm-up.
        beta1: Decay of the first moment (Adam, AdamW, Muon's AdamW).
        beta2: Decay of the second moment (Adam, AdamW, Muon's AdamW).
        weight_decay: Weight decay of matrices and filters; decoupled for AdamW and Muon, L2 otherwise.
        schedule: Learning-rate schedule: ``constant``, or ``cosine`` down to a tenth of lr.
        warmup: Share of the steps over which lr rises linearly.
        clip: Largest gradient norm; 0 for no clipping.
        ema: Decay of the weights' exponential moving average, which samples are drawn from; 0 for none.
        start: Weights that training starts from: ``fresh`` ones, or those of the ``earlier`` model of
            ``--init-from``.
        freeze: Share of the earlier model's layers that keep their weights, from the data's side, in [0, 1).
        lr_scale: Factor on ``lr``, whatever the start; the search draws it for an earlier one.
        parallel: What the processes of ``--replicas`` share: ``data``, the rows of each batch; or for models
            that are too large for one device the blocks of a transformer: ``shard``, rows of each matrix,
            ``tensor``, heads and hidden features, or ``pipeline``, some of the blocks each.
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
    start: str = "fresh"
    freeze: float = 0.0
    lr_scale: float = fusible(1.0)
    parallel: str = "data"


@dataclass(frozen=True)
class Phase:
    """One optimizer and the loss it minimizes; a training step runs the phases in order.

    Attributes:
        name: Name of the phase in messages and checkpoints.
        loss: Pure function of (model, batch, noise, scalars).
        parameters: Name prefixes of the parameters that this phase updates; ``("",)`` for all.
        repeats: Number of updates in a step, each with a fresh batch.
        lr_scale: Factor on the training settings' lr (two time-scale update rule, Heusel 2017).
        schedule: Shares of all steps at which the phase starts and stops; it is skipped outside.
    """

    name: str
    loss: Loss
    parameters: tuple[str, ...] = ("",)
    repeats: int = 1
    lr_scale: float = 1.0
    schedule: tuple[float, float] = (0.0, 1.0)

    def runs(self, progress: float) -> bool:
        """Tell whether the phase is part of a step, given the share of all steps done before, in [0, 1)."""
        first, last = self.schedule
        return first <= progress and (progress < last or last >= 1)


@dataclass(frozen=True)
class FamilyConfig:
    """Settings of a family: its two sections of a search space as dataclasses.

    Attributes:
        model: Instance of the family's ``model_config``: architecture settings.
        training: Instance of the family's ``training_config``: optimizer and loss settings.
    """

    model: Any
    training: Any


class ModelFamily(ABC):
    """Way to model a distribution, for each kind of data that its nets have input and output layers for.

    Attributes:
        model_config: Frozen dataclass of ``[<family>.model]``.
        training_config: Frozen dataclass of ``[<family>.training]``: ``Training`` or a subclass of it, or a
            subclass of ``Steps`` where the family ``IsGrown``.
        specs: Kinds of data that it models.
        sampling: Model settings that weights do not depend on, or that are fitted anew: they stay free where
            the architecture is that of an earlier model.
        data_side: Prefixes of the parameters of the layers that ``freeze`` counts, those next to the data
            first; ``("",)`` for all, in the order of the module.
    """

    model_config: ClassVar[type]
    training_config: ClassVar[type[Steps]]
    specs: ClassVar[tuple[type, ...]] = (ImageSpec, TableSpec, SequenceSpec, FrameSpec)
    sampling: ClassVar[tuple[str, ...]] = ("temperature", "top_p")
    data_side: ClassVar[tuple[str, ...]] = ("",)

    @abstractmethod
    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build the module with all networks of the family, initialized from torch's global generator."""

    @abstractmethod
    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return the phases of a training step, in order."""

    @abstractmethod
    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n encoded samples.

        Args:
            model: Model in eval mode; gradients are off.
            n: Number of samples.
            noise: Source of the random draws.

        Returns:
            Encoded samples, name to (n, ...), with the names and dtypes of the data's spec: images ``pixels``
            uint8 (n, C, H, W); tables ``codes`` int64 and ``positions`` float32, both (n, D); texts and notes
            ``tokens`` int64 (n, T); piano rolls ``frames`` uint8 (n, T, 1 + keys).
        """


class IsDataParallel:
    """Capability of a family: several ranks train a model together, each on a part of each batch.

    Its losses call ``families.nets.shards.shard`` where their nets begin. A family without it is trained by
    one process.
    """


class IsGrown(ABC):
    """Capability of a family: models grow step by step on the train split, without gradients.

    It has no phases; what a step adds is stored in the model's buffers.
    """

    @abstractmethod
    def grow(
        self, model: nn.Module, config: FamilyConfig, train: Batch, step: int, noise: Noise
    ) -> Iterator[None]:
        """Do one training step; yield after each part of it, where a deadline may end it.

        Args:
            model: Model after the steps before; changed in place.
            config: Settings of the family.
            train: Encoded train split, name to (N, ...).
            step: Number of steps done before.
            noise: Source of the random draws.
        """


class HasFitting(ABC):
    """Capability of a family: part of the model is fitted between training and sampling (a VAE's prior)."""

    @abstractmethod
    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        """Fit on encoded train rows, name to (N, ...), and store the result in the model's buffers."""

    def warm_up(self, model: nn.Module) -> None:  # noqa: B027 - most need nothing
        """Import the libraries that ``fit`` needs; runs before a trial's seconds are counted."""


class HasRowLosses(ABC):
    """Capability of a family: losses are means over rows, so that gradients of single rows can be clipped.

    With settings for which ``why_not_by_row`` is empty, a row's share of the loss is its loss in a batch of
    its own, and only the gradients of the losses learn from rows: differential privacy needs both.
    """

    @abstractmethod
    def why_not_by_row(self, config: FamilyConfig) -> str:
        """Name the setting that mixes rows, or learns from them without gradients; empty for none."""


class HasConditioning(ABC):
    """Capability of a family: conditional sampling, without rejection."""

    @abstractmethod
    def supports_completion(self, model: nn.Module) -> bool:
        """Tell whether this model can complete samples; that may depend on its settings and its data."""

    def fills_gaps(self, model: nn.Module) -> bool:
        """Tell whether this model also completes token sequences or piano rolls with known parts anywhere."""
        return False

    @abstractmethod
    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Complete encoded samples of which a part is given.

        Args:
            model: Model in eval mode for which ``supports_completion`` holds.
            given: Tables: ``codes`` int64 and ``positions`` float32 (B, D), with ``known``, bool (B, D),
                cells to keep, and ``present``, bool (D,), columns in which no missing cell (code 0) is drawn.
                Images: ``label``, int64 (B,). Token sequences: ``tokens``, int64 (B, T), the opening of each
                row, then ``pad``. Piano rolls: ``frames``, uint8 (B, T, 1 + keys), the opening of each row,
                then zeros. Where ``fills_gaps`` holds, either may have ``known``, bool (B, T), places to keep
                of a row of its final length, which the others may be anywhere in; tokens also ``gap``, int64
                (B,), the place of each row at which as many further tokens are put as its length, which is
                then drawn, has room for, -1 for none; and ``barred``, bool (B, T, levels), tokens that are
                not drawn at a place.
            noise: Source of the random draws.

        Returns:
            Encoded samples, name to (B, ...), as of ``ModelFamily.sample``.
        """


class HasLikelihood(ABC):
    """Capability of a family: the exact log-likelihood, or a lower bound.

    Attributes:
        exact: Whether the log-likelihood is exact; a lower bound otherwise.
    """

    exact: ClassVar[bool]

    @abstractmethod
    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Compute the log-likelihood, or a lower bound, of each encoded row, in nats: float32 (B,)."""


def parse_config(family: ModelFamily, config: Config) -> FamilyConfig:
    """Convert a flat config into the family's dataclasses; former names of settings are understood.

    Raises:
        SpaceError: neither dataclass has a key, a value is out of its bounds, or a setting is given by its
            former name and today's.
    """
    sections: dict[str, dict[str, Any]] = {"model": {}, "training": {}}
    known = {
        "model": {f.name for f in fields(family.model_config)},
        "training": {f.name for f in fields(family.training_config)},
    }
    keys = {f"{section}.{name}" for section, names in known.items() for name in names}
    for key, value in with_todays_names(config, keys).items():
        if key == "family":
            continue
        section, _, name = key.partition(".")
        if name not in known.get(section, ()):
            raise SpaceError(
                f"{config['family']}.{key} is not a setting of this family; "
                f"[{section}] has {', '.join(sorted(known.get(section, ())))}"
            )
        sections[section][name] = value
    found = FamilyConfig(
        family.model_config(**sections["model"]), family.training_config(**sections["training"])
    )
    for section, settings in (("model", found.model), ("training", found.training)):
        for one in fields(settings):
            low, high = one.metadata.get("bounds", (-inf, inf))
            value = getattr(settings, one.name)
            if isinstance(value, int | float) and not low <= value <= high:  # NaN neither
                raise SpaceError(
                    f"{config.get('family', 'the family')}.{section}.{one.name} is from {low:g} to {high:g}; "
                    f"got {value!r:.40}"
                )
    return found


def numbers_in(model: nn.Module) -> int:
    """Count the learned numbers of a model: its parameters, or its buffers where it has none."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return parameters or sum(buffer.numel() for buffer in model.buffers())


def device_of(model: nn.Module) -> torch.device:
    """Return the device of a model's parameters, or of its buffers where it has none."""
    return next(chain(model.parameters(), model.buffers())).device
