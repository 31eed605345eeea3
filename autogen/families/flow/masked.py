"""Masked diffusion: tokens or frames are hidden at random and revealed in any order.

With absorbing noise discrete diffusion (Austin 2021, https://arxiv.org/abs/2107.03006) is a masked language
model whose cross-entropy is weighted by the share of hidden tokens (Sahoo 2024,
https://arxiv.org/abs/2406.07524). Here the number of hidden tokens is drawn instead of a share, which gives
the same bound with less variance (Hoogeboom 2022, https://arxiv.org/abs/2110.02037). A row's length is drawn
first, by its frequency in training.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.flow.settings import FlowModel
from autogen.families.nets.density.sequences import Rotary, RotaryTransformer
from autogen.families.nets.draw import MASKED, draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.shards import mean_of, shard


class TwoWayRotary(Rotary):
    """Attention in both directions with rotary position embeddings."""

    def forward(self, x: Tensor) -> Tensor:
        """Attend from each token of x (B, T, width) to all of them."""
        query, key, value = self.project(x)
        query, key = self.turned(query, 0), self.turned(key, 0)
        return self.merge(F.scaled_dot_product_attention(query, key, value))


def two_way_transformer(width: int, depth: int, heads: int, length: int) -> RotaryTransformer:
    """Build a transformer whose tokens see all others.

    Args:
        width: Features of a token; a multiple of heads.
        depth: Transformer blocks.
        heads: Attention heads.
        length: Maximum length of a sequence.
    """
    trunk = RotaryTransformer(width, depth, heads, length)
    for block in trunk.transformer.blocks:
        block.attention = TwoWayRotary(width, heads, length)
    return trunk


def hidden_places(open_yet: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """Draw which places of each row are hidden: any number of the open ones, uniformly.

    Args:
        open_yet: Places that may be hidden, bool (B, T).
        noise: Source of the random draws.

    Returns:
        Hidden places, bool (B, T), and the weight of each row's sum over them, (B,): the number of open
        places over that of hidden ones.
    """
    count = open_yet.sum(1)
    most = (noise.spread(len(open_yet)) * count).floor().clamp(max=count - 1) + 1
    keys = noise.uniform(*open_yet.shape).masked_fill(~open_yet, 2.0)
    hidden = (keys.argsort(1).argsort(1) < most[:, None]) & open_yet
    return hidden, count / most.clamp(min=1)


_UNSEEN = 0.01  # rows that a length which none has counts as


class Lengths(nn.Module):
    """Frequencies of the rows' lengths, 0 to T, fitted after training; all alike before.

    Args:
        most: T, largest length.
    """

    frequencies: Tensor

    def __init__(self, most: int) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.ones(most + 1))

    def fit(self, lengths: Tensor) -> None:
        """Count lengths, int64 (N,)."""
        self.frequencies.copy_(torch.bincount(lengths, minlength=len(self.frequencies)).float())

    def nats(self, lengths: Tensor) -> Tensor:
        """Look up the log-probability of lengths (B,), of which none is impossible, in nats: (B,)."""
        weights = self.frequencies + _UNSEEN
        return (weights / weights.sum()).log()[lengths]

    def draw(self, least: Tensor, noise: Noise) -> Tensor:
        """Draw a length that was counted for each row, at least ``least``, int64 (n,).

        Any that is long enough if none of those was counted.
        """
        possible = torch.arange(len(self.frequencies), device=least.device) >= least[:, None]
        counted = possible & (self.frequencies > 0)
        chosen = torch.where(counted.any(1, keepdim=True), counted, possible)
        logits = self.frequencies.clamp(min=_UNSEEN).log().masked_fill(~chosen, MASKED)
        return draw_codes(logits, noise.uniform(len(least)))


class MaskedSequences(nn.Module, ABC):
    """Sequences by masked diffusion: the loss, the bound's parts and the lengths, whatever their places hold.

    Args:
        length: T, largest length of a sequence.
        settings: Settings of the model.
        rows: Rows of a batch that a training step uses.
    """

    def __init__(self, length: int, settings: FlowModel, rows: int) -> None:
        super().__init__()
        self.rows, self.steps = rows, settings.sampling_steps
        self.temperature, self.top_p = settings.temperature, settings.top_p
        self.trunk = two_way_transformer(settings.width, settings.depth, settings.heads, length)
        self.lengths = Lengths(length)

    @abstractmethod
    def places(self, batch: Batch) -> Tensor:
        """Tell which places of a batch's rows may be hidden: bool (B, T)."""

    @abstractmethod
    def bound(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Estimate the lower bound of the log-probability of each row given its length: (B,).

        Unbiased, in nats; one draw of the hidden places.
        """

    def loss(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Compute the mean negative bound of a place of the batch's first rows, in nats: a scalar."""
        first = {name: rows[: self.rows] for name, rows in batch.items()}
        count = self.places(first).sum().clamp(min=1)
        return -mean_of(self.bound(shard(first, noise), noise, drop).sum(), count, noise)

    def fit(self, batch: Batch) -> None:
        """Count the lengths of rows, name to (N, ...)."""
        self.lengths.fit(self.places(batch).sum(1))

    def length_nats(self, batch: Batch) -> Tensor:
        """Look up the log-probability of the rows' lengths, in nats: (B,)."""
        return self.lengths.nats(self.places(batch).sum(1))


class MaskedTokens(MaskedSequences):
    """Token sequences by masked diffusion.

    A row's symbols are hidden and drawn; ``end`` and ``pad`` follow from its length.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
        settings: Settings of the model.
        rows: Rows of a batch that a training step uses.
    """

    barred: Tensor

    def __init__(self, spec: SequenceSpec, settings: FlowModel, rows: int) -> None:
        super().__init__(spec.length, settings, rows)
        self.spec, self.scale = spec, settings.width**0.5
        self.tokens = nn.Embedding(spec.levels + 1, settings.width)  # the last is that of a hidden token
        nn.init.normal_(self.tokens.weight, std=1 / self.scale)
        self.biases = nn.Parameter(torch.zeros(spec.levels))
        barred = torch.zeros(spec.levels)
        barred[[spec.pad, spec.begin, spec.end]] = MASKED
        self.register_buffer("barred", barred, persistent=False)

    def places(self, batch: Batch) -> Tensor:
        """Tell which places of a batch's rows hold symbols: bool (B, T)."""
        return self.open_places(batch["tokens"])

    def open_places(self, tokens: Tensor) -> Tensor:
        """Tell which places of rows (B, T) hold symbols: bool (B, T)."""
        return (tokens != self.spec.pad) & (tokens != self.spec.end)

    def logits(self, features: Tensor) -> Tensor:
        """Compute logits (..., V) of symbols."""
        return F.linear(features, self.tokens.weight[:-1], self.biases) + self.barred

    def features(self, tokens: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of tokens (B, T), of which hidden ones are V."""
        features: Tensor = self.trunk(drop(self.tokens(tokens) * self.scale), drop)
        return features

    def bound(self, batch: Batch, noise: Noise, drop: Dropout) -> Tensor:
        """Estimate the lower bound of the log-probability of each row's symbols given their number: (B,)."""
        tokens = batch["tokens"]
        hidden, weight = hidden_places(self.open_places(tokens), noise)
        logits = self.logits(self.features(torch.where(hidden, self.spec.levels, tokens), drop))
        chosen = torch.where(hidden, tokens, self.spec.unknown)
        nats = logits.gather(2, chosen[..., None])[..., 0] - logits.logsumexp(2)
        return (nats * hidden).sum(1) * weight

    def sample(
        self,
        n: int,
        noise: Noise,
        given: Tensor | None = None,
        known: Tensor | None = None,
        barred: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Draw n sequences: ``tokens``, int64 (n, T).

        Args:
            n: Number of sequences.
            noise: Source of the random draws.
            given: Known tokens, int64 (n, T); none where ``None``.
            known: Places of ``given`` that are known, bool (n, T), any of them: the length is then that of
                ``given``. Where ``None``, they are the opening of each row, up to the first ``pad``.
            barred: Tokens that are not drawn at a place, bool (n, T, V); none where ``None``.
        """
        spec, device = self.spec, self.biases.device
        if given is None:
            given = torch.full((n, spec.length), spec.pad, device=device)
        if known is None:
            known = given != spec.pad
            rows = self._of_length(self.lengths.draw(known.sum(1), noise))
            rows = torch.where(known & self.open_places(rows), given, rows)
        else:
            rows = torch.where(known | ~self.open_places(given), given, spec.levels)
        return {"tokens": self._revealed(rows, noise, barred)}

    def widened(self, given: Tensor, known: Tensor, gap: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        """Open a gap in each row, as long as the rest of a length that is drawn, at least one token.

        Args:
            given: Rows without the gap, int64 (n, T).
            known: Places of them that are known, bool (n, T).
            gap: Place of each row that the gap begins at, int64 (n,); -1 for none.
            noise: Source of the random draws.

        Returns:
            Rows and known places with the gap.
        """
        count, none = self.open_places(given).sum(1), gap < 0
        most = self.spec.length - (not self.spec.stream)
        lengths = self.lengths.draw(torch.where(none, count, count + 1), noise).clamp(max=most)
        extra = (lengths - count).masked_fill(none, 0)[:, None]
        first = torch.where(none, 0, gap)[:, None]
        places = torch.arange(self.spec.length, device=given.device)
        inside = (places >= first) & (places < first + extra)
        source = torch.where(places < first, places, (places - extra).clamp(min=0))
        given, known = given.gather(1, source), known.gather(1, source)
        return torch.where(inside, self.spec.unknown, given), known & ~inside

    def _of_length(self, lengths: Tensor) -> Tensor:
        """Return rows (n, T) of so many hidden symbols, with ``end`` and ``pad`` after them."""
        spec = self.spec
        places = torch.arange(spec.length, device=lengths.device)
        lengths = lengths.clamp(max=spec.length - (not spec.stream))[:, None]
        ended = torch.where(places == lengths, spec.pad if spec.stream else spec.end, spec.pad)
        return torch.where(places < lengths, spec.levels, ended)

    def _revealed(self, rows: Tensor, noise: Noise, barred: Tensor | None) -> Tensor:
        """Draw the hidden tokens of rows (n, T) in a random order, about as many in each round.

        None that is barred at its place, bool (n, T, V).
        """
        for now in rounds(rows == self.spec.levels, self.steps, noise):
            features = self.features(rows, Dropout())[now]
            logits = self.logits(features)
            logits[:, self.spec.unknown] = MASKED
            if barred is not None:
                logits = logits.masked_fill(barred[now], MASKED)
            draws = noise.uniform(*rows.shape)[now]  # a row's draws do not depend on the others' lengths
            rows[now] = draw_codes(logits, draws, self.temperature, self.top_p)
        return rows


def rounds(hidden: Tensor, steps: int, noise: Noise) -> list[Tensor]:
    """Split hidden places into rounds in which they are revealed, at random.

    Args:
        hidden: Hidden places, bool (n, T).
        steps: Number of rounds; not more than the most hidden places of a row.
        noise: Source of the random draws.

    Returns:
        Places of each round, bool (n, T).
    """
    count = hidden.sum(1, keepdim=True)
    steps = max(1, min(steps, int(count.max()) if len(count) else 1))
    rank = noise.uniform(*hidden.shape).masked_fill(~hidden, 2.0).argsort(1).argsort(1)
    own = (rank * steps).div(count.clamp(min=1), rounding_mode="floor")
    return [(own == step) & hidden for step in range(steps)]
