"""A family small enough to be followed by hand: a diagonal Gaussian on the positions of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, ColumnSpec, Spec, TableSpec
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasFitting,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    fusible,
)
from autogen.hpo.trial import Task
from autogen.training.worker.work import GenerativeWork

SPEC = TableSpec(tuple(ColumnSpec(name, levels=1, continuous=True) for name in "abc"))


@dataclass(frozen=True)
class ToyModel:
    hidden: int = 8
    poison: str = ""  # "loss", "weights", "sample": what goes bad, at step poison_at
    poison_at: int = 10


@dataclass(frozen=True)
class ToyTraining(Training):
    batch_size: int = 32
    steps: int = 40
    noise_scale: float = fusible(0.01)


class ToyNet(nn.Module):
    def __init__(self, columns: int, hidden: int) -> None:
        super().__init__()
        self.shift = nn.Linear(1, columns)
        self.critic = nn.Sequential(nn.Linear(columns, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.register_buffer("scale", torch.ones(columns))


class Toy(ModelFamily, HasFitting):
    """Two phases, so that focus, batches and optimizers of both are exercised."""

    model_config = ToyModel
    training_config = ToyTraining

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        assert isinstance(spec, TableSpec)
        return ToyNet(len(spec.columns), config.model.hidden)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        poison, at = config.model.poison, config.model.poison_at
        steps = config.training.steps

        def critic(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
            x = batch["positions"]
            return (model.critic(x + scalars["noise_scale"] * noise.normal(*x.shape)) - 1).square().mean()

        def shift(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
            x = batch["positions"]
            mean = model.shift(torch.ones(len(x), 1))
            loss = (mean + scalars["noise_scale"] * noise.normal(*x.shape) - x).square().mean()
            if poison == "loss" and scalars["progress"] * steps >= at:
                loss = loss * float("nan")
            return loss

        return [
            Phase("critic", critic, ("critic",), repeats=2),
            Phase("shift", shift, ("shift",), lr_scale=0.5),
        ]

    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        model.scale.copy_(batch["positions"].std(0))

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        mean = model.shift(torch.ones(1, 1))
        positions = mean + model.scale * noise.normal(n, len(model.scale))
        return {"codes": torch.zeros(positions.shape, dtype=torch.int64), "positions": positions}


def toy_data(rows: int = 200, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    positions = rng.normal([0.2, 0.5, 0.7], 0.1, (rows, 3)).astype(np.float32)
    return {"codes": np.zeros((rows, 3), np.int64), "positions": positions}


def toy_config(**settings: object) -> FamilyConfig:
    names = ToyModel.__dataclass_fields__
    model = {k: v for k, v in settings.items() if k in names}
    return FamilyConfig(
        ToyModel(**model), ToyTraining(**{k: v for k, v in settings.items() if k not in names})
    )


class ToyCodec(Codec):
    """Samples are float arrays (N, D); decoding rounds at random, so that its seed matters."""

    kind = "toy"

    def __init__(self, spec: TableSpec = SPEC) -> None:
        self.spec = spec

    def encode(self, samples: np.ndarray) -> Arrays:
        return {"codes": np.zeros(samples.shape, np.int64), "positions": samples.astype(np.float32)}

    def decode(self, arrays: Arrays, seed: int = 0) -> np.ndarray:
        jitter = np.random.default_rng(seed).uniform(0, 1e-3, arrays["positions"].shape)
        return arrays["positions"] + jitter

    def to_json(self) -> dict[str, Any]:
        return {"columns": [column.name for column in self.spec.columns]}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "ToyCodec":
        return cls(TableSpec(tuple(ColumnSpec(n, levels=1, continuous=True) for n in record["columns"])))


class ToyKind:
    """As much of a data kind as a generated model needs."""

    codec = ToyCodec

    def take(self, samples: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return samples[rows]

    def concatenate(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts)


class ToyMetric:
    """Distance of the means."""

    def score(self, reference: np.ndarray, fake: np.ndarray) -> float:
        return float(np.abs(reference - fake.mean(0)).sum())


def toy_work(**settings: Any) -> GenerativeWork:
    data = toy_data()
    options = {"rows": 64, "seed": 0} | settings
    return GenerativeWork(data, ToyCodec(), "toy", data["positions"].mean(0), **options)


def toy_task(number: int = 0, rungs: tuple[int, ...] = (10, 20, 40), **settings: Any) -> Task:
    keys = {name: ("model" if name in ToyModel.__dataclass_fields__ else "training") for name in settings}
    config = {"family": "toy", "training.steps": rungs[-1]}
    config |= {f"{keys[name]}.{name}": value for name, value in settings.items()}
    return Task(number, config, seed=5 + number, steps=rungs[-1], rungs=rungs)
