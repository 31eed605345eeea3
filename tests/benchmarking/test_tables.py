"""Means, floors and ranks from cells made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from autogen.benchmarking.cells import Role
from autogen.benchmarking.outcome import BEST_BASELINE
from autogen.benchmarking.tables import COLUMNS, rows_of, scale_of
from autogen.verdict.statistics import interval, interval_of_rows
from tests.benchmarking.makers import GAIN, LOSS, cost, entry, frame, outcome, scored


def test_a_mean_has_the_two_level_interval_of_its_seeds():
    entries = [*frame("a"), *(entry("a", "vae", score, seed=i) for i, score in enumerate((0.2, 0.3, 0.4)))]
    mean = next(m for m in outcome(entries).means if m.model == "vae")
    replicates = np.array([scored(score).replicates for score in (0.2, 0.3, 0.4)])
    assert mean.score == interval(np.array([0.2, 0.3, 0.4]), replicates)
    assert mean.seeds == 3
    assert mean.calibrated[0] == pytest.approx(0.7)
    assert mean.calibrated[1] == pytest.approx(1 - mean.score.high)


def test_one_seed_has_the_interval_of_its_rows():
    mean = outcome([*frame("a"), entry("a", "vae", 0.3)]).means[-1]
    assert mean.score == interval_of_rows(0.3, np.array(scored(0.3).replicates))


def test_the_floor_is_the_mean_of_the_best_trivial_baseline():
    entries = frame("a")[:1]
    entries += [entry("a", "m", v, role=Role.BASELINE, seed=i, trivial=True) for i, v in enumerate((1, 3))]
    entries += [entry("a", "n", 5.0, role=Role.BASELINE, trivial=True)]
    entries += [entry("a", "kde", 0.5, role=Role.BASELINE)]
    scale = scale_of(entries, "image", LOSS)
    assert (scale.floor, scale.ceiling) == (2.0, 0.0)
    assert scale_of(entries, "image", GAIN).floor == 5.0


def test_a_score_that_is_better_when_higher_is_calibrated_upwards():
    entries = [*frame("a", floor=0.0, ceiling=1.0), entry("a", "vae", 0.25)]
    assert outcome(entries, objective=GAIN).means[-1].calibrated[0] == pytest.approx(0.25)


def test_a_failed_cell_is_counted_with_its_reason():
    entries = [*frame("a"), entry("a", "vae", None), entry("a", "vae", 0.3, seed=1)]
    found = outcome(entries)
    mean = found.means[-1]
    assert (mean.seeds, mean.failed) == (1, 1)
    line = next(row for row in rows_of(entries, found.scales) if row["model"] == "vae")
    assert (line["state"], line["reason"], line["score"]) == ("failed", "the score is nan at step 3", None)


def test_a_mean_shows_the_number_that_the_memorization_test_decided_by():
    def copies(refused, **found):
        cells = [entry("a", "vae", 0.3, seed=seed, passed=seed >= refused) for seed in range(3)]
        cells = [
            one if one.scored.passed else replace(one, scored=replace(one.scored, **found)) for one in cells
        ]
        return outcome([*frame("a"), *cells]).means[-1].copies

    assert copies(1, share=0.9) == "no (0.63)"
    assert copies(2, share=0.66, p_value=1e-4, copied=0.2) == "YES (0.66)"
    assert copies(2, share=0.56, p_value=0.4, copied=0.1) == "YES (10 % copied)"
    assert copies(2, share=0.5, p_value=0.5, copied=0.0) == "no (0.50), repeats"


def test_a_line_of_the_results_has_every_column_and_the_costs():
    entries = [*frame("a"), entry("a", "vae", 0.3, cost=cost(4.0))]
    found = outcome(entries)
    line = rows_of(entries, found.scales)[-1]
    assert tuple(line) == COLUMNS
    assert (line["latency_ms"], line["parameters"], line["throughput"]) == (4.0, 1000, 50.0)
    assert line["calibrated"] == pytest.approx(0.7)


def test_ranks_take_all_rows_and_steps_and_the_best_baseline():
    entries = []
    for data, vae, gan in (("a", 0.2, 0.4), ("b", 0.3, 0.1), ("c", 0.2, 0.5)):
        entries += [*frame(data), entry(data, "vae", vae), entry(data, "gan", gan)]
        entries += [entry(data, "vae", 0.0, steps=0.5)]
    ranks = outcome(entries, steps=(0.5, 1.0)).ranks
    assert ranks.names == ("vae", "gan", BEST_BASELINE)
    assert ranks.means == pytest.approx((4 / 3, 5 / 3, 3))


def test_a_model_that_copies_or_failed_on_a_seed_ranks_last():
    entries = [*frame("a"), entry("a", "vae", 0.01, passed=False), entry("a", "gan", 0.9)]
    entries += [*frame("b"), entry("b", "vae", 0.01), entry("b", "vae", None, seed=1), entry("b", "gan", 0.9)]
    assert outcome(entries).ranks.by_set == ((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))
    assert outcome(entries).ranks.names == ("gan", BEST_BASELINE, "vae")


def test_a_baseline_that_copies_is_not_the_best_one():
    entries = [*frame("a"), entry("a", "smote", 0.1, role=Role.BASELINE, passed=False)]
    entries += [entry("a", "copula", 0.4, role=Role.BASELINE)]
    assert outcome(entries).best_baseline("a").model == "copula"
