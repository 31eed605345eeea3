"""Vector-quantized autoencoder (VQ-VAE) with a learned prior over its discrete codes (van den Oord 2017).

https://arxiv.org/abs/1711.00937. The latent has P places; each has a codebook of its own, since they mean
different things. Codebook vectors lie on the unit sphere, which keeps more of them in use (Yu 2022,
https://arxiv.org/abs/2110.04627).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ColumnSpec, Spec, TableSpec
from autogen.families.base import Batch, Noise, Scalars
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.density.any_order import NadeTrunk, TableModel
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import head_for, input_projection_for

_PRIOR_WIDTH, _PRIOR_DEPTH = 64, 2


class Codebooks(nn.Module):
    """P codebooks of K unit vectors each.

    Args:
        places: P, number of codebooks.
        codes: K, vectors in a codebook.
        size: d, numbers of a vector.
    """

    def __init__(self, places: int, codes: int, size: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(places, codes, size))

    def nearest(self, points: Tensor) -> Tensor:
        """Return the index of the nearest vector at each place, int64 (B, P), for points (B, P, d)."""
        likeness = torch.einsum("bpd,pkd->bpk", points, F.normalize(self.vectors, dim=2))
        return likeness.argmax(2)

    def forward(self, codes: Tensor) -> Tensor:
        """Look up the vectors of codes (B, P): float32 (B, P, d)."""
        places = torch.arange(codes.shape[1], device=codes.device)
        return F.normalize(self.vectors, dim=2)[places, codes]


class QuantizedNet(nn.Module):
    """Encoder, codebooks, decoder, and an autoregressive prior over codes.

    Args:
        spec: Spec of the encoded data.
        net: Size of encoder and decoder.
        mixtures: Components of each pixel's or quantity's distribution given the codes.
        places: P, codebooks.
        codes: K, vectors in a codebook.
        size: d, numbers of a vector.
        temperature: Scale of the decoder's spread in sampling; 1 is the model's own.
    """

    def __init__(
        self,
        spec: Spec,
        net: NetConfig,
        mixtures: int,
        places: int,
        codes: int,
        size: int,
        temperature: float,
    ) -> None:
        super().__init__()
        self.spec, self.size, self.temperature = spec, size, temperature
        self.stem, self.head = input_projection_for(spec), head_for(spec, mixtures)
        self.encoder = encoder(self.stem.shape, places * size, net)
        self.decoder = decoder(places * size, self.head.shape, net)
        self.books = Codebooks(places, codes, size)
        columns = TableSpec(tuple(ColumnSpec(f"code {place}", codes) for place in range(places)))
        trunk = NadeTrunk(_PRIOR_WIDTH, _PRIOR_DEPTH)
        self.prior = TableModel(columns, trunk, _PRIOR_WIDTH, 1, 1.0, 1.0, any_order=False)

    def points(self, batch: Batch, drop: Dropout) -> Tensor:
        """Encode rows as points on the unit sphere, float32 (B, P, d)."""
        outputs: Tensor = self.encoder(self.stem(batch), drop)
        return F.normalize(outputs.reshape(len(outputs), -1, self.size), dim=2)

    def codes(self, batch: Batch) -> Tensor:
        """Encode rows as codes, int64 (B, P)."""
        return self.books.nearest(self.points(batch, Dropout()))

    def nll(self, vectors: Tensor, batch: Batch, drop: Dropout) -> Tensor:
        """Compute rows' negative log-likelihood given their vectors (B, P, d), in nats: (B,)."""
        return self.head.nll(self.decoder(vectors.flatten(1), drop), batch)

    def code_nats(self, codes: Tensor, drop: Dropout) -> Tensor:
        """Compute the log-probability of codes (B, P) under the prior, in nats: (B,)."""
        # the prior is a table model whose columns are the P places; discrete columns ignore positions
        middles = torch.full(codes.shape, 0.5, device=codes.device)
        nats: Tensor = self.prior({"codes": codes, "positions": middles}, drop)
        return nats

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw codes from the prior and decode them: encoded samples, name to (n, ...)."""
        vectors = self.books(self.prior.sample(n, noise)["codes"])
        return self.head.sample(self.decoder(vectors.flatten(1), Dropout()), noise, self.temperature)


def quantized_loss(net: QuantizedNet, batch: Batch, shown: Batch, drop: Dropout, scalars: Scalars) -> Tensor:
    """Compute the loss of encoder, codebooks and decoder, per pixel or cell: a scalar.

    The decoder's gradient passes straight through the quantization to the encoder. The codebooks follow the
    encoder's points; ``commitment`` weights how strongly the points are pulled to the codebooks.

    Args:
        net: Model.
        batch: Rows that the encoder sees, name to (B, ...).
        shown: Rows to reconstruct, with ``given`` where previous tokens are hidden.
        drop: Dropout.
        scalars: ``commitment``.
    """
    points = net.points(batch, drop)
    vectors = net.books(net.books.nearest(points.detach()))
    followed = (vectors - points.detach()).square().sum((1, 2))
    committed = (points - vectors.detach()).square().sum((1, 2))
    # straight-through: the value is that of the vectors, the gradient goes to the points
    rounded = points + (vectors - points).detach()
    apart = followed + scalars["commitment"] * committed
    loss: Tensor = (net.nll(rounded, shown, drop) + apart).mean() / net.head.cells
    return loss


def code_loss(net: QuantizedNet, batch: Batch, drop: Dropout) -> Tensor:
    """Compute the mean negative log-probability of a code in nats, a scalar; the encoder gets no gradient."""
    with torch.no_grad():
        codes = net.codes(batch)
    return -net.code_nats(codes, drop).mean() / codes.shape[1]
