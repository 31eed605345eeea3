"""A variable-order Markov model as a torch module: its counts, and how rows are drawn from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import FrameSpec, SequenceSpec
from autogen.families.base import Noise
from autogen.families.fitted import FittedBuffers
from autogen.families.markov.alphabet import BEGIN, END, PAD, alphabet_of
from autogen.families.markov.counts import Order


class _Kept(NamedTuple):
    """One order, ready to draw from.

    Attributes:
        contexts: Ascending codes, int64 (C,).
        grams: Ascending codes, int64 (G,).
        ladder: Sums of the discounted counts before each gram, and of all, float64 (G + 1,).
        first: Place of the first gram of each context, and the end of the last one's, int64 (C + 1,).
        total: Count of each context, float64 (C,).
    """

    contexts: Tensor
    grams: Tensor
    ladder: Tensor
    first: Tensor
    total: Tensor


class MarkovModel(FittedBuffers):
    """Draws tokens one by one, each given the longest kept context before it, smoothed by the shorter ones.

    Attributes:
        sizes: Number of contexts and of grams of each order, int64 (K, 2).
        contexts: Codes of contexts of all orders, int64 (C,); see ``autogen.families.markov.counts``.
        grams: Codes of context and token of all orders, int64 (G,).
        kept: Discounted count of each gram, float32 (G,).
        total: Count of each context, float32 (C,).
        longest: Most tokens of a row, int64 (1,).

    Args:
        spec: Spec of the sequences or piano rolls.
    """

    sizes: Tensor
    contexts: Tensor
    grams: Tensor
    kept: Tensor
    total: Tensor
    longest: Tensor

    def __init__(self, spec: SequenceSpec | FrameSpec) -> None:
        super().__init__()
        self.spec, self.alphabet = spec, alphabet_of(spec)
        start = {
            "sizes": torch.tensor([[1, 0]]),
            "contexts": torch.zeros(1, dtype=torch.int64),
            "grams": torch.zeros(0, dtype=torch.int64),
            "kept": torch.zeros(0),
            "total": torch.zeros(1),
            "longest": torch.tensor([spec.length]),
        }
        for name, tensor in start.items():
            self.register_buffer(name, tensor)
        self._orders: list[_Kept] | None = None

    def set(self, orders: Sequence[Order], longest: int) -> None:
        """Replace the counts.

        Args:
            orders: Counts of each order, the contexts of no token first.
            longest: Most tokens of a row that is drawn.
        """
        sizes = [[len(order.contexts), len(order.grams)] for order in orders]
        self.sizes = torch.tensor(sizes)
        self.contexts = torch.from_numpy(np.concatenate([order.contexts for order in orders]))
        self.grams = torch.from_numpy(np.concatenate([order.grams for order in orders]))
        self.kept = torch.from_numpy(np.concatenate([order.kept for order in orders])).float()
        self.total = torch.from_numpy(np.concatenate([order.total for order in orders])).float()
        self.longest, self._orders = torch.tensor([longest]), None

    @property
    def orders(self) -> list[_Kept]:
        """The orders, the contexts of no token first, worked out once."""
        if self._orders is None:
            contexts, grams = self.sizes.T.tolist()
            parts = [torch.split(self.contexts, contexts), torch.split(self.grams, grams)]
            parts += [torch.split(self.kept.double(), grams), torch.split(self.total.double(), contexts)]
            self._orders = [self._order(*order) for order in zip(*parts, strict=True)]
        return self._orders

    def _order(self, contexts: Tensor, grams: Tensor, kept: Tensor, total: Tensor) -> _Kept:
        ladder = torch.cat([kept.new_zeros(1), kept.cumsum(0)])
        wanted = torch.arange(len(contexts) + 1, device=grams.device) * self.alphabet.levels
        return _Kept(contexts, grams, ladder, torch.searchsorted(grams, wanted), total)

    def draw(self, n: int, noise: Noise, given: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n samples, encoded.

        Args:
            n: Number of samples.
            noise: Source of the random draws.
            given: Openings of token sequences, int64 (n, T), up to each row's first ``pad``; none where
                ``None``.
        """
        alphabet, before, length = self.alphabet, len(self.orders) - 1, int(self.longest)
        rows = torch.full((n, before + length), PAD)
        rows[:, :before] = BEGIN
        places = torch.arange(n)
        for t in range(before, rows.shape[1]):
            uniforms = noise.uniform(len(self.orders) + 1, n).cpu()[:, places]
            token = self._next(rows[places, t - before : t], uniforms.double())
            if t == rows.shape[1] - 1 and not alphabet.stream:
                token = torch.full_like(token, END)
            if given is not None:
                known = given[places, t - before].cpu()
                token = torch.where(known == PAD, token, known)
            rows[places, t] = token
            places = places[token != END]
            if not len(places):
                break
        encoded = alphabet.encoded(rows[:, before:].numpy())
        return {name: torch.from_numpy(array) for name, array in encoded.items()}

    def _next(self, before: Tensor, uniforms: Tensor) -> Tensor:
        """Draw the token after each context.

        Args:
            before: Tokens before, int64 (B, K - 1).
            uniforms: Uniform numbers, float64 (K + 1, B).

        Returns:
            Tokens, int64 (B,).
        """
        known = (
            self.orders[0].grams if len(self.orders[0].grams) else torch.from_numpy(self.alphabet.drawable)
        )
        token = known[(uniforms[-1] * len(known)).long().clamp(max=len(known) - 1)]
        open_ = torch.arange(len(before))
        # Below the context of no token, all tokens of training are equally likely.
        # From the longest context down: a number below the kept mass chooses a token, one above it goes on to
        # the context one token shorter.
        chain = self._chain(before)
        for order, context, uniform in zip(self.orders[::-1], chain[::-1], uniforms, strict=False):
            some = open_[context[open_] >= 0]
            own = context[some]
            first, last = order.first[own], order.first[own + 1]
            low, target = order.ladder[first], uniform[some] * order.total[own]
            hit = target < order.ladder[last] - low
            place = torch.searchsorted(order.ladder, (low + target)[hit], right=True) - 1
            place = place.clamp(first[hit], last[hit] - 1)
            token[some[hit]] = order.grams[place] % self.alphabet.levels
            chosen = torch.zeros(len(before), dtype=torch.bool)
            chosen[some[hit]] = True
            open_ = open_[~chosen[open_]]
        return token

    def _chain(self, before: Tensor) -> list[Tensor]:
        """Index of the context of each length of rows (B, K - 1), int64 (B,); -1 where it is not kept."""
        chain = [torch.zeros(len(before), dtype=torch.int64)]
        for n, order in enumerate(self.orders[1:], 1):
            code = chain[-1] * self.alphabet.levels + before[:, -n]
            place = torch.searchsorted(order.contexts, code).clamp(max=len(order.contexts) - 1)
            found = (chain[-1] >= 0) & (order.contexts[place] == code)
            chain.append(torch.where(found, place, -1))
        return chain

    def forget(self) -> None:
        """Work out the orders anew."""
        self._orders = None

    def fault(self) -> str:
        """Why the tensors are no counts of such tokens; empty for none."""
        limit = self.spec.length * (1 if isinstance(self.spec, SequenceSpec) else 3 * self.spec.keys)
        if self.longest.shape != (1,) or not 1 <= int(self.longest) <= limit + 2:
            return f"the longest row must have 1 to {limit + 2} tokens"
        if self.sizes.shape[1:] != (2,) or not len(self.sizes) or bool((self.sizes < 0).any()):
            return "sizes must be a number of contexts and one of grams for each order"
        lengths = [len(self.contexts), len(self.total)], [len(self.grams), len(self.kept)]
        for total, own in zip(self.sizes.sum(0).tolist(), lengths, strict=True):
            if own != [total, total]:
                return f"sizes say {total}, and there are {own[0]} and {own[1]}"
        counts = torch.cat([self.kept, self.total])
        if not bool(torch.isfinite(counts).all()) or bool((counts < 0).any()):
            return "a count is not finite, or negative"
        return self._disorder()

    def _disorder(self) -> str:
        """Whether codes do not ascend or lead nowhere."""
        contexts, grams = self.sizes.T.tolist()
        above = 1
        for own, after, size in zip(
            torch.split(self.contexts, contexts), torch.split(self.grams, grams), contexts, strict=True
        ):
            for codes, parents in ((own, above), (after, size)):
                inside = not len(codes) or (codes[0] >= 0 and codes[-1] < parents * self.alphabet.levels)
                if not inside or bool((codes.diff() <= 0).any()):
                    return "codes of contexts or tokens do not ascend, or lead nowhere"
            above = size
        return "" if contexts[0] == 1 else "there is not one context of no token"
