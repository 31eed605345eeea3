import re
from dataclasses import asdict, replace

import pytest

from autogen.report.figures.verdict import finalists as finalists_figure
from autogen.report.hard_tests import Diversity, Memorization
from autogen.report.page.evidence.comparison import unmeasured
from autogen.report.page.start import of_start
from autogen.report.schema import Baseline, Interval
from autogen.report.scores import between, chance, mean_of, number
from autogen.report.verdict import called, details, explanation, headline, reached, title
from tests.report.example import changed, study


def test_a_winner_is_named_with_its_family():
    assert headline(study("winner").result) == "Trial 35 (autoregressive) is the winner."


def test_a_victory_does_not_reach_to_trials_that_were_not_compared():
    result = changed(study("winner").result, left_out=[7])
    assert headline(result) == "Trial 35 (autoregressive) is the winner of those that were compared."
    figure = finalists_figure(result, study().objective)
    assert figure.title.startswith("Trial 35 (autoregressive) beats every finalist that was compared with it")


def test_a_leader_that_was_compared_with_none_is_no_winner():
    said = headline(changed(study("winner").result, verdict="unrivaled"))
    named = "trial 35 (autoregressive), which beats the best baseline"
    assert said == f"Only one model could be compared: {named}."
    alone = changed(study("winner").result, verdict="unrivaled")
    assert title(alone) == "trial 35 (autoregressive) beats the best baseline"
    assert "best baseline" not in " ".join(details(alone))  # the title has it
    assert " ".join([said, *explanation(alone)]).count("beats") == 1


def test_a_model_that_was_cut_says_so_in_the_headline():
    best = study("winner").result.to_json()["best"]
    said = headline(changed(study("winner").result, best=best | {"steps_share": 0.12}, grade="weak"))
    had = "trial 35 (autoregressive) had time for 12 % of its training steps"
    assert said == f"Trial 35 (autoregressive) is the winner; {had}; grade: weak."
    assert "had time" not in headline(changed(study("winner").result, best=best | {"steps_share": 1.0}))


def test_a_suspicion_of_the_search_that_was_not_confirmed_is_explained_once():
    result = study("winner").result
    gate = {"share": 0.52, "passed": True, "samples": 375, "holdout": 241}
    first, *rest = result.to_json()["finalists"]
    suspected = changed(result, finalists=[first | {"suspected": True, "memorisation": gate}, *rest])
    assert [one.trial for one in suspected.cleared()] == [first["trial"]]
    said = " ".join(explanation(suspected))
    assert (
        "The quick test of the search suspected trial 35 (autoregressive) of copying training data." in said
    )
    assert "more samples (375 generated, 241 unseen real ones), at the level .01 instead of .1" in said
    refused = changed(
        result, finalists=[first | {"suspected": True, "memorisation": gate | {"passed": False}}]
    )
    assert refused.cleared() == []
    assert "suspected" not in " ".join([*explanation(refused), *explanation(result)])


def test_a_refused_baseline_is_not_passed_over_in_silence():
    result = study("winner").result
    copies = "its samples are copies of the train split"
    baselines = [
        one | ({"excluded": copies} if one["role"] == "baseline" and not one.get("trivial") else {})
        for one in result.to_json()["baselines"]
    ]
    refused = changed(result, verdict="unrivaled", baselines=baselines)
    assert "which beats the best baseline that was not refused." in headline(refused)
    said = " ".join(explanation(refused))
    assert "Baselines that were refused, and are not compared: " in said
    assert f"({copies})" in said
    assert "refused" not in " ".join(explanation(result))


def untimed(result, **entries):
    """The result where there was no time to test the last baseline that is not trivial."""
    baselines = result.to_json()["baselines"]
    (late,) = [one for one in baselines if one["role"] == "baseline" and not one.get("trivial")][-1:]
    late |= {"mean": None, "low": None, "high": None, "excluded": ""}
    return late["name"], changed(result, baselines=baselines, **entries)


def test_a_baseline_that_there_was_no_time_to_test_is_not_said_to_be_beaten():
    name, late = untimed(study("winner").result, verdict="unrivaled")
    assert "which beats the best baseline that was tested" in headline(late)
    said = " ".join(explanation(late))
    assert "The best baseline that was tested is " in said
    assert title(late) == "trial 35 (autoregressive) beats the baselines compared"
    assert f"There was no time to test {name}, which may be better." in said
    _, late = untimed(study("winner").result)
    assert "and the best baseline that was tested, " in " ".join(explanation(late))
    assert "that was tested" not in " ".join(explanation(study("winner").result))


