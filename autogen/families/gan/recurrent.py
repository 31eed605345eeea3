"""A generator that writes sequences token by token, and a critic that reads them.

The generator is a recurrent model of the next token, which first learns by maximum likelihood and then also
from the critic (Yu 2017, https://arxiv.org/abs/1609.05473). Gradients reach it through each drawn token,
a one-hot forwards, a softmax backwards (Jang 2017, https://arxiv.org/abs/1611.01144; Kusner 2016). The critic
reads embedded one-hots by convolutions, as in Nie 2019 (https://openreview.net/forum?id=rJedV3R5tm).

Most of what such a generator can do it has from its first part: on names, the critic's made no difference to
be seen. Caccia 2020 (https://arxiv.org/abs/1811.02549) found likelihood alone hard to beat for texts.
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

#: Kinds of recurrent layers that write.
WRITERS = ("gru", "lstm")
#: Features that the critic has of a token.
_VECTOR = 32


class Writer(nn.Module):
    """A recurrent model of sequences whose draws let gradients through.

    Args:
        spec: Of the sequences.
        net: ``NetConfig`` whose net is one of ``WRITERS``.
        softness: Temperature of the softmax that gradients pass.
        window: The most tokens that are drawn softly.
        tokens: The most tokens of a step.
    """

    def __init__(self, spec: SequenceSpec, net: NetConfig, softness: float, window: int, tokens: int) -> None:
        super().__init__()
        self.spec, self.softness = spec, softness
        self.length, self.rows = min(window, spec.length), max(1, tokens // min(window, spec.length))
        trunk = Recurrent(net.width, net.depth, net.net)
        self.model = SequenceModel(spec, trunk, net.width, max(1, tokens // spec.length), 1.0, 1.0)

    def nats_a_token(self, batch: Batch, drop: Dropout) -> Tensor:
        """Mean negative log-likelihood of a token of real sequences, a scalar."""
        return -self.model.nats_a_token(batch, drop)

    def real(self, tokens: Tensor) -> Tensor:
        """First tokens of some rows of (B, T) as one-hots (b, levels, 1, t), all zeros for ``pad``."""
        shown = tokens[: self.rows, : self.length]
        planes = F.one_hot(shown, self.spec.levels).float() * (shown != self.spec.pad)[..., None]
        return planes.transpose(1, 2).unsqueeze(2)

    def forward(self, real: Tensor, noise: Noise) -> Tensor:
        """As many first tokens, drawn: one-hots that let gradients through, of the shape of ``real``.

        Rows of a stream are as long as the real ones: their lengths tell nothing.
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
            going = going * (1 - before.detach()[:, spec.end : spec.end + 1])
        planes = torch.stack(drawn, 2).unsqueeze(2)
        return planes * real.sum(1, keepdim=True) if spec.stream else planes

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw whole sequences."""
        return self.model.sample(n, noise)

    def _one_hot(self, logits: Tensor, noise: Noise) -> Tensor:
        """A draw from each row of logits (n, levels)."""
        soft = ((logits + gumbel(noise, *logits.shape)) / self.softness).softmax(1)
        hard = torch.zeros_like(soft).scatter(1, soft.argmax(1, keepdim=True), 1.0)
        return hard + soft - soft.detach()


class Critic(nn.Module):
    """Convolutions over embedded tokens: one-hots (B, levels, 1, t) to a logit (B, 1).

    Args:
        levels: Of the one-hots, all sequences of a pack together.
        length: t.
        config: Of the convolutions.
    """

    def __init__(self, levels: int, length: int, config: NetConfig) -> None:
        super().__init__()
        self.embed = config.linear(levels, _VECTOR)
        self.read = encoder((_VECTOR, 1, length), 1, config)

    def forward(self, planes: Tensor, drop: Dropout) -> Tensor:
        """Logits."""
        vectors = self.embed(planes[:, :, 0].transpose(1, 2))
        logits: Tensor = self.read(vectors.transpose(1, 2).unsqueeze(2), drop)
        return logits
