"""Rejected samples are told from kept ones where their features differ, and nothing is claimed where not."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.metrics.feedback.rejection import RejectionTest
from autogen.metrics.feedback.resemblance import resemblance
from autogen.metrics.lookup import space_for
from autogen.metrics.tables.features import RelatedRows

pytestmark = pytest.mark.slow


def rows(n, seed):
    rng = np.random.default_rng(seed)
    kind = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    return pd.DataFrame({"x": rng.normal(size=n), "kind": kind})


@pytest.fixture(scope="module")
def data():
    return open_data(rows(300, 0))


def learned(data, samples, marks):
    space = space_for(None, "tabular")
    return resemblance(samples, np.asarray(marks, float), data.split("train"), data.codec, space)


@pytest.fixture(scope="module")
def by_class(data):
    """What is learned where class c is rejected."""
    marked = rows(200, 1)
    return learned(data, marked, marked.kind != "c")


def test_a_rejected_class_is_found_again(by_class):
    found = by_class
    assert found.reliable
    fresh = rows(300, 2)
    share = found.rejection(fresh)
    assert share[fresh.kind == "c"].mean() > 0.8
    assert share[fresh.kind != "c"].mean() < 0.05


def test_a_rejected_interval_is_found_though_no_line_cuts_it_off(data):
    marked, fresh = rows(400, 1), rows(300, 2)
    found = learned(data, marked, marked.x.abs() > 0.4)
    inside = fresh.x.abs() < 0.4
    share = found.rejection(fresh)
    assert share[inside].mean() > 0.6
    assert share[~inside].mean() < 0.2


def test_marks_at_random_are_not_taken_for_a_pattern(data):
    marked = rows(200, 1)
    assert not learned(data, marked, np.random.default_rng(3).random(200) > 0.2).reliable


def test_a_mark_between_zero_and_one_counts_in_part(data, by_class):
    marked = rows(200, 1)
    ours = marked.kind == "c"
    half = learned(data, marked, np.where(ours, 0.5, 1.0))
    assert half.rejection(marked)[ours].mean() < by_class.rejection(marked)[ours].mean() - 0.2


def test_a_heavy_mark_makes_the_share_of_rejected_samples_no_smaller(data):
    marked = rows(150, 4)
    kept = np.random.default_rng(0).random(150) > np.where(marked.kind == "c", 0.8, 0.1)
    shares = [
        learned(data, marked, mark * kept.astype(float)).rejection(marked).mean() for mark in (1.0, 100.0)
    ]
    assert shares[0] == shares[1]
    assert shares[0] == pytest.approx(1 - kept.mean(), abs=0.05)


@pytest.mark.parametrize("rejected", [9, 191])
def test_fewer_than_ten_of_one_sort_teach_nothing(data, rejected):
    assert learned(data, rows(200, 1), np.arange(200) >= rejected) is None


def test_a_model_is_refused_for_what_is_above_the_bound_beyond_chance(by_class):
    test = RejectionTest(by_class, 0.1)
    fresh = rows(300, 2)
    refused, passed = test(fresh), test(fresh[fresh.kind != "c"])
    assert (refused.passed, passed.passed) == (False, True)
    assert refused.share > 0.1 > passed.share
    assert "users would reject about" in refused.reason
    few = pd.concat([fresh[fresh.kind == "c"][:3], fresh[fresh.kind != "c"][:17]])
    assert test(few).passed  # 3 of 20 are no proof of more than a tenth


def test_an_end_before_its_start_is_seen_in_the_difference():
    """A fault of models that no real row has: the difference of two columns shows it, neither alone does."""
    rng = np.random.default_rng(0)

    def intervals(n, bad):
        start, length = rng.uniform(0, 100, n), rng.exponential(8, n)
        end = np.where(rng.random(n) < bad, start - length, start + length)
        return pd.DataFrame({"start": start.round(1), "end": end.round(1)})

    data, samples = open_data(intervals(300, 0.0)), intervals(600, 0.08)
    kept = samples.end >= samples.start
    given = [samples, np.asarray(kept, float), data.split("train"), data.codec]
    related, plain = (resemblance(*given, space) for space in (RelatedRows(), space_for(None, "tabular")))
    assert related.auc > 0.97 > plain.auc
    fresh = intervals(600, 0.08)
    assert related.rejection(fresh[fresh.end > fresh.start]).mean() < 0.02
