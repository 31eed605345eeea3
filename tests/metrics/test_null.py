"""Metrics without a feature space, real against real: false alarms of a verdict's comparison, at 5 %."""

import pytest
from scipy import stats

from autogen.data.open import open_data
from autogen.metrics.lookup import metric_for
from tests.data.music.makers import tunes
from tests.data.texts.makers import words
from tests.metrics.makers import people

GROUPS = 10
#: Kind of data, maker of real samples, how many a side, how many comparisons.
TRIED = {
    "reverse_ngram": ("text", words, 100, 60),
    "distinct_n": ("text", words, 100, 60),
    "reverse_notes": ("music", tunes, 40, 16),
    "c2st": ("tabular", people, 100, 8),
    "column_shapes": ("tabular", people, 100, 25),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_two_real_samples_are_told_apart_no_oftener_than_promised(name):
    kind, make, size, repeats = TRIED[name]
    metric, codec = metric_for(name, kind), open_data(make(300, 0)).codec
    reach, alarms = stats.t.ppf(0.975, GROUPS - 1), 0
    for repeat in range(repeats):
        real, *others = (make(size, 1000 + 3 * repeat + place) for place in range(3))
        reference = metric.prepare(real, codec)
        (one, ones), (two, twos) = (metric.jackknife(reference, other, GROUPS) for other in others)
        alarms += abs(one - two) > reach * ((ones - twos).var() * (GROUPS - 1)) ** 0.5
    assert alarms <= stats.binom.ppf(0.999, repeats, 0.05)
