"""Distribution of the keys of a piano roll's frame, one after the other from the highest down.

Each step asks «which key next, or none». Each set of keys has exactly one such path, so the product of its
probabilities is exact, and it takes as many steps as keys sound, not 88 as key by key (Boulanger-Lewandowski
2012, https://arxiv.org/abs/1206.6392).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import FrameSpec
from autogen.families.base import Noise
from autogen.families.nets.draw import MASKED, draw_codes
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.transformer import norm


class AutoregressiveKeys(nn.Module):
    """Distribution of a frame, given features of all frames before.

    Outcomes of a step: 0..K-1, a key; K, no further key; K + 1, the piece ended before this frame.

    Args:
        spec: Spec of the piano rolls: T frames of K keys, V voices.
        inputs: Number of features.
        width: Features of the hidden layer.
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
        self.register_buffer("above", barred * MASKED, persistent=False)

    def log_prob(self, features: Tensor, frames: Tensor, drop: Dropout, ends: bool = True) -> Tensor:
        """Compute the log-probability of each frame, in nats: (B, T); 0 after the end.

        Args:
            features: Features of the frames before, (B, T, inputs).
            frames: Frames, int64 (B, T, 1 + K); the first entry is 1 until the piece ends.
            drop: Dropout of the hidden layer.
            ends: Whether the piece may end; otherwise the probability is conditional on going on.
        """
        spec = self.spec
        # The sounding keys from the highest down, padded by -1. Step i is given key i - 1 as ``before`` and
        # predicts key i as ``drawn``, or no further key; all steps of all frames are computed at once.
        ranks = torch.arange(1, spec.keys + 1, device=frames.device)
        keys = (frames[..., 1:] * ranks).topk(spec.voices, dim=-1).values - 1  # -1: none
        none = torch.full_like(keys[..., :1], -1)
        before, drawn = torch.cat([none, keys], -1), torch.cat([keys, none], -1)
        held = torch.where(before < 0, spec.keys, before)
        context = self.sounding(held) * (before >= 0)[..., None]
        logits = self._logits(features[..., None, :], context.cumsum(-2), held, drop)
        if not ends:
            logits = F.pad(logits[..., :-1], (0, 1), value=MASKED)
        outcome = torch.where(drawn < 0, spec.keys, drawn)
        lasts = frames[..., :1] > 0
        over = ~lasts & (F.pad(lasts[:, :-1], (0, 0, 1, 0), value=True))
        first = torch.arange(spec.voices + 1, device=frames.device) == 0
        outcome = torch.where(over & first, spec.keys + 1, outcome)
        # Counted are the first step and those after a key, while the piece lasts, and the step that ends it.
        counted = (lasts & ((before >= 0) | first)) | (over & first & ends)
        nats = logits.gather(-1, outcome[..., None])[..., 0] - logits.logsumexp(-1)
        return (nats * counted).sum(-1)

    def draw(
        self, features: Tensor, noise: Noise, temperature: float, top_p: float, ends: bool = True
    ) -> Tensor:
        """Draw a frame for each of the features (n, inputs): uint8 (n, 1 + K).

        Args:
            features: Features of the frames before, (n, inputs).
            noise: Source of the random draws.
            temperature: Sampling temperature.
            top_p: Nucleus of sampling.
            ends: Whether the piece may end, with a frame of zeros.
        """
        spec, n = self.spec, len(features)
        frame = torch.zeros(n, spec.keys + 2, device=features.device)
        held = torch.full((n,), spec.keys, device=features.device)
        context = torch.zeros_like(self.sounding.weight[:1]).expand(n, -1)
        going = torch.ones(n, dtype=torch.bool, device=features.device)
        for _ in range(spec.voices):
            logits = self._logits(features, context, held, Dropout())
            if not ends:
                logits[:, -1] = MASKED
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
        """Compute logits (..., K + 2), keys not below the last one masked.

        Args:
            features: Features of the frames before, (..., inputs).
            context: Sum of the embeddings of the keys drawn, (..., width).
            held: Key drawn last, int64 (...); K for none.
            drop: Dropout of the hidden layer.
        """
        hidden = self.enter(features) + context + self.latest(held)
        hidden = hidden + self.inner(F.silu(self.norm(drop(F.silu(hidden)))))
        logits: Tensor = self.leave(F.silu(hidden))
        return logits + self.above[held]
