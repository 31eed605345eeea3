"""Labels smoothed in training (Szegedy 2016, https://arxiv.org/abs/1512.00567)."""

from torch import Tensor


def smoothed_nats(
    logits: Tensor, chosen: Tensor, smoothing: float | Tensor, allowed: Tensor | None = None
) -> Tensor:
    """Log-probability of what was chosen, part of it replaced by the mean over all that could have been.

    Args:
        logits: (..., V).
        chosen: int64 (...).
        smoothing: Share of the label that is spread evenly; 0 gives log-probabilities.
        allowed: Which of the V can come at all, 0 or 1, float32 (V,); all of them without it.
    """
    totals = logits.logsumexp(-1)
    nats = logits.gather(-1, chosen[..., None])[..., 0] - totals
    if isinstance(smoothing, int | float) and smoothing == 0:
        return nats
    even = logits.mean(-1) if allowed is None else (logits * allowed).sum(-1) / allowed.sum()
    return (1 - smoothing) * nats + smoothing * (even - totals)
