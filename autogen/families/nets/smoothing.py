"""Label smoothing in training (Szegedy 2016, https://arxiv.org/abs/1512.00567)."""

from torch import Tensor


def smoothed_nats(
    logits: Tensor, chosen: Tensor, smoothing: float | Tensor, allowed: Tensor | None = None
) -> Tensor:
    """Compute the log-probability of smoothed labels, in nats: (...).

    Args:
        logits: Logits, (..., V).
        chosen: Labels, int64 (...).
        smoothing: Share of the label that is spread evenly; 0 gives log-probabilities.
        allowed: Possible labels, 0 or 1, float32 (V,); all where ``None``.
    """
    totals = logits.logsumexp(-1)
    nats = logits.gather(-1, chosen[..., None])[..., 0] - totals
    if isinstance(smoothing, int | float) and smoothing == 0:
        return nats
    even = logits.mean(-1) if allowed is None else (logits * allowed).sum(-1) / allowed.sum()
    return (1 - smoothing) * nats + smoothing * (even - totals)
