"""Both hard tests together: one verdict, one reason, numbers for the journal."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from autogen.metrics.memorization.constraints import Constraints, check
from autogen.metrics.memorization.diversity import diversity
from autogen.metrics.memorization.gate import memorisation
from tests.metrics.makers import codec_of, people


@pytest.fixture(scope="module")
def parts():
    frame = people(400, 0)
    return frame.iloc[:100], frame.iloc[100:300], frame.iloc[300:], codec_of(frame)


@pytest.fixture(scope="module")
def honest(parts) -> Constraints:
    return check(*parts)


def test_honest_samples_pass_without_a_reason(honest):
    assert honest.passed
    assert honest.reason == ""


def test_both_tests_are_made_the_second_against_all_real_rows(parts, honest):
    fake, train, unseen, codec = parts
    assert honest.memorisation == memorisation(*parts)
    assert honest.diversity == diversity(fake, pd.concat([train, unseen], ignore_index=True), codec)


def test_the_diversity_of_at_most_four_hundred_samples_is_looked_at():
    frame = people(1300, 0)
    found = check(frame.iloc[:450], frame.iloc[450:900], frame.iloc[900:], codec_of(frame))
    assert (found.diversity.samples, found.memorisation.samples) == (400, 450)
    assert (found.memorisation.train, found.memorisation.holdout) == (450, 400)


def test_copies_are_refused_for_being_copies(parts):
    _, train, unseen, codec = parts
    found = check(train.iloc[:100], train, unseen, codec)
    assert not found.passed
    assert (
        found.reason
        == f"{100 * found.memorisation.copied:.0f} % of its samples are copies of the train split"
    )


def test_the_reason_gives_the_share_that_decided(honest):
    few = replace(honest.memorisation, share=0.5516, p_value=0.47, copied=0.101, copied_p_value=0.006)
    near = replace(honest.memorisation, share=0.66, p_value=1e-5, copied=0.03, copied_p_value=0.006)
    few, near = (replace(honest, memorisation=replace(one, passed=False)).reason for one in (few, near))
    assert few == "10 % of its samples are copies of the train split"
    assert near == "66 % of its samples lie nearer to the train split than to unseen ones"


def test_repeats_are_refused_for_being_repeats(parts):
    fake, train, unseen, codec = parts
    few = fake.iloc[np.random.default_rng(0).integers(20, size=100)]
    found = check(few, train, unseen, codec)
    assert found.diversity.passed is found.passed is False
    assert (
        found.reason.startswith("its samples repeat each other (") or "; its samples repeat" in found.reason
    )
    assert f"{found.diversity.near_duplicates} of 100 are near duplicates" in found.reason


def test_either_refusal_is_enough(honest):
    copies = replace(honest, memorisation=replace(honest.memorisation, passed=False))
    repeats = replace(honest, diversity=replace(honest.diversity, passed=False))
    both = replace(copies, diversity=repeats.diversity)
    assert [one.passed for one in (copies, repeats, both)] == [False, False, False]
    assert both.reason == f"{copies.reason}; {repeats.reason}"


@pytest.mark.parametrize("found_from", [0.12, None])
def test_numbers_of_the_journal_give_the_results_back(honest, found_from):
    known = replace(honest, memorisation=replace(honest.memorisation, found_from=found_from))
    values = json.loads(json.dumps(known.to_values()))
    assert all(isinstance(value, float) for value in values.values())
    again = Constraints.of_values(values | {"seconds": 1.0})
    assert again == known
    assert (type(again.memorisation.samples), type(again.diversity.passed)) == (int, bool)


def test_the_record_has_the_samples_distances_beside_those_of_unseen_rows(honest):
    record = json.loads(json.dumps(honest.to_json(), allow_nan=False))
    assert set(record) == {"memorisation", "diversity"}
    assert not [name for name in record["memorisation"] if "p5" in name or "median" in name]
    own = honest.memorisation
    assert record["memorisation"]["dcr"] == {
        "samples": {"p5": own.dcr_p5, "median": own.dcr_median},
        "holdout": {"p5": own.holdout_dcr_p5, "median": own.holdout_dcr_median},
    }
    assert record["memorisation"]["nndr"]["holdout"]["p5"] == own.holdout_nndr_p5
    assert record["memorisation"]["found_from"] == own.found_from
    assert {"near_duplicates", "real_near_duplicates", "p_value", "passed"} <= set(record["diversity"])
