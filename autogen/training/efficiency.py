"""What a trained generator costs those who use it: size, operations, time and memory of sampling."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from autogen.data.base import SequenceSpec, Spec
from autogen.families.base import FamilyConfig, ModelFamily, device_of
from autogen.training.counting import count
from autogen.training.drawing import draw
from autogen.training.solo import build_model

BATCHES = (1, 8, 64)  # samples drawn together; memory is that of the largest
_SHARES = (4, 2, 1)  # of a sequence's length, as divisors
_PATIENCE = 0.2  # seconds of repeats for one timing, after a warm-up
_REPEATS = 15
_COUNTING = 20.0  # seconds after which a model is too slow to be counted
_MB = 1e6


@dataclass(frozen=True)
class Efficiency:
    """What a model costs; figures that could not be had are ``None``.

    Attributes:
        device: Where it was measured.
        threads: Torch threads then.
        parameters: Numbers that were trained.
        flops_per_sample: Floating-point operations of drawing one sample on its own.
        latency_ms: Median milliseconds of drawing one sample.
        throughput_per_s: Samples a second at the best of the batches.
        peak_memory_mb: Megabytes of the weights and of all tensors that drawing 64 samples holds at once.
        latency_by_batch: Milliseconds by samples drawn together.
        latency_by_length: Milliseconds of one sequence by its length in tokens; empty for other data.
    """

    device: str
    threads: int
    parameters: int
    flops_per_sample: int | None
    latency_ms: float
    throughput_per_s: float
    peak_memory_mb: float | None
    latency_by_batch: dict[str, float]
    latency_by_length: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """By name."""
        return asdict(self)


class Drawing:
    """A model whose sampling is measured.

    Args:
        family: Samples the model.
        config: The family's settings.
        model: In eval mode.
        spec: Of the data.
    """

    def __init__(self, family: ModelFamily, config: FamilyConfig, model: nn.Module, spec: Spec) -> None:
        self.family, self.config, self.model, self.spec = family, config, model, spec

    def __call__(self, n: int) -> None:
        """Draw n samples, from the same noise each time."""
        for _ in draw(self.family, self.model, self.spec, n, seed=0):
            pass

    @property
    def parameters(self) -> int:
        """Numbers that were trained."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def latency_ms(self, n: int = 1) -> float:
        """Median milliseconds of drawing n samples."""
        return round(1e3 * _median_seconds(lambda: self(n)), 4)

    def flops(self) -> int | None:
        """Operations of one sample; ``None`` where they cannot be counted."""
        counted = count(lambda: self(1), _COUNTING)
        return None if counted is None else counted[0]

    def memory_mb(self) -> float | None:
        """Megabytes of weights and tensors while the largest batch is drawn."""
        counted = count(lambda: self(BATCHES[-1]), _COUNTING)
        held = [*self.model.parameters(), *self.model.buffers()]
        weights = sum(tensor.numel() * tensor.element_size() for tensor in held)
        return None if counted is None else round((weights + counted[1]) / _MB, 3)

    def latency_by_length(self) -> dict[str, float]:
        """Milliseconds of a sequence of a quarter, a half and all of the length, by fresh models."""
        if not isinstance(self.spec, SequenceSpec):
            return {}
        found = {}
        for length in dict.fromkeys(max(2, self.spec.length // share) for share in _SHARES):
            spec = replace(self.spec, length=length)
            model = build_model(self.family, self.config, spec, seed=0).eval().to(device_of(self.model))
            found[str(length)] = Drawing(self.family, self.config, model, spec).latency_ms()
        return found

    def measure(self) -> Efficiency:
        """All of it; takes a second or so for small models."""
        by_batch = {str(n): self.latency_ms(n) for n in BATCHES}
        return Efficiency(
            device=str(device_of(self.model)),
            threads=torch.get_num_threads(),
            parameters=self.parameters,
            flops_per_sample=self.flops(),
            latency_ms=by_batch["1"],
            throughput_per_s=round(max(1e3 * int(n) / ms for n, ms in by_batch.items()), 2),
            peak_memory_mb=self.memory_mb(),
            latency_by_batch=by_batch,
            latency_by_length=self.latency_by_length(),
        )


def _median_seconds(act: Callable[[], object]) -> float:
    """Median of repeats after a warm-up; a slow act is repeated once."""
    act()
    taken: list[float] = []
    while not taken or (sum(taken) < _PATIENCE and len(taken) < _REPEATS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
