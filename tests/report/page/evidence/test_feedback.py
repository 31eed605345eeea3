"""What users rejected, and how much of it is left, in sentences."""

from dataclasses import replace

import pytest

from autogen.report.hard_tests import Feedback, Rejection
from autogen.report.page.evidence.feedback import feedback_line, feedback_of
from autogen.report.verdict import objections
from tests.report.example import study

GENERATED = Feedback(source=("a.csv",), rows=100, generated=100, rejected=6, before=0.06, auc=0.9, bound=0.03)
OWN = Feedback(source=("a.csv",), rows=3, train=3, dropped=1)
KEPT = Rejection(share=0.01, bound=0.03, p_value=0.9, passed=True, samples=500)


def of(feedback, rejection=None):
    shown = study()
    return replace(shown, result=replace(shown.result, feedback=feedback, rejection=rejection))


@pytest.mark.parametrize(
    ("feedback", "rejection", "said"),
    [
        (None, None, ""),
        (
            GENERATED,
            KEPT,
            "Users rejected 6 of 100 generated samples (6.0 % of the last file). Share of this model's "
            "samples that they would reject: about 1.0 % (at most 3.0 % are allowed).",
        ),
        (
            replace(GENERATED, bound=None),
            None,
            "Users rejected 6 of 100 generated samples (6.0 % of the last file). Rejected samples cannot be "
            "told from kept ones, so no model was refused for them.",
        ),
        (
            OWN,
            None,
            "Users rejected 1 training row, which left the train split. They marked 2 training rows as "
            "kept, or weighed.",
        ),
        (replace(OWN, dropped=0), None, "Users marked 3 training rows as kept, or weighed."),
    ],
)
def test_what_users_marked_is_said_in_sentences(feedback, rejection, said):
    assert feedback_line(of(feedback, rejection).result) == said


def test_the_page_has_a_share_for_each_contender_and_none_without_feedback():
    assert feedback_of(of(None)) == []
    html = "".join(str(getattr(one, "html", "")) for one in feedback_of(of(GENERATED, KEPT)) if one)
    assert "the delivered model" in html
    assert "1.0 %" in html
    assert len([one for one in feedback_of(of(OWN)) if one]) == 2  # sentences, and no empty table


def test_a_delivered_model_above_the_bound_should_not_be_used():
    refused = of(GENERATED, replace(KEPT, share=0.2, p_value=0.0, passed=False)).result
    assert objections(refused)[-1].startswith("The model draws too many samples that users would reject")
