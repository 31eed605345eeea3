"""Generative adversarial network: four losses, each with the regularizer that keeps it stable.

``r3gan``: relativistic pairing with R1 and R2 (Huang 2024, https://arxiv.org/abs/2501.05441);
``logistic``: non-saturating with R1 (Mescheder 2018, https://arxiv.org/abs/1801.04406); ``hinge``: with
spectral norm (Miyato 2018, https://arxiv.org/abs/1802.05957); ``wgan``: with gradient penalty (Gulrajani
2017, https://arxiv.org/abs/1704.00028). The critic may see several samples packed together (PacGAN, Lin 2018,
https://arxiv.org/abs/1712.04086) and augmented images (Zhao 2020, https://arxiv.org/abs/2006.10738).

For texts and notes a recurrent generator works best: see ``autogen.families.gan.recurrent``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec, Spec
from autogen.errors import SpaceError
from autogen.families import base, fusing
from autogen.families.base import Batch, FamilyConfig, ModelFamily, Noise, Phase, Scalars, Training, fusible
from autogen.families.gan.recurrent import RECURRENT_NETS, Critic, RecurrentGenerator
from autogen.families.nets.augmentation.images import check_augmentations, critic_view
from autogen.families.nets.augmentation.tempo import time_stretched
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import critic_input_for, soft_head_for
from autogen.families.nets.io.tables import SoftRow
from autogen.families.nets.io.tokens import hide_tokens
from autogen.families.nets.shards import shard


@dataclass(frozen=True)
class GANModel:
    """Architecture settings of a GAN.

    Attributes:
        latent_dim: Z, normal numbers that a sample is generated from; not used by a recurrent generator.
        net: ``mlp``, or ``conv`` for all data but tables; for texts and notes also ``gru`` and ``lstm``, a
            recurrent generator with a convolutional critic.
        width: Features of the generator's MLP or recurrent layers.
        channels: Channels of the generator's and critic's convolutions at full resolution.
        depth: Hidden layers of the generator's MLP, its recurrent layers, or its residual blocks at each
            resolution.
        critic_width: Features of the critic's MLP.
        critic_depth: Hidden layers of the critic's MLP, or its residual blocks at each resolution.
        pac: Samples in a pack, which the critic sees together (Lin 2018).
        softness: Temperature of the Gumbel-softmax that stands for a code, a token or a key; not for images.
        window: Recurrent generators: first tokens of a sequence that the critic sees, at most.
    """

    latent_dim: int = 64
    net: str = "mlp"
    width: int = 256
    channels: int = 16
    depth: int = 2
    critic_width: int = 256
    critic_depth: int = 2
    pac: int = base.bounded(1, 1, 1000)
    softness: float = base.bounded(0.5, 1e-3, 1000)
    window: int = 64


@dataclass(frozen=True)
class GANTraining(Training):
    """Training settings of a GAN.

    Attributes:
        loss: ``r3gan``, ``logistic``, ``hinge`` or ``wgan``.
        gamma: Weight of the gradient penalties R1 and R2 (``r3gan``, ``logistic``).
        gp: Weight of the penalty on gradients of a norm other than one (``wgan``).
        critic_lr: The critic's learning rate as a multiple of the generator's (Heusel 2017).
        critic_steps: Critic steps for each generator step.
        pretraining: Recurrent generators: share of the steps before the critic starts, trained by likelihood.
        adversarial_lr: Recurrent generators: learning rate of the adversarial phase as a multiple of ``lr``.
        tokens: Recurrent generators: maximum number of tokens in a step; the batch's last rows are skipped.
        dropout: Recurrent generators: dropout rate in the likelihood phase.
        token_dropout: Recurrent generators: share of the previous tokens hidden in the likelihood phase.
        label_smoothing: Share of the real samples whose target label is fake (``logistic``). One-sided, after
            Salimans 2016, https://arxiv.org/abs/1606.03498: labels of fake samples are not smoothed.
        color_jitter: Images, real and fake ones alike, as all settings down to ``cutout``: largest share of
            contrast and saturation that is removed; brightness changes within the room that this gives.
        instance_noise: Images: share of uniform noise that is mixed in. Tables: standard deviation of normal
            noise on the critic's inputs, real and fake ones alike (Sonderby 2017,
            https://arxiv.org/abs/1610.04490).
        flip: Share of the images mirrored left to right.
        rotate: Largest rotation, in degrees.
        translate: Largest shift, as a share of the image's size.
        cutout: Edge of the grayed-out window, as a share of the image's (DeVries 2017).
        transpose: Music: largest transposition of a training piece, in semitones.
        time_stretch: Music: share of the training pieces played at half or double speed.
    """

    loss: str = "r3gan"
    gamma: float = fusible(0.1)
    gp: float = fusible(10.0)
    critic_lr: float = 1.0
    critic_steps: int = 1
    pretraining: float = 0.75
    adversarial_lr: float = 0.1
    tokens: int = 4096
    dropout: float = fusible(0.0)
    token_dropout: float = fusible(0.0)
    label_smoothing: float = fusible(0.0)
    color_jitter: float = fusible(0.0)
    instance_noise: float = fusible(0.0)
    flip: float = fusible(0.0)
    rotate: float = fusible(0.0)
    translate: float = fusible(0.0)
    cutout: float = fusible(0.0)
    transpose: float = fusible(0.0)
    time_stretch: float = fusible(0.0)


class GANNet(nn.Module):
    """Generator and critic.

    Args:
        config: Model and training settings.
        spec: Spec of the encoded data.
    """

    def __init__(self, config: FamilyConfig, spec: Spec) -> None:
        super().__init__()
        model, training = config.model, config.training
        self.latent_dim, self.pac = model.latent_dim, model.pac
        self.spec = spec
        spectral = training.loss == "hinge"
        generator = NetConfig(model.net, model.width, model.channels, model.depth)
        net = "conv" if model.net in RECURRENT_NETS else model.net
        critic = NetConfig(net, model.critic_width, model.channels, model.critic_depth, False, spectral)
        if model.net in RECURRENT_NETS:
            if not isinstance(spec, SequenceSpec):
                raise SpaceError(f"model.net {model.net!r} is for texts and notes; use mlp or conv here")
            self.generator: nn.Module = RecurrentGenerator(
                spec, generator, model.softness, model.window, training.tokens
            )
            self.critic: nn.Module = Critic(model.pac * spec.levels, self.generator.length, critic)
        else:
            self.head = soft_head_for(spec, model.softness)
            self.stem = self.head.stem if isinstance(self.head, SoftRow) else critic_input_for(spec)
            self.generator = decoder(model.latent_dim, self.head.shape, generator)
            self.critic = encoder((model.pac * self.stem.shape[0], *self.stem.shape[1:]), 1, critic)

    def real(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Return real samples as the critic's input, not packed yet: float32 (B, F, ...).

        A recurrent generator's batch is cut to the first rows and tokens, one-hot: (b, V, 1, t).
        """
        shown = self.augmented_music(batch, noise, scalars)
        if isinstance(self.generator, RecurrentGenerator):
            return self.generator.real(shown["tokens"])
        return self.stem.noisy(shown, noise)

    def augmented_music(self, batch: Batch, noise: Noise, scalars: Scalars) -> Batch:
        """Transpose and stretch the pieces of a batch, name to (B, ...); leave other data unchanged."""
        stretched = time_stretched(batch, noise, scalars.get("time_stretch", 0.0))
        return transposed(stretched, self.spec, noise, scalars["transpose"])

    def fake_like(self, real: Tensor, noise: Noise) -> Tensor:
        """Generate as many fake samples as ``real`` (B, F, ...) has, of its shape, differentiable."""
        if isinstance(self.generator, RecurrentGenerator):
            drawn: Tensor = self.generator(real, noise)
            return drawn
        return self.generate(len(real), noise)

    def generate(self, n: int, noise: Noise) -> Tensor:
        """Generate n differentiable samples of the shape of the critic's input, float32 (n, F, ...)."""
        outputs = self.generator(noise.normal(n, self.latent_dim), Dropout())
        soft: Tensor = self.head(outputs, noise)
        return soft

    def pack(self, samples: Tensor, noise: Noise, scalars: Scalars) -> Tensor:
        """Augment samples (B, F, ...) and join each ``pac`` of them: (B // pac, pac * F, ...)."""
        shown = critic_view(samples, self.spec, noise, scalars)
        size = len(shown) // self.pac
        return shown[: size * self.pac].reshape(size, self.pac * shown.shape[1], *shown.shape[2:])

    def logits(self, packs: Tensor) -> Tensor:
        """Compute the critic's logits for being real of packs (P, pac * F, ...): (P,)."""
        logits: Tensor = self.critic(packs, Dropout())[:, 0]
        return logits

    def logits_and_gradients(self, packs: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits (P,) of packs (P, pac * F, ...), and each one's squared gradient norm (P,)."""

        def total(points: Tensor) -> tuple[Tensor, Tensor]:
            logits = self.logits(points)
            return logits.sum(), logits

        # A pack's logit depends on that pack alone, so the gradient of the sum holds each pack's own.
        # torch.func, not torch.autograd: it also differentiates the stacked weights of a fused program.
        gradients, logits = torch.func.grad(total, has_aux=True)(packs)
        return logits, gradients.square().flatten(1).sum(1)


#: (net, real packs (P, ...), fake packs (P, ...), noise, scalars) -> logits of real and of fake packs, each
#: (P,), and the weighted penalty, a scalar. Only ``one_centered_penalty`` draws from the noise.
CriticPass = Callable[[GANNet, Tensor, Tensor, Noise, Scalars], tuple[Tensor, Tensor, Tensor | float]]


def no_penalty(net: GANNet, real: Tensor, fake: Tensor, *_: object) -> tuple[Tensor, Tensor, float]:
    """Compute the critic's logits without a penalty: spectral norm regularizes it. A ``CriticPass``."""
    on_real, on_fake = net.logits(torch.cat([real, fake])).chunk(2)
    return on_real, on_fake, 0.0


def zero_centered_penalty(
    net: GANNet,
    real: Tensor,
    fake: Tensor,
    noise: Noise,  # noqa: ARG001 - one signature for all
    scalars: Scalars,
    both: bool,
) -> tuple[Tensor, Tensor, Tensor | float]:
    """Penalize gradients at real packs (R1) and, with ``both``, at fake ones (R2). A ``CriticPass``."""
    logits, norms = net.logits_and_gradients(torch.cat([real, fake]))
    on_real, on_fake = logits.chunk(2)
    at_real, at_fake = norms.chunk(2)
    norm = (at_real + at_fake if both else at_real).mean()
    return on_real, on_fake, scalars["gamma"] / 2 * norm


def one_centered_penalty(
    net: GANNet, real: Tensor, fake: Tensor, noise: Noise, scalars: Scalars
) -> tuple[Tensor, Tensor, Tensor | float]:
    """Penalize gradients of a norm other than one between real and fake packs. A ``CriticPass``."""
    on_real, on_fake, _ = no_penalty(net, real, fake)
    share = noise.uniform(len(real), *(1 for _ in real.shape[1:]))
    _, norms = net.logits_and_gradients(fake + share * (real - fake))
    # the root has no derivative at 0
    return on_real, on_fake, scalars["gp"] * ((norms + 1e-12).sqrt() - 1).square().mean()


@dataclass(frozen=True)
class AdversarialLoss:
    """Losses that critic and generator minimize.

    Attributes:
        critic: The critic's loss (P,) from logits of real and of fake packs, each (P,), and label smoothing.
        generator: The generator's loss (P,) from the same logits.
        critic_pass: Function that computes the critic's logits and penalty.
    """

    critic: Callable[[Tensor, Tensor, float | Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    critic_pass: CriticPass


LOSSES = {
    "r3gan": AdversarialLoss(
        lambda real, fake, _: F.softplus(fake - real),
        lambda real, fake: F.softplus(real - fake),
        partial(zero_centered_penalty, both=True),
    ),
    "logistic": AdversarialLoss(
        lambda real, fake, smooth: F.softplus(-real) + smooth * real + F.softplus(fake),
        lambda _, fake: F.softplus(-fake),
        partial(zero_centered_penalty, both=False),
    ),
    "hinge": AdversarialLoss(
        lambda real, fake, _: F.relu(1 - real) + F.relu(1 + fake), lambda _, fake: -fake, no_penalty
    ),
    "wgan": AdversarialLoss(lambda real, fake, _: fake - real, lambda _, fake: -fake, one_centered_penalty),
}


def critic_loss(
    loss: AdversarialLoss, model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars
) -> Tensor:
    """Compute the critic's mean loss plus its penalty, a scalar; the generator gets no gradient."""
    assert isinstance(model, GANNet)
    real = shard(model.real(batch, noise, scalars), noise, model.pac)
    with torch.no_grad():
        fake = model.fake_like(real, noise)
    packs = model.pack(real, noise, scalars), model.pack(fake, noise, scalars)
    on_real, on_fake, penalty = loss.critic_pass(model, *packs, noise, scalars)
    return loss.critic(on_real, on_fake, scalars["label_smoothing"]).mean() + penalty


def generator_loss(
    loss: AdversarialLoss, model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars
) -> Tensor:
    """Compute the generator's mean adversarial loss, a scalar."""
    assert isinstance(model, GANNet)
    real = shard(model.real(batch, noise, scalars), noise, model.pac)
    fake = model.fake_like(real, noise)
    both = torch.cat([model.pack(real, noise, scalars), model.pack(fake, noise, scalars)])
    return loss.generator(*model.logits(both).chunk(2)).mean()


def likelihood_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Compute a recurrent generator's mean negative log-likelihood of a token, in nats, a scalar."""
    assert isinstance(model, GANNet)
    assert isinstance(model.generator, RecurrentGenerator)
    shown = hide_tokens(model.augmented_music(batch, noise, scalars), noise, scalars["token_dropout"])
    return model.generator.nats_a_token(shown, Dropout(noise, scalars["dropout"]))


class GAN(ModelFamily, fusing.FusesMlps, base.IsDataParallel):
    """Generative adversarial network for all kinds of data."""

    model_config = GANModel
    training_config = GANTraining
    data_side = ("critic.",)

    def build(self, config: FamilyConfig, spec: Spec) -> GANNet:
        """Build a ``GANNet``.

        Raises:
            SpaceError: a loss, net or augmentation that this kind of data does not have.
        """
        training: GANTraining = config.training
        if training.loss not in LOSSES:
            raise SpaceError(f"training.loss must be one of {', '.join(LOSSES)}, not {training.loss!r}")
        check_augmentations(training, spec)
        return GANNet(config, spec)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return critic and generator phase; for a recurrent generator a likelihood phase comes first."""
        training: GANTraining = config.training
        loss, critic_lr, steps = LOSSES[training.loss], training.critic_lr, training.critic_steps
        critic, generator = partial(critic_loss, loss), partial(generator_loss, loss)
        if config.model.net not in RECURRENT_NETS:
            return (
                Phase("critic", critic, ("critic.",), steps, critic_lr),
                Phase("generator", generator, ("generator.",)),
            )
        # The likelihood phase goes on beside the critic: with the critic alone, names got worse, from 3.63 to
        # 3.66 bits per character before to 3.65 to 3.80 after.
        late = (training.pretraining, 1.0)
        return (
            Phase("likelihood", likelihood_loss, ("generator.",)),
            Phase("critic", critic, ("critic.",), steps, critic_lr, late),
            Phase("generator", generator, ("generator.",), 1, training.adversarial_lr, late),
        )

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Generate n samples, quantized; a recurrent generator draws token by token.

        Returns:
            Encoded samples, name to (n, ...), as the data's spec describes them.
        """
        assert isinstance(model, GANNet)
        if isinstance(model.generator, RecurrentGenerator):
            return model.generator.sample(n, noise)
        return model.head.quantize(model.generate(n, noise))
