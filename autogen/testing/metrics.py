"""Contract of metrics of sample quality as a test suite: subclass ``MetricContract`` for your own metric."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import pytest

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.base import Metric
from autogen.testing.ladders import SEVERITIES, Corruption, ladder

GROUPS = 10


@dataclass(frozen=True)
class MetricCase:
    """Data for the tests of a metric.

    Attributes:
        real: At least 100 raw samples.
        unseen: Other raw samples of the same distribution, as many.
        codec: Codec that was fitted on neither of them.
        corruptions: Corruptions of such samples by name, such as those of ``autogen.testing.ladders``.
    """

    real: Samples
    unseen: Samples
    codec: Codec
    corruptions: Mapping[str, Corruption]


class MetricContract:
    """Tests that take the fixtures ``metric``, a ``Metric``, and ``case``, a ``MetricCase``."""

    def test_the_objective_says_name_version_and_direction(self, metric: Metric) -> None:
        assert metric.objective.name
        assert metric.objective.version >= 1
        assert metric.objective.direction in ("minimize", "maximize")

    def test_a_score_is_a_number_and_always_the_same(self, metric: Metric, case: MetricCase) -> None:
        score = metric.score(metric.prepare(case.real, case.codec), case.unseen)
        again = copy.deepcopy(metric)
        assert isinstance(score, float)
        assert np.isfinite(score)
        assert again.score(again.prepare(case.real, case.codec), case.unseen) == score

    def test_metric_and_reference_travel_to_another_process(self, metric: Metric, case: MetricCase) -> None:
        reference = metric.prepare(case.real, case.codec)
        there, copy = ForkingPickler.loads(ForkingPickler.dumps((metric, reference)))
        assert there.score(copy, case.unseen) == metric.score(reference, case.unseen)

    def test_each_corruption_is_worse_than_a_milder_one(self, metric: Metric, case: MetricCase) -> None:
        """Corruptions that the metric lists as unseen are left out; the last step must exceed chance."""
        assert len(case.corruptions) >= 4
        insensitive_to = metric.insensitive_to.get(case.codec.kind, ())
        assert set(insensitive_to) < set(case.corruptions)
        reference = metric.prepare(case.real, case.codec)
        clean = _loss(metric, reference, case.unseen)
        error = _error(metric, reference, case.unseen)
        for name in sorted(set(case.corruptions) - set(insensitive_to)):
            losses = [_loss(metric, reference, step) for step in ladder(case.unseen, case.corruptions[name])]
            slack = 0.05 * (max(losses) - clean)
            assert losses[-1] > clean + slack + error, f"{name} does not change the score: {clean} {losses}"
            for milder, worse, severity in zip([clean, *losses], losses, SEVERITIES, strict=False):
                assert worse >= milder - slack - error, f"{name} at {severity} looks better: {clean} {losses}"

    def test_samples_are_left_as_they_are(self, metric: Metric, case: MetricCase) -> None:
        before = bytes(ForkingPickler.dumps((case.real, case.unseen)))
        reference = metric.prepare(case.real, case.codec)
        metric.score(reference, case.unseen)
        metric.replicates(reference, case.unseen, GROUPS)
        assert bytes(ForkingPickler.dumps((case.real, case.unseen))) == before

    def test_replicates_are_one_a_group_and_lie_around_the_score(
        self, metric: Metric, case: MetricCase
    ) -> None:
        reference = metric.prepare(case.real, case.codec)
        damaged = ladder(case.unseen, next(iter(case.corruptions.values())))[0]
        found = metric.replicates(reference, damaged, GROUPS)
        assert found.shape == (GROUPS,)
        assert found.dtype == np.float64
        assert np.isfinite(found).all()
        assert len(set(found)) > 1
        score = metric.score(reference, damaged)
        beside = max(float(np.ptp(found)), 0.1 * abs(score))  # a bias grows as samples are left out
        assert found.min() - beside <= score <= found.max() + beside
        assert np.array_equal(metric.replicates(reference, damaged, GROUPS), found)

    @pytest.mark.parametrize("rows", [2, 9, 10, 12, 17, 41, 60, 1000])
    def test_as_many_groups_as_it_names_can_be_left_out(
        self, metric: Metric, case: MetricCase, rows: int
    ) -> None:
        groups = metric.groups(rows)
        assert groups == 0 or 2 <= groups <= rows // 2
        real, unseen = case.real[:rows], case.unseen[:rows]
        if min(len(real), len(unseen)) < rows:
            return
        try:
            reference = metric.prepare(real, case.codec)
            score = metric.score(reference, unseen)
        except MetricError:
            return  # too few for a score
        found, replicates = metric.jackknife(reference, unseen, groups)
        assert found == score
        assert replicates.shape == (groups,)

    def test_too_few_samples_are_refused_in_one_line(self, metric: Metric, case: MetricCase) -> None:
        reference = metric.prepare(case.real, case.codec)
        for call in (
            lambda: metric.score(reference, case.unseen[:2]),
            lambda: metric.prepare(case.real[:2], case.codec),
            lambda: metric.replicates(reference, case.unseen, 10_000),
        ):
            with pytest.raises(MetricError) as caught:
                call()
            assert "\n" not in str(caught.value)

    def test_samples_of_another_shape_are_refused_in_one_line(self, metric: Metric, case: MetricCase) -> None:
        reference = metric.prepare(case.real, case.codec)
        with pytest.raises(MetricError) as caught:
            metric.score(reference, _narrower(case.unseen))
        assert "\n" not in str(caught.value)


def _loss(metric: Metric, reference: Any, samples: Samples) -> float:
    return metric.objective.loss(metric.score(reference, samples))


def _error(metric: Metric, reference: Any, samples: Samples) -> float:
    """Estimate the standard error of a score over the rows, by the jackknife."""
    variance = metric.replicates(reference, samples, GROUPS).var() * (GROUPS - 1)
    return float(np.sqrt(variance))


def _narrower(samples: Samples) -> Samples:
    """Make samples of another shape: narrower images, tables without a column, numbers in place of texts."""
    if isinstance(samples, list):
        return [len(text) for text in samples]
    return samples[:, :, 1:] if isinstance(samples, np.ndarray) else samples.iloc[:, :-1]
