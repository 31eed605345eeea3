"""Pre-trained causal language model on the encoded rows of a data set: likelihood and sampling.

Its state is what training changed; the rest is the base's.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec
from autogen.data.texts.codec import SPECIALS
from autogen.families.base import Noise
from autogen.families.nets.draw import MASKED, draw_codes, put_tokens, unfinished_rows
from autogen.families.nets.shards import mean_of, shard
from autogen.families.pretrained.library import cache_name, compute_twice, save_model

#: Bytes of keys, values and logits of the rows that are drawn, or measured, at once.
_ROOM = 2**28


class AdaptedModel(nn.Module):
    """Pre-trained model, of which all or some weights are trained.

    Dropout of the base is off, in training too: all randomness of a trial is keyed.

    Args:
        net: Model of transformers, maybe wrapped by peft; what is not trained asks for no gradients.
        spec: Spec of the rows: T tokens, the specials first.
        ends: The model's tokens before and after a text.
        drawable: The model's tokens that a text may hold, bool (V,).
        rows: Rows of a batch that a training step uses.
        sampling: Temperature, and the nucleus ``top_p``.
        checkpointing: True to keep no activations inside layers, and compute them twice.
    """

    barred: Tensor

    def __init__(
        self,
        net: Any,
        spec: SequenceSpec,
        ends: tuple[int, int],
        drawable: np.ndarray,
        rows: int,
        sampling: tuple[float, float],
        checkpointing: bool = False,
    ) -> None:
        super().__init__()
        self.net, self.spec, self.rows = net, spec, rows
        self.begin, self.end = ends
        self.temperature, self.top_p = sampling
        self.changed = frozenset(name for name, one in self.named_parameters() if one.requires_grad)
        barred = torch.where(torch.from_numpy(drawable), 0.0, MASKED)
        self.register_buffer("barred", barred, persistent=False)
        text = net.config.get_text_config()
        self._row_bytes = 4 * spec.length * 2 * text.num_hidden_layers * text.hidden_size + 32 * len(drawable)
        if checkpointing:
            compute_twice(net)
        self.train(self.training)

    def train(self, mode: bool = True) -> "AdaptedModel":
        """Set the mode; layers are in training only to be computed twice, never for dropout."""
        super().train(False)
        self.training = mode
        for one in self.net.modules():
            if getattr(one, "gradient_checkpointing", False):
                one.training = mode
        return self

    def forward(self, tokens: Tensor) -> Tensor:
        """Compute the log-likelihood of each row of tokens, int64 (B, T), in nats: (B,)."""
        kept = tokens != self.spec.pad
        ids = self._ids(tokens)
        logits = self._logits(F.pad(ids[:, :-1], (1, 0), value=self.begin))
        nats = F.cross_entropy(logits.flatten(0, 1), ids.flatten(), reduction="none").view_as(ids)
        return -(nats * kept).sum(1)

    def nats_a_token(self, tokens: Tensor, noise: Noise) -> Tensor:
        """Compute the mean log-likelihood of a token of the batch's first rows, in nats: a scalar."""
        first = tokens[: self.rows]
        return mean_of(self(shard(first, noise)).sum(), (first != self.spec.pad).sum(), noise)

    def log_likelihood(self, tokens: Tensor) -> Tensor:
        """Compute the same as ``forward``, (B,), in blocks of bounded memory without the padding."""
        lengths = (tokens != self.spec.pad).sum(1)
        size = max(1, _ROOM // (16 * len(self.barred) * max(1, int(lengths.max()))))
        found = []
        for start in range(0, len(tokens), size):
            longest = max(1, int(lengths[start : start + size].max()))
            found.append(self(tokens[start : start + size, :longest]))
        return torch.cat(found)

    def draw(
        self, n: int, noise: Noise, given: Tensor | None = None, cached: bool = True
    ) -> dict[str, Tensor]:
        """Draw n rows: ``tokens``, int64 (n, T).

        Args:
            n: Number of rows.
            noise: Source of the random draws.
            given: Openings of the rows, int64 (n, T), up to each row's first ``pad``; default none.
            cached: False to compute keys and values of the tokens before anew for each token.
        """
        size = max(1, _ROOM // self._row_bytes)
        parts = []
        for start in range(0, n, size):
            opening = None if given is None else given[start : start + size]
            parts.append(self._rows(min(size, n - start), noise, opening, cached))
        return {"tokens": torch.cat(parts)}

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the tensors that training changed."""
        whole = super().state_dict(*args, **kwargs)
        return type(whole)((name, tensor) for name, tensor in whole.items() if name in self.changed)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Copy what training changed; other names or shapes are a ``RuntimeError``, whatever ``strict``."""
        own = {name: one for name, one in self.named_parameters() if name in self.changed}
        if own.keys() != state_dict.keys() or any(own[name].shape != state_dict[name].shape for name in own):
            raise RuntimeError("the tensors are not those that this adaptation changes")
        with torch.no_grad():
            for name, one in own.items():
                one.copy_(state_dict[name])

    def __deepcopy__(self, memo: dict[int, Any]) -> "AdaptedModel":
        """Copy what is trained; frozen weights are shared, since a second copy of a base may not fit."""
        memo |= {id(one): one for name, one in self.named_parameters() if name not in self.changed}
        memo |= {id(one): one for one in self.buffers()}
        twin = AdaptedModel.__new__(AdaptedModel)
        memo[id(self)] = twin
        twin.__dict__ = copy.deepcopy(self.__dict__, memo)
        return twin

    def save(self, folder: Path) -> None:
        """Write the model as ``save_pretrained`` does: for LoRA the adapter, otherwise all of it."""
        save_model(self.net, folder)

    def _ids(self, tokens: Tensor) -> Tensor:
        """Convert tokens (B, T) to the model's; padding becomes its end."""
        return torch.where(tokens >= SPECIALS, tokens - SPECIALS, self.end)

    def _logits(self, ids: Tensor) -> Tensor:
        """Compute logits (B, T, V), float32, of the token after each of the model's tokens (B, T)."""
        logits: Tensor = self.net(input_ids=ids, use_cache=False).logits
        return logits[..., : len(self.barred)].float()

    def _rows(self, n: int, noise: Noise, given: Tensor | None, cached: bool) -> Tensor:
        """Draw n rows at once, int64 (n, T)."""
        spec, device = self.spec, self.barred.device
        rows = torch.full((n, spec.length), spec.pad, device=device)
        places = torch.arange(n, device=device)
        going = torch.ones_like(places, dtype=torch.bool)
        first = _shared_length(given, spec.pad)
        before = torch.full((n, 1), self.begin, device=device)
        if given is not None and first:
            rows[:, :first] = given[:, :first]
            before = torch.cat([before, self._ids(given[:, :first])], 1)
        stepper = _Stepper(self.net, cached)
        for t in range(first, spec.length):
            logits = stepper.next(before)[:, : len(self.barred)].float() + self.barred
            # n numbers whatever is left of the rows: a row's draws do not depend on the others' lengths
            drawn = draw_codes(logits, noise.uniform(n)[places], self.temperature, self.top_p)
            token = torch.where(drawn == self.end, spec.end, drawn + SPECIALS)
            token, going = put_tokens(rows, t, token, places, going, spec, given)
            before = torch.cat([before, self._ids(token)[:, None]], 1)
            if (left := unfinished_rows(going)) is not None:
                if not len(left):
                    break
                places, before, going = places[left], before[left], going[left]
                stepper.pick(left)
        return rows


class _Stepper:
    """Logits of one token after the other, with the keys and values of those before where the model has them.

    Args:
        net: Model of transformers.
        cached: False to compute everything anew.
    """

    def __init__(self, net: Any, cached: bool) -> None:
        self.net, self._name = net, cache_name(net) if cached else ""
        self._cache: Any = None
        self._seen = 0

    def next(self, before: Tensor) -> Tensor:
        """Compute logits (n, V) of the token after the model's tokens (n, t)."""
        new = before[:, self._seen :]
        more = {} if self._cache is None else {self._name: self._cache}
        found = self.net(input_ids=new, use_cache=bool(self._name), **more)
        self._cache = getattr(found, self._name, None) if self._name else None
        if not hasattr(self._cache, "batch_select_indices"):
            self._cache, self._name = None, ""  # a model with a state of another kind
        self._seen = before.shape[1] if self._cache is not None else 0
        logits: Tensor = found.logits[:, -1]
        return logits

    def pick(self, rows: Tensor) -> None:
        """Go on with some of the rows, int64 (m,)."""
        if self._cache is not None:
            self._cache.batch_select_indices(rows)


def _shared_length(given: Tensor | None, pad: int) -> int:
    """Count the tokens that each of the openings (n, T) has at least, and one less than T."""
    if given is None or not len(given):
        return 0
    return min(int((given != pad).sum(1).min()), given.shape[1] - 1)
