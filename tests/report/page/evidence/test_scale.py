"""The scale at the top of the page: grades, names of its marks, and the score that it was made of."""

import dataclasses
import re

import pytest

from autogen.report.markup import safe
from autogen.report.page.evidence.scale import LEFT, RIGHT, placed, raw_score, score_bar
from autogen.report.page.page import render
from autogen.report.scores import GRADES, LOWEST, grade_of
from tests.report.example import changed, study


def result(**test):
    made = study().result
    return changed(made, test=made.to_json()["test"] | test)


def test_the_grades_are_zones_of_the_bar_at_the_bounds_by_which_models_are_graded():
    bar = safe(score_bar(result()))
    starts = re.findall(r'class="zone zone-\d" title="[^"]*" style="left:([\d.]+)%', bar)
    scale = [LEFT + float(at) / 100 * (RIGHT - LEFT) for at in starts]
    assert scale == pytest.approx([LEFT, *sorted(GRADES.values())], abs=1e-3)
    titles = re.findall(r'class="zone zone-\d" title="([^"]*)"', bar)
    assert titles == [LOWEST, *sorted(GRADES, key=GRADES.get)]
    for low, name in zip(scale, titles, strict=True):
        assert grade_of(low + 0.01) == name


def test_the_zone_of_the_grade_is_marked():
    bar = safe(score_bar(changed(result(), grade="usable")))
    assert re.findall(r"<strong style=[^>]*>([^<]*)</strong>", bar) == ["usable"]
    assert "The grade is the zone of the interval&#x27;s lower end." in bar
    assert "The grade is" not in safe(score_bar(changed(result(), grade="")))


def test_every_mark_of_a_baseline_has_its_name_above_it():
    bar = safe(score_bar(result()))
    names = bar.partition('class="names"')[2].partition("</div>")[0]
    assert re.findall(r">([^<>]+)</span>", names) == ["independent pix…", "pixelwise KDE", "copy of train"]
    assert 'title="copy of train: 0.99"' in names


def test_the_mark_of_real_data_is_not_called_a_baseline():
    result = study().result
    assert "Thin marks: baselines; at 1: real data." in safe(score_bar(result))
    others = [one for one in result.baselines if one.role != "ceiling"]
    assert "Thin marks: baselines. The bar" in safe(score_bar(dataclasses.replace(result, baselines=others)))


def test_names_of_marks_at_one_place_stand_in_lines_of_their_own():
    made = result()
    entries = [one | {"calibrated": 0.4} for one in made.to_json()["baselines"]]
    bar = safe(score_bar(changed(made, baselines=entries)))
    names = bar.partition('class="names"')[2].partition('class="bar"')[0]
    bottoms = re.findall(r"bottom:([\d.]+)rem", names)
    assert len(bottoms) == len(set(bottoms)) == 3


@pytest.mark.parametrize(
    ("score", "low", "high", "said"),
    [
        (-0.02, -0.1, 0.06, "about 0"),
        (-0.6, -0.7, -0.5, "below 0"),
        (-0.6, None, None, "below 0"),
        (0.0, -0.1, 0.1, "0.00"),
        (0.715, 0.697, 0.733, "0.71"),
    ],
)
def test_a_score_below_0_is_said_in_words_with_its_number_for_the_pointer(score, low, high, said):
    made = result(calibrated=score, calibrated_low=low, calibrated_high=high)
    bar = safe(score_bar(made))
    assert f'<strong title="normalized score {score:.3g}">{said}</strong>' in bar
    cell = safe(placed(made.test))
    assert cell == (f'<span title="{score:.2f}">{said}</span>' if score < 0 else said)
    if low is not None and low < 0 < high:
        assert f"95 % interval below 0 to {high:.2f}" in bar


def test_the_raw_score_is_folded_below_the_normalized_one_with_what_the_metric_means():
    about = {"kd[random_conv-v1]": "Kernel distance. Real samples have about 0."}
    made = changed(result(floor=0.21, ceiling=0.0002), about=about)
    told = safe(raw_score(made))
    assert told in safe(score_bar(made))
    assert told.startswith("<details><summary>What was measured: kd[random_conv-v1] 0.0171</summary>")
    assert "<strong>kd[random_conv-v1]</strong>: Kernel distance. Real samples have about 0." in told
    cells = re.findall(r'<td>([^<]*)</td><td class="number">([^<]*)</td>', told)
    assert cells[:3] == [
        ("the returned model", "0.0171"),
        ("real data", "0.0002"),
        ("the best trivial baseline", "0.2100"),
    ]
    assert "95 % interval: 0.0160 to 0.0182, for chance in test samples and in draws" in told
    assert "also counts chance in both ends of its scale" in told
    assert "copy of train (a copy of the training data: control)" in told
    assert "independent pixels (trivial)" in told


def test_the_lead_has_one_score_and_that_is_the_normalized_one():
    header = render(study()).partition("</head>")[2].partition("<h2>")[0]
    lead = re.search(r'<p class="lead">(.*?)</p>', header)[1]
    assert (
        "the returned model gets 0.71 of the way from the best trivial baseline (0) to real data (1)" in lead
    )
    assert "kd[random_conv-v1]" not in lead
    outside = re.sub(r"<details>.*?</details>", "", header, flags=re.DOTALL)
    assert "0.0171" not in outside


def test_an_interval_that_leaves_the_scale_is_not_passed_over():
    near = [entry for entry in result().to_json()["baselines"] if entry["calibrated"] >= 0]
    made = changed(result(), baselines=near)
    assert "drawn at its ends" not in safe(score_bar(made))
    wide = made.to_json()["test"] | {"calibrated_low": -0.8, "calibrated_high": 2.4}
    assert "drawn at its ends" in safe(score_bar(changed(made, test=wide)))


def test_where_no_score_can_be_calibrated_the_page_says_why():
    absent = dict.fromkeys(("calibrated", "calibrated_low", "calibrated_high"))
    page = dataclasses.replace(study(), result=result(**absent, floor=0.061, ceiling=0.062))
    text = render(page)
    assert "No normalized score" in text
    assert "from real data (0.062) here" in text
    assert "0 is the best trivial baseline" not in text


def test_the_reason_that_the_record_gives_is_the_one_that_is_told():
    told = safe(score_bar(result(calibrated=None, uncalibrated="real rows vary more than that")))
    assert "Real rows vary more than that" in told
