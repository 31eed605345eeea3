"""Settings of a study with epsilon: what is refused, and what is switched off."""

from dataclasses import replace

import pytest

from autogen.engine.private.refusals import REFUSED, in_force, refuse_more
from autogen.engine.settings import Settings
from autogen.errors import SettingsError

PRIVATE = Settings(privacy={"epsilon": 1.0})
GIVEN = {
    "init_from": "run",
    "update": "run",
    "older": ("a.csv",),
    "learn_from": ("run",),
    "pretrained": "folder",
    "feedback": ("marked.csv",),
    "judge": ("fluency.judge",),
    "refit": True,
    "rules": ("a <= b",),
    "time": "day",
    "features": "rows",
}


def test_every_refused_setting_is_tried_below():
    assert set(GIVEN) == set(REFUSED)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_what_would_look_at_rows_without_noise_is_refused(name):
    with pytest.raises(SettingsError, match=f"{name} cannot be used with epsilon"):
        in_force(replace(PRIVATE, **{name: GIVEN[name]}))


def test_a_study_without_epsilon_keeps_its_settings():
    settings = Settings(refit=True)
    assert in_force(settings) is settings


def test_nothing_is_pruned_or_compared_or_trained_again():
    found = in_force(PRIVATE)
    assert (found.pruner, found.finalists, found.retrain, found.models_only) == ("none", 1, "no", True)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"budget": "3trials"}, "spent on one training"),
        ({"constraints": {"c2st": "<= 0.5"}}, "a bound on c2st"),
        ({"retrain": "3"}, "each training spends it"),
        ({"executor_options": {"replicas": "2"}, "workers": 1}, "replicas cannot be used with epsilon"),
    ],
)
def test_what_would_spend_epsilon_again_is_refused(changed, words):
    with pytest.raises(SettingsError, match=words):
        in_force(replace(PRIVATE, **changed))


def test_a_run_gets_more_time_but_no_more_trials():
    refuse_more(PRIVATE, "+10m")
    refuse_more(Settings(), "+2trials")
    with pytest.raises(SettingsError, match="spent"):
        refuse_more(PRIVATE, "+2trials")
