"""Draw codes from logits: exactly, one uniform number each, or softly with Gumbel noise."""

from typing import Any, Protocol

import torch
from torch import Tensor

from autogen.data.specs import SequenceSpec
from autogen.families.base import Noise
from autogen.families.nets.dropout import Dropout

#: Logit of a token that must not be drawn; finite, since infinity times 0 (in label smoothing) is nan.
MASKED = -1e9
#: Ended rows are dropped where at most this share of the rows goes on, and at least so many rows do.
_WORTH, _FEWEST = 0.75, 8


def unfinished_rows(going: Tensor) -> Tensor | None:
    """Return the rows that have not ended, where dropping the ended ones saves work; ``None`` elsewhere.

    Args:
        going: Whether each row goes on, bool (n,).

    Returns:
        Indices, int64 (m,); empty where all rows have ended.
    """
    left = going.nonzero()[:, 0]
    return left if not len(left) or _FEWEST <= len(left) <= _WORTH * len(going) else None


def put_tokens(
    rows: Tensor,
    t: int,
    token: Tensor,
    places: Tensor,
    going: Tensor,
    spec: SequenceSpec,
    given: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Put drawn tokens at place t: the last token of a row that ends is ``end``, and given ones stay.

    Args:
        rows: All rows, int64 (n, T); written.
        t: Place.
        token: Drawn tokens of the rows that are left, int64 (m,).
        places: Rows that are left, int64 (m,).
        going: Whether each of them goes on, bool (m,); ended ones get ``pad``.
        spec: Spec of the rows.
        given: Known tokens, int64 (n, T), ``pad`` where unknown; ``None`` for none.

    Returns:
        The tokens that stand there, int64 (m,), and whether each row goes on after them, bool (m,).
    """
    if t == spec.length - 1 and not spec.stream:
        token = torch.full_like(token, spec.end)
    if given is not None:
        known = given[places, t]
        token = torch.where(known == spec.pad, token, known)
    rows[places, t] = torch.where(going, token, spec.pad)
    return token, going & (token != spec.end)


class SequenceTrunk(Protocol):
    """Net that computes features of each token of a sequence from itself and the tokens before it."""

    def __call__(self, x: Tensor, drop: Dropout) -> Tensor:
        """Compute features (B, T, width) of vectors (B, T, width)."""
        ...

    def start(self, n: int, length: int) -> Any:
        """Return the state of n sequences before their first token."""
        ...

    def step(self, x: Tensor, state: Any, t: int) -> tuple[Tensor, Any]:
        """Compute features (n, width) of the t-th vectors (n, width), and the new state."""
        ...

    def pick(self, state: Any, rows: Tensor, t: int) -> Any:
        """Return the state, after step t, of some of the sequences, ``rows`` int64 (m,)."""
        ...


def draw_codes(logits: Tensor, uniform: Tensor, temperature: float = 1.0, top_p: float = 1.0) -> Tensor:
    """Draw a code from each row of logits by inverting its cumulative distribution.

    Args:
        logits: Logits, (..., V).
        uniform: Uniform numbers in [0, 1), (...).
        temperature: Divisor of the logits; below 1 the likely codes become likelier.
        top_p: Nucleus: only the likeliest codes that together hold this share can be drawn (Holtzman 2020,
            https://arxiv.org/abs/1904.09751).

    Returns:
        Codes, int64 (...).
    """
    # in double precision: a float32 cumulative sum over thousands of codes would lose the rare ones
    shares = (logits / temperature).double().softmax(-1)
    if top_p < 1:
        ordered, codes = shares.sort(dim=-1, descending=True)
        outside = ordered.cumsum(-1) - ordered >= top_p
        shares = torch.zeros_like(shares).scatter(-1, codes, ordered.masked_fill(outside, 0))
    cumulative = shares.cumsum(-1)
    # scaled by the last entry, which rounding and ``top_p`` leave different from 1
    return (cumulative <= uniform.double()[..., None] * cumulative[..., -1:]).sum(-1)


def gumbel(noise: Noise, *shape: int) -> Tensor:
    """Draw standard Gumbel noise, float32: the argmax of logits plus noise follows their softmax."""
    return -torch.log(-torch.log(noise.uniform(*shape).clamp(1e-6, 1 - 1e-6)))
