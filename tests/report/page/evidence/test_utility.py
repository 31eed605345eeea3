"""The line of the terminal on what samples teach."""

import dataclasses

from autogen.report.page.evidence.utility import utility_line
from tests.report.example import relations


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
