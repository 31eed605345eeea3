"""Training of K trials of one architecture as one program: one loss and one backward pass for all of them.

Weights and batches are stacked, and ``torch.func.vmap`` maps the family's loss over them (model ensembling;
horizontal fusion, Wang 2021, https://arxiv.org/abs/2102.02344). All else is each trial's own: its weights,
draws, batches, clipping, optimizer and average. So it is sampled, saved and restored as if it were alone.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from autogen.errors import DeadlineExceeded, TrialFailure
from autogen.training.fused.noise import FusedNoise
from autogen.training.solo import SoloProgram, Update


class FusedProgram:
    """Joint training of programs; shapes below have K programs in front.

    Args:
        members: Programs with equal ``fuse_key`` and at the same step.

    Attributes:
        failures: Failures by the index of the member, which is trained no further.
    """

    def __init__(self, members: Sequence[SoloProgram]) -> None:
        self._members = list(members)
        self.failures: dict[int, TrialFailure] = {}
        self._gather()

    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train until all members that do not fail have done ``step`` steps; see ``Program.advance``."""
        for member in self._running:
            member.model.train()
        while self._running and self._running[0].step < step:
            self._train_step()
            if deadline is not None and time.monotonic() > deadline:
                for member in self._running:
                    self._fail(member, DeadlineExceeded(f"past its deadline at step {member.step}"))
        self._each(lambda member: member.check_weights())

    def _train_step(self) -> None:
        losses: list[dict[str, Tensor]] = [{} for _ in self._running]
        for updates in zip(*(member.updates() for member in self._running), strict=True):
            values = self._gradients(updates)
            for member, update, found, value in zip(self._running, updates, losses, values, strict=True):
                member.apply(update)
                found[update.learner.phase.name] = value
        of_member = dict(zip(map(id, self._running), losses, strict=True))
        self._each(lambda member: member.end_step(of_member[id(member)]))

    def _gradients(self, updates: Sequence[Update]) -> Tensor:
        """Set the gradients of an update of each member, and return their losses, (K,)."""
        members, first = self._running, updates[0]
        weights = _stacked(self._weights)
        leaves = [weights[name].requires_grad_() for name in first.learner.learned.names]
        rows = _stacked([member.batches[u.batch] for member, u in zip(members, updates, strict=True)])
        sources = [member.noise_of(update) for member, update in zip(members, updates, strict=True)]
        shared = self._shared | {"progress": members[0].scalars["progress"]}

        def loss(tensors: Any, rows: Any, scalars: Any, number: Tensor) -> Tensor:
            arguments = first.learner.phase.loss, rows, FusedNoise(sources, number), shared | scalars
            value: Tensor = functional_call(
                self._loss, {f"model.{n}": t for n, t in tensors.items()}, arguments
            )
            return value

        with members[0].precision:
            # each draw is of a generator of its own, so that ``vmap`` need not keep them apart
            mapped = vmap(loss, randomness="same")
            values = mapped(weights | self._buffers, rows, self._scalars, self._numbers)
        gradients = torch.autograd.grad(values.sum(), leaves, allow_unused=True)
        # fused update rules go through memory: a gradient must lie there as its parameter does
        laid_out = [None if one is None else one.contiguous() for one in gradients]
        for index, update in enumerate(updates):
            for parameter, gradient in zip(update.learner.learned.leaves, laid_out, strict=True):
                parameter.grad = None if gradient is None else gradient[index]
        return values.detach()

    def _each(self, act: Callable[[SoloProgram], None]) -> None:
        """Do something with each running member; one that fails leaves the stack."""
        for member in list(self._running):
            try:
                act(member)
            except TrialFailure as error:
                self._fail(member, error)

    def _fail(self, member: SoloProgram, error: TrialFailure) -> None:
        self.failures[self._members.index(member)] = error
        self._gather()

    def _gather(self) -> None:
        """Gather what stays the same over the steps: where weights are, buffers, and settings."""
        self._running = [one for index, one in enumerate(self._members) if index not in self.failures]
        if not self._running:
            return
        models = [member.model for member in self._running]
        self._loss = _Loss(models[0])
        self._weights = [{name: p.detach() for name, p in model.named_parameters()} for model in models]
        # what all have alike, as the layout of a table, is no part of the stack: a stack of it costs time
        buffers = [dict(model.named_buffers()) for model in models]
        own = [
            name for name, one in buffers[0].items() if not all(torch.equal(one, b[name]) for b in buffers)
        ]
        self._buffers = _stacked([{name: one[name] for name in own} for one in buffers])
        device = self._running[0].device
        self._numbers = torch.arange(len(models), device=device)[:, None]
        # a setting that all have alike stays a number: a loss may leave out what is 0
        scalars = [member.scalars for member in self._running]
        alike = {name for name, value in scalars[0].items() if all(one[name] == value for one in scalars)}
        self._shared = {name: scalars[0][name] for name in alike}
        self._scalars = {
            name: torch.tensor([float(one[name]) for one in scalars], device=device)
            for name in scalars[0].keys() - alike
        }


class _Loss(nn.Module):
    """A loss of a model as a module of its own, which ``functional_call`` can give other weights."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, loss: Callable[..., Tensor], *arguments: Any) -> Tensor:
        return loss(self.model, *arguments)


def _stacked(tensors: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Stack tensors of the same names: name to (K, ...)."""
    return {name: torch.stack([one[name] for one in tensors]) for name in tensors[0]}
