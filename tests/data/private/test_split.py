"""Splits that no row moves."""

import numpy as np
import pytest

from autogen.data.private.split import FEWEST_UNITS, independent_split, units_of
from autogen.errors import DataError


def test_a_row_more_leaves_all_others_where_they_are():
    before = independent_split(np.arange(2_000), 3)
    after = independent_split(np.arange(2_001), 3)
    for name, rows in before.items():
        kept = [row for row in after[name] if row < 2_000]
        # shares follow from the number of rows, which is public: a few rows at the ends of parts may change
        assert len(set(kept) ^ set(rows.tolist())) <= 4


def test_parts_have_about_their_shares_and_no_row_twice():
    rows = independent_split(np.arange(10_000), 0)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(10_000))
    assert len(rows["train"]) == pytest.approx(6_000, rel=0.05)
    assert len(rows["test"]) == pytest.approx(1_400, rel=0.15)


def test_rows_of_a_group_stay_together():
    units = units_of(np.repeat(np.arange(700), 3), 2_100)
    parts = independent_split(units, 0)
    owners = [set(units[rows].tolist()) for rows in parts.values()]
    assert sum(map(len, owners)) == 700


def test_too_few_units_are_refused():
    with pytest.raises(DataError, match=f"at least {FEWEST_UNITS}"):
        units_of(np.zeros(5_000, int), 5_000)
