"""The way in which replicas share a trial is a parameter of the search space like others."""

import pytest

import autogen
from autogen.hpo.executor import cores
from autogen.hpo.study.events import Ask, End
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State

SPACE = """
[autoregressive.model]
net = "transformer"
width = 16
depth = 2
heads = 2
patch = 2
[autoregressive.training]
steps = 6
batch_size = 16
parallel = { choice = ["data", "shard", "tensor", "pipeline"], default = "pipeline" }
"""


@pytest.mark.slow
@pytest.mark.skipif(cores() < 2, reason="replicas need two cores")
def test_a_search_trains_in_all_ways_that_its_space_names(tmp_path):
    (tmp_path / "space.toml").write_text(SPACE)
    autogen.search(
        "digits", space=str(tmp_path / "space.toml"), sampler="grid", pruner="none", budget="4trials",
        device="cpu", replicas="2", workers=1, finalists=1, models_only=True, eval_rows=60,
        out=tmp_path / "run",
    )  # fmt: skip
    events = read(tmp_path / "run/journal.jsonl")
    asked = {event.n: event.config["training.parallel"] for event in events if isinstance(event, Ask)}
    ended = {asked[event.n]: event.state for event in events if isinstance(event, End)}
    assert ended == dict.fromkeys(("data", "shard", "tensor", "pipeline"), State.COMPLETE)
