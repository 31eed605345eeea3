"""Program that trains a trial, by family."""

import numpy as np
import torch

from autogen.data.codec import CodeNames
from autogen.data.specs import Arrays, Spec
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily
from autogen.training.grown import GrownProgram
from autogen.training.initial import InitialWeights
from autogen.training.parallel.group import Group
from autogen.training.private.gradients import PrivateTraining, refuse_mixing
from autogen.training.program import ModelProgram
from autogen.training.solo import SoloProgram


def program_for(
    family: ModelFamily,
    config: FamilyConfig,
    spec: Spec,
    train: Arrays,
    seed: int,
    device: torch.device | str = "cpu",
    initial: tuple[InitialWeights, CodeNames] | None = None,
    private: PrivateTraining | None = None,
    group: Group | None = None,
    weights: np.ndarray | None = None,
) -> ModelProgram:
    """Return a fresh program; models that grow are on the CPU, whatever the device.

    Args:
        family: Family that builds, trains and samples the model.
        config: Settings of the family.
        spec: Spec of the encoded data.
        train: Encoded train split, name to (N, ...).
        seed: Seed of the trial; all randomness follows from it.
        device: Device of the model and the data.
        initial: Weights of an earlier model of the family, from which training may start, and names of the
            codes of the data; default none.
        private: Noise and units of training with differential privacy; default without.
        group: Ranks that train the same model; alone where ``None``, and where models grow.
        weights: Weight of each row of the train split, float64 (N,); default all equal.

    Raises:
        SpaceError: the family or its settings cannot be trained with differential privacy.
    """
    if private:
        refuse_mixing(family, config)
    if isinstance(family, IsGrown):
        return GrownProgram(family, config, spec, train, seed, weights)
    return SoloProgram(family, config, spec, train, seed, device, initial, private, group, weights)
