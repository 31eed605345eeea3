"""Random search: every proposal is drawn uniformly, independent of results."""

import math

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.draws import first_unasked, keyed
from autogen.hpo.trial import Config

_DRAWS = 20  # duplicates in a row before a finite space is enumerated for the rest


class RandomSampler(Sampler):
    """Sampler of a uniform family and of uniform values of its active parameters."""

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Draw a config; ``None`` only if every config of a finite space was asked."""
        rng = keyed(self.seed, number, attempt)
        if attempt < _DRAWS or (size := self.space.given(fixed).size()) == math.inf:
            return self.space.sample(rng, fixed)
        return first_unasked(self.space.given(fixed), self._keys, int(rng.integers(int(size))))