REFUSED = Memorization(share=0.9, p_value=1e-5, passed=False)
REPEATED = Diversity(
    near_duplicates=150, real_near_duplicates=3, p_value=1e-5, passed=False, samples=200, found_up_to=20
)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "no time to test"),
        ({"excluded": "90 % of its samples ...", "memorisation": REFUSED}, "refused before test"),
        ({"excluded": "it could not be fitted"}, "excluded"),
        ({"role": "control"}, "control, no time to test"),
    ],
)
def test_the_terminal_says_why_a_baseline_has_no_score(entries, words):
    result = study("winner").result
    row = Baseline(**{"name": "kde", "role": "baseline"} | entries)
    assert unmeasured(row, result) == words
    assert unmeasured(replace(row, mean=0.3), result) == ""


def test_the_terminal_says_why_a_finalist_has_no_score():
    result = study("winner").result
    row = replace(result.finalists[1], mean=None, dropped=True)
    assert unmeasured(row, result) == "clearly worse on select"
    assert unmeasured(row, changed(result, left_out=[row.trial])) == "worse on select, no time"
    refused = replace(row, excluded="90 % of its samples ...", memorisation=REFUSED)
    assert unmeasured(refused, result) == "refused before test"


def test_the_grade_stands_in_the_headline():
    graded = changed(study("winner").result, grade="usable")
    assert headline(graded) == "Trial 35 (autoregressive) is the winner; grade: usable."


@pytest.mark.parametrize(
    ("mean", "low", "grade", "said"),
    [
        (0.93, 0.88, "usable", ": 0.88, which is below 0.9."),
        (0.93, 0.8973, "usable", ": 0.897, which is below 0.9."),  # 0.90 would contradict it
        (0.93, 0.91, "close to real", ""),
        (0.85, 0.6, "usable", ""),
        (0.2, 0.0, "not usable", ", which is not above 0."),
        (0.0, -0.2, "not usable", ""),
        (0.93, 0.88, "", ""),
        (0.93, None, "usable", ""),
        (0.93, 0.88, "not usable", ""),  # it copies
    ],
)
def test_the_end_that_a_grade_goes_by_is_said_where_the_mean_would_have_a_better_one(mean, low, grade, said):
    test = study().result.to_json()["test"]
    test |= {"calibrated": mean, "calibrated_low": low, "calibrated_high": 0.95}
    told = " ".join(explanation(changed(study("winner").result, test=test, grade=grade)))
    found = told.partition("The grade goes by the lower end of the interval")[2]
    assert found.startswith(said) if said else not found


def test_an_update_says_that_a_new_model_is_returned_though_it_is_not_shown_to_beat_the_earlier_one():
    result = study("baseline").result
    drift = {"older": 800, "newer": 600}
    update = {"run": "runs/may", "answer": "fresh", "drift": drift}
    start = {"source": "runs/may", "used": False, "update": update}
    best = called(result.best)
    assert "is returned" not in headline(result)
    assert (
        headline(changed(result, start=start))
        .partition(";")[2]
        .startswith(f" {best} is returned, since it is better on validation data")
    )


def test_a_tie_names_all_that_are_not_shown_to_differ():
    said = headline(study("tie").result)
    assert said == "A tie: trial 35 (autoregressive) and trial 51 (VAE) are not shown to differ."


def test_a_baseline_that_is_better_is_told_from_one_that_is_not_shown_to_be_worse():
    result = study("baseline").result
    baselines = [
        one | ({"relation": "better"} if "separated" in one else {}) for one in result.to_json()["baselines"]
    ]
    better = changed(result, baselines=baselines)
    leader = "trial 35 (autoregressive)"
    expected = f"pixelwise KDE is better than the best model, {leader}, by more than chance explains"
    assert headline(better) == f"{expected}."
    returned = changed(better, best={"trial": None, "family": "pixelwise KDE", "config": {}})
    assert headline(returned) == f"{expected}; it is returned."


def test_an_unbeaten_baseline_is_what_is_said_first():
    assert headline(study("baseline").result) == "No model was shown to beat pixelwise KDE."


def test_with_epsilon_the_returned_model_is_named():
    result = study("baseline").result
    assert "private" not in " ".join(explanation(result))
    said = " ".join(explanation(changed(result, privacy={"epsilon": 2.9, "delta": 1e-5})))
    assert (
        "Trial 35 (autoregressive) is returned, since no baseline is private. More data or a larger" in said
    )


