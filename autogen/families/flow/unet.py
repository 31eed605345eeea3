"""U-Net on patches of an image (Ronneberger 2015, https://arxiv.org/abs/1505.04597; Ho 2020)."""

import math

from torch import Tensor, cat, nn
from torch.nn import functional as F

from autogen.families.flow.patches import Patches
from autogen.families.nets.adaptive import Modulation
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.layers import conv3x3

#: Most resolutions, smallest edge that is halved, fewest channels that are normalized together.
_LEVELS, _SMALLEST, _GROUP = 3, 4, 16


def group_norm(channels: int, affine: bool = True) -> nn.GroupNorm:
    """Build a norm of equal groups: of 16 channels where these divide evenly, of more elsewhere."""
    return nn.GroupNorm(math.gcd(channels, max(1, channels // _GROUP)), channels, affine=affine)


class AdaptiveConv(nn.Module):
    """Residual block of two convolutions that a condition scales and shifts; linear at initialization.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out.
        condition: Features of a condition.
    """

    def __init__(self, inputs: int, outputs: int, condition: int) -> None:
        super().__init__()
        self.before = group_norm(inputs)
        self.first = conv3x3(inputs, outputs)
        self.between = group_norm(outputs, affine=False)
        self.modulation = Modulation(condition, outputs, 2)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor, condition: Tensor, drop: Dropout) -> Tensor:
        """Transform planes x (B, inputs, H, W) under conditions (B, condition) to (B, outputs, H, W)."""
        scale, shift = (part[:, :, None, None] for part in self.modulation(condition))
        hidden = self.between(self.first(F.silu(self.before(x)))) * (1 + scale) + shift
        changed: Tensor = self.skip(x) + self.second(drop(F.silu(hidden)))
        return changed


class UNet(nn.Module):
    """Convolutions at up to three resolutions; its output is zero at initialization.

    Channels double below the full resolution.

    Args:
        shape: C, H, W of an image.
        patch: Edge of a patch, in pixels, that is one place of the full resolution.
        channels: Channels at full resolution.
        depth: Blocks at each resolution on the way down, and as many on the way up.
        condition: Features of a condition.
    """

    def __init__(
        self, shape: tuple[int, int, int], patch: int, channels: int, depth: int, condition: int
    ) -> None:
        super().__init__()
        self.patches = Patches(shape, patch)
        self.sizes = [self.patches.size]
        while len(self.sizes) < _LEVELS and min(self.sizes[-1]) > _SMALLEST:
            self.sizes.append((-(-self.sizes[-1][0] // 2), -(-self.sizes[-1][1] // 2)))
        widths = [channels * min(2, level + 1) for level in range(len(self.sizes))]
        self.enter = conv3x3(self.patches.values, channels)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        last = channels
        for width in widths:
            blocks = [AdaptiveConv(last if i == 0 else width, width, condition) for i in range(depth)]
            self.down.append(nn.ModuleList(blocks))
            last = width
        for width in reversed(widths):
            blocks = [AdaptiveConv(last + width if i == 0 else width, width, condition) for i in range(depth)]
            self.up.append(nn.ModuleList(blocks))
            last = width
        self.norm = group_norm(channels)
        self.leave = nn.Conv2d(channels, self.patches.values, 3, padding=1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, condition: Tensor, drop: Dropout) -> Tensor:
        """Transform images x (B, C, H, W) under conditions (B, condition)."""
        planes, kept = self.enter(self.patches.cut(x)), []
        for size, blocks in zip(self.sizes, self.down, strict=True):
            if planes.shape[2:] != size:
                planes = F.adaptive_avg_pool2d(planes, size)
            for block in blocks:  # type: ignore[attr-defined]
                planes = block(planes, condition, drop)
            kept.append(planes)
        for size, blocks in zip(reversed(self.sizes), self.up, strict=True):
            if planes.shape[2:] != size:
                planes = F.interpolate(planes, size)
            planes = cat([planes, kept.pop()], 1)
            for block in blocks:  # type: ignore[attr-defined]
                planes = block(planes, condition, drop)
        return self.patches.join(self.leave(F.silu(self.norm(planes))))
