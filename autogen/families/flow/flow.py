"""Flow matching and masked diffusion: samples are made from noise, all parts at once, in a number of steps.

Images and rows of tables move from normal noise along a learned velocity (Lipman 2023,
https://arxiv.org/abs/2210.02747); texts and music are revealed from hidden tokens (Sahoo 2024,
https://arxiv.org/abs/2406.07524). The number of steps trades quality for speed.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import SpaceError, UserError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    HasFitting,
    HasLikelihood,
    IsDataParallel,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
)
from autogen.families.flow.frames import MaskedFrames
from autogen.families.flow.images import ImageFlow
from autogen.families.flow.masked import MaskedTokens
from autogen.families.flow.paths import check_solver
from autogen.families.flow.rows import RowFlow
from autogen.families.flow.settings import FlowModel, FlowTraining
from autogen.families.flow.shortcuts import check_distill
from autogen.families.nets.augmentation.images import check_augmentations
from autogen.families.nets.augmentation.tempo import time_stretched
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.dropout import Dropout

NETS = ("transformer", "unet")
_BOUND_DRAWS = 16  # draws of the hidden places that the likelihood bound is a mean of


class Flow(ModelFamily, HasFitting, HasLikelihood, HasConditioning, IsDataParallel):
    """Flow matching for images and tables, masked diffusion for texts and music.

    The likelihood of texts and music is a lower bound; images and tables have none.
    """

    model_config = FlowModel
    training_config = FlowTraining
    exact = False
    # weights of a distilled model depend on its guidance, but only until they are trained again
    sampling = ("temperature", "top_p", "sampling_steps", "few_steps", "solver", "guidance", "transport")
    data_side = ("tokens.", "enter.", "net.enter.", "time.", "size.", "classes.", "trunk.", "")

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build an ``ImageFlow``, ``RowFlow``, ``MaskedTokens`` or ``MaskedFrames``, as the data needs.

        Raises:
            SpaceError: an unknown net or solver, an augmentation or distillation that this kind of data does
                not have, or heads that do not divide the width.
        """
        model: FlowModel = config.model
        check_solver(model.solver)
        check_augmentations(config.training, spec)
        check_distill(config.training, spec)
        if model.net not in NETS:
            raise SpaceError(f"model.net must be one of {', '.join(NETS)}, not {model.net!r}")
        if model.net == "transformer" and model.width % model.heads and not isinstance(spec, TableSpec):
            raise SpaceError(
                f"model.width must be a multiple of model.heads = {model.heads}, not {model.width}"
            )
        if isinstance(spec, ImageSpec):
            labels = spec.labels if model.classes and spec.labels > 1 else 0
            return ImageFlow(spec, model, labels, config.training.distill > 0)
        if isinstance(spec, TableSpec):
            return RowFlow(spec, model, config.training.known > 0, config.training.distill > 0)
        rows = max(1, config.training.tokens // spec.length)
        if isinstance(spec, SequenceSpec):
            return MaskedTokens(spec, model, rows)
        assert isinstance(spec, FrameSpec)
        return MaskedFrames(spec, model, rows)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return one phase: regression of velocities, or the bound of masked diffusion."""
        return (Phase("flow", flow_loss),)

    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        """Count the classes of images or the lengths of texts and pieces, name to (N, ...)."""
        if isinstance(model, MaskedTokens | MaskedFrames):
            model.fit(batch)
        elif isinstance(model, ImageFlow) and model.labels:
            model.frequencies.copy_(torch.bincount(batch["label"], minlength=model.labels).float())

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n samples, encoded: name to (n, ...), as the data's spec describes them."""
        assert isinstance(model, ImageFlow | RowFlow | MaskedTokens | MaskedFrames)
        return model.sample(n, noise)

    def supports_completion(self, model: nn.Module) -> bool:
        """Tell whether parts of a sample can be given.

        True for texts, music, class-conditional images, and tables if rows with known cells were trained.
        """
        if isinstance(model, ImageFlow):
            return model.labels > 0
        return self.fills_gaps(model) or (isinstance(model, RowFlow) and model.completes)

    def fills_gaps(self, model: nn.Module) -> bool:
        """True for texts and music, which are revealed in any order."""
        return isinstance(model, MaskedTokens | MaskedFrames)

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw the unknown part of each sample, name to (B, ...); see ``HasConditioning.complete``."""
        if isinstance(model, MaskedTokens):
            tokens, known = given["tokens"], given.get("known")
            if known is not None and "gap" in given:
                tokens, known = model.widened(tokens, known, given["gap"], noise)
            return model.sample(len(tokens), noise, tokens, known, given.get("barred"))
        if isinstance(model, MaskedFrames):
            return model.sample(len(given["frames"]), noise, given["frames"], given.get("known"))
        if isinstance(model, ImageFlow):
            return model.sample(len(given["label"]), noise, given["label"])
        assert isinstance(model, RowFlow)
        return model.complete(given, noise)

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Estimate a lower bound of the log-likelihood of each text or piece, in nats: (B,).

        The mean of 16 unbiased draws of the bound.

        Raises:
            UserError: the data is images or a table.
        """
        if not isinstance(model, MaskedTokens | MaskedFrames):
            raise UserError("a flow of images or tables has no likelihood; one of texts or music has a bound")
        draws = [model.bound(batch, noise, Dropout()) for _ in range(_BOUND_DRAWS)]
        return model.length_nats(batch) + torch.stack(draws).mean(0)


def flow_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Compute the error of velocities, or the negative bound of masked diffusion a token: a scalar.

    Args:
        model: A model that ``Flow.build`` returned.
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        scalars: Training settings.
    """
    if isinstance(model, ImageFlow | RowFlow):
        return model.loss(batch, noise, scalars)
    assert isinstance(model, MaskedTokens | MaskedFrames)
    played = time_stretched(batch, noise, scalars.get("time_stretch", 0.0))
    shifted = transposed(played, model.spec, noise, scalars["transpose"])
    return model.loss(shifted, noise, Dropout(noise, scalars["dropout"]))
