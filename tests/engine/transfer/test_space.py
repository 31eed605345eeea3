"""The space of trials that may start from an earlier model."""

from pathlib import Path

from autogen.engine.transfer.models import EarlierModel
from autogen.engine.transfer.space import KEY, for_update, inherited, with_start
from autogen.hpo.space import SearchSpace
from autogen.training.initial import EARLIER


def test_how_a_flow_samples_stays_free_after_an_earlier_start():
    models = {"flow": EarlierModel({"family": "flow", "model.depth": 3, "model.solver": "euler"}, Path())}
    branch = with_start(SearchSpace.load("image"), models).branch("flow")
    for name in ("sampling_steps", "few_steps", "solver", "guidance", "transport"):
        assert KEY not in branch[f"model.{name}"].when
    assert KEY in branch["model.depth"].when
    assert inherited({"family": "flow", KEY: EARLIER}, models) == {"model.depth": 3}


def test_an_update_begins_with_the_config_of_the_earlier_model_and_opens_its_starts_anew():
    models = {"vae": EarlierModel({"family": "vae", "model.width": 128, "training.lr": 2e-3}, Path())}
    space = SearchSpace.load("tabular_tiny")
    earlier = with_start(space, models)  # the run that is updated had an earlier model of this family
    config = {"family": "vae", "model.width": 128, "training.lr": 2e-3}
    found = for_update(earlier, {"vae": config}, "vae")
    assert found.first == ("vae",)
    assert found.default("vae").items() >= config.items()
    assert KEY not in found.branch("vae")
    assert all(KEY not in parameter.when for _, parameter in found.branch("vae").declared())
    assert found.default("trees") == space.default("trees")
    tuned = with_start(found, models).default("vae")
    assert (tuned[KEY], tuned["training.lr"]) == (EARLIER, 2e-3)
