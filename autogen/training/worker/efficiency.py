"""Cost of a trained generator to its users: size, operations, time and memory of sampling."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from autogen.data.specs import SequenceSpec, Spec
from autogen.errors import TrialFailure
from autogen.families.base import FamilyConfig, ModelFamily, device_of, numbers_in
from autogen.training.drawing import draw
from autogen.training.solo import build_model
from autogen.training.worker.flops import count

BATCHES = (1, 8, 64)  # samples drawn together; memory is that of the largest
_SHARES = (4, 2, 1)  # of a sequence's length, as divisors
_PATIENCE = 0.2  # seconds of repeats for one timing, after a warm-up
_REPEATS = 15
_WARM = 0.05  # seconds before the first of them
COUNTING = 20.0  # seconds after which a model is too slow to be counted
_MB = 1e6


@dataclass(frozen=True)
class Efficiency:
    """Cost of a model; a figure that could not be measured is ``None``.

    Attributes:
        device: Device of the measurement.
        threads: Number of torch threads during the measurement.
        parameters: Number of trained parameters.
        flops_per_sample: Floating-point operations of drawing one sample alone.
        latency_ms: Milliseconds to draw one sample, the minimum of some repeats.
        throughput_per_s: Samples a second at the best batch size.
        peak_memory_mb: Megabytes of the weights and of all tensors held at once while 64 samples are drawn.
        latency_by_batch: Milliseconds by batch size.
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
        """Return the figures by name."""
        return asdict(self)


class Drawing:
    """Model whose sampling is measured.

    Args:
        family: Family of the model.
        config: Settings of the family.
        model: Model in eval mode.
        spec: Spec of the encoded data.
    """

    def __init__(self, family: ModelFamily, config: FamilyConfig, model: nn.Module, spec: Spec) -> None:
        self.family, self.config, self.model, self.spec = family, config, model, spec

    def __call__(self, n: int) -> None:
        """Draw n samples, from the same noise each time."""
        for _ in draw(self.family, self.model, self.spec, n, seed=0):
            pass

    @property
    def parameters(self) -> int:
        """Number of trained parameters."""
        return numbers_in(self.model)

    def latency_ms(self, n: int = 1) -> float:
        """Measure the milliseconds to draw n samples, the minimum of some repeats."""
        return round(1e3 * _seconds(lambda: self(n)), 4)

    def flops(self, seconds: float = COUNTING) -> int | None:
        """Count the operations of one sample; ``None`` if that takes more than so many seconds."""
        counted = count(lambda: self(1), seconds)
        return None if counted is None else counted[0]

    def memory_mb(self, seconds: float = COUNTING) -> float | None:
        """Measure megabytes of weights and tensors in drawing the largest batch; ``None`` as in ``flops``."""
        counted = count(lambda: self(BATCHES[-1]), seconds)
        held = [*self.model.parameters(), *self.model.buffers()]
        weights = sum(tensor.numel() * tensor.element_size() for tensor in held)
        return None if counted is None else round((weights + counted[1]) / _MB, 3)

    def latency_by_length(self) -> dict[str, float]:
        """Measure the milliseconds of a sequence of a quarter, half and all of the length, by new models."""
        if not isinstance(self.spec, SequenceSpec):
            return {}
        found = {}
        for length in dict.fromkeys(max(2, self.spec.length // share) for share in _SHARES):
            spec = replace(self.spec, length=length)
            model = build_model(self.family, self.config, spec, seed=0).eval().to(device_of(self.model))
            found[str(length)] = Drawing(self.family, self.config, model, spec).latency_ms()
        return found

    def cost(self, name: str, train_seconds: float) -> float:
        """Measure one of the costs of ``autogen.hpo.objective``.

        Raises:
            TrialFailure: it cannot be counted in time.
        """
        measured: dict[str, Callable[[], float | None]] = {
            "latency": self.latency_ms,
            "params": lambda: self.parameters,
            "flops": self.flops,
            "memory": self.memory_mb,
            "train_seconds": lambda: train_seconds,
            "throughput": self.throughput,
        }
        value = measured[name]()
        if value is None:
            raise TrialFailure(f"its {name} cannot be counted within {COUNTING:g} s")
        return float(value)

    def throughput(self) -> float:
        """Measure the samples per second, 64 at a time."""
        return round(1e3 * BATCHES[-1] / self.latency_ms(BATCHES[-1]), 2)

    def measure(self, counting: float = COUNTING) -> Efficiency:
        """Measure all figures; takes about a second for small models.

        Args:
            counting: Seconds in which operations and memory must be counted.
        """
        by_batch = {str(n): self.latency_ms(n) for n in BATCHES}
        return Efficiency(
            device=str(device_of(self.model)),
            threads=torch.get_num_threads(),
            parameters=self.parameters,
            flops_per_sample=self.flops(counting),
            latency_ms=by_batch["1"],
            throughput_per_s=round(max(1e3 * int(n) / ms for n, ms in by_batch.items()), 2),
            peak_memory_mb=self.memory_mb(counting),
            latency_by_batch=by_batch,
            latency_by_length=self.latency_by_length(),
        )


def count_parameters(family: ModelFamily, config: FamilyConfig, spec: Spec) -> int:
    """Count a model's parameters, without memory for them where the family allows."""
    return numbers_in(outline(family, config, spec))


def outline(family: ModelFamily, config: FamilyConfig, spec: Spec) -> nn.Module:
    """Build a model on torch's meta device where the family allows, which takes no memory."""
    try:
        with torch.device("meta"):
            return build_model(family, config, spec, seed=0)
    except (RuntimeError, NotImplementedError):  # it looks at values while it is built
        return build_model(family, config, spec, seed=0)


def _seconds(act: Callable[[], object]) -> float:
    """Measure a function's seconds, the minimum of repeats after a warm-up: disturbed ones take longer."""
    _warm_up(act)
    taken: list[float] = []
    while not taken or (sum(taken) < _PATIENCE and len(taken) < _REPEATS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _warm_up(act: Callable[[], object]) -> None:
    """Call a function until a twentieth of a second has passed."""
    start = time.perf_counter()
    while True:
        act()
        if time.perf_counter() - start > _WARM:
            return
