"""Shapes and trends of tables, features of music: equal to what SDMetrics and muspy say of the same data.

Their figures are in references.json, see ``benchmarks/references.py``. Ours differ on purpose elsewhere:
pairs with a quantity are cut at the tenths of the real column, where SDMetrics bins each side for itself or
compares correlations, and all pairs count.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autogen.data.music.notes import Piece
from autogen.data.tables.kind import Tables
from autogen.metrics.music import descriptors as music_features
from autogen.metrics.tables.marginals import column_shapes, pair_trends
from benchmarks.references import SEEDS, notes, tables

KNOWN = json.loads((Path(__file__).parent / "references.json").read_text())


@pytest.mark.parametrize("seed", SEEDS)
def test_shapes_of_columns_and_the_trend_of_two_categories_are_those_of_sdmetrics(seed):
    real, made = (pd.DataFrame(columns) for columns in tables(seed))
    kind = Tables()
    raw = kind.read(real, {})
    codec = kind.fit(raw, np.arange(len(real)))
    expected = dict(KNOWN["tables"][seed])
    assert pair_trends(real, made, codec)["kind", "town"] == pytest.approx(
        expected.pop("kind, town"), abs=1e-6
    )
    # SDMetrics gives a category that one side lacks a frequency of 1e-8
    assert column_shapes(real, made, codec) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_features_of_a_piece_are_those_of_muspy(seed):
    rows = notes(seed)
    piece = Piece.of(np.column_stack([rows, np.full(len(rows), 90)]))
    found = {name: music_features.SCALARS[name](piece) for name in KNOWN["notes"][seed]}
    assert found == pytest.approx(KNOWN["notes"][seed], abs=1e-9)
