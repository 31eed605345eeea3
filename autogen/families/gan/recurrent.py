"""Recurrent generator of token sequences, and the convolutional critic of its samples.

The generator is a recurrent language model, pretrained by maximum likelihood and then trained by the critic
too (Yu 2017, https://arxiv.org/abs/1609.05473). Each drawn token lets gradients through: one-hot in the
forward pass, softmax in the backward pass (Jang 2017, https://arxiv.org/abs/1611.01144; Kusner 2016). The
critic convolves embedded one-hots, as in Nie 2019 (https://openreview.net/forum?id=rJedV3R5tm).

Most of the quality comes from the likelihood: on names, adversarial training made no measurable difference.
Caccia 2020 (https://arxiv.org/abs/1811.02549) found likelihood alone hard to beat for texts.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.backbones import NetConfig, encoder
from autogen.families.nets.density.sequences import Recurrent, SequenceModel
from autogen.families.nets.draw import gumbel
from autogen.families.nets.dropout import Dropout

#: Recurrent layers that a generator can have.
RECURRENT_NETS = ("gru", "lstm")
#: Features of a token in the critic.
_VECTOR = 32


class RecurrentGenerator(nn.Module):
    """Recurrent language model whose draws let gradients through.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
        net: Size of the net, one of ``RECURRENT_NETS``.
        softness: Temperature of the Gumbel-softmax in the backward pass.
        window: First tokens of a sequence that are drawn for the critic, at most.
        tokens: Maximum number of tokens in a step.
    """

    def __init__(self, spec: SequenceSpec, net: NetConfig, softness: float, window: int, tokens: int) -> None:
        super().__init__()
        self.spec, self.softness = spec, softness
        self.length, self.rows = min(window, spec.length), max(1, tokens // min(window, spec.length))
        trunk = Recurrent(net.width, net.depth, net.net)
        self.model = SequenceModel(spec, trunk, net.width, max(1, tokens // spec.length), 1.0, 1.0)

    def nats_a_token(self, batch: Batch, drop: Dropout) -> Tensor:
        """Compute the mean negative log-likelihood of a token of real sequences, in nats, a scalar."""
        return -self.model.nats_a_token(batch, drop)

    def real(self, tokens: Tensor) -> Tensor:
        """Convert the first tokens of some rows of (B, T) to one-hots (b, V, 1, t), ``pad`` to zeros."""
        shown = tokens[: self.rows, : self.length]
        planes = F.one_hot(shown, self.spec.levels).float() * (shown != self.spec.pad)[..., None]
        return planes.transpose(1, 2).unsqueeze(2)

    def forward(self, real: Tensor, noise: Noise) -> Tensor:
        """Draw the first tokens of b sequences: differentiable one-hots of ``real``'s shape, (b, V, 1, t).

        Where the data is one stream, drawn rows are as long as the real ones, so that lengths give nothing
        away.
        """
        spec, n = self.spec, len(real)
        weights, state = self.model.tokens.weight, self.model.trunk.start(n, self.length)
        before = weights.new_zeros(n, spec.levels)
        before[:, spec.begin] = 1.0
        going = weights.new_ones(n, 1)
        drawn = []
        for t in range(self.length):
            features, state = self.model.trunk.step(before @ weights * self.model.scale, state, t)
            logits = F.linear(features, weights, self.model.biases) + self.model.drawable
            before = self._one_hot(logits, noise)
            drawn.append(before * going)
            # the token that ends a row is kept, those after it are zeros; no gradient for the length
            going = going * (1 - before.detach()[:, spec.end : spec.end + 1])
        planes = torch.stack(drawn, 2).unsqueeze(2)
        return planes * real.sum(1, keepdim=True) if spec.stream else planes

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n whole sequences: ``tokens``, int64 (n, T)."""
        return self.model.sample(n, noise)

    def _one_hot(self, logits: Tensor, noise: Noise) -> Tensor:
        """Draw a one-hot from each row of logits (n, V), with the gradient of a softmax."""
        soft = ((logits + gumbel(noise, *logits.shape)) / self.softness).softmax(1)
        hard = torch.zeros_like(soft).scatter(1, soft.argmax(1, keepdim=True), 1.0)
        # straight-through: the value is ``hard``, the gradient that of ``soft``
        return hard + soft - soft.detach()


class Critic(nn.Module):
    """Convolutions over embedded tokens: one-hots (P, V, 1, t) to a logit (P, 1).

    Args:
        levels: V, levels of all sequences of a pack together.
        length: t, tokens of a sequence.
        config: Size of the convolutions.
    """

    def __init__(self, levels: int, length: int, config: NetConfig) -> None:
        super().__init__()
        self.embed = config.linear(levels, _VECTOR)
        self.read = encoder((_VECTOR, 1, length), 1, config)

    def forward(self, planes: Tensor, drop: Dropout) -> Tensor:
        """Compute a logit (P, 1) for each pack of one-hots (P, V, 1, t)."""
        vectors = self.embed(planes[:, :, 0].transpose(1, 2))
        logits: Tensor = self.read(vectors.transpose(1, 2).unsqueeze(2), drop)
        return logits
