"""Groundedness without a language model: the share of an answer that its context supports.

The score of a sentence is the mean of five shares: content words in the context, content words in the
two best context sentences, word pairs in the context, cosine with the nearest context sentence, and
token vectors matched one by one (Zhang 2020, https://arxiv.org/abs/1904.09675, precision only). Flags
name numbers and names that the context lacks, and a negation on one side only; such a number caps the
grade at 3.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from autogen.judging import perturbations
from autogen.judging.criteria import Item
from autogen.judging.embedded import texts
from autogen.judging.embedded.embedding import TOKEN_LAYER
from autogen.judging.embedded.scorer import RawScore, Scorer

#: Number of contexts whose token vectors are in memory at once.
CHUNK = 32
LADDER = 60
#: Typical cosine of the nearest token vectors of unrelated texts.
UNRELATED = 0.5
Vectors = dict[str, tuple[np.ndarray, np.ndarray | None]]


class Groundedness(Scorer):
    """Mean share of the sentences of an answer that its context supports."""

    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Score each item, (N,); items with the same context are scored together."""
        order = sorted(range(len(items)), key=lambda at: items[at].context)
        found: dict[int, RawScore] = {}
        for chunk in _chunks(order, items):
            needed = {
                part
                for at in chunk
                for text in (items[at].context, items[at].answer)
                for part in _parts(text)
            }
            vectors = self._vectors(sorted(needed))
            found |= {at: _raw_score(items[at], vectors) for at in chunk}
        return [found[at] for at in range(len(items))]

    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """Perturb quotes from contexts: replace more and more words by those of another context."""
        contexts = [
            text for text in dict.fromkeys(item.context for item in self.items) if texts.sentences(text)
        ]
        if len(contexts) < 5:
            return []
        picked = [contexts[at % len(contexts)] for at in range(LADDER)]
        pairs = [
            (context, dice.choice([other for other in contexts if other != context])) for context in picked
        ]
        own = [dice.choice(texts.sentences(context)) for context, _ in pairs]
        foreign = [dice.choice(texts.sentences(other)) for _, other in pairs]
        levels = [[Item(quote, context=pair[0]) for quote, pair in zip(own, pairs, strict=True)]]
        for severity in perturbations.SEVERITIES:
            mixed = [perturbations.mix_words(a, b, severity, dice) for a, b in zip(own, foreign, strict=True)]
            levels.append([Item(text, context=pair[0]) for text, pair in zip(mixed, pairs, strict=True)])
        return levels

    def _vectors(self, parts: list[str]) -> Vectors:
        if self.embedding.encoder is None:
            return {part: (row, None) for part, row in zip(parts, self.embedding(parts), strict=True)}
        rows, tokens = self.embedding.encoder.with_tokens(parts, TOKEN_LAYER)
        return {part: (row, own) for part, row, own in zip(parts, rows, tokens, strict=True)}


def _chunks(order: Sequence[int], items: Sequence[Item]) -> list[list[int]]:
    """Group the indices of items into chunks of whole contexts."""
    chunks: list[list[int]] = []
    seen: set[str] = set()
    for at in order:
        if not chunks or (items[at].context not in seen and len(seen) >= CHUNK):
            chunks.append([])
            seen = set()
        seen.add(items[at].context)
        chunks[-1].append(at)
    return chunks


def _parts(text: str) -> list[str]:
    return texts.sentences(text) or [text]


@dataclass(frozen=True, slots=True)
class _Context:
    """Parsed context, shared by all answers to it."""

    parts: list[str]
    bags: list[set[str]]
    words: set[str]
    pairs: set[tuple[str, str]]
    flat: str

    def nearest(self, own: set[str]) -> list[int]:
        """Sort the indices of the parts by the number of words that they share with a sentence."""
        return sorted(range(len(self.parts)), key=lambda at: -len(self.bags[at] & own))


@lru_cache(maxsize=2 * CHUNK)
def _apart(context: str) -> _Context:
    parts = _parts(context)
    bags = [set(texts.content(part)) for part in parts]
    flat = f" {' '.join(texts.words(context))} "
    return _Context(parts, bags, set().union(*bags), set(texts.bigrams(context)), flat)


def _raw_score(item: Item, vectors: Vectors) -> RawScore:
    context, parts = _apart(item.context), _parts(item.answer)
    shares = [_shares(part, context, vectors) for part in parts]
    weights = [max(1, len(texts.words(part))) for part in parts]
    loose = sorted(texts.numbers(item.answer) - texts.numbers(f"{item.context} {item.question}"))
    known = context.words | set(texts.content(item.question))
    strange = sorted(name for name in texts.proper_names(item.answer) if name not in known)
    flags = [f"number not in context: {', '.join(loose)}"] if loose else []
    flags += [f"name not in context: {', '.join(strange)}"] if strange else []
    flags += ["negation on one side only"] if any(_turned(part, context) for part in parts) else []
    return RawScore(float(np.average(shares, weights=weights)), "; ".join(flags), 3.0 if loose else 5.0)


def _shares(part: str, context: _Context, vectors: Vectors) -> float:
    """Average the shares of one sentence of an answer; 1 for a verbatim quote."""
    if f" {' '.join(texts.words(part))} " in context.flat:
        return 1.0
    own, pairs = texts.content(part), texts.bigrams(part)
    best = [context.bags[at] for at in context.nearest(set(own))[:2]]
    whole = texts.share(own, context.words)
    found = [whole, texts.share(own, set().union(*best))]
    found.append(texts.share(pairs, context.pairs) if pairs else whole)
    row, tokens = vectors[part]
    found.append(max(0.0, float(max(vectors[other][0] @ row for other in context.parts))))
    if tokens is not None:
        there = np.concatenate([vectors[other][1] for other in context.parts]).astype(np.float32)
        near = float((tokens.astype(np.float32) @ there.T).max(1).mean())
        found.append(max(0.0, (near - UNRELATED) / (1 - UNRELATED)))
    return float(np.mean(found))


def _turned(part: str, context: _Context) -> bool:
    """Tell if either a sentence or its nearest context sentence is negated, but not both."""
    own = set(texts.content(part))
    at = context.nearest(own)[0]
    close = len(own & context.bags[at]) >= 0.6 * len(own)
    return close and texts.negations(part) % 2 != texts.negations(context.parts[at]) % 2
