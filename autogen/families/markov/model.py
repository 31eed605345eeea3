"""A variable-order Markov model as a torch module: its counts, and how rows are drawn from them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import FrameSpec, SequenceSpec
from autogen.families.base import Noise
from autogen.families.fitted import FittedBuffers
from autogen.families.markov.alphabet import BEGIN, END, PAD
from autogen.families.markov.counts import Order
from autogen.families.markov.timed_notes import alphabet_of

#: Most lengths of rows that are kept: quantiles of those of training.
MOST_LENGTHS = 1000


class _Ladder(NamedTuple):
    """Discounted counts of one order, ready to draw from.

    Attributes:
        sums: Sums of the discounted counts before each gram, and of all, float64 (G + 1,).
        total: Count of each context, what it leaves to shorter ones among it, float64 (C,).
    """

    sums: Tensor
    total: Tensor


class _Kept(NamedTuple):
    """One order, ready to draw from.

    Attributes:
        contexts: Ascending codes, int64 (C,).
        grams: Ascending codes, int64 (G,).
        first: Place of the first gram of each context, and the end of the last one's, int64 (C + 1,).
        all: All tokens.
        going: The tokens that do not close a row.
        closing: The tokens that do; nothing is left to shorter contexts.
    """

    contexts: Tensor
    grams: Tensor
    first: Tensor
    all: _Ladder
    going: _Ladder
    closing: _Ladder


class MarkovModel(FittedBuffers):
    """Draws tokens one by one, each given the longest kept context before it, smoothed by the shorter ones.

    Attributes:
        sizes: Number of contexts and of grams of each order, int64 (K, 2).
        contexts: Codes of contexts of all orders, int64 (C,); see ``autogen.families.markov.counts``.
        grams: Codes of context and token of all orders, int64 (G,).
        kept: Discounted count of each gram, float32 (G,).
        total: Count of each context, float32 (C,).
        lengths: Numbers of tokens that drawn rows have, ascending, int64 (M,); where contexts say when a row
            ends, the most that one has, (1,).

    Args:
        spec: Spec of the sequences or piano rolls.
        units: What is read of music that is encoded as tokens, ``tokens`` or ``notes``.
    """

    sizes: Tensor
    contexts: Tensor
    grams: Tensor
    kept: Tensor
    total: Tensor
    lengths: Tensor

    def __init__(self, spec: SequenceSpec | FrameSpec, units: str = "tokens") -> None:
        super().__init__()
        self.spec, self.alphabet = spec, alphabet_of(spec, units)
        start = {
            "sizes": torch.tensor([[1, 0]]),
            "contexts": torch.zeros(1, dtype=torch.int64),
            "grams": torch.zeros(0, dtype=torch.int64),
            "kept": torch.zeros(0),
            "total": torch.zeros(1),
            "lengths": torch.tensor([spec.length]),
        }
        for name, tensor in start.items():
            self.register_buffer(name, tensor)
        self._orders: list[_Kept] | None = None

    def set(self, orders: Sequence[Order], longest: int, lengths: np.ndarray | None = None) -> None:
        """Replace the counts.

        Args:
            orders: Counts of each order, the contexts of no token first.
            longest: Most tokens of a row that is drawn.
            lengths: Numbers of tokens of training rows, (N,), of which those of drawn rows are drawn; default
                ``None``: contexts say when a row ends.
        """
        sizes = [[len(order.contexts), len(order.grams)] for order in orders]
        self.sizes = torch.tensor(sizes)
        self.contexts = torch.from_numpy(np.concatenate([order.contexts for order in orders]))
        self.grams = torch.from_numpy(np.concatenate([order.grams for order in orders]))
        self.kept = torch.from_numpy(np.concatenate([order.kept for order in orders])).float()
        self.total = torch.from_numpy(np.concatenate([order.total for order in orders])).float()
        known = np.array([longest]) if lengths is None else _quantiles(np.minimum(lengths, longest))
        self.lengths, self._orders = torch.from_numpy(known), None

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
        wanted = torch.arange(len(contexts) + 1, device=grams.device) * self.alphabet.levels
        first = torch.searchsorted(grams, wanted)
        closes = torch.from_numpy(self.alphabet.closes((grams % self.alphabet.levels).cpu().numpy())).to(
            grams.device
        )
        all_, going, closing = (_sums(part) for part in (kept, kept * ~closes, kept * closes))
        closed = closing[first[1:]] - closing[first[:-1]]
        ladders = _Ladder(all_, total), _Ladder(going, total - closed), _Ladder(closing, closed)
        return _Kept(contexts, grams, first, *ladders)

    def draw(self, n: int, noise: Noise, given: Tensor | None = None) -> dict[str, Tensor]:
        """Draw n samples, encoded.

        Args:
            n: Number of samples.
            noise: Source of the random draws.
            given: Openings of token sequences, int64 (n, T), up to each row's first ``pad``; none where
                ``None``.
        """
        alphabet, before, length = self.alphabet, len(self.orders) - 1, int(self.lengths[-1])
        rows = torch.full((n, before + length), PAD)
        rows[:, :before] = BEGIN
        places = torch.arange(n)
        wanted = self._wanted(n, noise, given) - alphabet.closing if len(self.lengths) > 1 else None
        for t in range(before, rows.shape[1]):
            uniforms = noise.uniform(len(self.orders) + 1, n).cpu()[:, places].double()
            context = rows[places, t - before : t]
            if wanted is None:
                token = self._next(context, uniforms)
            else:
                token = self._next_of(context, uniforms, t - before >= wanted[places])
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

    def _wanted(self, n: int, noise: Noise, given: Tensor | None) -> Tensor:
        """Draw the number of tokens of each of n rows, more than those of its opening, int64 (n,)."""
        uniform, lengths = noise.uniform(n).cpu().double(), self.lengths.cpu()
        opening = torch.zeros(n, dtype=torch.int64) if given is None else (given != PAD).sum(1).cpu()
        shorter = torch.searchsorted(lengths, opening, right=True)
        place = shorter + (uniform * (len(lengths) - shorter)).long()
        return lengths[place.clamp(max=len(lengths) - 1)]

    def _next_of(self, before: Tensor, uniforms: Tensor, ending: Tensor) -> Tensor:
        """Draw the token after each context: one that closes the row where it is to end, and can; else none.

        Args:
            before: Tokens before, int64 (B, K - 1).
            uniforms: Uniform numbers, float64 (K + 1, B).
            ending: Whether the row has as many tokens as it is to have, bool (B,).

        Returns:
            Tokens, int64 (B,).
        """
        token = self._next(before, uniforms, "going")
        late = ending.nonzero()[:, 0]
        if len(late):
            closing = self._next(before[late], uniforms[:, late], "closing")
            token[late] = torch.where(closing == PAD, token[late], closing)
        return token

    def _next(self, before: Tensor, uniforms: Tensor, which: str = "all") -> Tensor:
        """Draw the token after each context.

        Args:
            before: Tokens before, int64 (B, K - 1).
            uniforms: Uniform numbers, float64 (K + 1, B).
            which: Tokens that are drawn from: ``all``, ``going`` or ``closing``.

        Returns:
            Tokens, int64 (B,); of ``closing`` ``PAD`` where no context of a token ends a row.
        """
        token = self._any(uniforms[-1], which)
        open_ = torch.arange(len(before))
        # Below the context of no token, all tokens of training are equally likely.
        # From the longest context down: a number below the kept mass chooses a token, one above it goes on to
        # the context one token shorter.
        chain, shortest = self._chain(before), int(which == "closing")
        found = list(zip(self.orders, chain, strict=True))[shortest:][::-1]
        for (order, context), uniform in zip(found, uniforms, strict=False):
            ladder: _Ladder = getattr(order, which)
            some = open_[context[open_] >= 0]
            own = context[some]
            first, last = order.first[own], order.first[own + 1]
            low, target = ladder.sums[first], uniform[some] * ladder.total[own]
            hit = target < ladder.sums[last] - low
            place = torch.searchsorted(ladder.sums, (low + target)[hit], right=True) - 1
            place = place.clamp(first[hit], last[hit] - 1)
            token[some[hit]] = order.grams[place] % self.alphabet.levels
            chosen = torch.zeros(len(before), dtype=torch.bool)
            chosen[some[hit]] = True
            open_ = open_[~chosen[open_]]
        return token

    def _any(self, uniform: Tensor, which: str) -> Tensor:
        """Draw from all tokens of training alike, int64 (B,)."""
        if which == "closing":
            return torch.full(uniform.shape, PAD)
        grams = self.orders[0].grams
        known = grams.cpu() if len(grams) else torch.from_numpy(self.alphabet.drawable)
        if which == "going":
            going = known[~torch.from_numpy(self.alphabet.closes(known.numpy()))]
            known = going if len(going) else known
        return known[(uniform * len(known)).long().clamp(max=len(known) - 1)]

    def _chain(self, before: Tensor) -> list[Tensor]:
        """Index of the context of each length of rows (B, K - 1), int64 (B,); -1 where it is not kept."""
        chain = [torch.zeros(len(before), dtype=torch.int64)]
        for n, order in enumerate(self.orders[1:], 1):
            code = chain[-1] * self.alphabet.levels + before[:, -n]
            place = torch.searchsorted(order.contexts, code).clamp(max=len(order.contexts) - 1)
            found = (chain[-1] >= 0) & (order.contexts[place] == code)
            chain.append(torch.where(found, place, -1))
        return chain

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *rest: Any, **more: Any
    ) -> None:
        """Load, also a model that was saved with the number of tokens of its longest row alone."""
        if (former := prefix + "longest") in state_dict:
            assert isinstance(state_dict, dict)  # a copy that torch made for this
            state_dict[prefix + "lengths"] = state_dict.pop(former)
        super()._load_from_state_dict(state_dict, prefix, *rest, **more)

    def forget(self) -> None:
        """Work out the orders anew."""
        self._orders = None

    def fault(self) -> str:
        """Why the tensors are no counts of such tokens; empty for none."""
        limit = self.spec.length * (1 if isinstance(self.spec, SequenceSpec) else 3 * self.spec.keys)
        if not len(self.lengths) or bool((self.lengths.diff() < 0).any()):
            return "the lengths of rows must ascend"
        if not 1 <= int(self.lengths[0]) <= int(self.lengths[-1]) <= limit + 2:
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


def _sums(counts: Tensor) -> Tensor:
    """Sums of counts (G,) before each, and of all, (G + 1,)."""
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])


def _quantiles(lengths: np.ndarray) -> np.ndarray:
    """Quantiles of lengths (N,), ascending, int64 (M,): at least two, so that rows have drawn lengths."""
    count = min(MOST_LENGTHS, max(2, len(lengths)))
    places = (np.arange(count) + 0.5) / count * len(lengths)
    return np.sort(lengths)[places.astype(np.int64)].astype(np.int64)
