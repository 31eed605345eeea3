"""Causal dilated convolutions over sequences: a temporal convolutional network.

After Bai 2018 (https://arxiv.org/abs/1803.01271): kernels reach back twice as far in each block as in the
one before.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm

_KERNEL = 5

#: Of each block its kernel, laid out for steps, and the vectors (n, width) that it still sees, oldest first.
Seen = list[tuple[Tensor, list[Tensor]]]


class CausalBlock(nn.Module):
    """A dilated causal convolution and a linear layer, added to what goes in.

    Args:
        width: Features of a token.
        dilation: Tokens between two that the kernel sees.
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
        """The weights as those of a linear layer on the tokens that the kernel sees, side by side."""
        return self.conv.weight.transpose(1, 2).flatten(1)

    def step(self, x: Tensor, kernel: Tensor, seen: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Transform x (n, width), given what the kernel saw so far, each (n, width); both move on."""
        window = [*seen, self.norm(x)]
        convolved = F.linear(torch.cat(window[:: self.dilation], 1), kernel, self.conv.bias)
        changed: Tensor = self.outward(F.silu(convolved))
        return x + changed, window[1:]


class Convolutional(nn.Module):
    """Blocks whose dilation doubles: of ``depth`` of them each token sees 4 (2^depth - 1) before it.

    Args:
        width: Features of a token.
        depth: Blocks.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.width = width
        self.blocks = nn.ModuleList(CausalBlock(width, 2**level) for level in range(depth))
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Features (B, T, width)."""
        for block in self.blocks:
            x = block(x, drop)
        features: Tensor = self.norm(x)
        return features

    def start(self, n: int, length: int) -> Seen:
        """Nothing seen yet: zeros, as before the first token of a training sequence."""
        nothing, state = self.norm.weight.new_zeros(n, self.width), []
        for block in self.blocks:
            assert isinstance(block, CausalBlock)
            state.append((block.kernel(), [nothing] * ((_KERNEL - 1) * block.dilation)))
        return state

    def step(self, x: Tensor, state: Seen, t: int) -> tuple[Tensor, Seen]:
        """Features of the t-th tokens, and the new state."""
        after = []
        for block, (kernel, seen) in zip(self.blocks, state, strict=True):
            assert isinstance(block, CausalBlock)
            x, moved = block.step(x, kernel, seen)
            after.append((kernel, moved))
        features: Tensor = self.norm(x)
        return features, after

    def pick(self, state: Seen, rows: Tensor, t: int) -> Seen:
        """What was seen of some of the sequences."""
        return [(kernel, [vectors[rows] for vectors in seen]) for kernel, seen in state]
