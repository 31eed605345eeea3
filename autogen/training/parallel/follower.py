"""Ranks other than 0 of a trial on several ranks: they build and train what rank 0 tells them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch

from autogen.hpo.trial import Task
from autogen.training.parallel.group import Group
from autogen.training.parallel.leader import TOGETHER, share_state
from autogen.training.program import ModelProgram


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
    program: ModelProgram | None = None
    while True:
        kind, *content = receive()
        if kind == "meet":
            group = Group(rank, size, address, content[0], torch.device(device), backend)
        elif kind == "build":
            assert group is not None
            program = build(content[0], group)
        else:
            assert group is not None
            assert program is not None
            begin, step = content
            if begin is not None:
                share_state(program, begin, group)
            with suppress(*TOGETHER):  # rank 0 raises the same, and reports it
                program.advance(step)
