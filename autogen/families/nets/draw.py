"""Draw codes from logits, one uniform number each, or softly."""

import torch
from torch import Tensor

from autogen.families.base import Noise


def draw_codes(logits: Tensor, uniform: Tensor, temperature: float = 1.0, top_p: float = 1.0) -> Tensor:
    """Draw a code from each row of logits by inverting its cumulative distribution.

    Args:
        logits: (..., V).
        uniform: (...) in [0, 1).
        temperature: Divides the logits; below 1 the likely codes become likelier.
        top_p: Only the likeliest codes that together hold this share can be drawn (Holtzman 2020,
            https://arxiv.org/abs/1904.09751).

    Returns:
        int64 (...).
    """
    shares = (logits / temperature).double().softmax(-1)
    if top_p < 1:
        ordered, codes = shares.sort(dim=-1, descending=True)
        outside = ordered.cumsum(-1) - ordered >= top_p
        shares = torch.zeros_like(shares).scatter(-1, codes, ordered.masked_fill(outside, 0))
    ladder = shares.cumsum(-1)
    return (ladder <= uniform.double()[..., None] * ladder[..., -1:]).sum(-1)


def gumbel(noise: Noise, *shape: int) -> Tensor:
    """Standard Gumbel draws: added to logits, they make the largest a draw from their softmax."""
    return -torch.log(-torch.log(noise.uniform(*shape).clamp(1e-6, 1 - 1e-6)))
