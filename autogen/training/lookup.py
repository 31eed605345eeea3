"""The program that trains a trial of a family."""

import torch

from autogen.data.specs import Arrays, Spec
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily
from autogen.training.grown import GrownProgram
from autogen.training.program import ModelProgram
from autogen.training.solo import SoloProgram


def program_for(
    family: ModelFamily,
    config: FamilyConfig,
    spec: Spec,
    train: Arrays,
    seed: int,
    device: torch.device | str = "cpu",
) -> ModelProgram:
    """A fresh program; models that are grown lie on the CPU, whatever the device.

    Args:
        family: How to build, train and sample.
        config: The family's settings.
        spec: Of the data.
        train: The encoded train split.
        seed: The trial's seed; all that is random follows from it.
        device: Where the model and the data lie.
    """
    if isinstance(family, IsGrown):
        return GrownProgram(family, config, spec, train, seed)
    return SoloProgram(family, config, spec, train, seed, device)
