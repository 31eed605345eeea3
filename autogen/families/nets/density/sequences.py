"""Autoregressive models of token sequences: a transformer with rotary embeddings, or recurrent layers.

Rotary embeddings after Su 2021 (https://arxiv.org/abs/2104.09864); the embedding is tied to the output layer
(Press 2017, https://arxiv.org/abs/1608.05859).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import MASKED, SequenceTrunk, draw_codes, put_tokens, unfinished_rows
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.shards import mean_of, shard
from autogen.families.nets.smoothing import smoothed_nats
from autogen.families.nets.transformer import Attention, Transformer, norm


class Rotary(Attention):
    """Causal attention with rotary position embeddings of queries and keys.

    Args:
        width: Features of a token; a multiple of heads.
        heads: Attention heads.
        length: Maximum length of a sequence, in tokens.
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, width: int, heads: int, length: int) -> None:
        super().__init__(width, heads)
        pairs = width // heads // 2
        speed = 10_000.0 ** (-torch.arange(pairs) / max(1, pairs))
        angles = torch.arange(length)[:, None] * speed
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def turned(self, x: Tensor, first: int) -> Tensor:
        """Rotate x (B, heads, t, features) by positions from ``first`` on; an odd last feature stays."""
        cos, sin = (angle[first : first + x.shape[2]] for angle in (self.cos, self.sin))
        pairs = cos.shape[1]
        one, other, rest = x.tensor_split([pairs, 2 * pairs], dim=3)
        return torch.cat([one * cos - other * sin, one * sin + other * cos, rest], dim=3)

    def forward(self, x: Tensor) -> Tensor:
        """Attend from each token of x (B, T, width) to itself and those before it."""
        query, key, value = self.project(x)
        query, key = self.turned(query, 0), self.turned(key, 0)
        return self.merge(F.scaled_dot_product_attention(query, key, value, is_causal=True))

    def step(self, x: Tensor, cache: Tensor, t: int) -> Tensor:
        """Attend from a token x (B, 1, width) at position t to those before it; fill the cache in place."""
        query, key, value = self.project(x)
        query, key = self.turned(query, t), self.turned(key, t)
        cache[0, :, :, t], cache[1, :, :, t] = key[:, :, 0], value[:, :, 0]
        keys, values = cache[:, :, :, : t + 1]
        return self.merge(F.scaled_dot_product_attention(query, keys, values))


class RotaryTransformer(nn.Module):
    """Causal transformer with rotary position embeddings.

    Args:
        width: Features of a token; a multiple of heads.
        depth: Transformer blocks.
        heads: Attention heads.
        length: Maximum length of a sequence, in tokens.
    """

    def __init__(self, width: int, depth: int, heads: int, length: int) -> None:
        super().__init__()
        self.transformer = Transformer(width, depth, heads)
        for block in self.transformer.blocks:
            block.attention = Rotary(width, heads, length)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of vectors (B, T, width)."""
        features: Tensor = self.transformer(x, drop)
        return features

    def start(self, n: int, length: int) -> Tensor:
        """Return an empty cache of keys and values, (blocks, 2, n, heads, length, width / heads)."""
        return self.transformer.empty_cache(n, length)

    def step(self, x: Tensor, state: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Compute features (n, width) of the t-th vectors (n, width); the cache is filled in place."""
        return self.transformer.step(x, state, t), state

    def pick(self, state: Tensor, rows: Tensor, t: int) -> Tensor:
        """Return the cache of some of the sequences, ``rows`` int64 (m,)."""
        shape = list(state.shape)
        shape[2] = len(rows)
        kept = state.new_empty(shape)
        torch.index_select(state[:, :, :, :, : t + 1], 2, rows, out=kept[:, :, :, :, : t + 1])
        return kept


