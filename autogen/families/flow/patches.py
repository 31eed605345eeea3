"""Transformer on the patches of an image (Peebles 2023, https://arxiv.org/abs/2212.09748)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.adaptive import AdaptiveBlock, Modulation
from autogen.families.nets.dropout import Dropout


class Patches(nn.Module):
    """Cuts images into square patches and joins them; what lies beyond the edge is zero.

    Args:
        shape: C, H, W of an image.
        edge: Edge of a patch, in pixels.

    Attributes:
        size: Number of patches along height and width.
        values: Numbers of a patch.
    """

    def __init__(self, shape: tuple[int, int, int], edge: int) -> None:
        super().__init__()
        self.shape, self.edge = shape, edge
        self.size = (-(-shape[1] // edge), -(-shape[2] // edge))
        self.values = shape[0] * edge**2

    def cut(self, images: Tensor) -> Tensor:
        """Cut images (B, C, H, W) into planes of patches, (B, values, rows, columns)."""
        (rows, columns), (_, height, width) = self.size, self.shape
        padded = F.pad(images, (0, columns * self.edge - width, 0, rows * self.edge - height))
        return F.pixel_unshuffle(padded, self.edge)

    def join(self, planes: Tensor) -> Tensor:
        """Join planes of patches (B, values, rows, columns) to images (B, C, H, W)."""
        return F.pixel_shuffle(planes, self.edge)[:, :, : self.shape[1], : self.shape[2]]


class PatchNet(nn.Module):
    """Transformer from images to images of the same shape; its output is zero at initialization.

    Args:
        shape: C, H, W of an image.
        patch: Edge of a patch, in pixels.
        width: Features of a patch; a multiple of heads.
        depth: Number of blocks.
        heads: Attention heads.
        condition: Features of a condition.
    """

    def __init__(
        self, shape: tuple[int, int, int], patch: int, width: int, depth: int, heads: int, condition: int
    ) -> None:
        super().__init__()
        self.patches = Patches(shape, patch)
        rows, columns = self.patches.size
        self.enter = nn.Linear(self.patches.values, width)
        self.rows = nn.Parameter(0.5 * torch.randn(rows, 1, width))
        self.columns = nn.Parameter(0.5 * torch.randn(1, columns, width))
        self.blocks = nn.ModuleList(AdaptiveBlock(width, heads, condition) for _ in range(depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = Modulation(condition, width, 2)
        self.leave = nn.Linear(width, self.patches.values)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor, condition: Tensor, drop: Dropout) -> Tensor:
        """Transform images x (B, C, H, W) under conditions (B, condition)."""
        tokens = self.enter(self.patches.cut(x).flatten(2).transpose(1, 2))
        tokens = tokens + (self.rows + self.columns).flatten(0, 1)
        for block in self.blocks:
            tokens = block(tokens, condition, drop)
        scale, shift = (part[:, None] for part in self.modulation(condition))
        planes = self.leave(self.norm(tokens) * (1 + scale) + shift).transpose(1, 2)
        return self.patches.join(planes.unflatten(2, self.patches.size))
