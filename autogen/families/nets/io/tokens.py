"""Token sequences in and out of encoders, decoders, critics and generators.

To nets, a sequence is planes (levels, 1, T) of one-hots: what convolutes images convolutes it. A decoder
is followed by a recurrent layer that reads the tokens before (Bowman 2016,
https://arxiv.org/abs/1511.06349); a generator's tokens are soft (Jang 2017, Kusner 2016).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.families.base import Batch, Noise
from autogen.families.nets.draw import NEVER, draw_codes, gumbel, those_left

#: Features that a decoder gives each place; of the vector of a token; of the recurrent state.
_PLANES, _VECTOR, _STATE = 32, 32, 128
_SOFT_CAP = 10.0


def hide_tokens(batch: Batch, noise: Noise, rate: float | Tensor, span: int = 1) -> Batch:
    """Let a model see only part of the tokens or frames before (Bowman 2016); other data stays as it is.

    Without it a decoder that reads what came before learns to do without the code; an autoregressive
    model learns short texts by heart. Stretches are harder to guess from their neighbours than single
    tokens are (Joshi 2020, https://arxiv.org/abs/1907.10529).

    Args:
        batch: Any.
        noise: Draws.
        rate: Share of the tokens or frames that is hidden.
        span: How many are hidden in one stretch; stretches may overlap.
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
    """Which of the places (B, T) lie in a stretch, bool; each does with the same probability."""
    if span == 1:
        return noise.uniform(*shape) < rate
    rows, length = shape
    begun = noise.uniform(rows, length + span - 1) < 1 - (1 - rate) ** (1 / span)
    covered = F.max_pool1d(begun[:, None].float(), span, stride=1)[:, 0]
    return covered > 0


class TokenStem(nn.Module):
    """One-hots of tokens as planes.

    Args:
        spec: Of the sequences.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        super().__init__()
        self.levels = spec.levels
        self.shape = (spec.levels, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """(B, levels, 1, T) float32."""
        tokens = batch["tokens"]
        planes = torch.zeros(len(tokens), self.levels, tokens.shape[1], device=tokens.device)
        return planes.scatter_(1, tokens[:, None], 1.0).unsqueeze(2)

    def noisy(self, batch: Batch, noise: Noise) -> Tensor:
        """The same: generated samples are one-hots too."""
        planes: Tensor = self(batch)
        return planes


class TokenVectors(nn.Module):
    """Learnt vectors of tokens as planes, where one-hots of so many would make the first layer the largest.

    Args:
        spec: Of the sequences.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        super().__init__()
        self.vectors = nn.Embedding(spec.levels, _VECTOR)
        self.shape = (_VECTOR, 1, spec.length)

    def forward(self, batch: Batch) -> Tensor:
        """(B, 32, 1, T) float32, zeros for ``pad``."""
        tokens = batch["tokens"]
        planes: Tensor = self.vectors(tokens) * (tokens != SequenceSpec.pad)[..., None]
        return planes.transpose(1, 2).unsqueeze(2)


class TokenHead(nn.Module):
    """Each token given a decoder's outputs at its place and the tokens before it.

    Args:
        spec: Of the sequences.
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
        barred[[spec.pad, spec.begin, *([spec.end] if spec.stream else [])]] = NEVER
        self.register_buffer("barred", barred, persistent=False)

    def nll(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Negative log-likelihood of the tokens in nats, (B,)."""
        tokens, given = batch["tokens"], batch.get("given", batch["tokens"])
        before = F.pad(given[:, :-1], (1, 0), value=self.spec.begin)
        planes = outputs[:, :, 0].transpose(1, 2)
        logits, _ = self._read(before, planes, None)
        kept = tokens != self.spec.pad
        chosen = torch.where(kept, tokens, self.spec.unknown)
        nats = logits.logsumexp(2) - logits.gather(2, chosen[..., None])[..., 0]
        return (nats * kept).sum(1)

    def sample(self, outputs: Tensor, noise: Noise, temperature: float = 1.0) -> dict[str, Tensor]:
        """Draw sequences token by token; rows that have ended are left behind on the way."""
        spec, n = self.spec, len(outputs)
        planes = outputs[:, :, 0].transpose(1, 2)
        rows = torch.full((n, spec.length), spec.pad, device=outputs.device)
        token, state = torch.full((n, 1), spec.begin, device=outputs.device), None
        places = torch.arange(n, device=outputs.device)
        going = torch.ones_like(places, dtype=torch.bool)
        for t in range(spec.length):
            logits, state = self._read(token, planes[:, t : t + 1], state)
            logits[..., spec.unknown] = NEVER
            token = draw_codes(logits, noise.uniform(n, 1)[places], max(temperature, 1e-3))
            rows[places, t] = token[:, 0]
            going = going & (token[:, 0] != spec.end)
            if (left := those_left(going)) is not None:
                if not len(left):
                    break
                places, token, going = places[left], token[left], going[left]
                planes, state = planes[left], state[:, left]
        return {"tokens": ended(rows, spec)}

    def _read(self, before: Tensor, planes: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits (B, t, levels) and the new state."""
        read, after = self.reader(torch.cat([self.tokens(before), planes], 2), state)
        logits: Tensor = self.leave(torch.cat([read, planes], 2)) + self.barred
        return logits, after


class SoftTokens(nn.Module):
    """A generator's sequences: one-hots whose gradient is that of a Gumbel-softmax.

    Args:
        spec: Of the sequences.
        softness: Temperature of the softmax.
    """

    barred: Tensor

    def __init__(self, spec: SequenceSpec, softness: float) -> None:
        super().__init__()
        self.spec, self.softness = spec, softness
        self.shape = (spec.levels, 1, spec.length)
        barred = torch.zeros(spec.levels)
        barred[[spec.begin, spec.unknown, *([spec.pad, spec.end] if spec.stream else [])]] = NEVER
        self.register_buffer("barred", barred[:, None, None], persistent=False)

    def forward(self, outputs: Tensor, noise: Noise) -> Tensor:
        """One-hots (B, levels, 1, T) that let gradients through."""
        logits = _SOFT_CAP * torch.tanh(outputs / _SOFT_CAP) + self.barred
        soft = ((logits + gumbel(noise, *logits.shape)) / self.softness).softmax(1)
        hard = torch.zeros_like(soft).scatter(1, soft.argmax(1, keepdim=True), 1.0)
        return hard + soft - soft.detach()

    def quantise(self, samples: Tensor) -> dict[str, Tensor]:
        """Tokens of one-hots."""
        return {"tokens": ended(samples[:, :, 0].argmax(1), self.spec)}


def ended(rows: Tensor, spec: SequenceSpec) -> Tensor:
    """Rows (B, T) that keep the spec: documents have ``end`` once, where they first stop, then ``pad``."""
    if spec.stream:
        return rows
    places = torch.arange(rows.shape[1], device=rows.device)
    over = (rows == spec.end) | (rows == spec.pad) | (places == rows.shape[1] - 1)
    first = over.int().argmax(1, keepdim=True)
    return torch.where(places == first, spec.end, torch.where(places > first, spec.pad, rows))
