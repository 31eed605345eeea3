"""Token sequences in and out of encoders, decoders, critics and generators.

Convolutions see a sequence as one-hot planes (V, 1, T), like an image. A decoder is followed by a recurrent
layer that reads the previous tokens (Bowman 2016, https://arxiv.org/abs/1511.06349); a generator's tokens are
soft (Jang 2017, Kusner 2016).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import MASKED, draw_codes, gumbel, unfinished_rows

#: Features of a place in a decoder's outputs, of a token's embedding, of the recurrent state.
_PLANES, _VECTOR, _STATE = 32, 32, 128
_SOFT_CAP = 10.0


def hide_tokens(batch: Batch, noise: Noise, rate: float | Tensor, span: int = 1) -> Batch:
    """Hide a share of the previous tokens or frames from a model (word dropout, Bowman 2016).

    Without it a decoder that reads the previous tokens learns to ignore the latent code, and an
    autoregressive model memorizes short texts. Spans are harder to guess from their neighbors than single
    tokens (Joshi 2020, https://arxiv.org/abs/1907.10529).

    Args:
        batch: Encoded rows, name to (B, ...).
        noise: Source of the random draws.
        rate: Share of the tokens or frames that is hidden.
        span: Length of a hidden span; spans may overlap.

    Returns:
        The batch with ``given``: tokens (B, T) or frames (B, T, 1 + K) with hidden ones unknown or silent.
        Other
        data is returned unchanged.
    """
    if "frames" in batch:
        frames = batch["frames"]
        return {**batch, "given": frames * ~_hidden(frames.shape[:2], noise, rate, span)[..., None]}
    if "tokens" not in batch:
        return batch
    tokens = batch["tokens"]
    hidden = _hidden(tokens.shape, noise, rate, span)
    return {**batch, "given": torch.where(hidden, SequenceSpec.unknown, tokens)}


def _hidden(shape: Sequence[int], noise: Noise, rate: float | Tensor, span: int) -> Tensor:
    """Draw which of the places (B, T) are hidden, bool; each is with probability ``rate``."""
    if span == 1:
        return noise.uniform(*shape) < rate
    rows, length = shape
    # A place is shown if none of the ``span`` spans that could cover it begins: (1 - p) ** span = 1 - rate.
    starts = noise.uniform(rows, length + span - 1) < 1 - (1 - rate) ** (1 / span)
    covered = F.max_pool1d(starts[:, None].float(), span, stride=1)[:, 0]
    return covered > 0


class TokenInput(nn.Module):
    """One-hots of tokens as planes.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        super().__init__()
        self.levels = spec.levels
        self.shape = (spec.levels, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """Convert tokens (B, T) to one-hot planes, float32 (B, V, 1, T)."""
        tokens = batch["tokens"]
        planes = torch.zeros(len(tokens), self.levels, tokens.shape[1], device=tokens.device)
        return planes.scatter_(1, tokens[:, None], 1.0).unsqueeze(2)

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """Return the same planes (B, V, 1, T): generated samples are one-hots too."""
        planes: Tensor = self(batch)
        return planes


class TokenEmbedding(nn.Module):
    """Embeddings of tokens as planes, where one-hots would make the first layer the largest by far.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        super().__init__()
        self.vectors = nn.Embedding(spec.levels, _VECTOR)
        self.shape = (_VECTOR, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """Embed tokens (B, T) as planes, float32 (B, 32, 1, T), zeros for ``pad``."""
        tokens = batch["tokens"]
        planes: Tensor = self.vectors(tokens) * (tokens != SequenceSpec.pad)[..., None]
        return planes.transpose(1, 2).unsqueeze(2)


class TokenHead(nn.Module):
    """Distribution of each token, given a decoder's outputs at its place and the tokens before it.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
    """

    barred: Tensor

    def __init__(self, spec: SequenceSpec) -> None:
        super().__init__()
        self.spec, self.cells = spec, spec.length
        self.shape = (_PLANES, 1, spec.length)
        self.tokens = nn.Embedding(spec.levels, _VECTOR)
        self.reader = nn.GRU(_VECTOR + _PLANES, _STATE, batch_first=True)
        self.leave = nn.Linear(_STATE + _PLANES, spec.levels)
        barred = torch.zeros(spec.levels)
        barred[[spec.pad, spec.begin, *([spec.end] if spec.stream else [])]] = MASKED
        self.register_buffer("barred", barred, persistent=False)

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Compute sequences' negative log-likelihood given outputs (B, 32, 1, T), in nats: (B,)."""
        tokens, given = batch["tokens"], batch.get("given", batch["tokens"])
        before = F.pad(given[:, :-1], (1, 0), value=self.spec.begin)
        planes = outputs[:, :, 0].transpose(1, 2)
        logits, _ = self._read(before, planes, None)
        kept = tokens != self.spec.pad
        chosen = torch.where(kept, tokens, self.spec.unknown)
        nats = logits.logsumexp(2) - logits.gather(2, chosen[..., None])[..., 0]
        return (nats * kept).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float = 1.0) -> dict[str, Tensor]:
        """Draw sequences token by token from outputs (n, 32, 1, T): ``tokens``, int64 (n, T).

        Rows that have ended are dropped on the way.
        """
        spec, n = self.spec, len(outputs)
        planes = outputs[:, :, 0].transpose(1, 2)
        rows = torch.full((n, spec.length), spec.pad, device=outputs.device)
        token, state = torch.full((n, 1), spec.begin, device=outputs.device), None
        places = torch.arange(n, device=outputs.device)
        going = torch.ones_like(places, dtype=torch.bool)
        for t in range(spec.length):
            logits, state = self._read(token, planes[:, t : t + 1], state)
            logits[..., spec.unknown] = MASKED
            token = draw_codes(logits, noise.uniform(n, 1)[places], max(temperature, 1e-3))
            rows[places, t] = token[:, 0]
            going = going & (token[:, 0] != spec.end)
            if (left := unfinished_rows(going)) is not None:
                if not len(left):
                    break
                places, token, going = places[left], token[left], going[left]
                planes, state = planes[left], state[:, left]
        return {"tokens": terminated(rows, spec)}

    def _read(self, before: Tensor, planes: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Compute logits (B, t, V) of the next tokens, and the new state."""
        read, after = self.reader(torch.cat([self.tokens(before), planes], 2), state)
        logits: Tensor = self.leave(torch.cat([read, planes], 2)) + self.barred
        return logits, after


class SoftTokens(nn.Module):
    """Differentiable sequences of a generator: one-hots with the gradient of a Gumbel-softmax.

    Args:
        spec: Spec of the sequences: T tokens of V levels.
        softness: Temperature of the softmax.
    """

    barred: Tensor

    def __init__(self, spec: SequenceSpec, softness: float) -> None:
        super().__init__()
        self.spec, self.softness = spec, softness
        self.shape = (spec.levels, 1, spec.length)
        barred = torch.zeros(spec.levels)
        barred[[spec.begin, spec.unknown, *([spec.pad, spec.end] if spec.stream else [])]] = MASKED
        self.register_buffer("barred", barred[:, None, None], persistent=False)

    def forward(self, outputs: Tensor, noise: Noise) -> Tensor:
        """Convert outputs (B, V, 1, T) to one-hots of that shape, differentiable."""
        logits = _SOFT_CAP * torch.tanh(outputs / _SOFT_CAP) + self.barred
        soft = ((logits + gumbel(noise, *logits.shape)) / self.softness).softmax(1)
        hard = torch.zeros_like(soft).scatter(1, soft.argmax(1, keepdim=True), 1.0)
        return hard + soft - soft.detach()

    def quantize(self, samples: Tensor) -> dict[str, Tensor]:
        """Convert one-hots (n, V, 1, T) to ``tokens``, int64 (n, T)."""
        return {"tokens": terminated(samples[:, :, 0].argmax(1), self.spec)}


def terminated(rows: Tensor, spec: SequenceSpec) -> Tensor:
    """Make rows (B, T) valid: documents have ``end`` once, where they first stop, then ``pad``."""
    if spec.stream:
        return rows
    places = torch.arange(rows.shape[1], device=rows.device)
    over = (rows == spec.end) | (rows == spec.pad) | (places == rows.shape[1] - 1)
    first = over.int().argmax(1, keepdim=True)
    return torch.where(places == first, spec.end, torch.where(places > first, spec.pad, rows))
