"""Random search: every proposal is drawn uniformly, whatever came out before."""

import math

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.draws import first_unasked, keyed
from autogen.hpo.trial import Config

_DRAWS = 20  # known configs in a row after which a finite space is gone through for what is left of it


class RandomSampler(Sampler):
    """Draws a family uniformly and each of its active parameters uniformly over its domain."""

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Draw a config; ``None`` only where every config of a finite space was asked."""
        rng = keyed(self.seed, number, attempt)
        if attempt < _DRAWS or (size := self.space.given(fixed).size()) == math.inf:
            return self.space.sample(rng, fixed)
        return first_unasked(self.space.given(fixed), self._keys, int(rng.integers(int(size))))
