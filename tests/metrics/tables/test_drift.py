"""Drift of columns: which moved, and the adjustment for their number."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.metrics.features.permutation import dealings
from autogen.metrics.tables.drift import column_shifts
from autogen.metrics.tables.marginals import column_shapes


def table(n, seed, shift=0.0, share=0.5, columns=8):
    draw = np.random.default_rng(seed)
    found = {f"x{place}": draw.normal(size=n) for place in range(columns)}
    found["x0"] = found["x0"] + shift
    return pd.DataFrame(found | {"kind": np.where(draw.random(n) < share, "a", "b"), "same": 1.0})


def shifts(older, newer):
    dealt = dealings(np.repeat([False, True], [len(older), len(newer)]))
    return column_shifts(older, newer, open_data(older).codec, dealt)


def test_distances_are_those_of_column_shapes():
    older, newer = table(120, 0), table(80, 1, shift=1.0)
    shapes = column_shapes(older, newer, open_data(older).codec)
    found = shifts(older, newer)
    assert {name: round(1 - one.distance, 9) for name, one in found.items()} == {
        name: round(shape, 9) for name, shape in shapes.items()
    }


def test_what_moved_is_found_and_nothing_else():
    found = shifts(table(300, 0), table(200, 1, shift=0.6, share=0.8))
    assert [name for name, one in found.items() if one.p_value <= 0.05] == ["x0", "kind"]


@pytest.mark.slow
def test_no_column_is_found_more_often_than_the_level_says_however_many_there_are():
    pairs = [[table(rows, 2 * seed + rows, columns=20) for rows in (60, 41)] for seed in range(20)]
    least = [min(one.p_value for one in shifts(*pair).values()) for pair in pairs]
    assert sum(p <= 0.05 for p in least) <= 3  # one is expected; 20 columns without adjustment give 13


def test_a_constant_column_has_not_moved():
    assert shifts(table(60, 0), table(40, 1))["same"].distance == 0.0
