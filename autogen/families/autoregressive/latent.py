"""Autoregressive models of the latents of a frozen autoencoder (van den Oord 2017, Rombach 2022).

The autoencoder knows what images look like; what is trained is the distribution of its latents, which are
fewer than pixels. https://arxiv.org/abs/1711.00937, https://arxiv.org/abs/2112.10752.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from autogen.data.codec import Codec
from autogen.data.specs import ImageSpec, Samples, Spec
from autogen.errors import MetricError, RunError, SettingsError, SpaceError
from autogen.families.autoregressive.autoencoder import (
    NEEDED,
    WEIGHTS,
    Autoencoder,
    find_autoencoder,
    open_autoencoder,
)
from autogen.families.autoregressive.autoregressive import (
    AutoregressiveModel,
    AutoregressiveTraining,
    nats_a_dimension,
    pixel_model,
)
from autogen.families.autoregressive.latent_codec import BLOCK, LatentCodec, of_images, tried
from autogen.families.autoregressive.pixels import PixelModel
from autogen.families.base import FamilyConfig, IsDataParallel, ModelFamily, Noise, Phase, bounded
from autogen.families.based import BASE, HasBase, base_warning
from autogen.families.saved import count_numbers
from autogen.hpo.trial import Config

#: Images that the range of latents and the loss of the autoencoder are measured on.
_LOOKED = 256
#: Share of the latents that get a code of their own; the few beyond get the nearest.
_KEPT = 0.9995
_NUMBER = 4  # bytes
#: Numbers that a block of a transformer keeps for each place and feature, as measured of language models.
_ACTIVATIONS = 24


@dataclass(frozen=True)
class LatentModel(AutoregressiveModel):
    """The autoencoder, and the model of its latents: that of images, for which latents are the pixels.

    Attributes:
        base: Folder of the autoencoder; ``--pretrained`` sets it.
        sha256: Digest of the autoencoder's content; a study sets it.
        reach: Largest absolute value of a latent that has a code; a study sets it.
        levels: Number of codes of a latent.
    """

    base: str = ""
    sha256: str = ""
    reach: float = bounded(1.0, 1e-6, 1e6)
    levels: int = bounded(256, 2, 4096)


class Latent(ModelFamily, HasBase, IsDataParallel):
    """Products of conditional probabilities of latents, trained by maximum likelihood.

    There is no likelihood of images: that of latents is another quantity.
    """

    model_config = LatentModel
    training_config = AutoregressiveTraining
    specs = (ImageSpec,)
    base_keys = (BASE, "model.sha256", "model.reach")
    libraries = NEEDED

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build a ``PixelModel`` of the latents.

        Raises:
            SpaceError: the data is no images, or a setting has a value that it cannot have.
        """
        model: LatentModel = config.model
        if not isinstance(spec, ImageSpec):
            raise SpaceError("latents of an autoencoder are modeled for images alone")
        if config.training.flip or config.training.translate:
            raise SpaceError("training.flip and training.translate must be 0: latents have no mirror image")
        if model.net == "transformer" and model.width % model.heads:
            raise SpaceError(
                f"model.width must be a multiple of model.heads = {model.heads}, not {model.width}"
            )
        return pixel_model(model, spec)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return one phase: maximum likelihood."""
        return (Phase("likelihood", partial(nats_a_dimension, span=1)),)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n latents: ``pixels``, int64 (n, latents, h, w)."""
        assert isinstance(model, PixelModel)
        return model.sample(n, noise)

    def settings_for(
        self, folder: Path, codec: Codec, samples: Samples, free: float = math.inf, train: Samples = None
    ) -> Config:
        """Check an autoencoder and find the range of the latents of training images.

        Raises:
            RunError: the folder holds no autoencoder that can be used.
            SettingsError: it does not fit into memory.
            SpaceError: the data is no images, or of other channels.
        """
        weights = folder / WEIGHTS
        if weights.is_file() and (needed := _NUMBER * count_numbers(weights)) > free:
            raise SettingsError(
                f"the model of --pretrained needs {needed / 1e9:.2g} GB, but {free / 1e9:.2g} GB are free; "
                "take a smaller one, or a machine with more memory"
            )
        base = open_autoencoder(folder.absolute())
        images = of_images(codec, base)
        found = tried(images, base, (samples if train is None else train)[:_LOOKED])
        reach = float(np.quantile(found.abs().numpy(), _KEPT))
        if not reach > 0:
            raise RunError(f"{base.path} gives latents that are all 0; take another autoencoder")
        return {BASE: str(base.path), "model.sha256": base.sha256, "model.reach": float(f"{reach:.6g}")}

    def notes(self, config: FamilyConfig, codec: Codec, samples: Samples) -> Sequence[str]:
        """Say what the base is, what it may know, and how much of images it loses."""
        base, warning = _base(config), base_warning(config.model.base)
        images, own = of_images(codec, base), self.codec(config, codec)
        some = np.asarray(samples[:_LOOKED])
        codes, back = images.encode(some)["pixels"], images.encode(own.decode(own.encode(some)))["pixels"]
        lost = np.abs(codes.astype(float) - back).mean() / max(1, images.spec.levels - 1)
        spec = own.spec
        assert isinstance(spec, ImageSpec)
        return [
            f"The family latent models {spec.channels} x {spec.height} x {spec.width} latents of "
            f"{base.describe()}; images that pass it change by {100 * lost:.1f} % of their range, and "
            "samples are no sharper than that.",
            f"{warning[:1].upper()}{warning[1:]}.",
        ]

    def codec(self, config: FamilyConfig, codec: Codec) -> LatentCodec:
        """Make the codec of the latents on top of that of the data set."""
        model: LatentModel = config.model
        base = _base(config)
        return LatentCodec(of_images(codec, base), base, model.reach, model.levels)

    def check_kept(self, codec: Codec, samples: Samples) -> None:
        """Refuse all images: latents have a likelihood, images have none."""
        raise MetricError("models of latents have no likelihood of images")

    def base_numbers(self, config: FamilyConfig) -> int:
        """Count the weights of the autoencoder."""
        return _base(config).numbers

    def needed_bytes(self, config: FamilyConfig, spec: Spec) -> int:
        """Estimate the bytes of a trial: both models, a step, and a block of images in the autoencoder."""
        assert isinstance(spec, ImageSpec)
        model: LatentModel = config.model
        base = _base(config)
        own = 5 * 12 * model.depth * model.width**2  # weights, average, gradient, two moments
        places = spec.height * spec.width // model.patch**2
        step = config.training.batch_size * places * model.width * model.depth * _ACTIVATIONS
        passed = 4 * BLOCK * spec.height * spec.width * base.factor**2 * base.width
        return int(_NUMBER * (base.numbers + own + max(step, passed)))

    def save_base_format(self, model: nn.Module, config: FamilyConfig, folder: Path) -> str:
        """Refuse: diffusers has no model of latents like these. Raises ``RunError``."""
        raise RunError(
            "--hf writes adapted language models, and diffusers has no model of latents like this one; "
            "--hub writes it in autogen's format"
        )


def _base(config: FamilyConfig) -> Autoencoder:
    model: LatentModel = config.model
    if not model.base:
        raise SpaceError("the family latent needs an autoencoder in a folder: --pretrained FOLDER")
    return find_autoencoder(str(Path(model.base)), model.sha256)
