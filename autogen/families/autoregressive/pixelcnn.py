"""PixelCNN: a masked convolutional trunk that sees exactly the pixels before each pixel, without blind spot.

Two streams after van den Oord 2016 (https://arxiv.org/abs/1606.05328) with the gated residual blocks of
Salimans 2017 (https://arxiv.org/abs/1701.05517): the vertical stream sees the rows above, the horizontal
stream those and the pixels to the left. Sampling computes each feature once, so that drawing an image costs
about one forward pass.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.families.nets.dropout import Dropout


class WindowConv(nn.Conv2d):
    """Convolution over a window that ends at the pixel itself.

    Args:
        inputs: Input channels.
        outputs: Output channels.
        above: Rows of the window above the pixel's own.
        left: Columns of the window to the left.
        right: Columns of the window to the right.
    """

    def __init__(self, inputs: int, outputs: int, above: int, left: int, right: int = 0) -> None:
        super().__init__(inputs, outputs, (above + 1, left + 1 + right))
        self.margins = (left, right, above, 0)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (B, C, H, W) with zero padding; height and width stay."""
        return super().forward(F.pad(x, self.margins))

    def row(self, x: Tensor) -> Tensor:
        """Convolve the last row alone: x (B, C, R, W) to (B, outputs, 1, W)."""
        left, right, above, _ = self.margins
        missing = max(0, above + 1 - x.shape[2])
        return super().forward(F.pad(x[:, :, -above - 1 :], (left, right, missing, 0)))

    def pixel(self, x: Tensor) -> Tensor:
        """Convolve the last pixel of a row alone: x (B, C, L) to (B, outputs); for windows of one row."""
        wanted = self.weight.shape[-1]
        x = x[:, :, -wanted:]
        return F.linear(x.flatten(1), self.weight[:, :, 0, wanted - x.shape[2] :].flatten(1), self.bias)


def gated(x: Tensor) -> Tensor:
    """Gate the first half of the channels by the sigmoid of the second: (B, 2 C, ...) to (B, C, ...)."""
    value, gate = x.chunk(2, dim=1)
    return value * gate.sigmoid()


class StreamBlock(nn.Module):
    """Gated residual block of both streams.

    Args:
        width: Channels of each stream.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.over_first = WindowConv(width, width, 1, 1, 1)
        self.over_last = WindowConv(width, 2 * width, 1, 1, 1)
        self.left_first = WindowConv(width, width, 0, 2)
        self.left_last = WindowConv(width, 2 * width, 0, 2)
        self.link = nn.Conv2d(width, width, 1)
        for last in (self.over_last, self.left_last):
            nn.init.zeros_(last.weight)

    def forward(self, over: Tensor, left: Tensor, drop: Dropout) -> tuple[Tensor, Tensor]:
        """Transform the vertical and the horizontal stream, each (B, width, H, W)."""
        over = over + gated(self.over_last(drop(F.silu(self.over_first(F.silu(over))))))
        first = self.left_first(F.silu(left)) + self.link(F.silu(over))
        return over, left + gated(self.left_last(drop(F.silu(first))))


class PixelCNN(nn.Module):
    """Features of each place from the places before it in raster order.

    Args:
        inputs: Numbers that describe a place.
        width: Channels.
        depth: Residual blocks; each adds two rows and four columns to the receptive field.
        size: Height and width, in places.
    """

    def __init__(self, inputs: int, width: int, depth: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        # one more input is 1 in the image and 0 in its padding
        self.over_in = WindowConv(inputs + 1, width, 1, 2, 2)
        self.left_in = WindowConv(inputs + 1, width, 0, 2)
        self.blocks = nn.ModuleList(StreamBlock(width) for _ in range(depth))

    def forward(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of all T places at once, from their descriptions (B, T, inputs)."""
        height, width = self.size
        x = F.pad(x, (0, 1), value=1.0).transpose(1, 2).reshape(len(x), -1, height, width)
        # shifted down a row, and right by a column: no place sees itself
        over = self.over_in(F.pad(x, (0, 0, 1, 0))[:, :, :-1])
        left = self.left_in(F.pad(x, (1, 0))[..., :-1]) + over
        for block in self.blocks:
            over, left = block(over, left, drop)
        return F.silu(left).flatten(2).transpose(1, 2)

    def cursor(self, n: int) -> "RasterCursor":
        """Return an incremental computation of the features of n images."""
        return RasterCursor(self, n)


class RasterCursor:
    """Features of one place after the other, in raster order; intermediate results are cached.

    Args:
        net: Trunk in eval mode.
        n: Number of images.
    """

    def __init__(self, net: PixelCNN, n: int) -> None:
        self.net, self.n = net, n
        self.place = 0
        channels = net.over_in.in_channels
        self.seen = net.over_in.weight.new_zeros(n, channels, net.size[0], net.size[1])
        self.rows: list[list[Tensor]] = [[] for _ in range(2 * len(net.blocks))]

    def advance(self, previous: Tensor | None) -> Tensor:
        """Compute features (n, width) of the next place, given the last one's description (n, inputs)."""
        width = self.net.size[1]
        if previous is not None:
            row, column = divmod(self.place - 1, width)
            self.seen[:, :-1, row, column] = previous
            self.seen[:, -1, row, column] = 1.0
        row, column = divmod(self.place, width)
        if column == 0:
            self._start_row(row)
        self.place += 1
        return self._left(row, column)

    def _start_row(self, row: int) -> None:
        """Compute the vertical stream of a row; it depends on the rows above alone."""
        net = self.net
        # Rows above the image count as zeros: ``row`` pads what is missing and needs one row at least.
        above = self.seen[:, :, max(0, row - 2) : row]
        blank = torch.zeros_like(self.seen[:, :, :1])
        over = net.over_in.row(above if row else blank)
        self.links = [over]
        for b, block in enumerate(net.blocks):
            assert isinstance(block, StreamBlock)
            first = F.silu(block.over_first.row(self._kept(2 * b, F.silu(over))))
            over = over + gated(block.over_last.row(self._kept(2 * b + 1, first)))
            self.links.append(block.link(F.silu(over)))
        # the horizontal stream starts each row with empty caches: its windows do not reach beyond the row
        self.lines: list[list[Tensor]] = [[] for _ in range(2 * len(net.blocks))]

    def _kept(self, layer: int, row: Tensor) -> Tensor:
        """Cache a row for a layer of the vertical stream; return the last two, (n, C, 2, W)."""
        self.rows[layer] = [*self.rows[layer][-1:], row]
        return torch.cat(self.rows[layer], dim=2)

    def _line(self, layer: int, pixel: Tensor) -> Tensor:
        """Cache a pixel for a layer of the left stream; return the last three, (n, C, 3)."""
        self.lines[layer] = [*self.lines[layer][-2:], pixel]
        return torch.stack(self.lines[layer], dim=2)

    def _left(self, row: int, column: int) -> Tensor:
        """Compute the horizontal stream at one pixel, (n, width)."""
        net = self.net
        window = self.seen[:, :, row, max(0, column - 3) : column]
        if column == 0:
            window = torch.zeros_like(self.seen[:, :, row, :1])
        left = net.left_in.pixel(window) + self.links[0][:, :, 0, column]
        for b, block in enumerate(net.blocks):
            assert isinstance(block, StreamBlock)
            first = block.left_first.pixel(self._line(2 * b, F.silu(left)))
            first = F.silu(first + self.links[b + 1][:, :, 0, column])
            left = left + gated(block.left_last.pixel(self._line(2 * b + 1, first)))
        return F.silu(left)
