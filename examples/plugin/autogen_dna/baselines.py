"""Baselines for DNA: independent bases, and a Markov chain of order two."""

from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.families.baselines.base import Baseline
from autogen_dna.codec import BASES


class Composition(Baseline):
    """As many bases as a random training strand has, each drawn by itself."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Count the bases and keep the lengths."""
        self._lengths = np.array([len(strand) for strand in train])
        counts = np.array([sum(strand.count(base) for strand in train) for base in BASES], dtype=float)
        self._shares = counts / counts.sum()

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """N strands."""
        lengths = rng.choice(self._lengths, size=n)
        return ["".join(rng.choice(list(BASES), size=length, p=self._shares)) for length in lengths]


class Markov(Baseline):
    """Each base drawn given the two before it, counts raised by one."""

    def fit(self, train: Samples, codec: Codec) -> None:
        """Count triples."""
        self._train = list(train)
        counts = np.ones((len(BASES),) * 3)
        for strand in train:
            for triple in zip(strand, strand[1:], strand[2:], strict=False):
                counts[tuple(map(BASES.index, triple))] += 1
        self._shares = counts / counts.sum(axis=2, keepdims=True)

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """N strands, each with the first two bases and the length of a random training strand."""
        return [self._strand(self._train[row], rng) for row in rng.integers(len(self._train), size=n)]

    def _strand(self, like: str, rng: np.random.Generator) -> str:
        found = [BASES.index(base) for base in like[:2]]
        while len(found) < len(like):
            found.append(int(rng.choice(len(BASES), p=self._shares[found[-2], found[-1]])))
        return "".join(BASES[code] for code in found)
