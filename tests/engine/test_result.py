"""What result.json says that follows from the data and the metrics alone."""

import pytest

from autogen.engine.result import directions_of

KINDS = {"image": "recall[random_conv-v1]", "tabular": "tstr[hgb-v1]"}
KINDS |= {"text": "distinct_n[char-v1]", "music": "overlap_area[music-v1]"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_of_every_metric_which_way_is_better(kind):
    found = directions_of(kind, "class" if kind == "tabular" else "")
    assert found[KINDS[kind]] == "maximize"
    assert "minimize" in found.values()
