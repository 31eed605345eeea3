"""The metric that selects models of DNA: how far the k-mers of both sides are from each other."""

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen_dna.features import kmer_counts

FEWEST = 10


class KmerDivergence(Metric):
    """Jensen-Shannon divergence (Lin 1991) of the k-mers of real and of generated strands, in bits."""

    kinds = ("dna",)
    objective = Objective("kmers[3-mers-v1]", version=1, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> np.ndarray:
        """Counts of the real strands, (N, 64)."""
        return _counted(real)

    def score(self, reference: np.ndarray, fake: Samples) -> float:
        """Bits, 0 to 1."""
        return _divergence(reference.sum(axis=0), _counted(fake).sum(axis=0))

    def replicates(self, reference: np.ndarray, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group of both sides, (groups,)."""
        made = _counted(fake)
        if not 2 <= groups <= min(len(reference), len(made)) // 2:
            raise MetricError(
                f"{groups} groups need at least {2 * groups} strands of each side; "
                f"got {len(reference)} and {len(made)}"
            )
        sides = [(side, np.arange(len(side)) % groups) for side in (reference, made)]
        return np.array(
            [_divergence(*(side[owner != g].sum(axis=0) for side, owner in sides)) for g in range(groups)]
        )


def _counted(strands: Samples) -> np.ndarray:
    counts = kmer_counts(strands)
    if len(counts) < FEWEST or not counts.any():
        raise MetricError(f"kmers needs at least {FEWEST} strands of three bases; got {len(counts)}")
    return counts


def _divergence(real: np.ndarray, made: np.ndarray) -> float:
    p, q = real / real.sum(), made / made.sum()
    middle = (p + q) / 2
    halves = [float(np.sum(side[side > 0] * np.log2(side[side > 0] / middle[side > 0]))) for side in (p, q)]
    return sum(halves) / 2