class Recurrent(nn.Module):
    """Residual recurrent layers (after Hochreiter 1997, Cho 2014).

    Args:
        width: Features of a token and of a state.
        depth: Number of layers.
        kind: ``gru`` or ``lstm``.
    """

    def __init__(self, width: int, depth: int, kind: str) -> None:
        super().__init__()
        layer = nn.LSTM if kind == "lstm" else nn.GRU
        self.layers = nn.ModuleList(layer(width, width, batch_first=True) for _ in range(depth))
        self.norms = nn.ModuleList(norm(width) for _ in range(depth))
        self.norm = norm(width)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of vectors (B, T, width)."""
        for before, layer in zip(self.norms, self.layers, strict=True):
            x = x + drop(layer(before(x))[0])
        features: Tensor = self.norm(x)
        return features

    def start(self, n: int, length: int) -> list[Any]:
        """Return the state before the first token: ``None`` for each layer, which then begins with zeros."""
        return [None] * len(self.layers)

    def step(self, x: Tensor, state: list[Any], t: int) -> tuple[Tensor, list[Any]]:
        """Compute features (n, width) of the t-th vectors (n, width), and the new state."""
        token, after = x[:, None], []
        for before, layer, kept in zip(self.norms, self.layers, state, strict=True):
            changed, new = layer(before(token), kept)
            token = token + changed
            after.append(new)
        features: Tensor = self.norm(token)[:, 0]
        return features, after

    def pick(self, state: list[Any], rows: Tensor, t: int) -> list[Any]:
        """Return the states of some of the sequences, ``rows`` int64 (m,); an LSTM has two for each layer."""
        return [
            tuple(part[:, rows] for part in kept) if isinstance(kept, tuple) else kept[:, rows]
            for kept in state
        ]


class SequenceModel(nn.Module):
    """Exact probability of token sequences, drawn token by token.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
        trunk: Net that computes features of a token from those before it.
        width: Features of the trunk.
        rows: Rows of a batch that a training step uses.
        temperature: Sampling temperature.
        top_p: Nucleus of sampling.
    """

    barred: Tensor
    drawable: Tensor

    def __init__(
        self,
        spec: SequenceSpec,
        trunk: SequenceTrunk,
        width: int,
        rows: int,
        temperature: float,
        top_p: float,
    ) -> None:
        super().__init__()
        self.spec, self.temperature, self.top_p = spec, temperature, top_p
        self.trunk, self.rows = trunk, rows
        self.scale = width**0.5
        self.tokens = nn.Embedding(spec.levels, width)
        nn.init.normal_(self.tokens.weight, std=1 / self.scale)
        self.biases = nn.Parameter(torch.zeros(spec.levels))
        barred = torch.zeros(spec.levels)
        barred[[spec.pad, spec.begin, *([spec.end] if spec.stream else [])]] = MASKED
        drawable = barred.clone()
        drawable[spec.unknown] = MASKED
        self.register_buffer("barred", barred, persistent=False)
        self.register_buffer("drawable", drawable, persistent=False)

    def forward(self, batch: Batch, drop: Dropout, smoothing: float | Tensor = 0.0) -> Tensor:
        """Compute the log-likelihood of each sequence, in nats: (B,).

        Args:
            batch: ``tokens``, int64 (B, T); ``given``, of the same shape, hides some of the previous tokens.
            drop: Dropout.
            smoothing: Share of each label that is spread over all tokens, in training; 0 for the likelihood.
        """
        tokens = batch["tokens"]
        before = F.pad(batch.get("given", tokens)[:, :-1], (1, 0), value=self.spec.begin)
        features = self.trunk(drop(self._vectors(before)), drop)
        logits = F.linear(features, self.tokens.weight, self.biases) + self.barred
        kept = tokens != self.spec.pad
        chosen = torch.where(kept, tokens, self.spec.unknown)
        nats = smoothed_nats(logits, chosen, smoothing, (self.barred == 0).float())
        return (nats * kept).sum(1)

    def nats_a_token(self, batch: Batch, drop: Dropout, smoothing: float | Tensor = 0.0) -> Tensor:
        """Compute the mean log-likelihood of a token of the batch's first rows, in nats: a scalar."""
        first: Batch = {name: tokens[: self.rows] for name, tokens in batch.items()}
        count = (first["tokens"] != self.spec.pad).sum()
        return mean_of(self(shard(first, drop.noise), drop, smoothing).sum(), count, drop.noise)

    def sample(self, n: int, noise: Noise, given: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n sequences: ``tokens``, int64 (n, T).

        Args:
            n: Number of sequences.
            noise: Source of the random draws.
            given: Openings of the sequences, int64 (n, T), up to each row's first ``pad``; none where
                ``None``.
        """
        spec, device = self.spec, self.biases.device
        rows = torch.full((n, spec.length), spec.pad, device=device)
        places = torch.arange(n, device=device)
        token = torch.full_like(places, spec.begin)
        going = torch.ones_like(places, dtype=torch.bool)
        state = self.trunk.start(n, spec.length)
        for t in range(spec.length):
            features, state = self.trunk.step(self._vectors(token), state, t)
            logits = F.linear(features, self.tokens.weight, self.biases) + self.drawable
            # n numbers whatever is left of the rows: a row's draws do not depend on the others' lengths
            token = draw_codes(logits, noise.uniform(n)[places], self.temperature, self.top_p)
            token, going = put_tokens(rows, t, token, places, going, spec, given)
            if (left := unfinished_rows(going)) is not None:
                if not len(left):
                    break
                places, token, going = places[left], token[left], going[left]
                state = self.trunk.pick(state, left, t)
        return {"tokens": rows}

    def _vectors(self, tokens: Tensor) -> Tensor:
        vectors: Tensor = self.tokens(tokens) * self.scale
        return vectors