def test_where_no_finalist_can_win_the_reason_is_said():
    result = study("baseline").result
    copies = "its samples are copies of the train split"
    finalists = [one | {"excluded": copies} for one in result.to_json()["finalists"]]
    said = explanation(changed(result, finalists=finalists))
    assert f"Trial 35 (autoregressive) cannot win, since {copies}, and neither can the 2 others." in said
    best = result.to_json()["best"] | {"trial": None, "family": "pixelwise KDE"}
    none = changed(result, finalists=finalists, best=best)
    assert title(none) == "none of 3 finalists can win, so the baseline pixelwise KDE is returned"
    assert headline(none).startswith("None of 3 finalists can win; ")
    one = changed(result, finalists=finalists[:1], best=best)
    assert f"Trial 35 (autoregressive) cannot win, since {copies}." in explanation(one)
    assert title(one) == "the only finalist cannot win, so the baseline pixelwise KDE is returned"
    assert finalists_figure(none, study().objective).title == "None of 3 finalists can win"


@pytest.mark.parametrize(
    ("test", "several", "one"),
    [
        (
            "memorisation",
            "all 3 finalists were refused for copying",
            "the only finalist was refused for copying",
        ),
        (
            "diversity",
            "all 3 finalists were refused since their samples repeat each other",
            "the only finalist was refused since its samples repeat each other",
        ),
    ],
)
def test_one_reason_for_which_all_finalists_are_refused_is_in_the_title(test, several, one):
    told = study("baseline").result.to_json()
    best = told["best"] | {"trial": None, "family": "pixelwise KDE"}
    failed = asdict(REFUSED if test == "memorisation" else REPEATED)
    entries = [each | {"excluded": "why", test: failed} for each in told["finalists"]]
    for count, said in ((3, several), (1, one)):
        result = changed(study("baseline").result, finalists=entries[:count], best=best)
        assert title(result) == f"{said}, so the baseline pixelwise KDE is returned"


def test_a_baseline_that_is_returned_is_not_called_a_model():
    result = study("baseline").result
    best = result.to_json()["best"] | {"trial": None, "family": "pixelwise KDE"}
    said = reached(changed(result, best=best))
    assert "the returned baseline pixelwise KDE" in said
    assert "the returned model" in reached(study().result)
    kept = best | {"baseline": "earlier_model"}
    assert "the returned model" in reached(changed(result, best=kept))


def test_a_small_normalized_score_is_not_shown_as_zero():
    test = study().result.to_json()["test"]
    test |= {"calibrated": 0.0003, "calibrated_low": 0.00004, "calibrated_high": 0.0005}
    said = explanation(changed(study().result, test=test))[0]
    assert "normalized score is 0.0003 (0.0000 to 0.0005)" in said
    said = explanation(changed(study().result, test=test | {"calibrated_low": -0.0004}))[0]
    assert "normalized score is 0.00 (0.00 to 0.00)" in said


def test_a_winner_is_said_to_beat_its_rivals_and_the_best_baseline():
    said = " ".join(explanation(study("winner").result))
    assert "It beats the 2 other finalists and the best baseline, pixelwise KDE" in said


def test_the_score_is_said_to_be_the_model_s_own_or_its_recipe_s():
    said = " ".join(explanation(study().result))
    assert "the score of exactly the returned model, over 5 draws" in said
    best = study().result.to_json()["best"] | {"test_score": 0.0166}
    said = " ".join(explanation(changed(study().result, claim="recipe", best=best)))
    assert "the mean of 5 trainings of its configuration on fresh seeds" in said
    assert "one of them and scores 0.0166" in said


def test_where_a_baseline_stands_nothing_is_said_to_be_beaten():
    assert "beats" not in " ".join(explanation(study("baseline").result))


def test_a_tie_says_which_model_is_returned_and_what_is_given_up():
    result = study("tie").result
    assert "The leader, trial 35 (autoregressive), is returned." in explanation(result)
    cheaper = changed(result, given_up={"mean": 0.0011, "low": -0.0004, "high": 0.0026})
    said = " ".join(explanation(cheaper))
    assert "it is cheaper to train. Its kd[random_conv-v1] is worse than the leader's by 0.0011" in said
    better = changed(result, given_up={"mean": -0.0024, "low": -0.025, "high": 0.02})
    said = " ".join(explanation(better))
    assert "is better than the leader's by 0.0024 (0.025 better to 0.02 worse). What may be given up" in said


def test_repeats_are_said_before_anything_else_of_the_model():
    diversity = {
        "near_duplicates": 90,
        "real_near_duplicates": 2,
        "samples": 100,
        "p_value": 0.001,
        "found_up_to": 40,
    }
    told = explanation(changed(study("winner").result, diversity=diversity | {"passed": False}))
    assert told[0] == "The model draws few different samples and should not be used as it is."
    told = explanation(changed(study("winner").result, diversity=diversity | {"passed": True}))
    assert "few different" not in " ".join(told)


