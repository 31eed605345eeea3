"""Capability of families whose trials of one architecture can be trained as one program."""

from abc import ABC, abstractmethod
from dataclasses import fields

from autogen import registry
from autogen.data.specs import ImageSpec, Spec, TableSpec
from autogen.families.base import FamilyConfig, ModelFamily, Training, parse_config
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Config


class IsFusible(ABC):
    """Capability of a family: ``torch.func.vmap`` maps its losses over models with weights of their own.

    The settings that it declares ``fusible`` may differ between these models.
    """

    @abstractmethod
    def fuses(self, config: FamilyConfig, spec: Spec) -> bool:
        """Tell whether models with these settings can be trained as one program."""


#: Training settings with operations that ``vmap`` does one by one.
_UNMAPPED = ("rotate",)


class FusesMlps(IsFusible):
    """Models of affine layers fuse, on images and tables; one program of convolutions would be slower."""

    def fuses(self, config: FamilyConfig, spec: Spec) -> bool:
        """Tell whether models with these settings can be trained as one program."""
        if config.training.optimizer == "muon":  # whose bfloat16 would enlarge rounding errors to 7e-4
            return False
        if any(getattr(config.training, name, 0.0) for name in _UNMAPPED):
            return False
        return bool(config.model.net == "mlp") and isinstance(spec, ImageSpec | TableSpec)


def zero_settings(config: FamilyConfig) -> tuple[str, ...]:
    """List the settings of the loss that are 0; trials of one program must agree in them.

    Where one is 0, a draw is left out: trials with and without it would have other draws than alone.
    """
    optimizers = {one.name for one in fields(Training)}
    named = [one.name for one in fields(config.training) if one.name not in optimizers]
    return tuple(name for name in named if getattr(config.training, name) == 0)


def shared_settings(config: Config, spec: Spec, space: SearchSpace) -> Config | None:
    """Return the settings that trials must share to be trained with this one as one program.

    Args:
        config: Settings of the trial.
        spec: Spec of the encoded data.
        space: Search space that the other trials are from.

    Returns:
        The part of the config that is not ``fusible``, and settings of the loss that are 0 or could be 0 for
        others, see ``zero_settings``; ``None`` where the trial must be trained alone.
    """
    family: ModelFamily = registry.get("family", str(config["family"]))()
    settings = parse_config(family, config)
    if not isinstance(family, IsFusible) or not family.fuses(settings, spec):
        return None
    optimizers = {f"training.{one.name}" for one in fields(Training)}
    zeros = {f"training.{name}" for name in zero_settings(settings)}
    branch = space.branch(str(config["family"]))
    free = {
        key
        for one in fields(settings.training)
        if "fusible" in one.metadata
        and (key := f"training.{one.name}") not in zeros
        and (key in optimizers or key not in branch or not branch[key].contains(0.0))
    }
    return {key: value for key, value in config.items() if key not in free}
