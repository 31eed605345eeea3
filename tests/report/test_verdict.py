import pytest

from autogen.report.verdict import between, chance, explanation, headline, mean_of, number
from tests.report.example import study


def test_a_winner_is_named_with_its_family():
    assert headline(study("winner").result) == "Trial 35 (autoregressive) is the winner."


def test_a_victory_does_not_reach_to_trials_that_were_not_confirmed():
    result = dict(study("winner").result) | {"left_out": [7]}
    expected = "Trial 35 (autoregressive) is the winner of those that were confirmed."
    assert headline(result) == expected
    alone = [dict(one) for one in result["finalists"][:1]]
    said = headline(result | {"finalists": alone})
    assert said.endswith(
        "beats the baselines; there was no time to confirm another trial, so it is compared with none."
    )


def test_a_tie_names_all_that_cannot_be_told_apart():
    said = headline(study("tie").result)
    assert said == "A tie: trial 35 (autoregressive) and trial 51 (VAE) cannot be told apart."


def test_an_unbeaten_baseline_is_what_is_said_first():
    assert headline(study("baseline").result) == "No model was shown to beat pixelwise KDE."


def test_a_winner_is_said_to_beat_its_rivals_and_the_best_baseline():
    assert (
        "It beats the 2 other finalists and the best baseline, pixelwise KDE"
        in explanation(study("winner").result)[1]
    )


def test_where_a_baseline_stands_nothing_is_said_to_be_beaten():
    assert "beats" not in " ".join(explanation(study("baseline").result))


def test_a_tie_says_which_model_is_returned():
    assert (
        "the cheapest of them, trial 35 (autoregressive), is returned" in explanation(study("tie").result)[1]
    )


def test_repeats_are_said_before_anything_else_of_the_model():
    diversity = {"near_duplicates": 90, "real_near_duplicates": 2, "samples": 100, "p_value": 0.001}
    told = explanation(dict(study("winner").result) | {"diversity": diversity | {"passed": False}})
    assert told[0] == "The model repeats a few samples over and over and should not be used as it is."
    told = explanation(dict(study("winner").result) | {"diversity": diversity | {"passed": True}})
    assert "repeats" not in " ".join(told)


def test_a_model_that_copies_is_refused_in_the_first_sentence():
    result = dict(study("winner").result) | {"memorisation": {"share": 0.9, "p_value": 0.0, "passed": False}}
    assert "copies its training data" in explanation(result)[0]


def test_an_untested_model_is_not_said_to_copy():
    assert "copies" not in " ".join(explanation(dict(study().result) | {"memorisation": None}))


def test_a_score_without_a_scale_is_told_without_one():
    result = dict(study().result)
    result["test"] = result["test"] | {"calibrated": None}
    assert "trivial" not in " ".join(explanation(result))


def test_a_mean_has_the_digits_that_its_interval_leaves():
    entry = {"mean": 0.01712345, "low": 0.016, "high": 0.0182}
    assert (mean_of(entry), between(entry)) == ("0.0171", "0.0160 to 0.0182")


@pytest.mark.parametrize("low", [None, 0.5])
def test_an_interval_without_width_is_none(low):
    entry = {"mean": 0.5, "low": low, "high": 0.5}
    assert (mean_of(entry), between(entry)) == ("0.5", "no interval")


def test_figures_are_short():
    assert (number(0.0123456), number(None)) == ("0.0123", "–")
    assert (chance(0.27123), chance(1e-9), chance(None)) == ("0.27", "< 0.001", "–")
