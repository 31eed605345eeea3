"""Program of one trial: its model, the weights' moving average, and an optimizer for each phase."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.codec import CodeNames
from autogen.data.specs import Arrays, Spec
from autogen.errors import DeadlineExceeded, Diverged, SpaceError
from autogen.families.base import FamilyConfig, HasFitting, ModelFamily, Phase, Training
from autogen.training.batches import Batches
from autogen.training.drawing import draw
from autogen.training.initial import EARLIER, FRESH, InitialWeights, TakenOver, freeze, take_over
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


class _PhaseState:
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
        self.size, self.step = 1, 0
        self.parallel = parallel_for(config.training, group)
        self.family, self.config, self.spec, self.seed = family, config, spec, seed
        self.device = torch.device(device)

        def build() -> nn.Module:
            model = build_model(family, config, spec, seed)
            if config.training.start != FRESH:
                start_from(model, initial, family, config, spec)
            return model

        self.model, self.average = self.parallel.models(build)
        self.average.eval().requires_grad_(False)
        for net in (self.model, self.average):
            compact(net.to(self.device))
        self.batches = Batches(train, config.training.batch_size, seed, self.device, weights)
        self._phases = [
            _PhaseState(p, self.model, config.training, self.parallel) for p in family.phases(config)
        ]
        self._trained = [p for p in self.model.parameters() if p.requires_grad]
        held = self.parallel.held
        self._averaged = [held(p.data) for p in self.average.parameters()]
        self._current = [held(p.data) for p in self.model.parameters()]
        self._noise = self.parallel.noise(seed, self.device)
        self._scalars = settings_of(config.training)
        self._batches_a_step = sum(p.phase.repeats for p in self._phases)
        self._precision = precision(self.device)
        self._bad_steps = 0
        self._fitted_at = -1
        self._private: PrivateGradients | None = None
        if private:
            loss, clip = self._phases[0].phase.loss, config.training.clip
            self._private = PrivateGradients(self.model, loss, self.batches.tensors, private, clip)
        elif isinstance(family, HasFitting):
            family.warm_up(self.model)

    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train until ``step`` steps are done; see ``Program.advance``."""
        self.model.train()
        while self.step < step:
            losses = self._train_step()
            self.step += 1
            if self.step % _CHECK_EVERY == 0 or self._bad_steps:
                self._check_losses(losses)
            late = deadline is not None and time.monotonic() > deadline
            if self.parallel.agreed(late, self.step % _CHECK_EVERY == 0):
                raise DeadlineExceeded(f"past its deadline at step {self.step}")
        self._check_weights()

    def sample(self, n: int, seed: int, member: int = 0) -> dict[str, np.ndarray]:
        """Draw n encoded samples with the averaged weights, name to (n, ...); see ``Program.sample``."""
        assert member == 0
        self._refresh_average()
        parts = list(draw(self.family, self.average, self.spec, n, seed))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def keep(self, members: Sequence[int]) -> None:
        """Continue, or stop when no member is kept."""
        self.size = len(members)

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

    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """Return the averaged weights, fitted buffers included, by name; with parts, on rank 0 alone."""
        assert member == 0
        return dict(self._averages())

    def give_weights(self, take: Take, member: int = 0) -> None:
        """Pass the tensors of ``weights`` to a function one at a time; see ``Program.give_weights``."""
        assert member == 0
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

    def _train_step(self) -> dict[str, Tensor]:
        """Run the phases of this step once and return their last losses by name, each a scalar."""
        training = self.config.training
        progress = self.step / max(1, training.steps)
        self._scalars["progress"] = progress
        lr = learning_rate(training, self.step)
        batch = self.step * self._batches_a_step
        losses = {}
        for index, phase in enumerate(self._phases):
            if not phase.phase.runs(progress):
                continue
            self._focus(phase)
            for repeat in range(phase.phase.repeats):
                if self._private:
                    loss = self._private.step(self._scalars)
                else:
                    noise = self._noise.at(TRAINING, self.step, index, repeat)
                    loss = self._gradients(phase, batch, noise)
                phase.optimizer.step(lr * training.lr_scale * phase.phase.lr_scale)
                batch += 1
            losses[phase.phase.name] = loss.detach()
        if training.ema:
            update_average(self._averaged, self._current, training.ema, self.step)
        return losses

    def _gradients(self, phase: _PhaseState, batch: int, noise: KeyedNoise | RankNoise) -> Tensor:
        """Set the gradients of a phase on a batch, those of all ranks, and return the loss."""
        rows = self.batches[batch]

        def loss(noise: KeyedNoise | RankNoise) -> Tensor:
            with self._precision:
                return phase.phase.loss(self.model, rows, noise, self._scalars)

        value = self.parallel.backward(phase.learned, loss, noise)
        if self.config.training.clip:
            norm = self.parallel.norm(phase.learned)
            clip_gradients(phase.learned.parameters, self.config.training.clip, norm)
        return value

    def _focus(self, phase: _PhaseState) -> None:
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

    def _check_weights(self) -> None:
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
        if isinstance(self.family, HasFitting) and not self._private:
            noise = KeyedNoise(self.seed, FITTING, device=self.device)
            self.family.fit(self.average, self.batches.subset(FIT_ROWS), noise)
        self._fitted_at = self.step


def build_model(family: ModelFamily, config: FamilyConfig, spec: Spec, seed: int) -> nn.Module:
    """Build a family's module with weights keyed by the seed; torch's global generator is untouched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key_of(seed, INITIALIZING))
        return family.build(config, spec)


def start_from(
    model: nn.Module,
    initial: tuple[InitialWeights, CodeNames] | None,
    family: ModelFamily,
    config: FamilyConfig,
    spec: Spec,
) -> TakenOver:
    """Give a fresh model the weights of an earlier one, and freeze the share of its layers that is asked for.

    Raises:
        SpaceError: there is no earlier model, or ``training.start`` or ``training.freeze`` is out of range.
    """
    training: Training = config.training
    if training.start != EARLIER:
        raise SpaceError(f"training.start must be {FRESH} or {EARLIER}, not {training.start!r}")
    if initial is None:
        raise SpaceError("training.start = 'earlier' needs a model of the family to start from (--init-from)")
    if not 0 <= training.freeze < 1:
        raise SpaceError(f"training.freeze must lie in [0, 1), but it is {training.freeze:g}")
    earlier, names = initial
    taken = take_over(model, earlier, spec, names, lambda data: build_model(family, config, data, seed=0))
    freeze(family, model, taken, training.freeze)
    return taken


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
