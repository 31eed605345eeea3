"""The space of trials that may start from an earlier model."""

from pathlib import Path

from autogen.engine.transfer.models import EarlierModel
from autogen.engine.transfer.space import (
    KEY,
    default_starts,
    for_update,
    inherited,
    with_both_first,
    with_start,
)
from autogen.hpo.space import SearchSpace
from autogen.hpo.space.parameters import Choice
from autogen.registry import get
from autogen.training.initial import EARLIER, FRESH


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


def test_the_default_is_tried_with_both_starts_before_all_else():
    models = {"vae": EarlierModel({"family": "vae", "model.width": 128}, Path())}
    space = with_both_first(with_start(SearchSpace.load("tabular_tiny"), models))
    both = default_starts(space, "vae")
    assert [config[KEY] for config in both] == [EARLIER, FRESH]
    assert both[0] == space.default("vae")
    assert "training.lr_scale" not in both[1]
    assert default_starts(space, "gan") == []
    again = with_both_first(with_start(space, models))
    assert [list(one.portfolio[:2]) for one in (space, again)] == [both, both]
    assert len(again.portfolio) == len(space.portfolio)
    asked = get("sampler", "bayesian")(space, 0).ask(2, fixed={"family": "vae"})
    assert asked == both


def test_a_space_that_begins_with_fresh_weights_tries_the_others_next():
    models = {"vae": EarlierModel({"family": "vae", "model.width": 128}, Path())}
    for own, starts in (
        (Choice((FRESH, EARLIER), default=FRESH), [FRESH, EARLIER]),
        (Choice((EARLIER,), default=EARLIER), []),
    ):
        space = SearchSpace({"vae": {"training.steps": 9, KEY: own}})
        assert [config[KEY] for config in default_starts(with_start(space, models), "vae")] == starts
