"""Variational autoencoder (Kingma 2014, https://arxiv.org/abs/1312.6114) with a prior fitted afterwards.

Codes of training data seldom fill the normal distribution that training pulls them to, and what is
decoded from the gaps is poor; so a prior is fitted to the codes once the weights are trained
(Ghosh 2020, https://arxiv.org/abs/1903.12436). Where codes are discrete, an autoregressive prior is
trained along with the rest (van den Oord 2017, https://arxiv.org/abs/1711.00937).
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
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    fusible,
)
from autogen.families.nets.augmentation.images import check_augmentations, moved, swapped
from autogen.families.nets.augmentation.tempo import paced
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import head_for, stem_for
from autogen.families.nets.io.tokens import hide_tokens
from autogen.families.vae.mixture import GaussianMixture
from autogen.families.vae.priors import PRIORS, prior_for
from autogen.families.vae.quantized import QuantisedNet, code_loss, quantised_loss

_LARGEST_LOG_STD = 6.0
_CHUNK = 128  # rows encoded at once when the prior is fitted: planes of more are slow to come by
_BOUND_CODES = 64  # drawn for each row by the importance-weighted bound


@dataclass(frozen=True)
class VAEModel:
    """Architecture and sampling settings of a VAE.

    Attributes:
        latent: ``gaussian``, or ``quantised``: codes from books.
        latent_dim: Numbers of a Gaussian code.
        places: Quantised: codes of a row.
        codes: Quantised: vectors of each place's book.
        code_dim: Quantised: numbers of such a vector.
        net: ``mlp`` or, for all but tables, ``conv``.
        width: Features of the MLPs.
        channels: Of the convolutions at full resolution.
        depth: Hidden layers of the MLPs, or residual blocks at each resolution.
        mixtures: Components of the distribution of each pixel or quantity, given a code.
        prior: Of the codes when samples are drawn: ``normal``, or fitted to those of the training data:
            ``gmm``, a Gaussian mixture; ``vamp``, posteriors of training rows; ``flow``, a second model.
        components: Of the mixtures; fewer are fitted where the data is small.
        temperature: Share of the decoder's own spread that samples have.
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
    mixtures: int = 3
    prior: str = "gmm"
    components: int = 10
    temperature: float = 1.0


@dataclass(frozen=True)
class VAETraining(Training):
    """Training settings of a VAE.

    Attributes:
        beta: Weight of the Kullback-Leibler term (Higgins 2017).
        commitment: Quantised: weight of the distance of what is encoded from its vectors.
        kl_warmup: Share of the steps over which that weight rises from 0.
        free_bits: Nats of each latent dimension that are not penalised (Kingma 2016).
        dropout: Share of the activations of each layer that are zeroed in training.
        token_dropout: Texts, music: share of the tokens before that a decoder is not shown in training.
        token_span: How many of these stand together.
        swap: Tables: share of the cells that an encoder sees from other rows in training, while the decoder
            is to give the row itself (Im 2017, https://arxiv.org/abs/1511.06406).
        transpose: Music: semitones that a training piece is moved up or down by at most.
        tempo: Music: share of the training pieces that is played at half or at double speed.
        flip: Images: share that is mirrored left to right in training.
        translate: Images: share of its size that one is shifted by at most in training.
    """

    beta: float = fusible(1.0)
    commitment: float = fusible(0.25)
    kl_warmup: float = fusible(0.1)
    free_bits: float = fusible(0.0)
    dropout: float = fusible(0.1)
    token_dropout: float = fusible(0.2)
    token_span: int = 1
    swap: float = fusible(0.0)
    transpose: float = fusible(0.0)
    tempo: float = fusible(0.0)
    flip: float = fusible(0.0)
    translate: float = fusible(0.0)


class VAENet(nn.Module):
    """Encoder, decoder and prior."""

    def __init__(self, config: VAEModel, spec: Spec) -> None:
        super().__init__()
        if config.prior not in PRIORS:
            raise SpaceError(f"model.prior must be one of {', '.join(PRIORS)}, not {config.prior!r}")
        size = size_of(config)
        self.spec = spec
        self.stem = stem_for(spec)
        self.head = head_for(spec, config.mixtures)
        self.encoder = encoder(self.stem.shape, 2 * config.latent_dim, size)
        self.decoder = decoder(config.latent_dim, self.head.shape, size)
        self.fits_prior = config.prior != "normal"
        self.prior = prior_for(config.prior, config.components, config.latent_dim)
        self.temperature = config.temperature

    def posterior(self, batch: Batch, drop: Dropout) -> tuple[Tensor, Tensor]:
        """Mean and log standard deviation of the codes of a batch, each (B, Z)."""
        mean, log_std = self.encoder(self.stem(batch), drop).chunk(2, dim=1)
        return mean, _LARGEST_LOG_STD * torch.tanh(log_std / _LARGEST_LOG_STD)

    def nll(self, codes: Tensor, batch: Batch, drop: Dropout) -> Tensor:
        """Negative log-likelihood of rows given their codes, in nats, (B,)."""
        return self.head.nll(self.decoder(codes, drop), batch)


