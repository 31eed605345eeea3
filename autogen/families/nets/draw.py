"""Draw codes from logits, one uniform number each, or softly."""

from typing import Any, Protocol

import torch
from torch import Tensor

from autogen.families.base import Noise
from autogen.families.nets.dropout import Dropout

#: Logit of a token that cannot come.
NEVER = -1e9
#: Rows that have ended are left behind where at most this share has not, and no fewer rows.
_WORTH, _FEWEST = 0.75, 8


def those_left(going: Tensor) -> Tensor | None:
    """Which rows have not ended, where it is worth drawing these without the others; ``None`` elsewhere.

    Args:
        going: Bool (n,): whether a row goes on.

    Returns:
        int64 (m,), empty where all have ended.
    """
    left = going.nonzero()[:, 0]
    return left if not len(left) or _FEWEST <= len(left) <= _WORTH * len(going) else None


class Trunk(Protocol):
    """Features of each token of a sequence from those before it and itself."""

    def __call__(self, x: Tensor, drop: Dropout) -> Tensor:
        """Features (B, T, width) of vectors (B, T, width)."""
        ...

    def start(self, n: int, length: int) -> Any:
        """The state of n sequences before their first token."""
        ...

    def step(self, x: Tensor, state: Any, t: int) -> tuple[Tensor, Any]:
        """Features (n, width) of the t-th vectors (n, width), and the new state."""
        ...

    def pick(self, state: Any, rows: Tensor, t: int) -> Any:
        """The state after the t-th step of some of the sequences."""
        ...


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
