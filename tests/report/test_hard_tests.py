"""Outcome of the memorization test in a table: the number that decided is the one that shows."""

import pytest

from autogen.report.hard_tests import Memorization


@pytest.mark.parametrize(
    ("passed", "share", "p_value", "copied", "shown"),
    [
        (True, 0.5516, 0.47, 0.02, "no (0.55)"),
        (False, 0.5516, 0.47, 0.101, "YES (10 % copied)"),
        (False, 0.52, 0.9, 0.101, "YES (10 % copied)"),
        (False, 0.66, 1e-5, 0.0, "YES (0.66)"),
        (False, 0.66, 1e-5, 0.3, "YES (0.66)"),
        (True, 0.57, 0.02, 0.01, "no (0.57)"),
        (False, 0.7, None, None, "YES (0.70)"),
        (False, 0.5, None, 0.4, "YES (40 % copied)"),
    ],
)
def test_the_number_that_decided_is_shown(passed, share, p_value, copied, shown):
    found = Memorization(share=share, p_value=p_value, copied=copied, copied_p_value=0.006, passed=passed)
    assert found.shown == shown
