import random

import numpy as np
import pytest

from autogen.judging import perturbations
from autogen.judging.calibration import STS_MINILM, fit_curve
from autogen.judging.criteria import CRITERIA, Item
from autogen.judging.embedded.ngrams import NGrams
from autogen.judging.embedded.texts import negations, numbers, sentences
from autogen.judging.llm.replies import expected_grade
from autogen.judging.means import interval
from autogen.judging.selfcheck import controls


def test_log_probabilities_that_say_little_of_grades_are_not_used():
    told = [("4", {"4": np.log(0.3), "four": np.log(0.6)})]
    assert expected_grade(told) is None


def test_the_last_grade_of_a_reply_is_the_one_that_counts():
    told = [("2", {"2": 0.0}), (" of", {}), (" 5", {" 5": np.log(0.5), " 4": np.log(0.5)})]
    assert expected_grade(told) == pytest.approx(4.5)


def test_a_calibration_curve_rises_from_one_to_five_and_knows_how_well_it_stands():
    curve = fit_curve([[9, 10, 11], [7, 8, 9], [5, 6, 7], [3, 4, 5], [1, 2, 3]])
    grades = [curve.grade(value) for value in range(13)]
    assert grades == sorted(grades)
    assert (grades[0], grades[12]) == (1.0, 5.0)
    assert curve.worst == 1.0
    assert 0.5 < curve.mildest < 1.0


def test_a_calibration_on_noise_is_not_reliable():
    noise = np.random.default_rng(0).normal(size=(5, 40))
    assert not fit_curve(noise).reliable


def test_the_curve_of_human_ratings_rises():
    assert np.all(np.diff(STS_MINILM.raw) > 0)
    assert np.all(np.diff(STS_MINILM.grades) > 0)


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says():
    dice = np.random.default_rng(1)
    held = 0
    for seed in range(100):
        values = dice.normal(3, 1, 60)
        low, high = interval(values, [str(n) for n in range(60)], seed)
        held += low <= 3 <= high
    assert 88 <= held <= 99


def test_answers_to_one_question_do_not_count_as_many_questions():
    values = np.repeat(np.random.default_rng(0).normal(size=20), 5)
    together = interval(values, [str(n // 5) for n in range(100)])
    apart = interval(values, [str(n) for n in range(100)])
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


@pytest.mark.parametrize("severity", perturbations.SEVERITIES)
def test_damage_changes_a_text_and_is_the_same_for_equal_seeds(severity):
    text = "She has walked to the old house that they built on the hill."
    one, other = (perturbations.break_grammar(text, severity, random.Random(5)) for _ in range(2))
    assert one == other != text


def test_mixing_takes_more_foreign_words_with_each_severity():
    own, foreign = "a " * 20, "b " * 20
    shares = [
        perturbations.mix_words(own, foreign, severity, random.Random(0)).count("b")
        for severity in (1, 2, 3, 4)
    ]
    assert shares == [5, 10, 15, 20]


def test_the_probabilities_of_an_n_gram_model_sum_to_one():
    model = NGrams(["abab", "abba"], 3)
    ends = [model._probability((None, "a"), symbol) for symbol in ("a", "b", None, "never seen")]
    assert sum(ends) == pytest.approx(1)
    assert ends[1] > ends[0] > ends[3] > 0


@pytest.mark.parametrize("metric", list(CRITERIA))
def test_controls_are_sound_answers_and_the_same_spoilt(metric):
    items = [
        Item(f"answer {n} of many words", f"question {n}", f"context {n}", f"truth {n} of some words")
        for n in range(30)
    ]
    sound, corrupted = controls(CRITERIA[metric], items)
    assert len(sound) == len(corrupted) == 10
    assert all(one != other for one, other in zip(sound, corrupted, strict=True))


def test_a_control_is_not_spoilt_with_material_of_its_own():
    items = [Item(f"answer {n}", "q", "the one context of all", system=str(n)) for n in range(30)]
    assert controls(CRITERIA["groundedness"], items) == ([], [])


def test_sentences_numbers_and_negations_are_found():
    assert sentences('It cost 3.5 million. "Why?" he asked.\nNobody knew') == [
        "It cost 3.5 million.",
        '"Why?',
        "he asked.",
        "Nobody knew",
    ]
    assert numbers("1,200 people, 3.5 million in 1850.") == {"1200", "3.5", "1850"}
    assert negations("He didn't go, and no one cannot.") == 3
