"""Program of one trial: its model, the weights' moving average, and an optimizer for each phase."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.codec import CodeNames
from autogen.data.specs import Arrays, Spec
from autogen.errors import DeadlineExceeded, Diverged
from autogen.families.base import FamilyConfig, HasFitting, ModelFamily, Phase, Training
from autogen.training.batches import Batches
from autogen.training.drawing import draw
from autogen.training.initial import FRESH, InitialWeights, start_from
from autogen.training.noise import FITTING, INITIALIZING, TRAINING, KeyedNoise, key_of
from autogen.training.optim import Optimizer, clip_gradients, hidden_matrices, learning_rate, update_average
from autogen.training.parallel.group import Group
from autogen.training.parallel.lookup import parallel_for
from autogen.training.parallel.modes import Learned, Parallel
from autogen.training.parallel.noise import RankNoise
from autogen.training.private.gradients import PrivateGradients, PrivateTraining, refuse_mixing
from autogen.training.program import ModelProgram, Take

FIT_ROWS = 8192  # maximum number of train rows that HasFitting is fitted on
_CHECK_EVERY = 20  # steps between two checks of the losses, each of which waits for the device
_PATIENCE = 3  # consecutive steps with a loss that is not finite before a trial counts as diverged


class PhaseState:
    """Phase with its optimizer and the parameters that it updates."""

    def __init__(self, phase: Phase, model: nn.Module, training: Training, parallel: Parallel) -> None:
        self.phase, self.learned = phase, Learned()
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and name.startswith(phase.parameters):
                self.learned.add(name, parameter, parallel.held(parameter))
        if not self.learned.names:
            raise ValueError(
                f"phase {phase.name!r} updates no parameter: none begins with {phase.parameters}"
            )
        matrices = hidden_matrices(model)
        hidden = [id(leaf) in matrices for leaf in self.learned.leaves]
        self.optimizer = Optimizer(training, self.learned.parameters, hidden)

    def optimizer_state(self) -> Iterator[tuple[str, str, Tensor]]:
        """Yield the optimizer's tensors, each after the names of phase, tensor and parameter.

        The name of the parameter whose shape it has is in between; empty for a number.
        """
        for key, tensors in self.optimizer.state.items():
            for name, tensor in zip(self.learned.names, tensors, strict=True):
                yield f"{self.phase.name}.{key}.{name}", name if tensor.ndim else "", tensor


@dataclass(frozen=True)
class Update:
    """One update of a training step.

    Attributes:
        learner: Phase that it is of.
        place: Index of the phase, and number of its updates before in this step: the place of its draws.
        batch: Number of its batch.
    """

    learner: PhaseState
    place: tuple[int, int]
    batch: int


class SoloProgram(ModelProgram):
    """Training of one model by gradients; samples come from its moving average, or from itself without one.

    Args:
        family: Family that builds, trains and samples the model.
        config: Settings of the family.
        spec: Spec of the encoded data.
        train: Encoded train split, name to (N, ...).
        seed: Seed of the trial; all randomness follows from it.
        device: Device of the model and the data.
        initial: Weights of an earlier model, and names of the data's codes; for ``start = "earlier"``.
        private: Noise and units of training with differential privacy; ``None`` for training without.
        group: Ranks that train the same model, each with a program like this one; alone where ``None``.
        weights: Weight of each row of the train split, float64 (N,), by which batches are drawn; ``None``
            for all equal, as in private training.

    Raises:
        SpaceError: private training cannot be done with these settings.
    """

    def __init__(
        self,
        family: ModelFamily,
        config: FamilyConfig,
        spec: Spec,
        train: Arrays,
        seed: int,
        device: torch.device | str = "cpu",
        initial: tuple[InitialWeights, CodeNames] | None = None,
        private: PrivateTraining | None = None,
        group: Group | None = None,
        weights: np.ndarray | None = None,
    ) -> None:
        if private:
            refuse_mixing(family, config)
        self.step = 0
        self.parallel = parallel_for(config.training, group)
        self.family, self.config, self.spec, self.seed = family, config, spec, seed
        self.device = torch.device(device)

        def build() -> nn.Module:
            model = build_model(family, config, spec, seed)
            if config.training.start != FRESH:
                fresh = partial(build_model, family, config, seed=0)
                start_from(model, initial, family, config.training, spec, fresh)
            return model

        self.model, self.average = self.parallel.models(build)
        self.average.eval().requires_grad_(False)
        for net in (self.model, self.average):
            compact(net.to(self.device))
        self.batches = Batches(train, config.training.batch_size, seed, self.device, weights)
        self._phases = [
            PhaseState(p, self.model, config.training, self.parallel) for p in family.phases(config)
        ]
        self._trained = [p for p in self.model.parameters() if p.requires_grad]
        held = self.parallel.held
        self._averaged = [held(p.data) for p in self.average.parameters()]
        self._current = [held(p.data) for p in self.model.parameters()]
        self._noise = self.parallel.noise(seed, self.device)
        self.scalars = settings_of(config.training)
        self._batches_a_step = sum(p.phase.repeats for p in self._phases)
        self.precision = precision(self.device)
        self._bad_steps = 0
        self._fitted_at = -1
        self.private: PrivateGradients | None = None
        if private:
            loss, clip = self._phases[0].phase.loss, config.training.clip
            self.private = PrivateGradients(self.model, loss, self.batches.tensors, private, clip)
        elif isinstance(family, HasFitting):
            family.warm_up(self.model)

    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train until ``step`` steps are done; see ``Program.advance``."""
        self.model.train()
        while self.step < step:
            self.end_step({u.learner.phase.name: self._update(u) for u in self.updates()})
            late = deadline is not None and time.monotonic() > deadline
            if self.parallel.agreed(late, self.step % _CHECK_EVERY == 0):
                raise DeadlineExceeded(f"past its deadline at step {self.step}")
        self.check_weights()

    def sample(self, n: int, seed: int) -> dict[str, np.ndarray]:
        """Draw n encoded samples with the averaged weights, name to (n, ...); see ``Program.sample``."""
        self._refresh_average()
        parts = list(draw(self.family, self.average, self.spec, n, seed))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def state(self) -> dict[str, Tensor]:
        """Return the whole tensors of model, average and optimizers by name; with parts, on rank 0 alone."""
        return dict(self.parallel.joined(self._held()))

    def give_state(self, take: Take) -> None:
        """Pass the tensors of ``state`` to a function one at a time; see ``Program.give_state``."""
        take(self.parallel.joined(self._held()))

    def restore(self, state: Mapping[str, Tensor], step: int) -> None:
        """Restore a state of ``state``; see ``Program.restore``."""
        self.fill(state.items(), step)

    def fill(self, state: Iterable[tuple[str, Tensor]], step: int) -> None:
        """Restore a state whose whole tensors come one after the other, of which this rank keeps its parts.

        Raises:
            ValueError: the state is another program's.
        """
        places = {key: [(name, tensor)] for key, name, tensor in self._held()}
        if not self.config.training.ema:  # then it is no part of the state
            for name, parameter in self.average.named_parameters():
                places.get(f"model.{name}", []).append((name, self.parallel.held(parameter.detach())))
        missing = set(places)
        for key, whole in state:
            section, _, rest = key.partition(".")
            if key not in places and section == "model" and self.parallel.own(rest, whole) is not None:
                raise ValueError(f"{key} is none of this program's")
            for name, tensor in places.get(key, ()):
                own = self.parallel.own(name, whole)
                if own is None or own.shape != tensor.shape:
                    raise ValueError(f"{key} has another shape than this program's")
                tensor.copy_(own)
            missing.discard(key)
        if missing:
            raise ValueError(f"the state lacks {min(missing)}")
        self.step, self._fitted_at = step, -1

    def weights(self) -> dict[str, Tensor]:
        """Return the averaged weights, fitted buffers included, by name; with parts, on rank 0 alone."""
        return dict(self._averages())

    def give_weights(self, take: Take) -> None:
        """Pass the tensors of ``weights`` to a function one at a time; see ``Program.give_weights``."""
        take(self._averages())

    def _averages(self) -> Iterator[tuple[str, Tensor]]:
        self._refresh_average()
        held = self.parallel.held
        named = self.average.state_dict().items()
        return self.parallel.joined((name, name, held(tensor)) for name, tensor in named)

    def _held(self) -> Iterator[tuple[str, str, Tensor]]:
        """Yield what this rank holds: key, name of the parameter whose shape it has or empty, and tensor."""
        held = self.parallel.held
        kept = self.model.state_dict()  # without what a base brings
        for name, tensor in kept.items():
            yield f"model.{name}", name, held(tensor.detach())
        if self.config.training.ema:
            for name, parameter in self.average.named_parameters():
                if name in kept:
                    yield f"average.{name}", name, held(parameter.detach())
        for phase in self._phases:
            for place, name, tensor in phase.optimizer_state():
                yield f"optimizer.{place}", name, tensor

    def updates(self) -> Iterator[Update]:
        """Yield the updates of this step, in order."""
        progress = self.step / max(1, self.config.training.steps)
        self.scalars["progress"] = progress
        batch = self.step * self._batches_a_step
        for index, learner in enumerate(self._phases):
            if learner.phase.runs(progress):
                for repeat in range(learner.phase.repeats):
                    yield Update(learner, (index, repeat), batch)
                    batch += 1

    def noise_of(self, update: Update) -> KeyedNoise | RankNoise:
        """Return the source of the draws of an update."""
        return self._noise.at(TRAINING, self.step, *update.place)

    def apply(self, update: Update) -> None:
        """Update the weights by the gradients that they have, clipped if the settings say so."""
        training, learned = self.config.training, update.learner.learned
        if training.clip and not self.private:
            clip_gradients(learned.parameters, training.clip, self.parallel.norm(learned))
        lr = learning_rate(training, self.step) * training.lr_scale
        update.learner.optimizer.step(lr * update.learner.phase.lr_scale)

    def end_step(self, losses: dict[str, Tensor]) -> None:
        """End a step, given the last loss of each phase that ran, a scalar.

        Raises:
            Diverged: losses were not finite for several steps.
        """
        if self.config.training.ema:
            update_average(self._averaged, self._current, self.config.training.ema, self.step)
        self.step += 1
        if self.step % _CHECK_EVERY == 0 or self._bad_steps:
            self._check_losses(losses)

    def _update(self, update: Update) -> Tensor:
        """Do an update of this step and return its loss, a scalar."""
        if update.place[1] == 0:
            self._focus(update.learner)
        value = self.private.step(self.scalars) if self.private else self._gradients(update)
        self.apply(update)
        return value.detach()

    def _gradients(self, update: Update) -> Tensor:
        """Set the gradients of a phase on its batch, those of all ranks, and return the loss."""
        rows = self.batches[update.batch]

        def loss(noise: KeyedNoise | RankNoise) -> Tensor:
            with self.precision:
                return update.learner.phase.loss(self.model, rows, noise, self.scalars)

        return self.parallel.backward(update.learner.learned, loss, self.noise_of(update))

    def _focus(self, phase: PhaseState) -> None:
        """Let gradients reach this phase's parameters only: the others' would be computed for nothing."""
        if len(self._phases) == 1:
            return
        for parameter in self._trained:
            parameter.requires_grad_(False)
        for parameter in phase.learned.leaves:
            parameter.requires_grad_(True)

    def _check_losses(self, losses: dict[str, Tensor]) -> None:
        bad = [(name, float(loss)) for name, loss in losses.items() if not math.isfinite(float(loss))]
        self._bad_steps = self._bad_steps + 1 if bad else 0
        if self._bad_steps >= _PATIENCE:
            name, value = bad[0]
            raise Diverged(f"the loss of phase {name!r} is {value} at step {self.step}")

    def check_weights(self) -> None:
        """Raise ``Diverged`` if a weight is not finite."""
        held = self.parallel.held
        finite = {name: bool(torch.isfinite(held(p)).all()) for name, p in self.model.named_parameters()}
        bad = next((name for name, good in finite.items() if not good), "")
        if self.parallel.agreed(bool(bad)):
            raise Diverged(f"the weights {bad} are not finite at step {self.step}")

    @torch.no_grad()
    def _refresh_average(self) -> None:
        """Update the model that is sampled to this step: weights, buffers, and what is fitted."""
        if self._fitted_at == self.step:
            return
        if not self.config.training.ema:
            for average, current in zip(self._averaged, self._current, strict=True):
                average.copy_(current)
        for average, current in zip(self.average.buffers(), self.model.buffers(), strict=True):
            average.copy_(current)
        if isinstance(self.family, HasFitting) and not self.private:
            noise = KeyedNoise(self.seed, FITTING, device=self.device)
            self.family.fit(self.average, self.batches.subset(FIT_ROWS), noise)
        self._fitted_at = self.step


def build_model(family: ModelFamily, config: FamilyConfig, spec: Spec, seed: int) -> nn.Module:
    """Build a family's module with weights keyed by the seed; torch's global generator is untouched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key_of(seed, INITIALIZING))
        return family.build(config, spec)


def compact(model: nn.Module) -> None:
    """Lay each recurrent net's weights out in one block, which CUDA kernels would else do at each call."""
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            module.flatten_parameters()


def settings_of(training: Training) -> dict[str, float | Tensor]:
    """Return the numeric training settings by name: the scalars of losses, next to ``progress`` in [0, 1)."""
    values = {f.name: getattr(training, f.name) for f in fields(training)}
    return {name: value for name, value in values.items() if isinstance(value, int | float)}


def precision(device: torch.device) -> AbstractContextManager[Any]:
    """Return the context to compute losses in: bf16 autocast on a GPU that has it, float32 elsewhere."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()
