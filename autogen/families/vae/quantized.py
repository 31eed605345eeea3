"""An autoencoder whose latent codes are discrete, with a learned prior over them (van den Oord 2017).

https://arxiv.org/abs/1711.00937. A row is described by one code of each of a few books; each place has a book
of its own, for the places of a vector mean different things. Codes lie on a sphere, which keeps more
of them in use (Yu 2022, https://arxiv.org/abs/2110.04627).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ColumnSpec, Spec, TableSpec
from autogen.families.base import Batch, Noise, Scalars
from autogen.families.nets.backbones import NetConfig, decoder, encoder
from autogen.families.nets.density.any_order import Summing, TableModel
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.heads import head_for, stem_for

_PRIOR_WIDTH, _PRIOR_DEPTH = 64, 2


class Books(nn.Module):
    """P books of K vectors of length one.

    Args:
        places: P.
        codes: K.
        size: d, numbers of a vector.
    """

    def __init__(self, places: int, codes: int, size: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(places, codes, size))

    def nearest(self, points: Tensor) -> Tensor:
        """The code of the nearest vector at each place, int64 (B, P), for points (B, P, d)."""
        likeness = torch.einsum("bpd,pkd->bpk", points, F.normalize(self.vectors, dim=2))
        return likeness.argmax(2)

    def forward(self, codes: Tensor) -> Tensor:
        """Vectors (B, P, d) of codes (B, P)."""
        places = torch.arange(codes.shape[1], device=codes.device)
        return F.normalize(self.vectors, dim=2)[places, codes]


class QuantisedNet(nn.Module):
    """Encoder, books, decoder, and an autoregressive prior over codes.

    Args:
        spec: Of the data.
        net: Size of encoder and decoder.
        mixtures: Components of the distribution of each pixel or quantity, given the codes.
        places: Books.
        codes: Vectors of a book.
        size: Numbers of a vector.
        temperature: Share of the decoder's own spread that samples have.
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
        self.stem, self.head = stem_for(spec), head_for(spec, mixtures)
        self.encoder = encoder(self.stem.shape, places * size, net)
        self.decoder = decoder(places * size, self.head.shape, net)
        self.books = Books(places, codes, size)
        columns = TableSpec(tuple(ColumnSpec(f"code {place}", codes) for place in range(places)))
        trunk = Summing(_PRIOR_WIDTH, _PRIOR_DEPTH)
        self.prior = TableModel(columns, trunk, _PRIOR_WIDTH, 1, 1.0, 1.0, any_order=False)

    def points(self, batch: Batch, drop: Dropout) -> Tensor:
        """What the encoder says of rows, on the sphere: (B, P, d)."""
        outputs: Tensor = self.encoder(self.stem(batch), drop)
        return F.normalize(outputs.reshape(len(outputs), -1, self.size), dim=2)

    def codes(self, batch: Batch) -> Tensor:
        """The codes of rows, int64 (B, P)."""
        return self.books.nearest(self.points(batch, Dropout()))

    def nll(self, vectors: Tensor, batch: Batch, drop: Dropout) -> Tensor:
        """Negative log-likelihood of rows given the vectors of their codes, in nats, (B,)."""
        return self.head.nll(self.decoder(vectors.flatten(1), drop), batch)

    def code_nats(self, codes: Tensor, drop: Dropout) -> Tensor:
        """Log-probability of codes under the prior, nats (B,)."""
        middles = torch.full(codes.shape, 0.5, device=codes.device)
        nats: Tensor = self.prior({"codes": codes, "positions": middles}, drop)
        return nats

    def sample(self, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw codes from the prior, and a row from the decoder for each."""
        vectors = self.books(self.prior.sample(n, noise)["codes"])
        return self.head.sample(self.decoder(vectors.flatten(1), Dropout()), noise, self.temperature)


def quantised_loss(net: QuantisedNet, batch: Batch, shown: Batch, drop: Dropout, scalars: Scalars) -> Tensor:
    """Negative log-likelihood a pixel or cell, and how far points and vectors lie from each other.

    The decoder's gradient passes to the point as if nothing had been rounded; the books follow the
    points, and the points are held to the books by ``commitment``.
    """
    points = net.points(batch, drop)
    vectors = net.books(net.books.nearest(points.detach()))
    followed = (vectors - points.detach()).square().sum((1, 2))
    committed = (points - vectors.detach()).square().sum((1, 2))
    rounded = points + (vectors - points).detach()
    apart = followed + scalars["commitment"] * committed
    loss: Tensor = (net.nll(rounded, shown, drop) + apart).mean() / net.head.cells
    return loss


def code_loss(net: QuantisedNet, batch: Batch, drop: Dropout) -> Tensor:
    """Mean negative log-probability of a code under the prior; the codes themselves stay as they are."""
    with torch.no_grad():
        codes = net.codes(batch)
    return -net.code_nats(codes, drop).mean() / codes.shape[1]
