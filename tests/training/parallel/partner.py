"""A second process that trains as rank 1 what the tests train as rank 0."""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from multiprocessing.connection import Connection
from typing import Any

import torch

from autogen import registry
from autogen.errors import SpaceError
from autogen.families.base import FamilyConfig, ModelFamily
from autogen.testing.families import SPECS, samples_of
from autogen.training.parallel.follower import received
from autogen.training.parallel.group import Group, listen
from autogen.training.solo import SoloProgram

ADDRESS = "127.0.0.1"
STEPS = 20
MORE = 5  # steps after a checkpoint


@dataclass(frozen=True)
class Case:
    """What is trained: a family on data of ``autogen.testing``."""

    family: str
    spec: str
    model: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    steps: int = STEPS

    def __str__(self) -> str:
        settings = [str(value) for value in (*self.model.values(), *self.training.values())]
        return "-".join([self.family, self.spec, *settings])

    def program(self, group: Group | None = None, losses: list[float] | None = None) -> SoloProgram:
        family: ModelFamily = registry.get("family", self.family)()
        training = {"batch_size": 16, "steps": self.steps, "lr": 1e-3, **self.training}
        known = family.training_config.__dataclass_fields__
        training = {"dropout": 0.0, **training} if "dropout" in known else training
        config = FamilyConfig(family.model_config(**self.model), family.training_config(**training))
        given = family if losses is None else recorded(family, losses)
        spec = SPECS[self.spec]
        return SoloProgram(given, config, spec, samples_of(spec), 3, group=group)


def recorded(family: ModelFamily, losses: list[float]) -> ModelFamily:
    """The same family, which keeps the losses of each step."""

    class Recorded(type(family)):
        def phases(self, config):
            return [replace(phase, loss=kept(phase.loss)) for phase in super().phases(config)]

    def kept(loss):
        def kept_loss(*given):
            value = loss(*given)
            losses.append(value.item())
            return value

        return kept_loss

    return Recorded()


class RecordedGroup(Group):
    """Ranks that keep the losses of each step."""

    losses: list[float]

    def reduce(self, gradients, loss, weight):
        whole = super().reduce(gradients, loss, weight)
        self.losses.append(whole.item())
        return whole


def serve(pipe: Connection, port: int) -> None:
    torch.set_num_threads(1)
    group = Group(1, 2, ADDRESS, port, torch.device("cpu"))
    while (case := pipe.recv()) is not None:
        try:
            program = case.program(group)
            program.advance(case.steps)
            if program.parallel.splits:
                program.sample(8, 0)
                program.state()
            pipe.send(digest(program))
            if program.parallel.splits:
                program.fill(received(pipe.recv(), group), case.steps)
                program.advance(case.steps + MORE)
                program.sample(8, 0)
        except SpaceError as error:
            pipe.send(str(error))


def digest(program: SoloProgram) -> str:
    """Digest of all tensors of a program that each rank holds whole."""
    held = {key: t for key, name, t in program._held() if name and not program.parallel.is_part(name)}
    return sha256(b"".join(tensor.numpy().tobytes() for _, tensor in sorted(held.items()))).hexdigest()


def held_bytes(program: SoloProgram) -> int:
    """Bytes of parameters and of what optimizers and averages keep for them."""
    held = program.parallel.held
    optimizers = [t for phase in program._phases for _, _, t in phase.optimizer_state()]
    tensors = [*map(held, program.model.parameters()), *map(held, program.average.parameters()), *optimizers]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def restored(program: SoloProgram, group: Group, pipe: Connection, state: Mapping[str, torch.Tensor]) -> None:
    """Restore a state on both ranks, as ``Leader`` and ``follow`` do it."""
    pipe.send([(name, tuple(tensor.shape), tensor.dtype) for name, tensor in state.items()])

    def sent() -> Iterator[tuple[str, torch.Tensor]]:
        for name, tensor in state.items():
            group.broadcast([tensor])
            yield name, tensor

    program.fill(sent(), program.step)


@contextmanager
def partner() -> Iterator[tuple[RecordedGroup, Connection]]:
    """Start the second process; yields the group and the pipe that takes cases."""
    server = listen(ADDRESS)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, server.getsockname()[1]), daemon=True
    )
    process.start()
    group = RecordedGroup(0, 2, ADDRESS, server.getsockname()[1], torch.device("cpu"), server=server)
    try:
        yield group, ours
    finally:
        ours.send(None)
        process.join(10)
        group.leave()
