"""Which trials of a worker are trained as one program: those that can be, where that is faster here."""

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import cast

from autogen.families.fusing import IsFusible, zero_settings
from autogen.training.fused.program import FusedProgram
from autogen.training.parallel.modes import Parallel
from autogen.training.program import Program
from autogen.training.solo import SoloProgram

#: Steps of a measured block, and blocks of each way, of which the first is not counted: 12 steps in all.
_STEPS, _BLOCKS = 2, 3
#: Share of the seconds alone that one program may take at most to be chosen.
_GAIN = 0.95


@dataclass(frozen=True)
class Stretch:
    """Training that a trial waits for.

    Attributes:
        program: Its program.
        step: Step to train to.
    """

    program: Program
    step: int


@dataclass
class Trained:
    """What came of a stretch.

    Attributes:
        seconds: Seconds of training, a trial's share of them where several were trained as one program.
        fused: Trials that were one program, this one included; 0 for one alone.
        failure: Reason why it did not reach the step.
    """

    seconds: float = 0.0
    fused: int = 0
    failure: Exception | None = None


@dataclass
class Choice:
    """Choice between one program and one trial after the other; a short measurement makes it.

    The measured steps are part of the training: a stretch begins with some alone and some together by turns.

    Attributes:
        faster: Whether one program is faster, by what the trials have in common and their number.
    """

    faster: dict[Hashable, bool] = field(default_factory=dict)

    def group(self, waiting: Mapping[int, Stretch]) -> list[int]:
        """Return the numbers of the trials to train now: the first, with others that fuse with it."""
        first = min(waiting)
        one = waiting[first]
        key = fuse_key(one.program)
        if key is None:
            return [first]
        alike = [
            number
            for number, other in waiting.items()
            if (other.step, other.program.step) == (one.step, one.program.step)
            and fuse_key(other.program) == key
        ]
        return sorted(alike) if self.faster.get((key, len(alike)), len(alike) > 1) else [first]

    def advance(self, programs: Sequence[Program], step: int, deadline: float | None) -> list[Trained]:
        """Train programs of a group to a step, each failure being its own; see ``Program.advance``."""
        together = _Together(programs, deadline)
        if len(programs) > 1:
            key = fuse_key(programs[0]), len(programs)
            if key not in self.faster and step - programs[0].step >= 2 * _STEPS * _BLOCKS:
                faster = together.is_faster()
                if not together.failed:  # else fewer were measured than there are
                    self.faster[key] = faster
            if self.faster.get(key, False):
                together.fused(step)
        together.alone(step)
        return together.trained


class _Together:
    """Programs that are trained to the same steps, alone or as one."""

    def __init__(self, programs: Sequence[Program], deadline: float | None) -> None:
        self.programs, self.deadline = programs, deadline
        self.trained = [Trained() for _ in programs]
        self._fused: tuple[list[int], FusedProgram] | None = None

    @property
    def failed(self) -> bool:
        """Whether a program failed."""
        return any(one.failure for one in self.trained)

    def is_faster(self) -> bool:
        """Train some steps in both ways by turns; tell whether one program took clearly less time."""
        spent: dict[bool, list[float]] = {False: [], True: []}
        # other work on the machine is no reason; a GPU's seconds are none of the processor's
        on_cpu = all(cast(SoloProgram, program).device.type == "cpu" for program in self.programs)
        clock = time.process_time if on_cpu else time.perf_counter
        for block in range(2 * _BLOCKS):
            one_program = bool(block % 2)
            began = clock()
            step = min(program.step for program in self._running()) + _STEPS if self._running() else 0
            (self.fused if one_program else self.alone)(step)
            spent[one_program].append(clock() - began)
        return min(spent[True][1:]) < _GAIN * min(spent[False][1:])

    def alone(self, step: int) -> None:
        """Train one after the other."""
        for one, program in zip(self.trained, self.programs, strict=True):
            if one.failure is None:
                began = time.perf_counter()
                try:
                    program.advance(step, self.deadline)
                except Exception as error:  # is thrown into its trial
                    one.failure = error
                one.seconds += time.perf_counter() - began

    def fused(self, step: int) -> None:
        """Train as one program."""
        running = [index for index, one in enumerate(self.trained) if one.failure is None]
        if not running:
            return
        if self._fused is None or self._fused[0] != running:
            self._fused = running, FusedProgram([cast(SoloProgram, self.programs[i]) for i in running])
        began = time.perf_counter()
        program = self._fused[1]
        try:
            program.advance(step, self.deadline)
            failures: Mapping[int, Exception] = program.failures
        except Exception as error:  # as a lack of memory, which is that of all
            failures = dict.fromkeys(range(len(running)), error)
        seconds = (time.perf_counter() - began) / len(running)
        for place, index in enumerate(running):
            one = self.trained[index]
            one.seconds, one.fused = one.seconds + seconds, max(one.fused, len(running))
            one.failure = failures.get(place)

    def _running(self) -> list[Program]:
        return [p for one, p in zip(self.trained, self.programs, strict=True) if one.failure is None]


def fuse_key(program: Program) -> Hashable | None:
    """Return what programs must have in common to be trained as one; ``None`` for one that cannot be."""
    if not isinstance(program, SoloProgram) or program.private or type(program.parallel) is not Parallel:
        return None
    family, config = program.family, program.config
    if not isinstance(family, IsFusible) or not family.fuses(config, program.spec):
        return None
    named = [(one, getattr(config.training, one.name)) for one in fields(config.training)]
    alike = tuple((one.name, value) for one, value in named if "fusible" not in one.metadata)
    return type(family), config.model, alike, zero_settings(config), program.batches.size
