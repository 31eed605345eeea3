"""Causal transformer over vectors, with a key-value cache for sampling.

Pre-normalized blocks with QK-norm, SwiGLU, no biases and zero-initialized output projections, after
the durable parts of recent recipes for small models (Shazeer 2020, https://arxiv.org/abs/2002.05202;
Henry 2020, https://arxiv.org/abs/2010.04245).
"""

from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.blocks import IsBlock
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.splits import IsSplit


def norm(features: int) -> nn.Module:
    """Return a norm without bias: layer norm, since torch's RMS norm is 4 times slower on a CPU."""
    return nn.LayerNorm(features, bias=False)


class Heads(IsSplit):
    """Projections of self-attention to its heads and back, with queries and keys normalized per head.

    Args:
        width: Features of a token; a multiple of heads.
        heads: Attention heads.
    """

    fused, shared = 3, ("query_norm", "key_norm")

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.inward = nn.Linear(width, 3 * width, bias=False)
        self.outward = nn.Linear(width, width, bias=False)
        self.query_norm = norm(width // heads)
        self.key_norm = norm(width // heads)

    def units(self) -> tuple[str, int]:
        """Return the heads."""
        return "heads", self.heads

    def keep(self, units: int) -> None:
        """Take over the number of heads that this rank has."""
        self.heads = units

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Compute queries, keys and values, each (B, heads, T, width / heads), of x (B, T, width)."""
        B, T, _ = x.shape
        parts = self.inward(x).view(B, T, 3, self.heads, self.size)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        return self.query_norm(query), self.key_norm(key), value

    def merge(self, heads: Tensor) -> Tensor:
        """Project the heads' results (B, heads, T, width / heads) to (B, T, width)."""
        merged: Tensor = self.outward(heads.transpose(1, 2).flatten(2))
        return merged


class Attention(Heads):
    """Causal self-attention.

    Args:
        width: Features of a token; a multiple of heads.
        heads: Attention heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        nn.init.zeros_(self.outward.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Attend from each token of x (B, T, width) to itself and those before it."""
        query, key, value = self.project(x)
        return self.merge(F.scaled_dot_product_attention(query, key, value, is_causal=True))

    def step(self, x: Tensor, cache: Tensor, t: int) -> Tensor:
        """Attend from one token at position t to those before it.

        Args:
            x: Features of the token, (B, 1, width).
            cache: Keys and values, (2, B, heads, T, width / heads); filled in place at t.
            t: Position of the token.
        """
        query, key, value = self.project(x)
        cache[0, :, :, t], cache[1, :, :, t] = key[:, :, 0], value[:, :, 0]
        keys, values = cache[:, :, :, : t + 1]
        return self.merge(F.scaled_dot_product_attention(query, keys, values))


class SwiGLU(IsSplit):
    """Gated feed-forward layer at about the cost of one whose hidden layer has four widths."""

    fused = 2

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = -(-8 * width // 24) * 8  # 8/3 of the width, rounded up to a multiple of 8
        self.inward = nn.Linear(width, 2 * hidden, bias=False)
        self.outward = nn.Linear(hidden, width, bias=False)
        nn.init.zeros_(self.outward.weight)

    def units(self) -> tuple[str, int]:
        """Return the hidden features."""
        return "hidden features", self.outward.in_features

    def forward(self, x: Tensor) -> Tensor:
        """Transform x (..., width)."""
        gate, value = self.inward(x).chunk(2, dim=-1)
        transformed: Tensor = self.outward(F.silu(gate) * value)
        return transformed


class Block(IsBlock):
    """Residual block: attention, then a feed-forward layer."""

    calls = ("forward", "step")

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = norm(width)
        self.attention = Attention(width, heads)
        self.hidden_norm = norm(width)
        self.hidden = SwiGLU(width)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform tokens x (B, T, width)."""
        mixed: Tensor = x + drop(self.attention(self.attention_norm(x)))
        return mixed + drop(self.hidden(self.hidden_norm(mixed)))

    def step(self, x: Tensor, cache: Tensor, t: int) -> Tensor:
        """Transform the token x (B, 1, width) at position t."""
        mixed = x + self.attention.step(self.attention_norm(x), cache, t)
        changed: Tensor = self.hidden(self.hidden_norm(mixed))
        return mixed + changed


class Transformer(nn.Module):
    """Blocks and a final norm: tokens (B, T, width) to features (B, T, width), causally.

    Args:
        width: Features of a token; a multiple of heads.
        depth: Number of blocks.
        heads: Attention heads.
    """

    def __init__(self, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of all tokens x (B, T, width) at once."""
        for block in self.blocks:
            x = block(x, drop)
        features: Tensor = self.norm(x)
        return features

    def empty_cache(self, n: int, length: int) -> Tensor:
        """Return a cache for n sequences of a length: (blocks, 2, n, heads, length, width / heads)."""
        layers = (layer for layer in self.blocks.modules() if isinstance(layer, Heads))  # not all are here
        attention = next(layers, None)
        heads = (0, 0, 0) if attention is None else (attention.heads, length, attention.size)
        shape = (len(self.blocks), 2, n, *heads)
        return self.norm.weight.new_zeros(shape)

    def step(self, x: Tensor, cache: Tensor, t: int) -> Tensor:
        """Compute features (B, width) of the token x (B, width) at position t; fill the cache in place."""
        token = x[:, None]
        for block, kept in zip(self.blocks, cache, strict=True):
            assert isinstance(block, Block)
            token = block.step(token, kept, t)
        features: Tensor = self.norm(token)[:, 0]
        return features