def test_a_model_that_copies_is_refused_in_the_first_sentence():
    gate = {"share": 0.9, "p_value": 0.0, "passed": False}
    result = changed(study("winner").result, memorisation=gate)
    assert "copies its training data" in explanation(result)[0]


def test_an_untested_model_is_not_said_to_copy():
    assert "copies" not in " ".join(explanation(changed(study().result, memorisation=None)))


def test_a_score_without_a_scale_is_told_without_one():
    result = changed(study().result, test=study().result.to_json()["test"] | {"calibrated": None})
    assert "trivial" not in " ".join(explanation(result))


def test_a_mean_has_the_digits_that_its_interval_leaves():
    entry = Interval(mean=0.01712345, low=0.016, high=0.0182)
    assert (mean_of(entry), between(entry)) == ("0.0171", "0.0160 to 0.0182")


@pytest.mark.parametrize("low", [None, 0.5])
def test_an_interval_without_width_is_none(low):
    entry = Interval(mean=0.5, low=low, high=0.5)
    assert (mean_of(entry), between(entry)) == ("0.5", "no interval")


def test_figures_are_short():
    assert (number(0.0123456), number(None)) == ("0.0123", "–")
    assert (chance(0.27123), chance(1e-9), chance(None)) == ("0.27", "< 0.001", "–")


def test_a_headline_names_at_most_three_and_counts_the_others():
    found = study("tie").result
    one = found.to_json()["finalists"][0]
    finalists = [one | {"trial": number} for number in range(6)]
    many = changed(found, verdict="tie", finalists=finalists, tied=list(range(6)))
    assert re.search(
        r"A tie: trial 0 \(.*\), trial 1 \(.*\) and 4 others are not shown to differ", headline(many)
    )
    three = changed(found, verdict="tie", finalists=finalists[:3], tied=[0, 1, 2])
    assert "others" not in headline(three)


def test_a_rounded_zero_has_no_sign():
    assert between(Interval(mean=-0.0001, low=-0.0004, high=0.0196)) == "0.000 to 0.020"
    assert mean_of(Interval(mean=-0.0001, low=-0.0104, high=0.0196)) == "0.000"


@pytest.mark.parametrize(
    ("used", "tune", "said"),
    [
        (True, {"earlier": 0.2, "fresh": 0.3}, "The model was trained from the weights of runs/a"),
        (False, {"earlier": 0.4, "fresh": 0.3}, "The start from runs/a did not help"),
        (False, {"earlier": 0.2, "fresh": 0.3}, "What is returned did not start from runs/a"),
        (False, {"earlier": 0.2}, "What is returned did not start from runs/a"),
        (True, {"earlier": 0.2}, "The model was trained from the weights of runs/a"),
    ],
)
def test_a_start_is_said_to_help_only_where_it_did(used, tune, said):
    start = {"source": "runs/a", "used": used, "tune": tune, "trials": dict.fromkeys(tune, 3)}
    result = changed(study("winner").result, start=start)
    assert result.objective.direction == "minimize"
    (sentence,) = of_start(result)
    assert sentence.startswith(said)
    assert "for 3 started from it" in sentence
    assert ("whether the start helps is not known" in sentence) == (used and len(tune) == 1)
    assert of_start(study("winner").result) == []
    (sentence,) = of_start(changed(result, start=start | {"used": False, "tune": {}, "trials": {}}))
    assert sentence.endswith("; no trial that did can be compared.")


def test_a_trivial_baseline_that_is_returned_is_said_to_be_the_zero_and_nothing_is_said_twice():
    result = study("baseline").result
    gate = {"share": 0.67, "p_value": 1e-5, "passed": False, "samples": 375}
    refused = [
        one | {"excluded": "copies", "memorisation": gate} for one in result.to_json()["finalists"][:1]
    ]
    entries = result.to_json()["baselines"]
    entries = [one | {"trivial": one["name"] == "independent pixels"} for one in entries]
    made = changed(
        result,
        finalists=refused,
        baselines=entries,
        best={"trial": None, "family": "independent pixels", "name": "independent pixels"},
        test=result.to_json()["test"] | {"calibrated": 0.0, "calibrated_low": -0.2, "calibrated_high": 0.26},
    )
    assert "independent pixels is itself the best trivial baseline (0)" in reached(made)
    assert (
        title(made)
        == "the only finalist was refused for copying, so the baseline independent pixels is returned"
    )
    assert details(made) == []
