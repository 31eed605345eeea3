"""A study by features of the user's own: named in the call, imported by workers, never by who samples."""

import importlib
import sys

import pytest

import autogen
from autogen.engine import engine
from autogen.engine.plan import goals_of
from autogen.engine.settings import Settings
from autogen.errors import SettingsError
from autogen.metrics.features.custom import import_name
from tests.engine.test_engine import few_digits

OWN = """
import numpy as np
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.look = nn.Sequential(nn.Conv2d(1, 12, 3, stride=2), nn.ReLU(), nn.Flatten())

    def forward(self, images):
        return self.look(images)

def lengths(images):
    return np.ones((3, len(images)))

def blank(images):
    return np.full((len(images), 2), np.nan)

seven = 7
"""
SPACE = """
about = "Trials of a moment."
[vae.model]
latent_dim = { int = [4, 16], default = 8 }
width = 32
depth = 1
prior = "normal"
[vae.training]
steps = 30
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of the user's own; each test has one of another name."""
    name = f"own_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(OWN)
    (tmp_path / "space.toml").write_text(SPACE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


def goals(features, **settings):
    return goals_of(Settings(data="digits", features=features, **settings), "image")


def test_features_make_kd_the_objective_and_stand_in_its_name(own):
    assert goals(f"{own}:Net").metric.objective.name == f"kd[{own}:Net]"
    assert goals(f"{own}:Net", objective="fd").metric.objective.name == f"fd[{own}:Net]"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("{own}:Nothing", "cannot be imported"),
        ("nowhere_to_be_found:Net", "cannot be imported"),
        ("{own}:seven", "must be a module or a callable, not int"),
    ],
)
def test_what_cannot_be_features_is_refused_in_one_line(own, name, expected):
    with pytest.raises(SettingsError, match=expected) as raised:
        goals(name.format(own=own))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "expected"), [("lengths", "must give an array"), ("blank", "not finite")])
def test_features_of_another_shape_or_not_finite_are_refused_before_a_trial(own, name, expected):
    with pytest.raises(autogen.UserError, match=expected):
        autogen.search("digits", features=f"{own}:{name}", out="run", budget="1trials")


def test_features_that_no_metric_looks_at_are_refused(own):
    with pytest.raises(SettingsError, match="c2st uses none"):
        goals_of(Settings(data="wine", features=f"{own}:Net", objective="c2st"), "tabular")


def test_a_function_that_workers_cannot_import_is_refused():
    with pytest.raises(SettingsError, match="cannot be imported by workers"):
        import_name(lambda images: images)
    assert import_name(import_name) == "autogen.metrics.features.custom:import_name"


@pytest.mark.slow
def test_a_study_by_own_features_is_resumed_by_who_names_them_and_sampled_by_all(own, tmp_path, command_line):
    settings = {"space": "space.toml", "budget": "2trials", "finalists": 1, "workers": 2}
    images = few_digits(tmp_path)
    found = autogen.search(images, features=f"{own}:Net", out="run", **settings)
    assert found.record["objective"]["name"] == f"kd[{own}:Net]"
    with pytest.raises(SettingsError, match=f"if you trust it: autogen resume run --features {own}:Net"):
        engine.resume("run", budget="3trials")
    again = engine.resume("run", budget="3trials", features=f"{own}:Net")
    assert again.record["trials"]["total"] == 3
    (tmp_path / f"{own}.py").unlink()
    del sys.modules[own]
    importlib.invalidate_caches()
    for line in (["sample", "run", "-n", "4", "-o", "samples.npz"], ["report", "run"], ["check", "run"]):
        code, _, said = command_line(*line)
        assert code == 0, said
    code, _, said = command_line("run", "run/study.toml", "--out", "two")
    assert code == 2
    assert "if you trust it" in said
    assert own not in sys.modules
