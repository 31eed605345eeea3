"""Sampling from a model in blocks of bounded memory."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from autogen.data.specs import FrameSpec, ImageSpec, SequenceSpec, Spec
from autogen.families.base import IsGrown, ModelFamily, device_of
from autogen.training.noise import SAMPLING, KeyedNoise

_BLOCK_VALUES = 2**26  # floats of one layer of logits over all levels: 256 MB
_BLOCK_ROWS = 1024
_BLOCK_TOKENS = 2**16  # tokens of a block; attention caches some hundred floats of each in each layer
_GROWN_TOKENS = 2**22  # of models that are counts or trees, which keep the tokens alone


def block_rows(spec: Spec, family: ModelFamily | None = None) -> int:
    """Return the number of rows drawn at once, the same on every machine.

    Args:
        spec: Spec of the encoded data.
        family: Family of the model; default ``None``: any.
    """
    if isinstance(spec, ImageSpec):
        values = spec.channels * spec.height * spec.width * spec.levels
    elif isinstance(spec, SequenceSpec | FrameSpec):
        most = _GROWN_TOKENS if isinstance(family, IsGrown) else _BLOCK_TOKENS
        return max(1, min(_BLOCK_ROWS, most // spec.length))
    else:
        values = sum(column.levels for column in spec.columns)
    return max(1, min(_BLOCK_ROWS, _BLOCK_VALUES // max(1, values)))


@torch.no_grad()
def draw(
    family: ModelFamily, model: nn.Module, spec: Spec, n: int, seed: int
) -> Iterator[dict[str, np.ndarray]]:
    """Draw n encoded samples, a block at a time; the noise of block b is keyed by (seed, b).

    Args:
        family: Family of the model.
        model: Model in eval mode.
        spec: Spec of the encoded data.
        n: Number of samples, at least 1.
        seed: Seed of the draws; equal seeds and n give equal samples.

    Yields:
        Blocks of encoded samples, name to (b, ...).
    """
    noise = KeyedNoise(seed, device=device_of(model))
    size = block_rows(spec, family)
    for block, start in enumerate(range(0, n, size)):
        tensors = family.sample(model, min(size, n - start), noise.at(SAMPLING, block))
        yield {name: tensor.cpu().numpy() for name, tensor in tensors.items()}
