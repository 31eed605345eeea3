"""The classes of labelled images: how often each comes, and what a model is told of one."""

import torch
from torch import Tensor, nn

from autogen.families.base import Noise
from autogen.families.nets.draw import draw_codes

#: Numbers by which a place of an image tells the next ones of its class.
DESCRIBED = 16
#: With more classes than this, each has few images and a likelihood would take as many passes.
MOST_CLASSES = 64


class Classes(nn.Module):
    """Learned frequencies of L classes, and learned vectors of each.

    Args:
        labels: L.
        width: Features of a place.
    """

    def __init__(self, labels: int, width: int) -> None:
        super().__init__()
        self.labels = labels
        self.scores = nn.Parameter(torch.zeros(labels))
        self.described = nn.Parameter(torch.randn(labels, DESCRIBED))
        self.features = nn.Parameter(0.5 * torch.randn(labels, width))

    def nats(self, label: Tensor) -> Tensor:
        """Log-probability of labels (B,), nats (B,)."""
        return self.scores.log_softmax(0)[label]

    def draw(self, n: int, noise: Noise) -> Tensor:
        """Draw n labels, int64 (n,)."""
        return draw_codes(self.scores.expand(n, -1), noise.uniform(n))