def size_of(config: VAEModel) -> NetConfig:
    """Size of encoder and decoder."""
    return NetConfig(config.net, config.width, config.channels, config.depth)


def augmented(batch: Batch, spec: Spec, noise: Noise, scalars: Scalars) -> Batch:
    """A batch changed by what this kind of data can be changed by."""
    played = paced(batch, noise, scalars.get("tempo", 0.0))
    return moved(transposed(played, spec, noise, scalars["transpose"]), noise, scalars)


def elbo_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Negative evidence lower bound per pixel or cell, in nats, its Kullback-Leibler term weighted."""
    assert isinstance(model, VAENet)
    drop = Dropout(noise, scalars["dropout"])
    batch = augmented(batch, model.spec, noise, scalars)
    mean, log_std = model.posterior(swapped(batch, noise, scalars["swap"]), drop)
    codes = mean + log_std.exp() * noise.normal(*mean.shape)
    divergence = (mean.square() + (2 * log_std).exp() - 1) / 2 - log_std
    penalised = (divergence.mean(0) - scalars["free_bits"]).clamp(min=0).sum()
    risen = torch.as_tensor(scalars["progress"] / (scalars["kl_warmup"] + 1e-8)).clamp(max=1)
    shown = hide_tokens(batch, noise, scalars["token_dropout"], span)
    return (model.nll(codes, shown, drop).mean() + scalars["beta"] * risen * penalised) / model.head.cells


def rounded_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars, span: int = 1) -> Tensor:
    """Loss of encoder, books and decoder."""
    assert isinstance(model, QuantisedNet)
    drop = Dropout(noise, scalars["dropout"])
    batch = augmented(batch, model.spec, noise, scalars)
    shown = hide_tokens(batch, noise, scalars["token_dropout"], span)
    return quantised_loss(model, swapped(batch, noise, scalars["swap"]), shown, drop, scalars)


def prior_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Loss of the prior over discrete codes."""
    assert isinstance(model, QuantisedNet)
    drop = Dropout(noise, scalars["dropout"])
    return code_loss(model, augmented(batch, model.spec, noise, scalars), drop)


class VAE(ModelFamily, HasFitting, HasLikelihood):
    """Variational autoencoder for all kinds of data; its likelihood is a lower bound.

    Importance-weighted where codes are Gaussian; that of the nearest codes where they are discrete.
    """

    model_config = VAEModel
    training_config = VAETraining
    exact = False

    def build(self, config: FamilyConfig, spec: Spec) -> VAENet | QuantisedNet:
        """A ``VAENet`` with a standard normal prior, or a ``QuantisedNet``.

        Raises:
            SpaceError: a latent, prior, net or augmentation that there is not for this kind of data.
        """
        check_augmentations(config.training, spec)
        model: VAEModel = config.model
        if model.latent not in ("gaussian", "quantised"):
            raise SpaceError(f"model.latent must be one of gaussian, quantised, not {model.latent!r}")
        if model.latent == "gaussian":
            return VAENet(model, spec)
        book = model.places, model.codes, model.code_dim
        return QuantisedNet(spec, size_of(model), model.mixtures, *book, model.temperature)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """The evidence lower bound; for discrete codes the autoencoder, then the prior."""
        span = config.training.token_span
        if config.model.latent == "quantised":
            parts = ("stem.", "encoder.", "books.", "decoder.", "head.")
            rounded = partial(rounded_loss, span=span)
            return (Phase("autoencoder", rounded, parts), Phase("prior", prior_loss, ("prior.",)))
        return (Phase("elbo", partial(elbo_loss, span=span)),)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw codes from the prior, and a sample from the decoder for each."""
        if isinstance(model, QuantisedNet):
            return model.sample(n, noise)
        assert isinstance(model, VAENet)
        outputs = model.decoder(model.prior.sample(n, noise), Dropout())
        return model.head.sample(outputs, noise, model.temperature)

    def get_ready(self, model: nn.Module) -> None:
        """Import what fits a mixture: seconds, once a process."""
        if isinstance(model, VAENet) and model.fits_prior and isinstance(model.prior, GaussianMixture):
            import_module("sklearn.mixture")

    def fit(self, model: nn.Module, batch: Batch, noise: Noise) -> None:
        """Fit the prior to the posteriors of the rows; that of discrete codes is trained instead."""
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
        """Lower bound by 64 importance-weighted codes a row (Burda 2016), or its nearest codes, nats (B,)."""
        if isinstance(model, QuantisedNet):
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
