"""Variational autoencoder (Kingma 2014, https://arxiv.org/abs/1312.6114) with a prior fitted after training.

The latent codes of training data seldom fill the normal distribution that training pulls them to, and the
decoder does poorly in the gaps. So a prior is fitted to the codes once the weights are trained (Ghosh 2020,
https://arxiv.org/abs/1903.12436). Discrete codes have an autoregressive prior, trained along with the rest
(van den Oord 2017, https://arxiv.org/abs/1711.00937).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import torch
from torch import Tensor, nn

from autogen.data.specs import Spec
from autogen.errors import SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasFitting,
    HasLikelihood,
    HasRowLosses,
    IsDataParallel,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    bounded,
    fusible,
)
from autogen.families.fusing import FusesMlps
from autogen.families.nets.augmentation.images import check_augmentations, flipped_and_shifted, swap_noise
from autogen.families.nets.augmentation.tempo import time_stretched
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import head_for, input_projection_for
from autogen.families.nets.io.tokens import hide_tokens
from autogen.families.nets.shards import mean_over_rows, shard
from autogen.families.vae.mixture import GaussianMixture
from autogen.families.vae.priors import PRIORS, prior_for
from autogen.families.vae.quantized import QuantizedNet, code_loss, quantized_loss

_LARGEST_LOG_STD = 6.0
_CHUNK = 128  # rows encoded at once when the prior is fitted: allocating planes of more is slow
_BOUND_CODES = 64  # importance samples of each row in the likelihood bound


@dataclass(frozen=True)
class VAEModel:
    """Architecture and sampling settings of a VAE.

    Attributes:
        latent: ``gaussian``, or ``quantized``: discrete codes from codebooks (VQ-VAE).
        latent_dim: Z, numbers of a Gaussian latent code.
        places: ``quantized``: discrete codes of a row, each with a codebook of its own.
        codes: ``quantized``: vectors in a codebook.
        code_dim: ``quantized``: numbers of a codebook vector.
        net: ``mlp``, or ``conv`` for all data but tables.
        width: Features of the MLPs.
        channels: Channels of the convolutions at full resolution.
        depth: Hidden layers of the MLPs, or residual blocks at each resolution.
        mixtures: Components of each pixel's or quantity's distribution given the latent code.
        prior: Prior that latent codes are sampled from: ``normal``, or fitted to the codes of training rows:
            ``gmm``, a Gaussian mixture; ``vamp``, a mixture of posteriors (VampPrior); ``flow``, a
            normalizing flow.
        components: Maximum number of mixture components; small data gets fewer.
        temperature: Scale of the decoder's spread in sampling; 1 is the model's own.
    """

    latent: str = "gaussian"
    latent_dim: int = 16
    places: int = 16
    codes: int = 128
    code_dim: int = 16
    net: str = "mlp"
    width: int = 256
    channels: int = 16
    depth: int = 2
    mixtures: int = bounded(3, 1, 1000)
    prior: str = "gmm"
    components: int = 10
    temperature: float = bounded(1.0, 0, 1000)


@dataclass(frozen=True)
class VAETraining(Training):
    """Training settings of a VAE.

    Attributes:
        beta: Weight of the Kullback-Leibler term (Higgins 2017).
        commitment: ``quantized``: weight of the commitment loss.
        kl_warmup: Share of the steps over which ``beta`` rises from 0.
        free_bits: Nats of each latent dimension that are not penalized (Kingma 2016).
        dropout: Dropout rate of each layer.
        token_dropout: Texts, music: share of the previous tokens hidden from the decoder in training.
        token_span: Length of a hidden span, in tokens.
        swap_noise: Tables: share of the encoder's input cells that are taken from other rows in training; the
            decoder reconstructs the clean row (Im 2017, https://arxiv.org/abs/1511.06406).
        transpose: Music: largest transposition of a training piece, in semitones.
        time_stretch: Music: share of the training pieces played at half or double speed.
        flip: Images: share of the training images mirrored left to right.
        translate: Images: largest shift in training, as a share of the image's size.
    """

    beta: float = fusible(1.0)
    commitment: float = fusible(0.25)
    kl_warmup: float = fusible(0.1)
    free_bits: float = fusible(0.0)
    dropout: float = fusible(0.1)
    token_dropout: float = fusible(0.2)
    token_span: int = 1
    swap_noise: float = fusible(0.0)
    transpose: float = fusible(0.0)
    time_stretch: float = fusible(0.0)
    flip: float = fusible(0.0)
    translate: float = fusible(0.0)


class VAENet(nn.Module):
    """Encoder, decoder and prior.

    Args:
        config: Architecture settings.
        spec: Spec of the encoded data.

    Raises:
        SpaceError: an unknown prior.
    """

    def __init__(self, config: VAEModel, spec: Spec) -> None:
        super().__init__()
        if config.prior not in PRIORS:
            raise SpaceError(f"model.prior must be one of {', '.join(PRIORS)}, not {config.prior!r}")
        size = size_of(config)
        self.spec = spec
        self.stem = input_projection_for(spec)
        self.head = head_for(spec, config.mixtures)
        self.encoder = encoder(self.stem.shape, 2 * config.latent_dim, size)
        self.decoder = decoder(config.latent_dim, self.head.shape, size)
        self.fits_prior = config.prior != "normal"
        self.prior = prior_for(config.prior, config.components, config.latent_dim)
        self.temperature = config.temperature

    def posterior(self, batch: Batch, drop: Dropout) -> tuple[Tensor, Tensor]:
        """Encode rows as mean and log standard deviation of their latent codes, each (B, Z)."""
        mean, log_std = self.encoder(self.stem(batch), drop).chunk(2, dim=1)
        # bounded smoothly, so that no standard deviation overflows early in training
        return mean, _LARGEST_LOG_STD * torch.tanh(log_std / _LARGEST_LOG_STD)

    def nll(self, codes: Tensor, batch: Batch, drop: Dropout) -> Tensor:
        """Compute rows' negative log-likelihood given their latent codes (B, Z), in nats: (B,)."""
        return self.head.nll(self.decoder(codes, drop), batch)


def size_of(config: VAEModel) -> NetConfig:
    """Return the size of encoder and decoder."""
    return NetConfig(config.net, config.width, config.channels, config.depth)


def augmented(batch: Batch, spec: Spec, noise: Noise, scalars: Scalars) -> Batch:
    """Augment a batch, name to (B, ...): flips and shifts, transposition, stretching."""
    played = time_stretched(batch, noise, scalars.get("time_stretch", 0.0))
    return flipped_and_shifted(transposed(played, spec, noise, scalars["transpose"]), noise, scalars)


def elbo_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Compute the negative evidence lower bound with a weighted KL term, in nats per pixel or cell: a scalar.

    Args:
        model: A ``VAENet``.
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        scalars: Training settings and ``progress``, the share of the steps done.
        span: Length of a hidden span of tokens.
    """
    assert isinstance(model, VAENet)
    drop = Dropout(noise, scalars["dropout"])
    batch = augmented(batch, model.spec, noise, scalars)
    seen = shard(swap_noise(batch, noise, scalars["swap_noise"]), noise)
    batch = shard(batch, noise)
    mean, log_std = model.posterior(seen, drop)
    codes = mean + log_std.exp() * noise.normal(*mean.shape)
    # KL of each latent dimension from the standard normal, (B, Z); free bits are of the batch's mean
    divergence = (mean.square() + (2 * log_std).exp() - 1) / 2 - log_std
    penalized = (mean_over_rows(divergence, noise) - scalars["free_bits"]).clamp(min=0).sum()
    warmed = torch.as_tensor(scalars["progress"] / (scalars["kl_warmup"] + 1e-8)).clamp(max=1)
    shown = hide_tokens(batch, noise, scalars["token_dropout"], span)
    return (model.nll(codes, shown, drop).mean() + scalars["beta"] * warmed * penalized) / model.head.cells


def rounded_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Compute the loss of encoder, codebooks and decoder, in nats per pixel or cell: a scalar."""
    assert isinstance(model, QuantizedNet)
    drop = Dropout(noise, scalars["dropout"])
    batch = augmented(batch, model.spec, noise, scalars)
    shown = hide_tokens(batch, noise, scalars["token_dropout"], span)
    seen = shard(swap_noise(batch, noise, scalars["swap_noise"]), noise)
    return quantized_loss(model, seen, shard(shown, noise), drop, scalars)


def prior_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Compute the loss of the prior over discrete codes, in nats per code: a scalar."""
    assert isinstance(model, QuantizedNet)
    drop = Dropout(noise, scalars["dropout"])
    return code_loss(model, shard(augmented(batch, model.spec, noise, scalars), noise), drop)


class VAE(ModelFamily, HasFitting, HasLikelihood, HasRowLosses, IsDataParallel, FusesMlps):
    """Variational autoencoder for all kinds of data; its likelihood is a lower bound.

    The bound is importance-weighted for Gaussian codes. For discrete codes it is that of the nearest codes.
    """

    model_config = VAEModel
    training_config = VAETraining
    sampling = ("temperature", "prior", "components")
    data_side = ("stem.", "encoder.")
    exact = False

    def build(self, config: FamilyConfig, spec: Spec) -> VAENet | QuantizedNet:
        """Build a ``VAENet`` with a standard normal prior, or a ``QuantizedNet``.

        Raises:
            SpaceError: a latent, prior, net or augmentation that this kind of data does not have.
        """
        check_augmentations(config.training, spec)
        model: VAEModel = config.model
        if model.latent not in ("gaussian", "quantized"):
            raise SpaceError(f"model.latent must be one of gaussian, quantized, not {model.latent!r}")
        if model.latent == "gaussian":
            return VAENet(model, spec)
        book = model.places, model.codes, model.code_dim
        return QuantizedNet(spec, size_of(model), model.mixtures, *book, model.temperature)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return the ELBO phase; for discrete codes an autoencoder phase and a prior phase."""
        span = config.training.token_span
        if config.model.latent == "quantized":
            parts = ("stem.", "encoder.", "books.", "decoder.", "head.")
            rounded = partial(rounded_loss, span=span)
            return (Phase("autoencoder", rounded, parts), Phase("prior", prior_loss, ("prior.",)))
        return (Phase("elbo", partial(elbo_loss, span=span)),)

    def fuses(self, config: FamilyConfig, spec: Spec) -> bool:
        """Tell whether models fuse; the nearest code is another one where rounding decides."""
        return bool(config.model.latent == "gaussian") and super().fuses(config, spec)

    def why_not_by_row(self, config: FamilyConfig) -> str:
        """Name the setting that mixes rows or fits on them: a prior, codebooks, free bits, swap noise."""
        if config.model.latent != "gaussian":
            return f"model.latent = {config.model.latent!r} learns codebooks from whole batches"
        if config.model.prior != "normal":
            return f"model.prior = {config.model.prior!r} is fitted on training rows"
        if config.training.free_bits > 0:
            return "training.free_bits takes a mean over the batch"
        return "training.swap_noise takes cells of other rows" if config.training.swap_noise > 0 else ""

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw latent codes from the prior and decode each to a sample.

        Returns:
            Encoded samples, name to (n, ...), as the data's spec describes them.
        """
        if isinstance(model, QuantizedNet):
            return model.sample(n, noise)
        assert isinstance(model, VAENet)
        outputs = model.decoder(model.prior.sample(n, noise), Dropout())
        return model.head.sample(outputs, noise, model.temperature)

    def warm_up(self, model: nn.Module) -> None:
        """Import the library that fits a Gaussian mixture: takes seconds, once in a process."""
        if isinstance(model, VAENet) and model.fits_prior and isinstance(model.prior, GaussianMixture):
            import_module("sklearn.mixture")

    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        """Fit the prior to the posteriors of encoded rows, name to (N, ...), if there is one to fit."""
        if isinstance(model, VAENet) and model.fits_prior:
            rows = len(next(iter(batch.values())))
            parts = [
                {name: tensor[start : start + _CHUNK] for name, tensor in batch.items()}
                for start in range(0, rows, _CHUNK)
            ]
            posteriors = [model.posterior(part, Dropout()) for part in parts]
            mean, log_std = (torch.cat(part) for part in zip(*posteriors, strict=True))
            model.prior.fit(mean, log_std.exp(), noise)

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Compute a lower bound of each row's log-likelihood, in nats: (B,).

        Gaussian codes: the importance-weighted bound of 64 samples (Burda 2016). Discrete codes: the joint
        probability of the row and its nearest codes.
        """
        if isinstance(model, QuantizedNet):
            codes = model.codes(batch)
            nll = model.nll(model.books(codes), batch, Dropout())
            return model.code_nats(codes, Dropout()) - nll
        assert isinstance(model, VAENet)
        mean, log_std = model.posterior(batch, Dropout())
        bounds = []
        for _ in range(_BOUND_CODES):
            spread = noise.normal(*mean.shape)
            codes = mean + log_std.exp() * spread
            proposed = (-spread.square() / 2 - log_std - math.log(math.tau) / 2).sum(1)
            bounds.append(model.prior.log_density(codes) - model.nll(codes, batch, Dropout()) - proposed)
        return torch.stack(bounds).logsumexp(0) - math.log(_BOUND_CODES)
