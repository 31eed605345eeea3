"""What samples teach about the target, on the page and in the terminal."""

import dataclasses

from autogen.report.markup import tag
from autogen.report.page.evidence.utility import utility, utility_line
from tests.report.example import relations, study


def test_the_line_has_the_share_of_the_skill_and_all_three_skills():
    said, _, skills = utility_line(relations()).partition(". ")
    assert said.startswith("A model that predicts age and was trained on generated rows keeps 75 %")
    assert skills == "R2 on unseen real rows (TSTR): samples 0.60, real rows 0.80, guessing 0.00"


def test_without_a_target_or_with_a_damaged_record_there_is_no_line():
    assert utility_line(None) == ""
    assert utility_line(dataclasses.replace(relations(), utility=None)) == ""
    for damaged in (
        {"target": "age"},
        {"target": "age", "synthetic": "much", "measure": "R2", "real": 1},
        [7],
    ):
        assert utility_line(dataclasses.replace(relations(), utility=damaged)) == ""


def test_a_leak_is_told_before_the_skill_that_it_makes_worthless():
    leaky = dataclasses.replace(relations(), utility=relations().utility | {"leaked": ["alive"]})
    text = tag("div", *utility(dataclasses.replace(study(), relations=leaky))).html
    assert text.index("target leakage") < text.index("keeps 75 %")
