"""Raw samples of a trained model: those that were drawn for its score serve the tests after it."""

from collections.abc import Callable

import numpy as np

from autogen.data.specs import Samples
from autogen.metrics.memorization.gate import taken


class DrawnSamples:
    """Samples of one model, which are drawn again only where more are needed than there are.

    Drawing is most of the cost of a test for models that draw symbol by symbol.

    Args:
        draw: Draws so many raw samples.
    """

    def __init__(self, draw: Callable[[int], Samples]) -> None:
        self._draw = draw
        self._kept: Samples | None = None

    def keep(self, samples: Samples) -> None:
        """Keep raw samples of the model as it is now instead of those before."""
        self._kept = samples

    def __call__(self, n: int) -> Samples:
        """Return the first n raw samples."""
        kept = self._kept
        if kept is None or len(kept) < n:
            kept = self._kept = self._draw(n)
        return taken(kept, np.arange(n))
