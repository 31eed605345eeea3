"""The third hard test: does a model make as many samples as before of the kind that users rejected?

The share is the mean probability, by the classifier of ``autogen.metrics.feedback.resemblance``, that users
would reject a sample: an estimate of how many of its samples they would reject. A model is refused if the
share is above a bound by more than chance explains.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from autogen.data.specs import Samples
from autogen.metrics.feedback.resemblance import Resemblance

#: Level of the test: chance that it refuses a model whose share is the bound.
LEVEL = 0.01


@dataclass(frozen=True)
class Rejection:
    """Result of the test on rejected samples.

    Attributes:
        share: Estimated share of samples that users would reject.
        bound: Largest share that is allowed.
        p_value: Probability of a share as high where the true one is the bound.
        passed: ``False`` where the share is above the bound and ``p_value`` below .01.
        samples: Number of samples looked at.
    """

    share: float
    bound: float
    p_value: float
    passed: bool
    samples: int

    @property
    def reason(self) -> str:
        """Reason of a refusal in words; empty if the test passes."""
        if self.passed:
            return ""
        return (
            f"users would reject about {100 * self.share:.1f} % of its samples by the feedback (at most "
            f"{100 * self.bound:.1f} % are allowed)"
        )


@dataclass(frozen=True)
class RejectionTest:
    """Test of samples against what users rejected; picklable, so that workers can do it.

    Attributes:
        resemblance: Classifier of rejected against kept samples.
        bound: Largest share of samples, in [0, 1], that users would reject.
    """

    resemblance: Resemblance
    bound: float

    def __call__(self, samples: Samples) -> Rejection:
        """Test the samples of a model.

        Args:
            samples: M raw samples, at least 2.

        Raises:
            MetricError: samples of another shape.
        """
        found = self.resemblance.rejection(samples)
        share, error = float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found)))
        if error == 0:
            p_value = 1.0 if share <= self.bound else 0.0
        else:
            p_value = float(ndtr((self.bound - share) / error))
        passed = not (share > self.bound and p_value < LEVEL)
        return Rejection(share, self.bound, p_value, passed, len(found))
