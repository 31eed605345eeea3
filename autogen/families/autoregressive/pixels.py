"""Autoregressive models of images: a trunk over patches in raster order, and a head over a patch's pixels."""

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import ImageSpec
from autogen.families.autoregressive.classes import DESCRIBED, Classes
from autogen.families.autoregressive.pixelcnn import PixelCNN
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import Transformer

#: Pixels of at most so many levels have a categorical distribution, others a mixture of logistics.
CATEGORICAL_LEVELS = 64


class Cursor(Protocol):
    """Incremental computation of a trunk's features, place by place."""

    def advance(self, previous: Tensor | None) -> Tensor:
        """Compute features (n, width) of the next place, given the last one's description (n, inputs)."""
        ...


class PatchTransformer(nn.Module):
    """Transformer trunk: a token for each place, with learned row and column embeddings.

    Args:
        inputs: Numbers that describe a place.
        width: Features of a token.
        depth: Transformer blocks.
        heads: Attention heads.
        size: Height and width, in places.
    """

    def __init__(self, inputs: int, width: int, depth: int, heads: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.inward = nn.Linear(inputs, width)
        self.rows = nn.Parameter(0.5 * torch.randn(size[0], 1, width))
        self.columns = nn.Parameter(0.5 * torch.randn(1, size[1], width))
        self.start = nn.Parameter(0.5 * torch.randn(width))
        self.transformer = Transformer(width, depth, heads)

    def where(self) -> Tensor:
        """Return the position embeddings, (T, width)."""
        return (self.rows + self.columns).flatten(0, 1)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of all T places at once, from their descriptions (B, T, inputs)."""
        before = torch.cat([self.start.expand(x.shape[0], 1, -1), self.inward(x[:, :-1])], dim=1)
        features: Tensor = self.transformer(drop(before + self.where()), drop)
        return features

    def cursor(self, n: int) -> Cursor:
        """Return an incremental computation of the features of n images."""
        return PatchTransformerCursor(self, n)


class PatchTransformerCursor:
    """Features of one place after the other; keys and values of those before are cached.

    Args:
        net: Trunk in eval mode.
        n: Number of images.
    """

    def __init__(self, net: PatchTransformer, n: int) -> None:
        self.net, self.n = net, n
        self.where = net.where()
        self.cache = net.transformer.empty_cache(n, len(self.where))
        self.place = 0

    def advance(self, previous: Tensor | None) -> Tensor:
        """Compute features (n, width) of the next place, given the last one's description (n, inputs)."""
        before = self.net.start.expand(self.n, -1) if previous is None else self.net.inward(previous)
        features = self.net.transformer.step(before + self.where[self.place], self.cache, self.place)
        self.place += 1
        return features


class LogisticMixture:
    """Mixture of discretized logistics (Salimans 2017, https://arxiv.org/abs/1701.05517).

    Args:
        levels: V, distinct values of a pixel.
        mixtures: M, components; a pixel has 3 M numbers: weights' logits, means, log-scales.
    """

    def __init__(self, levels: int, mixtures: int) -> None:
        self.levels, self.mixtures = levels, mixtures
        self.numbers = 3 * mixtures

    def initial(self) -> Tensor:
        """Return initial numbers (3 M,): broad components spread over the range."""
        means = torch.linspace(-0.9, 0.9, self.mixtures)
        return torch.cat([torch.zeros(self.mixtures), means, torch.full((self.mixtures,), -1.5)])

    def log_prob(self, numbers: Tensor, values: Tensor) -> Tensor:
        """Compute the log-probability of values (...) in 0..V-1 under numbers (..., 3 M), in nats: (...)."""
        weights, means, scales = numbers.chunk(3, dim=-1)
        scales = scales.clamp(min=-7.0)
        half = 1 / (self.levels - 1)
        centered = values[..., None] * 2 * half - 1 - means
        upper = (centered + half) * torch.exp(-scales)
        lower = (centered - half) * torch.exp(-scales)
        top, bottom = values[..., None] == self.levels - 1, values[..., None] == 0
        # log(sigmoid(upper) - sigmoid(lower)), factored so that neither tail cancels to log(0)
        inside = F.logsigmoid(upper) + F.logsigmoid(-lower) + torch.log(-torch.expm1(lower - upper))
        nats = torch.where(bottom, F.logsigmoid(upper), torch.where(top, F.logsigmoid(-lower), inside))
        return torch.logsumexp(weights.log_softmax(-1) + nats, dim=-1)

    def draw(self, numbers: Tensor, noise: Noise, temperature: float, top_p: float) -> Tensor:
        """Draw a value for each of numbers (n, 3 M), int64 (n,)."""
        n = numbers.shape[0]
        weights, means, scales = numbers.chunk(3, dim=-1)
        component = draw_codes(weights, noise.uniform(n), temperature, top_p)[:, None]
        mean, scale = means.gather(1, component)[:, 0], scales.clamp(min=-7.0).gather(1, component)[:, 0]
        # by the inverse of the logistic's cumulative distribution; top_p also cuts its tails
        share = (noise.uniform(n) * top_p + (1 - top_p) / 2).clamp(1e-5, 1 - 1e-5)
        value = mean + temperature * torch.exp(scale) * torch.logit(share)
        return ((value + 1) / 2 * (self.levels - 1)).round().clamp(0, self.levels - 1).long()


class Categorical:
    """Categorical distribution over the levels of a pixel.

    Args:
        levels: V, distinct values of a pixel.
    """

    def __init__(self, levels: int) -> None:
        self.numbers = levels

    def initial(self) -> Tensor:
        """Return initial logits (V,): all levels alike."""
        return torch.zeros(self.numbers)

    def log_prob(self, numbers: Tensor, values: Tensor) -> Tensor:
        """Look up the log-probability of values (...) under logits (..., V), in nats: (...)."""
        return numbers.log_softmax(-1).gather(-1, values[..., None])[..., 0]

    def draw(self, numbers: Tensor, noise: Noise, temperature: float, top_p: float) -> Tensor:
        """Draw a value for each of logits (n, V), int64 (n,)."""
        return draw_codes(numbers, noise.uniform(numbers.shape[0]), temperature, top_p)


class PatchHead(nn.Module):
    """Distribution of the P pixels of a place, in order, each given the features and the pixels before it.

    Args:
        width: Features of a place.
        pixels: P, numbers to predict at a place: channels times pixels of a patch.
        described: Numbers that describe a pixel.
        likelihood: Distribution of a pixel.
    """

    earlier: Tensor

    def __init__(
        self, width: int, pixels: int, described: int, likelihood: LogisticMixture | Categorical
    ) -> None:
        super().__init__()
        self.pixels, self.likelihood = pixels, likelihood
        self.features = nn.Linear(width, pixels * width)
        self.before = nn.Parameter(
            torch.randn(pixels, width, pixels, described) / math.sqrt(pixels * described)
        )
        self.outward = nn.Parameter(0.01 * torch.randn(pixels, likelihood.numbers, width))
        self.base = nn.Parameter(likelihood.initial().repeat(pixels))
        earlier = torch.ones(pixels, pixels).tril(-1)
        self.register_buffer("earlier", earlier[:, None, :, None], persistent=False)

    def log_prob(self, features: Tensor, values: Tensor, described: Tensor, drop: Dropout) -> Tensor:
        """Compute the log-probability of each pixel, in nats: (B, T, P).

        Args:
            features: Features of the places, (B, T, width).
            values: Pixels, int64 (B, T, P).
            described: Their descriptions, (B, T, P, described).
            drop: Dropout.
        """
        # ``earlier`` zeroes the weights from a pixel to itself and to those before it: pixel p sees q < p
        hidden = self.features(features).unflatten(-1, (self.pixels, -1))
        hidden = hidden + torch.einsum("btqd,phqd->btph", described, self.before * self.earlier)
        numbers = torch.einsum("btph,pnh->btpn", drop(F.silu(hidden)), self.outward)
        numbers = numbers + self.base.view(self.pixels, -1)
        return self.likelihood.log_prob(numbers, values)

    def numbers(self, features: Tensor, described: Tensor) -> Tensor:
        """Compute the next pixel's distribution (n, numbers), given p described ones (n, p, described)."""
        p = described.shape[1]
        width = features.shape[1]
        rows = slice(p * width, (p + 1) * width)
        hidden = F.linear(features, self.features.weight[rows], self.features.bias[rows])
        hidden = hidden + torch.einsum("nqd,hqd->nh", described, self.before[p, :, :p])
        return F.linear(F.silu(hidden), self.outward[p], self.base.view(self.pixels, -1)[p])


class PixelModel(nn.Module):
    """Exact density of images, drawn place by place in raster order.

    With classes it is the density of image and class, drawn class first; without a given class, the
    likelihood of an image sums over all of them.

    Args:
        spec: Spec of the images.
        trunk: Makes the trunk, given the numbers that describe a place and the size in places.
        width: Features of the trunk.
        patch: Edge of a place, in pixels; the head orders the pixels inside.
        mixtures: Logistics in a pixel's density, where pixels have more than ``CATEGORICAL_LEVELS`` levels.
        temperature: Sampling temperature.
        top_p: Nucleus of sampling.
        labels: Number of classes that images are conditioned on; 0 for none.
    """

    inside: Tensor

    def __init__(
        self,
        spec: ImageSpec,
        trunk: Callable[[int, tuple[int, int]], "PixelCNN | PatchTransformer"],
        width: int,
        patch: int,
        mixtures: int,
        temperature: float,
        top_p: float,
        labels: int = 0,
    ) -> None:
        super().__init__()
        self.spec, self.patch = spec, patch
        self.temperature, self.top_p = temperature, top_p
        self.size = (-(-spec.height // patch), -(-spec.width // patch))
        self.categorical = spec.levels <= CATEGORICAL_LEVELS
        pixels = spec.channels * patch**2
        described = 1 + (spec.levels if self.categorical else 8)
        likelihood = Categorical(spec.levels) if self.categorical else LogisticMixture(spec.levels, mixtures)
        self.classes = Classes(labels, width) if labels else None
        self.trunk = trunk(pixels * described + (DESCRIBED if labels else 0), self.size)
        self.head = PatchHead(width, pixels, described, likelihood)
        inside = torch.ones(1, spec.channels, spec.height, spec.width)
        self.register_buffer("inside", self.places(inside), persistent=False)

    def places(self, images: Tensor) -> Tensor:
        """Cut images (B, C, H, W) into places (B, T, P); pixels beyond the edge are 0."""
        p, (height, width) = self.patch, self.size
        images = F.pad(images, (0, width * p - images.shape[3], 0, height * p - images.shape[2]))
        cut = images.reshape(len(images), -1, height, p, width, p)
        return cut.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)

    def images(self, places: Tensor) -> Tensor:
        """Join places (B, T, P) to images (B, C, H, W)."""
        p, (height, width) = self.patch, self.size
        cut = places.reshape(len(places), height, width, p, p, -1)
        whole = cut.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)
        return whole[:, :, : self.spec.height, : self.spec.width]

    def describe(self, values: Tensor) -> Tensor:
        """Describe pixels (...) by numbers of about unit size, (..., described)."""
        scaled = values[..., None].float() * (2 / (self.spec.levels - 1)) - 1
        if self.categorical:
            # by comparison, since F.one_hot reads the values, which no loss may do
            return torch.cat([scaled, (values[..., None] == self.levels).float()], dim=-1)
        waves = scaled * self.waves
        return torch.cat([scaled, waves.sin(), waves.cos()], dim=-1)

    @property
    def levels(self) -> Tensor:
        """All levels of a pixel, int64 (V,)."""
        return torch.arange(self.spec.levels, device=self.inside.device)

    @property
    def waves(self) -> Tensor:
        """Angular frequencies that separate near levels, (4,)."""
        return math.pi * torch.tensor([1.0, 2.0, 4.0, 8.0], device=self.inside.device)

    def forward(self, batch: Batch, drop: Dropout) -> Tensor:
        """Compute the log-likelihood of each image, jointly with its ``label`` if given, in nats: (B,)."""
        pixels = batch["pixels"]
        if self.classes is None:
            return self._nats(pixels, None, drop)
        if "label" in batch:
            return self.classes.nats(batch["label"]) + self._nats(pixels, batch["label"], drop)
        each = [pixels.new_full((len(pixels),), y, dtype=torch.int64) for y in range(self.classes.labels)]
        joint = [self.classes.nats(label) + self._nats(pixels, label, drop) for label in each]
        return torch.stack(joint).logsumexp(0)

    def sample(self, n: int, noise: Noise, label: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n images: ``pixels``, uint8 (n, C, H, W).

        Args:
            n: Number of images.
            noise: Source of the random draws.
            label: Classes of the images, int64 (n,); drawn where ``None``.
        """
        if self.classes is not None and label is None:
            label = self.classes.draw(n, noise)
        cursor = self.trunk.cursor(n)
        places: list[Tensor] = []
        last = None
        for _ in range(self.size[0] * self.size[1]):
            features = self._with_class_features(cursor.advance(last), label)
            place, described = self._draw_place(features, noise)
            places.append(place)
            last = self._with_class_input(described, label)
        return {"pixels": self.images(torch.stack(places, dim=1)).to(torch.uint8)}

    def _nats(self, pixels: Tensor, label: Tensor | None, drop: Dropout) -> Tensor:
        """Compute the log-likelihood of each image given its class, in nats: (B,)."""
        values = self.places(pixels.long())
        described = self.describe(values)
        features = self._with_class_features(
            self.trunk(self._with_class_input(described.flatten(2), label), drop), label
        )
        return (self.head.log_prob(features, values, described, drop) * self.inside).sum((1, 2))

    def _with_class_input(self, described: Tensor, label: Tensor | None) -> Tensor:
        """Append the class's description to those of places (B, ..., inputs); the trunk sees it there."""
        if self.classes is None:
            return described
        own = self.classes.described[label].view(-1, *(1,) * (described.ndim - 2), DESCRIBED)
        return torch.cat([described, own.expand(*described.shape[:-1], -1)], dim=-1)

    def _with_class_features(self, features: Tensor, label: Tensor | None) -> Tensor:
        """Add the class's features to those of places (B, ..., width): the first place has no other input."""
        if self.classes is None:
            return features
        own = self.classes.features[label]
        return features + own.view(len(own), *(1,) * (features.ndim - 2), -1)

    def _draw_place(self, features: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        """Draw the pixels of a place, int64 (n, P), and describe them, (n, inputs)."""
        values = torch.zeros(features.shape[0], 0, dtype=torch.int64, device=features.device)
        described = self.describe(values)
        for _ in range(self.head.pixels):
            numbers = self.head.numbers(features, described)
            value = self.head.likelihood.draw(numbers, noise, self.temperature, self.top_p)
            values = torch.cat([values, value[:, None]], dim=1)
            described = self.describe(values)
        return values, described.flatten(1)
