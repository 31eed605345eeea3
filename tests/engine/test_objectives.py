"""Several objectives and constraints, from the command line to result.json, on trials of a moment."""

import json

import pytest

import autogen
from autogen.errors import RunError
from autogen.hpo.study.events import Ask, End, Rung
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State
from tests.engine.test_engine import few_digits

SPACE = """
about = "Trials of a moment, small and large."
[vae.model]
latent_dim = 8
width = { choice = [16, 512], default = 16 }
depth = 1
prior = "normal"
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 30
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(SPACE)
    return {
        "space": str(path),
        "budget": "6trials",
        "finalists": 2,
        "workers": 1,
        "sampler": "random",
    }


def ends(run):
    return [event for event in read(run / "journal.jsonl") if isinstance(event, End)]


def test_a_config_with_too_many_parameters_is_never_trained_nor_delivered(tmp_path, settings):
    result = autogen.search(
        few_digits(tmp_path), out=tmp_path / "run", constraints={"params": "<= 50k"}, **settings
    ).record
    refused = [event for event in ends(tmp_path / "run") if event.state is State.INFEASIBLE]
    events = read(tmp_path / "run/journal.jsonl")
    asked = {event.n: event.config for event in events if isinstance(event, Ask)}
    assert refused
    assert all("breaks params <= 50,000; it was not trained" in event.why for event in refused)
    assert {asked[event.n]["model.width"] for event in refused} == {512}
    measured = {event.n for event in events if isinstance(event, Rung)}
    assert not measured & {event.n for event in refused}
    assert result["trials"]["infeasible"] == len(refused)
    assert {finalist["config"]["model.width"] for finalist in result["finalists"]} == {16}
    assert result["constraints"] == ["params <= 50,000"]
    assert "infeasible" in (tmp_path / "run/leaderboard.csv").read_text()


def test_where_nothing_keeps_to_the_bounds_one_line_says_so(tmp_path, settings):
    with pytest.raises(RunError, match=r"no trial of 6 keeps latency <= 0.0001 ms.*relax") as caught:
        autogen.search(
            few_digits(tmp_path), out=tmp_path / "run", constraints={"latency": "<= 0.1us"}, **settings
        )
    assert "\n" not in str(caught.value)
    assert {record.state.value for record in ends(tmp_path / "run")} == {"infeasible"}
    assert all(record.values["latency"] > 1e-4 for record in ends(tmp_path / "run"))


def test_objectives_are_told_of_each_trial_and_of_finalists_with_intervals(tmp_path, settings):
    result = autogen.search(
        few_digits(tmp_path),
        out=tmp_path / "run",
        objective="kd,params,latency",
        **settings | {"sampler": "bayesian"},
    ).record
    assert all(record.state.value == "complete" for record in ends(tmp_path / "run"))
    assert all(record.values.keys() == {"params", "latency"} for record in ends(tmp_path / "run"))
    names = [objective["name"] for objective in result["objectives"]]
    assert names == ["kd[random_conv-v1]", "params", "latency"]
    assert {entry["trial"] for entry in result["pareto"]} == {f["trial"] for f in result["finalists"]}
    for entry in result["pareto"]:
        assert entry["scores"]["params"]["low"] == entry["scores"]["params"]["high"]
        finalist = next(f for f in result["finalists"] if f["trial"] == entry["trial"])
        assert entry["scores"]["params"]["mean"] == finalist["efficiency"]["parameters"]
        assert entry["scores"]["kd[random_conv-v1]"]["mean"] == pytest.approx(finalist["mean"])
    assert any(entry["on_front"] for entry in result["pareto"])
    sizes = [entry["scores"]["params"]["mean"] for entry in result["pareto"]]
    # Only another of the smallest ones can beat one of them.
    assert any(
        entry["on_front"] for entry in result["pareto"] if entry["scores"]["params"]["mean"] == min(sizes)
    )
    assert result["settings"]["sampler"] == "parego"
    text = (tmp_path / "run/study.toml").read_text()
    assert 'pruner = "none"' in text
    assert json.dumps("kd,params,latency") in text
