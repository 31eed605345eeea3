"""Small programs of the families that fuse, each with settings of its own."""

import numpy as np

from autogen.data.specs import ColumnSpec, ImageSpec, TableSpec
from autogen.families.base import parse_config
from autogen.families.gan.gan import GAN
from autogen.families.vae.vae import VAE
from autogen.training.solo import SoloProgram

TABLE = TableSpec(
    (
        ColumnSpec("city", 5, specials=1),
        ColumnSpec("rooms", 8, specials=1, ordered=True),
        ColumnSpec("price", 33, specials=1, ordered=True, continuous=True),
        ColumnSpec("age", 33, specials=1, ordered=True, continuous=True),
    )
)
IMAGE = ImageSpec(1, 8, 8, 17)
FAMILIES = {"gan": GAN(), "vae": VAE()}
#: Settings of each of three trials, which any optimizer reads.
OWN = [
    {"lr": 1e-3, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.01, "ema": 0.9, "clip": 1.0, "warmup": 0.1},
    {"lr": 3e-4, "beta1": 0.9, "beta2": 0.99, "ema": 0.98},
    {"lr": 2e-3, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1, "clip": 0.1, "warmup": 0.3},
]


class Watched(SoloProgram):
    """Remembers the losses of each step."""

    def end_step(self, losses):
        self.__dict__.setdefault("losses", []).append({name: float(one) for name, one in losses.items()})
        super().end_step(losses)


def data_of(spec, rows=300):
    rng = np.random.default_rng(0)
    if isinstance(spec, ImageSpec):
        shape = (rows, spec.channels, spec.height, spec.width)
        return {"pixels": rng.binomial(spec.levels - 1, 0.3, shape).astype(np.uint8)}
    codes = np.stack([rng.integers(0, column.levels, rows) for column in spec.columns], 1)
    continuous = [column.continuous for column in spec.columns]
    positions = np.where(continuous, rng.random(codes.shape), 0.5).astype(np.float32)
    return {"codes": codes.astype(np.int64), "positions": positions}


def made(family, spec, own=OWN, seeds=None, **settings):
    """A program for each of the trials' own settings; they share others, as ``training_loss="wgan"``."""
    small = {"width": 24, "latent_dim": 8} | ({"critic_width": 24} if family == "gan" else {})
    shared = {"training.batch_size": 32, "training.steps": 60} | {f"model.{n}": v for n, v in small.items()}
    shared |= {name.replace("_", ".", 1): value for name, value in settings.items()}
    programs = []
    for number, one in enumerate(own):
        config = {"family": family, **shared, **{f"training.{name}": value for name, value in one.items()}}
        found = FAMILIES[family]
        seed = number if seeds is None else seeds[number]
        programs.append(Watched(found, parse_config(found, config), spec, data_of(spec), seed))
    return programs
