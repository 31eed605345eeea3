"""A base, new texts in its codes, and programs that adapt it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from autogen.data.codec import Codec
from autogen.data.texts.codec import TextCodec
from autogen.families.base import FamilyConfig, parse_config
from autogen.families.pretrained.pretrained import Pretrained
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram
from tests.bases import corpus

NEW = corpus("new")


def text_codec(texts=NEW) -> TextCodec:
    """The codec of a data set of characters, for documents."""
    return TextCodec("".join(sorted({*"".join(texts)})), 1 + max(map(len, texts)), False)


@dataclass(frozen=True)
class Adapted:
    """Attributes: folder of the base, its constants in a config, and the codec of the new texts."""

    base: Path
    constants: Any
    codec: Codec

    @classmethod
    def of(cls, base):
        """Find the constants of a base for the new texts."""
        family, texts = Pretrained(), text_codec()
        constants = family.settings_for(base, texts, NEW)
        config = parse_config(family, {"family": "pretrained", **constants})
        return cls(base, constants, family.codec(config, texts))

    def config(self, **settings) -> FamilyConfig:
        """Settings by name, those of training among them, with the constants of the base."""
        training = ("steps", "batch_size", "lr", "optimizer", "tokens", "checkpointing", "ema")
        more = {f"{'training' if n in training else 'model'}.{n}": value for n, value in settings.items()}
        return parse_config(Pretrained(), {"family": "pretrained", **self.constants, **more})

    def program(self, texts=NEW[:300], steps=0, **settings) -> SoloProgram:
        """A program of the texts after some steps."""
        given = {"lr": 1e-2, "batch_size": 32, "optimizer": "adamw", "steps": max(1, steps)} | settings
        config = self.config(**given)
        made = SoloProgram(Pretrained(), config, self.codec.spec, self.codec.encode(texts), seed=0)
        made.advance(steps)
        made.weights()  # of its average, from now on those of this step
        return made

    def nats(self, model, texts=NEW[300:]) -> float:
        """Mean negative log-likelihood of a character of texts, in nats."""
        batch = {"tokens": torch.from_numpy(self.codec.encode(texts)["tokens"])}
        with torch.no_grad():
            found = Pretrained().log_likelihood(model, batch, KeyedNoise(0))
        return -float(found.sum()) / sum(map(len, texts))
