"""Temporal convolutional network: causal dilated convolutions over sequences.

After Bai 2018 (https://arxiv.org/abs/1803.01271): each block's kernel reaches twice as far back as the one
before.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm

_KERNEL = 5

#: For each block its kernel (width, 5 * width) and the inputs (n, width) that it still sees, oldest first.
Seen = list[tuple[Tensor, list[Tensor]]]


class CausalBlock(nn.Module):
    """Residual block: a dilated causal convolution and a linear layer.

    Args:
        width: Features of a token.
        dilation: Distance between the tokens that the kernel sees.
    """

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = norm(width)
        self.conv = nn.Conv1d(width, width, _KERNEL, dilation=dilation)
        self.outward = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.outward.weight)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Transform x (B, T, width)."""
        seen = F.pad(self.norm(x).transpose(1, 2), ((_KERNEL - 1) * self.dilation, 0))
        changed: Tensor = drop(self.outward(F.silu(self.conv(seen)).transpose(1, 2)))
        return x + changed

    def kernel(self) -> Tensor:
        """Return the convolution's weights as those of a linear layer over its taps, (width, 5 * width)."""
        return self.conv.weight.transpose(1, 2).flatten(1)

    def step(self, x: Tensor, kernel: Tensor, seen: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Transform one token x (n, width).

        Args:
            x: Features of the token.
            kernel: Weights as of ``kernel``.
            seen: Inputs that the kernel still sees, oldest first, each (n, width).

        Returns:
            Features (n, width), and the inputs that the next step sees.
        """
        window = [*seen, self.norm(x)]
        convolved = F.linear(torch.cat(window[:: self.dilation], 1), kernel, self.conv.bias)
        changed: Tensor = self.outward(F.silu(convolved))
        return x + changed, window[1:]


class Convolutional(nn.Module):
    """Blocks of doubling dilation: each token sees 4 (2^depth - 1) tokens before it.

    Args:
        width: Features of a token.
        depth: Number of blocks.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.width = width
        self.blocks = nn.ModuleList(CausalBlock(width, 2**level) for level in range(depth))
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of vectors (B, T, width)."""
        for block in self.blocks:
            x = block(x, drop)
        features: Tensor = self.norm(x)
        return features

    def start(self, n: int, length: int) -> Seen:
        """Return the state before the first token: zeros, as the padding in training."""
        nothing, state = self.norm.weight.new_zeros(n, self.width), []
        for block in self.blocks:
            assert isinstance(block, CausalBlock)
            state.append((block.kernel(), [nothing] * ((_KERNEL - 1) * block.dilation)))
        return state

    def step(self, x: Tensor, state: Seen, t: int) -> tuple[Tensor, Seen]:
        """Compute features (n, width) of the t-th vectors (n, width), and the new state."""
        after = []
        for block, (kernel, seen) in zip(self.blocks, state, strict=True):
            assert isinstance(block, CausalBlock)
            x, moved = block.step(x, kernel, seen)
            after.append((kernel, moved))
        features: Tensor = self.norm(x)
        return features, after

    def pick(self, state: Seen, rows: Tensor, t: int) -> Seen:
        """Return the state of some of the sequences, ``rows`` int64 (m,)."""
        return [(kernel, [vectors[rows] for vectors in seen]) for kernel, seen in state]
