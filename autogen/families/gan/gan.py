"""Generative adversarial network: four losses, each with the regulariser that keeps it stable.

``r3gan``: relativistic pairing with R1 and R2 (Huang 2024, https://arxiv.org/abs/2501.05441);
``logistic``: non-saturating with R1 (Mescheder 2018, https://arxiv.org/abs/1801.04406); ``hinge``: with
spectral norm (Miyato 2018, https://arxiv.org/abs/1802.05957); ``wgan``: with gradient penalty (Gulrajani
2017, https://arxiv.org/abs/1704.00028). The critic may judge several samples together (Lin 2018,
https://arxiv.org/abs/1712.04086) and see augmented images (Zhao 2020, https://arxiv.org/abs/2006.10738).

Texts and notes are best written by a recurrent generator, which learns by maximum likelihood before the
critic comes in, and beside it from then on: see ``autogen.families.gan.recurrent``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec, Spec
from autogen.errors import SpaceError
from autogen.families.base import Batch, FamilyConfig, ModelFamily, Noise, Phase, Scalars, Training, fusible
from autogen.families.gan.recurrent import WRITERS, Critic, Writer
from autogen.families.nets.augmentation.images import check_augmentations, seen
from autogen.families.nets.augmentation.tempo import paced
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import critic_stem_for, soft_head_for
from autogen.families.nets.io.tables import SoftRow
from autogen.families.nets.io.tokens import hide_tokens


@dataclass(frozen=True)
class GANModel:
    """Architecture settings of a GAN.

    Attributes:
        latent_dim: Normal numbers that a sample is made from; a recurrent generator has none.
        net: ``mlp`` or, for all but tables, ``conv``; for texts and notes also ``gru`` and ``lstm``, a
            recurrent generator and a convolutional critic.
        width: Features of the generator's MLP or recurrent layers.
        channels: Of the convolutions of generator and critic at full resolution.
        depth: Hidden layers of the generator's MLP, its recurrent layers, or its residual blocks at each
            resolution.
        critic_width: As ``width``, of the critic.
        critic_depth: As ``depth``, of the critic.
        pac: Samples that the critic judges together.
        softness: All but images: temperature of the softmax that stands for a code, a token or a key.
        window: Recurrent: the most tokens that the generator draws for the critic, from the first on.
    """

    latent_dim: int = 64
    net: str = "mlp"
    width: int = 256
    channels: int = 16
    depth: int = 2
    critic_width: int = 256
    critic_depth: int = 2
    pac: int = 1
    softness: float = 0.5
    window: int = 64


@dataclass(frozen=True)
class GANTraining(Training):
    """Training settings of a GAN.

    Attributes:
        loss: ``r3gan``, ``logistic``, ``hinge`` or ``wgan``.
        gamma: Weight of the penalty on the critic's gradients (``r3gan``, ``logistic``).
        gp: Weight of the penalty on gradients of other length than one (``wgan``).
        critic_lr: The critic's learning rate as a multiple of the generator's (Heusel 2017).
        pretraining: Recurrent: share of the steps before the critic comes in; the generator learns by maximum
            likelihood, in these and in all others.
        adversarial_lr: Recurrent: the generator's learning rate from the critic, as a multiple.
        tokens: Recurrent: the most tokens of a step; rows of a batch beyond are passed over.
        dropout: Recurrent: share of activations that are zeroed where it learns by maximum likelihood.
        token_dropout: Recurrent: share of the tokens before that are hidden there.
        critic_steps: Steps of the critic for one of the generator.
        label_smoothing: Share of the real samples that the critic is to call made (``logistic``; Salimans
            2016, https://arxiv.org/abs/1606.03498: only the real ones' labels are smoothed).
        jitter: Images, here and below of real and made ones alike: most of the contrast, and of the
            colours, that is taken; the brightness changes in the room this gives.
        grain: Share of even noise that is mixed in; tables: standard deviation of normal noise on what the
            critic sees of cells, real and made ones alike (Sonderby 2017, https://arxiv.org/abs/1610.04490).
        flip: Share that is mirrored left to right.
        rotate: Degrees that one is turned by at most.
        translate: Share of its size that one is shifted by at most.
        cutout: Share of its size that the edges of a greyed-out window have.
        transpose: Music: semitones that a training piece is moved up or down by at most.
        tempo: Music: share of the training pieces that is played at half or at double speed.
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
    jitter: float = fusible(0.0)
    grain: float = fusible(0.0)
    flip: float = fusible(0.0)
    rotate: float = fusible(0.0)
    translate: float = fusible(0.0)
    cutout: float = fusible(0.0)
    transpose: float = fusible(0.0)
    tempo: float = fusible(0.0)


class GANNet(nn.Module):
    """Generator and critic."""

    def __init__(self, config: FamilyConfig, spec: Spec) -> None:
        super().__init__()
        model, training = config.model, config.training
        self.latent_dim, self.pac = model.latent_dim, model.pac
        self.spec = spec
        spectral = training.loss == "hinge"
        made = NetConfig(model.net, model.width, model.channels, model.depth)
        net = "conv" if model.net in WRITERS else model.net
        judged = NetConfig(net, model.critic_width, model.channels, model.critic_depth, False, spectral)
        if model.net in WRITERS:
            if not isinstance(spec, SequenceSpec):
                raise SpaceError(f"model.net {model.net!r} is for texts and notes; this data has mlp or conv")
            self.generator: nn.Module = Writer(spec, made, model.softness, model.window, training.tokens)
            self.critic: nn.Module = Critic(model.pac * spec.levels, self.generator.length, judged)
        else:
            self.head = soft_head_for(spec, model.softness)
            self.stem = self.head.stem if isinstance(self.head, SoftRow) else critic_stem_for(spec)
            self.generator = decoder(model.latent_dim, self.head.shape, made)
            self.critic = encoder((model.pac * self.stem.shape[0], *self.stem.shape[1:]), 1, judged)

    def real(self, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
        """Real samples as the critic is to see them, before they are packed."""
        shown = self.played(batch, noise, scalars)
        if isinstance(self.generator, Writer):
            return self.generator.real(shown["tokens"])
        return self.stem.noisy(shown, noise)

    def played(self, batch: Batch, noise: Noise, scalars: Scalars) -> Batch:
        """Real samples with pieces of music moved; others as they are."""
        return transposed(
            paced(batch, noise, scalars.get("tempo", 0.0)), self.spec, noise, scalars["transpose"]
        )

    def like(self, real: Tensor, noise: Noise) -> Tensor:
        """Soft samples of the shape that the critic sees real ones in."""
        if isinstance(self.generator, Writer):
            written: Tensor = self.generator(real, noise)
            return written
        return self.generate(len(real), noise)

    def generate(self, n: int, noise: Noise) -> Tensor:
        """Soft samples of the shape that the stem gives real ones, (n, ...)."""
        outputs = self.generator(noise.normal(n, self.latent_dim), Dropout())
        soft: Tensor = self.head(outputs, noise)
        return soft

    def packs(self, samples: Tensor, noise: Noise, scalars: Scalars) -> Tensor:
        """Samples (B, F, ...) as the critic sees them, real and made alike: (B / pac, pac * F, ...)."""
        shown = seen(samples, self.spec, noise, scalars)
        size = len(shown) // self.pac
        return shown[: size * self.pac].reshape(size, self.pac * shown.shape[1], *shown.shape[2:])

    def judge(self, packs: Tensor) -> Tensor:
        """Logits of packs for being real, (B / pac,)."""
        logits: Tensor = self.critic(packs, Dropout())[:, 0]
        return logits

    def judge_with_slopes(self, packs: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of packs, and the squared length of each one's gradient, both (B / pac,)."""

        def total(points: Tensor) -> tuple[Tensor, Tensor]:
            logits = self.judge(points)
            return logits.sum(), logits

        # torch.func, not torch.autograd: it also differentiates the stacked weights of a fused program
        gradients, logits = torch.func.grad(total, has_aux=True)(packs)
        return logits, gradients.square().flatten(1).sum(1)


#: (net, real packs, made packs, noise, scalars) to both logits and what the critic's loss adds.
Judge = Callable[[GANNet, Tensor, Tensor, Noise, Scalars], tuple[Tensor, Tensor, Tensor | float]]


def unpenalised(
    net: GANNet,
    real: Tensor,
    made: Tensor,
    noise: Noise,  # noqa: ARG001 - as all
    scalars: Scalars,  # noqa: ARG001 - as all
) -> tuple[Tensor, Tensor, Tensor | float]:
    """No penalty: the critic's spectral norm does its work."""
    on_real, on_made = net.judge(torch.cat([real, made])).chunk(2)
    return on_real, on_made, 0.0


def zero_centred(
    net: GANNet,
    real: Tensor,
    made: Tensor,
    noise: Noise,  # noqa: ARG001 - as all
    scalars: Scalars,
    both: bool,
) -> tuple[Tensor, Tensor, Tensor | float]:
    """Penalty on gradients at real samples (R1) and, if wanted, at made ones (R2)."""
    logits, slopes = net.judge_with_slopes(torch.cat([real, made]))
    on_real, on_made = logits.chunk(2)
    at_real, at_made = slopes.chunk(2)
    slope = (at_real + at_made if both else at_real).mean()
    return on_real, on_made, scalars["gamma"] / 2 * slope


def one_centred(
    net: GANNet, real: Tensor, made: Tensor, noise: Noise, scalars: Scalars
) -> tuple[Tensor, Tensor, Tensor | float]:
    """Penalty on gradients whose length differs from one, between real and made samples."""
    on_real, on_made, _ = unpenalised(net, real, made, noise, scalars)
    share = noise.uniform(len(real), *(1 for _ in real.shape[1:]))
    _, slopes = net.judge_with_slopes(made + share * (real - made))
    return on_real, on_made, scalars["gp"] * ((slopes + 1e-12).sqrt() - 1).square().mean()


@dataclass(frozen=True)
class Game:
    """What critic and generator minimise.

    Attributes:
        critic: Loss for each pair of logits, of real and of made packs, with the label smoothing.
        generator: The generator's loss for each pair.
        judge: Gives the critic's logits and penalty.
    """

    critic: Callable[[Tensor, Tensor, float | Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    judge: Judge


GAMES = {
    "r3gan": Game(
        lambda real, made, _: F.softplus(made - real),
        lambda real, made: F.softplus(real - made),
        partial(zero_centred, both=True),
    ),
    "logistic": Game(
        lambda real, made, smooth: F.softplus(-real) + smooth * real + F.softplus(made),
        lambda _, made: F.softplus(-made),
        partial(zero_centred, both=False),
    ),
    "hinge": Game(
        lambda real, made, _: F.relu(1 - real) + F.relu(1 + made), lambda _, made: -made, unpenalised
    ),
    "wgan": Game(lambda real, made, _: made - real, lambda _, made: -made, one_centred),
}


def critic_loss(game: Game, model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Loss of the critic, its penalty included."""
    assert isinstance(model, GANNet)
    real = model.real(batch, noise, scalars)
    with torch.no_grad():
        made = model.like(real, noise)
    on_real, on_made, penalty = game.judge(
        model, model.packs(real, noise, scalars), model.packs(made, noise, scalars), noise, scalars
    )
    return game.critic(on_real, on_made, scalars["label_smoothing"]).mean() + penalty


def generator_loss(
    game: Game,
    model: nn.Module,
    batch: Batch,
    noise: Noise,
    scalars: Scalars,
) -> Tensor:
    """Loss of the generator."""
    assert isinstance(model, GANNet)
    real = model.real(batch, noise, scalars)
    made = model.like(real, noise)
    both = torch.cat([model.packs(real, noise, scalars), model.packs(made, noise, scalars)])
    return game.generator(*model.judge(both).chunk(2)).mean()


def writing_loss(model: nn.Module, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:
    """Mean negative log-likelihood of a token under a recurrent generator."""
    assert isinstance(model, GANNet)
    assert isinstance(model.generator, Writer)
    shown = hide_tokens(model.played(batch, noise, scalars), noise, scalars["token_dropout"])
    return model.generator.nats_a_token(shown, Dropout(noise, scalars["dropout"]))


class GAN(ModelFamily):
    """Generative adversarial network for all kinds of data."""

    model_config = GANModel
    training_config = GANTraining

    def build(self, config: FamilyConfig, spec: Spec) -> GANNet:
        """A ``GANNet``.

        Raises:
            SpaceError: a loss, net or augmentation that there is not for this kind of data.
        """
        training: GANTraining = config.training
        if training.loss not in GAMES:
            raise SpaceError(f"training.loss must be one of {', '.join(GAMES)}, not {training.loss!r}")
        check_augmentations(training, spec)
        return GANNet(config, spec)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """The critic's phase, then the generator's; of a recurrent one first that of its likelihood."""
        training: GANTraining = config.training
        game, critic_lr, steps = GAMES[training.loss], training.critic_lr, training.critic_steps
        critic, generator = partial(critic_loss, game), partial(generator_loss, game)
        if config.model.net not in WRITERS:
            return (
                Phase("critic", critic, ("critic.",), steps, critic_lr),
                Phase("generator", generator, ("generator.",)),
            )
        # from the critic alone, what was learnt before gets worse: names 3.63 to 3.66 bits, then 3.65 to 3.80
        late = (training.pretraining, 1.0)
        return (
            Phase("likelihood", writing_loss, ("generator.",)),
            Phase("critic", critic, ("critic.",), steps, critic_lr, late),
            Phase("generator", generator, ("generator.",), 1, training.adversarial_lr, late),
        )

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Generate soft samples and quantise them; a recurrent generator draws token by token."""
        assert isinstance(model, GANNet)
        if isinstance(model.generator, Writer):
            return model.generator.sample(n, noise)
        return model.head.quantise(model.generate(n, noise))
