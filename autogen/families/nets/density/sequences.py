"""Autoregressive models of token sequences: a transformer with rotary places, or recurrent layers.

Rotary places after Su 2021 (https://arxiv.org/abs/2104.09864); the embedding is also the output layer
(Press 2017, https://arxiv.org/abs/1608.05859).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import NEVER, Trunk, draw_codes, those_left
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.smoothing import smoothed_nats
from autogen.families.nets.transformer import Attention, Transformer, norm


class Rotary(Attention):
    """Causal attention whose queries and keys are turned by an angle that grows with their place.

    Args:
        width: Features of a token; a multiple of heads.
        heads: Attention heads.
        length: The most tokens of a sequence.
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
        """Turn x (B, heads, t, features), whose first token is at a place; an odd last feature stays."""
        cos, sin = (angle[first : first + x.shape[2]] for angle in (self.cos, self.sin))
        pairs = cos.shape[1]
        one, other, rest = x.tensor_split([pairs, 2 * pairs], dim=3)
        return torch.cat([one * cos - other * sin, one * sin + other * cos, rest], dim=3)

    def forward(self, x: Tensor) -> Tensor:
        """Let each token of x (B, T, width) look at itself and at those before it."""
        query, key, value = self.project(x)
        query, key = self.turned(query, 0), self.turned(key, 0)
        return self.merge(F.scaled_dot_product_attention(query, key, value, is_causal=True))

    def step(self, x: Tensor, cache: Tensor, t: int) -> Tensor:
        """One token x (B, 1, width) at place t; its turned key and its value join the cache."""
        query, key, value = self.project(x)
        query, key = self.turned(query, t), self.turned(key, t)
        cache[0, :, :, t], cache[1, :, :, t] = key[:, :, 0], value[:, :, 0]
        keys, values = cache[:, :, :, : t + 1]
        return self.merge(F.scaled_dot_product_attention(query, keys, values))


class RotaryTransformer(nn.Module):
    """A causal transformer that knows how far apart tokens are.

    Args:
        width: Features of a token; a multiple of heads.
        depth: Blocks.
        heads: Attention heads.
        length: The most tokens of a sequence.
    """

    def __init__(self, width: int, depth: int, heads: int, length: int) -> None:
        super().__init__()
        self.transformer = Transformer(width, depth, heads)
        for block in self.transformer.blocks:
            block.attention = Rotary(width, heads, length)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Features (B, T, width)."""
        features: Tensor = self.transformer(x, drop)
        return features

    def start(self, n: int, length: int) -> Tensor:
        """An empty cache of keys and values."""
        return self.transformer.empty_cache(n, length)

    def step(self, x: Tensor, state: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """Features of the t-th tokens; the cache is filled in place."""
        return self.transformer.step(x, state, t), state

    def pick(self, state: Tensor, rows: Tensor, t: int) -> Tensor:
        """The cache of some of the sequences."""
        shape = list(state.shape)
        shape[2] = len(rows)
        kept = state.new_empty(shape)
        torch.index_select(state[:, :, :, :, : t + 1], 2, rows, out=kept[:, :, :, :, : t + 1])
        return kept


class Recurrent(nn.Module):
    """Recurrent layers, each added to what goes in (after Hochreiter 1997, Cho 2014).

    Args:
        width: Features of a token and of a state.
        depth: Layers.
        kind: ``gru`` or ``lstm``.
    """

    def __init__(self, width: int, depth: int, kind: str) -> None:
        super().__init__()
        layer = nn.LSTM if kind == "lstm" else nn.GRU
        self.layers = nn.ModuleList(layer(width, width, batch_first=True) for _ in range(depth))
        self.norms = nn.ModuleList(norm(width) for _ in range(depth))
        self.norm = norm(width)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Features (B, T, width)."""
        for before, layer in zip(self.norms, self.layers, strict=True):
            x = x + drop(layer(before(x))[0])
        features: Tensor = self.norm(x)
        return features

    def start(self, n: int, length: int) -> list[Any]:
        """No state yet: the layers begin with zeros."""
        return [None] * len(self.layers)

    def step(self, x: Tensor, state: list[Any], t: int) -> tuple[Tensor, list[Any]]:
        """Features of the t-th tokens, and the new state."""
        token, after = x[:, None], []
        for before, layer, kept in zip(self.norms, self.layers, state, strict=True):
            changed, new = layer(before(token), kept)
            token = token + changed
            after.append(new)
        features: Tensor = self.norm(token)[:, 0]
        return features, after

    def pick(self, state: list[Any], rows: Tensor, t: int) -> list[Any]:
        """The states of some of the sequences; an LSTM has two a layer."""
        return [
            tuple(part[:, rows] for part in kept) if isinstance(kept, tuple) else kept[:, rows]
            for kept in state
        ]


class SequenceModel(nn.Module):
    """An exact probability of sequences, drawn token by token.

    Args:
        spec: Of the sequences.
        trunk: Features of a token from those before it.
        width: Of the trunk.
        rows: Of a batch that a step of training looks at.
        temperature: Of sampling.
        top_p: Of sampling.
    """

    barred: Tensor
    drawable: Tensor

    def __init__(
        self,
        spec: SequenceSpec,
        trunk: Trunk,
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
        barred[[spec.pad, spec.begin, *([spec.end] if spec.stream else [])]] = NEVER
        drawable = barred.clone()
        drawable[spec.unknown] = NEVER
        self.register_buffer("barred", barred, persistent=False)
        self.register_buffer("drawable", drawable, persistent=False)

    def forward(self, batch: Batch, drop: Dropout, smoothing: float | Tensor = 0.0) -> Tensor:
        """Log-likelihood of each sequence, nats (B,); ``given`` may hide some of the tokens before.

        With smoothing, which is for training, it is that of labels a share of which is spread over all.
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
        """Mean log-likelihood of a token of the batch's first rows, a scalar."""
        first = {name: tokens[: self.rows] for name, tokens in batch.items()}
        mean: Tensor = self(first, drop, smoothing).sum() / (first["tokens"] != self.spec.pad).sum()
        return mean

    def sample(self, n: int, noise: Noise, given: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n sequences; they begin with the tokens given (n, T) up to each row's first ``pad``.

        Rows that have ended are left behind on the way.
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
            token = draw_codes(logits, noise.uniform(n)[places], self.temperature, self.top_p)
            if t == spec.length - 1 and not spec.stream:
                token = torch.full_like(token, spec.end)
            if given is not None:
                known = given[places, t]
                token = torch.where(known == spec.pad, token, known)
            rows[places, t] = torch.where(going, token, spec.pad)
            going = going & (token != spec.end)
            if (left := those_left(going)) is not None:
                if not len(left):
                    break
                places, token, going = places[left], token[left], going[left]
                state = self.trunk.pick(state, left, t)
        return {"tokens": rows}

    def _vectors(self, tokens: Tensor) -> Tensor:
        vectors: Tensor = self.tokens(tokens) * self.scale
        return vectors
