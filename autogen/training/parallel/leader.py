"""Rank 0 of a trial on several ranks: it tells the others what to do, samples, and keeps the files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from autogen.errors import DeadlineExceeded, Diverged, SpaceError
from autogen.hpo.executor import Ranks
from autogen.hpo.trial import Task
from autogen.training.parallel.group import Group, is_of_a_message, listen, lost
from autogen.training.program import ModelProgram, Take
from autogen.training.solo import SoloProgram, build_model

Result = TypeVar("Result")

#: What all ranks raise at the same step, after which the group is as good as before.
TOGETHER = (DeadlineExceeded, Diverged, SpaceError)


class Leader:
    """Rank 0, which starts the group anew where it was broken.

    Args:
        ranks: Other ranks.
        device: Device of this rank.
    """

    def __init__(self, ranks: Ranks, device: str) -> None:
        self.ranks = ranks
        self._device = torch.device(device)
        self._group: Group | None = None

    def program(self, task: Task, build: Callable[[Group], ModelProgram]) -> "SharedProgram":
        """Return a fresh program of a task that all ranks train.

        Args:
            task: Task of which the other ranks build the same program.
            build: Builds this rank's.
        """
        group = self._group or self._guarded(self._meet)
        program = self.together(("build", task), lambda: build(group))
        assert isinstance(program, SoloProgram)
        return SharedProgram(program, self)

    def together(self, message: tuple[Any, ...], act: Callable[[], Result]) -> Result:
        """Do on all ranks what a message says.

        Args:
            message: Message to the others.
            act: What this rank does meanwhile.
        """

        def told() -> Result:
            self.ranks.send(message)
            return act()

        return self._guarded(told)

    def _guarded(self, act: Callable[[], Result]) -> Result:
        """Do something with the others, and tell an error of this rank from the end of another one."""
        try:
            return act()
        except TOGETHER:
            raise
        except BaseException as error:
            self.ranks.check()  # does not return if another rank is gone: then this error is that one's
            self.close()
            if isinstance(error, ConnectionError | RuntimeError) and is_of_a_message(error):
                raise lost(error) from error
            raise

    def shared(self, state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """Yield the tensors of a state one by one, after each was sent to the others, which wait for it."""
        assert self._group is not None
        for name, tensor in state.items():
            self._group.broadcast([tensor])
            yield name, tensor

    def close(self) -> None:
        """End the other ranks."""
        self.ranks.stop()
        if self._group is not None:
            with suppress(RuntimeError):
                self._group.leave()
        self._group = None

    def _meet(self) -> Group:
        self.ranks.start()
        size, address, backend = self.ranks.size, self.ranks.address, self.ranks.backend
        with listen(address) as server:  # whose socket the group takes over
            port = server.getsockname()[1]
            self.ranks.send(("meet", port))
            self._group = Group(0, size, address, port, self._device, backend, server)
        return self._group


class SharedProgram(ModelProgram):
    """Program that several ranks train; this process samples from it and keeps its state.

    Args:
        program: This rank's program.
        leader: Rank 0 of the group.
    """

    def __init__(self, program: SoloProgram, leader: Leader) -> None:
        self._program, self._leader = program, leader
        self.family, self.config, self.spec = program.family, program.config, program.spec
        self.seed = program.seed
        self.step = program.step

    def advance(self, step: int, deadline: float | None = None) -> None:
        """Train on all ranks until ``step`` steps are done; see ``Program.advance``."""
        self._leader.together(("train", step), lambda: self._program.advance(step, deadline))
        self.step = self._program.step

    def sample(self, n: int, seed: int) -> dict[str, np.ndarray]:
        """Draw n encoded samples, name to (n, ...); see ``Program.sample``."""
        return self._with_parts(("sample", n, seed), lambda: self._program.sample(n, seed))

    def state(self) -> dict[str, Tensor]:
        """Return the state, which is the same for any number of ranks."""
        return self._with_parts(("state",), self._program.state)

    def give_state(self, take: Take) -> None:
        """Pass the tensors of ``state`` to a function one at a time, as the ranks send them."""
        self._with_parts(("state",), lambda: self._program.give_state(take))

    def restore(self, state: Mapping[str, Tensor], step: int) -> None:
        """Restore a state of ``state`` on all ranks."""
        layout = [(name, tuple(tensor.shape), tensor.dtype) for name, tensor in state.items()]
        self._leader.together(
            ("restore", step, layout), lambda: self._program.fill(self._leader.shared(state), step)
        )
        self.step = step

    def weights(self) -> dict[str, Tensor]:
        """Return the weights and buffers that samples are drawn with, by name."""
        return self._with_parts(("weights",), self._program.weights)

    def give_weights(self, take: Take) -> None:
        """Pass the tensors of ``weights`` to a function one at a time, as the ranks send them."""
        self._with_parts(("weights",), lambda: self._program.give_weights(take))

    @property
    def average(self) -> nn.Module:  # type: ignore[override]
        """Model that samples are drawn from; a whole one, built anew, where ranks hold parts of it."""
        if not self._program.parallel.splits:
            return self._program.average
        model = build_model(self.family, self.config, self.spec, self.seed).eval().requires_grad_(False)
        model.load_state_dict(self.weights())
        return model.to(self._program.device)

    def _with_parts(self, message: tuple[Any, ...], act: Callable[[], Result]) -> Result:
        """Do what needs all weights, on all ranks if each has a part of them."""
        return self._leader.together(message, act) if self._program.parallel.splits else act()
