"""The space of trials that may start from an earlier model."""

from pathlib import Path

from autogen.engine.transfer.models import EarlierModel
from autogen.engine.transfer.space import KEY, inherited, with_start
from autogen.hpo.space import SearchSpace
from autogen.training.initial import EARLIER


def test_how_a_flow_samples_stays_free_after_an_earlier_start():
    models = {"flow": EarlierModel({"family": "flow", "model.depth": 3, "model.solver": "euler"}, Path())}
    branch = with_start(SearchSpace.load("image"), models).branch("flow")
    for name in ("sampling_steps", "solver", "guidance", "transport"):
        assert KEY not in branch[f"model.{name}"].when
    assert KEY in branch["model.depth"].when
    assert inherited({"family": "flow", KEY: EARLIER}, models) == {"model.depth": 3}
