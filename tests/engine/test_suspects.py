"""A search in which the best score belongs to a model that copies."""

from dataclasses import replace

import pandas as pd
import pytest

import autogen
from autogen.engine.result import untested_suspect
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import replayed
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
def test_a_model_that_copies_does_not_win_while_there_are_others(tmp_path):
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
    found = result.document
    assert [one.config["training.leaf"] for one in found.finalists] == [80, 2]
    assert found.best.trial != found.finalists[1].trial
    assert " of its samples " in found.finalists[1].excluded
    board = pd.read_csv(tmp_path / "run/leaderboard.csv")
    copier = found.finalists[1].trial
    state = replayed(read(result.folder.journal), result.folder.journal)
    assert untested_suspect(found, state) == ""
    untested = untested_suspect(replace(found, finalists=found.finalists[:1]), state)
    assert untested.startswith(f"trial {copier} (trees) scores ")
    assert "but is suspected of copying training rows, on the tune split: it was not tested at" in untested
    assert list(board["training.leaf"]) == [80, 2]
    assert list(board["state"]) == ["complete", "complete"]
    assert list(board["reason"].fillna("")) == ["", COPIES]
