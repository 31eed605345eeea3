"""A search in which the best score belongs to a model that copies."""

from dataclasses import replace

import pandas as pd
import pytest

import autogen
from autogen.engine.result import untested_suspect
from autogen.hpo.study.events import Finalists
from autogen.hpo.study.forecast import Forecast
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import replayed
from autogen.training.worker import copying
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


def searched(folder, **settings):
    """A search over both sizes of leaves."""
    (folder / "space.toml").write_text(SPACE)
    return autogen.search(
        people(900, 0),
        space=str(folder / "space.toml"),
        sampler="grid",
        workers=1,
        objective="kd",
        out=folder / "run",
        **settings,
    )


@pytest.mark.slow
def test_the_next_trial_is_tested_if_all_finalists_are_refused_and_there_is_time(tmp_path, monkeypatch):
    # A search whose own test saw no copies, and a machine that was too busy for more than one finalist.
    monkeypatch.setattr(copying, "LEVEL", 0.0)
    monkeypatch.setattr(Forecast, "fitting", lambda *given, **_: list(given[1][:1]))
    result = searched(tmp_path, budget="2trials,10m", executor="inprocess")
    found = result.document
    chosen = [event for event in read(result.folder.journal) if isinstance(event, Finalists)]
    copier, honest = (next(n for n in (0, 1) if trial_leaf(result, n) == leaf) for leaf in (2, 80))
    assert [event.trials for event in chosen] == [(copier,), (copier, honest)]
    assert [event.left_out for event in chosen] == [(honest,), ()]
    assert [event.look for event in chosen] == [1, 1]
    assert found.test_reads == 1
    assert {one.trial: bool(one.excluded) for one in found.finalists} == {honest: False, copier: True}
    assert not found.finalists[0].dropped
    assert not any("added time" in told for told in found.warnings)


def trial_leaf(result, number):
    return (
        replayed(read(result.folder.journal), result.folder.journal)
        .trials[number]
        .task.config["training.leaf"]
    )


@pytest.mark.slow
def test_a_model_that_copies_does_not_win_while_there_are_others(tmp_path):
    result = searched(tmp_path, budget="2trials", finalists=1)
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
    assert "but is suspected of copying training data, on the tune split: it was not tested at" in untested
    assert list(board["training.leaf"]) == [80, 2]
    assert list(board["state"]) == ["complete", "complete"]
    assert list(board["reason"].fillna("")) == ["", COPIES]
