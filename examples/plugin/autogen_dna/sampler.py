"""A sampler: every other config is of the family of the best trial so far."""

import math

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.draws import first_unasked, keyed
from autogen.hpo.trial import Config, Outcome

_DRAWS = 20  # known configs in a row after which a finite space is gone through for what is left


class LeaderSampler(Sampler):
    """Draws uniformly; every other config in the family whose trial has the lowest loss so far."""

    _best = math.inf
    _family: str | None = None

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """A function of the seed, the number and what was told, so that a resumed study goes on alike."""
        rng = keyed(self.seed, number, attempt)
        lead = {"family": self._family} if self._family and number % 2 and attempt < _DRAWS else {}
        wanted = {**lead, **fixed}
        if attempt < _DRAWS or (size := self.space.given(wanted).size()) == math.inf:
            return self.space.sample(rng, wanted)
        return first_unasked(self.space.given(wanted), self._keys, int(rng.integers(int(size))))

    def _on_tell(self, outcome: Outcome) -> None:
        if outcome.loss is not None and math.isfinite(outcome.loss) and outcome.loss < self._best:
            self._best, self._family = outcome.loss, str(self.asked[outcome.number]["family"])
