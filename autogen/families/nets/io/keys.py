"""The keys of a frame of a piano roll, drawn one after the other, from the highest down.

The chain of «which key next, or none» gives each set of keys exactly one path, so the product of its
probabilities is exact, and it costs as many steps as keys sound, not 88 as one by one
(Boulanger-Lewandowski 2012, https://arxiv.org/abs/1206.6392).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import FrameSpec
from autogen.families.base import Noise
from autogen.families.nets.draw import NEVER, draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm


class KeyChain(nn.Module):
    """A distribution of a frame, given features of all that came before.

    Outcomes are the K keys, K: no further key sounds, K + 1: the piece was over before this frame.

    Args:
        spec: Of the piano rolls.
        inputs: Features.
        width: Of the hidden layer.
    """

    above: Tensor

    def __init__(self, spec: FrameSpec, inputs: int, width: int) -> None:
        super().__init__()
        self.spec = spec
        self.enter = nn.Linear(inputs, width)
        self.sounding = nn.Embedding(spec.keys + 1, width)
        self.latest = nn.Embedding(spec.keys + 1, width)
        self.norm = norm(width)
        self.inner = nn.Linear(width, width)
        self.leave = nn.Linear(width, spec.keys + 2)
        for table in (self.sounding, self.latest):
            nn.init.normal_(table.weight, std=0.1)
        rows, keys = torch.arange(spec.keys + 1)[:, None], torch.arange(spec.keys + 2)[None]
        # after key k only lower ones, or none; before the first (row K) any, none, or the end
        barred = (keys >= rows) & (keys != spec.keys) & (rows < spec.keys)
        self.register_buffer("above", barred * NEVER, persistent=False)

    def log_prob(self, features: Tensor, frames: Tensor, drop: Dropout, ends: bool = True) -> Tensor:
        """Log-probability of each frame, nats (B, T); 0 after the end.

        Args:
            features: (B, T, inputs).
            frames: (B, T, 1 + K).
            drop: Applied to the hidden layer.
            ends: Whether the piece may end; without it, the probability is that given that it goes on.
        """
        spec = self.spec
        ranks = torch.arange(1, spec.keys + 1, device=frames.device)
        keys = (frames[..., 1:] * ranks).topk(spec.voices, dim=-1).values - 1  # -1: none
        none = torch.full_like(keys[..., :1], -1)
        before, drawn = torch.cat([none, keys], -1), torch.cat([keys, none], -1)
        held = torch.where(before < 0, spec.keys, before)
        context = self.sounding(held) * (before >= 0)[..., None]
        logits = self._logits(features[..., None, :], context.cumsum(-2), held, drop)
        if not ends:
            logits = F.pad(logits[..., :-1], (0, 1), value=NEVER)
        outcome = torch.where(drawn < 0, spec.keys, drawn)
        lasts = frames[..., :1] > 0
        over = ~lasts & (F.pad(lasts[:, :-1], (0, 0, 1, 0), value=True))
        first = torch.arange(spec.voices + 1, device=frames.device) == 0
        outcome = torch.where(over & first, spec.keys + 1, outcome)
        counted = (lasts & ((before >= 0) | first)) | (over & first & ends)
        nats = logits.gather(-1, outcome[..., None])[..., 0] - logits.logsumexp(-1)
        return (nats * counted).sum(-1)

    def draw(self, features: Tensor, noise: Noise, temperature: float, top_p: float) -> Tensor:
        """Draw a frame for each of the features (n, inputs): uint8 (n, 1 + K)."""
        spec, n = self.spec, len(features)
        frame = torch.zeros(n, spec.keys + 2, device=features.device)
        held = torch.full((n,), spec.keys, device=features.device)
        context = torch.zeros_like(self.sounding.weight[:1]).expand(n, -1)
        going = torch.ones(n, dtype=torch.bool, device=features.device)
        for _ in range(spec.voices):
            logits = self._logits(features, context, held, Dropout())
            chosen = draw_codes(logits, noise.uniform(n), temperature, top_p)
            chosen = torch.where(going, chosen, spec.keys)
            frame = frame.scatter(1, chosen[:, None], 1.0)
            going = chosen < spec.keys
            if not going.any():
                break
            context = context + self.sounding(held.where(~going, chosen)) * going[:, None]
            held = torch.where(going, chosen, held)
        lasts = 1 - frame[:, -1:]
        return (torch.cat([torch.ones_like(lasts), frame[:, : spec.keys]], 1) * lasts).to(torch.uint8)

    def _logits(self, features: Tensor, context: Tensor, held: Tensor, drop: Dropout) -> Tensor:
        hidden = self.enter(features) + context + self.latest(held)
        hidden = hidden + self.inner(F.silu(self.norm(drop(F.silu(hidden)))))
        logits: Tensor = self.leave(F.silu(hidden))
        return logits + self.above[held]
