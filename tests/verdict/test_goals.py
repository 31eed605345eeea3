import pytest

from autogen.engine.plan import goals_of
from autogen.engine.settings import Settings
from autogen.errors import SettingsError, UnknownNameError


def goals(kind="tabular", **settings):
    return goals_of(Settings(data="wine", **settings), kind)


def test_one_objective_is_the_kinds_default_and_nothing_else_is_measured():
    made = goals()
    assert (made.names, made.extra_metrics, made.multi_objective) == (("c2st",), (), False)


def test_further_objectives_and_bounds_are_measured_each_once():
    made = goals(objective="c2st, latency,params", constraints={"latency": "<= 20ms", "memory": "<= 1GB"})
    assert made.extra_metrics == ("latency", "params", "memory")
    assert [objective.name for objective in made.objectives] == ["c2st[rows-v6]", "latency", "params"]
    assert made.describe() == "c2st[rows-v6] and latency and params, latency <= 20 ms, memory <= 1,000 MB"


def test_only_bounds_on_parameters_can_be_checked_before_training():
    made = goals(constraints={"latency": "<= 20ms", "params": "<= 1e6"})
    assert [str(bound) for bound in made.static_constraints] == ["params <= 1,000,000"]


def test_the_first_objective_is_a_metric():
    with pytest.raises(SettingsError, match="put one first: c2st,latency"):
        goals(objective="latency,c2st")


def test_an_objective_is_named_once():
    with pytest.raises(SettingsError, match="differ"):
        goals(objective="c2st,latency,latency")


def test_an_unknown_name_lists_metrics_and_costs():
    with pytest.raises(UnknownNameError, match=r"'latncy'.*c2st.*Costs are latency"):
        goals(objective="c2st,latncy")
    with pytest.raises(UnknownNameError, match="'fluffy'"):
        goals(constraints={"fluffy": "<= 3"})


def test_a_metric_of_another_kind_is_refused():
    with pytest.raises(SettingsError, match=r"'reverse_ngram' scores text"):
        goals(objective="c2st,reverse_ngram")
