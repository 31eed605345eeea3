"""Ranks other than 0 of a trial on several ranks: they build and train what rank 0 tells them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import torch

from autogen.hpo.trial import Task
from autogen.training.parallel.group import Group
from autogen.training.parallel.leader import TOGETHER
from autogen.training.program import ModelProgram
from autogen.training.solo import SoloProgram


def follow(
    receive: Callable[[], tuple[Any, ...]],
    place: tuple[int, int, str, str],
    device: str,
    build: Callable[[Task, Group], ModelProgram],
) -> None:
    """Train with rank 0 until ``receive`` raises ``EOFError``.

    Args:
        receive: Waits for the next message of rank 0.
        place: Rank of this process, from 1, number of ranks, address of rank 0, and backend.
        device: Device of this rank.
        build: Builds the program of a task.
    """
    rank, size, address, backend = place
    group: Group | None = None
    program: SoloProgram | None = None
    failed: Exception | None = None
    while True:
        kind, *content = receive()
        if kind == "meet":
            group = Group(rank, size, address, content[0], torch.device(device), backend)
            continue
        assert group is not None
        if kind == "build":
            program = failed = None  # before the next takes memory
            try:
                built = build(content[0], group)
                assert isinstance(built, SoloProgram)  # rank 0 asks for no other
                program = built
            except Exception as error:  # rank 0 reports it, unless it has none
                failed = error
        elif failed is not None or program is None:
            raise failed or RuntimeError("no program was built")
        else:
            with suppress(*TOGETHER):  # rank 0 raises the same, and reports it
                do(program, kind, content, group)


def received(
    layout: Sequence[tuple[str, tuple[int, ...], torch.dtype]], group: Group
) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors that rank 0 sends, one by one."""
    for name, shape, dtype in layout:
        tensor = torch.empty(shape, dtype=dtype)
        group.broadcast([tensor])
        yield name, tensor


def do(program: SoloProgram, kind: str, content: Sequence[Any], group: Group) -> None:
    """Do what rank 0 does with its program, so that it has this rank's part.

    Args:
        program: Program of this rank.
        kind: Name of what to do.
        content: Its arguments.
        group: The ranks.
    """
    if kind == "train":
        program.advance(*content)
    elif kind == "restore":
        step, layout = content
        program.fill(received(layout, group), step)
    elif kind == "sample":
        program.sample(*content)
    elif kind == "state":
        program.state()
    else:
        program.weights()
