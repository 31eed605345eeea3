"""A search in which the best score belongs to a model that copies."""

import pandas as pd
import pytest

import autogen
from autogen.training.worker.copying import COPIES
from tests.metrics.makers import people

SPACE = """
about = "Trees with leaves of two rows, which copy, and large ones, which do not."
[trees.model]
backoff = 0.1
[trees.training]
steps = 2
leaf = { choice = [2, 80], default = 2 }
"""


@pytest.mark.slow
def test_a_model_that_copies_is_no_finalist_while_there_are_others(tmp_path):
    (tmp_path / "space.toml").write_text(SPACE)
    result = autogen.search(
        people(900, 0),
        space=str(tmp_path / "space.toml"),
        sampler="grid",
        budget="2trials",
        finalists=1,
        workers=1,
        objective="kd",
        out=tmp_path / "run",
    )
    assert [one.config["training.leaf"] for one in result.document.finalists] == [80]
    board = pd.read_csv(tmp_path / "run/leaderboard.csv")
    assert list(board["training.leaf"]) == [80, 2]
    assert list(board["state"]) == ["complete", "complete"]
    assert list(board["reason"].fillna("")) == ["", COPIES]
