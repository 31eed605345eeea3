"""What an update says of new data before any training: what moved, and why it searches or does not."""

from dataclasses import replace

import pytest

from autogen.engine.transfer.update import needed
from autogen.report.page.evidence.drift import drift_lines
from autogen.report.result import ColumnDrift, Drift, JointDrift, StillGood
from autogen.report.schema import Interval

GOOD = StillGood(model=0.2, baseline="smote", score=0.4, difference=Interval(mean=-0.2, low=-0.3, high=-0.1))
AGE, CITY = (ColumnDrift(name=name, distance=0.1, chance=0.2, p_value=0.5) for name in ("age", "city"))
STILL = Drift(
    older=1800,
    newer=240,
    columns=(AGE, CITY),
    joint=JointDrift(distance=0.0, chance=0.1, p_value=0.4),
    model=GOOD,
)


def moved(one):
    return replace(one, distance=0.4, p_value=0.001, drifted=True)


@pytest.mark.parametrize(
    ("drift", "why"),
    [
        (STILL, ""),
        (replace(STILL, columns=(moved(AGE), CITY), drifted=True), "1 column moved"),
        (replace(STILL, columns=(moved(AGE), moved(CITY)), drifted=True), "2 columns moved"),
        (replace(STILL, joint=moved(STILL.joint), drifted=True), "rows differ as a whole"),
        (replace(STILL, joint=None, model=None), "the earlier model could not be compared"),
        (replace(STILL, model=replace(GOOD, worse=True)), "the earlier model is worse than a baseline"),
        (
            replace(STILL, columns=(moved(AGE),), drifted=True, model=replace(GOOD, worse=True)),
            "1 column moved and the earlier model is worse than a baseline",
        ),
    ],
)
def test_the_last_line_says_why_an_update_searches(drift, why):
    lines = drift_lines(drift)
    assert lines[0] == "drift: 240 new rows (without the new test split) beside 1,800 older ones"
    assert (lines[-1] == f"- so there is reason to search again: {why}") == bool(why)
    assert any("reason to search" in line for line in lines) == needed(drift)
