"""Classes of labeled images: their frequencies, and the vectors that condition a model on a class."""

import torch
from torch import Tensor, nn

from autogen.families.base import Noise
from autogen.families.nets.draw import draw_codes

#: Numbers that describe the class in a place's input to the trunk.
DESCRIBED = 16
#: With more classes, each has few images, and a likelihood, which sums over them, takes as many passes.
MOST_CLASSES = 64


class Classes(nn.Module):
    """Learned frequencies of L classes, and learned vectors for each.

    Args:
        labels: L, number of classes.
        width: Features of a place.
    """

    def __init__(self, labels: int, width: int) -> None:
        super().__init__()
        self.labels = labels
        self.scores = nn.Parameter(torch.zeros(labels))
        self.described = nn.Parameter(torch.randn(labels, DESCRIBED))
        self.features = nn.Parameter(0.5 * torch.randn(labels, width))

    def nats(self, label: Tensor) -> Tensor:
        """Look up the log-probability of labels (B,), in nats: (B,)."""
        return self.scores.log_softmax(0)[label]

    def draw(self, n: int, noise: Noise) -> Tensor:
        """Draw n labels, int64 (n,)."""
        return draw_codes(self.scores.expand(n, -1), noise.uniform(n))
