import pytest

from autogen.errors import SettingsError
from autogen.hpo.objective import COSTS, Constraint, broken, parse_constraints


@pytest.mark.parametrize(
    ("name", "text", "bound"),
    [
        ("latency", "<= 20ms", 20.0),
        ("latency", "<=0.5 s", 500.0),
        ("latency", "<= 20", 20.0),
        ("latency", "<= 20us", 0.02),
        ("params", "<= 1e6", 1e6),
        ("params", "<= 2k", 2e3),
        ("params", "<= 2M", 2e6),
        ("params", "<= 2G", 2e9),
        ("flops", "<= 2k", 2e3),
        ("flops", "<= 2M", 2e6),
        ("flops", "<= 2G", 2e9),
        ("flops", "<= 2T", 2e12),
        ("memory", "<= 1.5GB", 1500.0),
        ("memory", "<= 1.5 MB", 1.5),
        ("memory", "<= 1.5KB", 0.0015),
        ("train_seconds", "<= 2s", 2.0),
        ("train_seconds", "<= 2m", 120.0),
        ("train_seconds", "<= 2h", 7200.0),
        ("c2st", "<= .3", 0.3),
    ],
)
def test_a_bound_is_read_in_the_units_of_its_cost(name, text, bound):
    assert Constraint.parse(name, text) == Constraint(name, True, pytest.approx(bound))


def test_more_is_better_of_throughput_alone():
    assert Constraint.parse("throughput", ">= 3/s") == Constraint("throughput", False, 3.0)
    assert {name: cost.loss(2.0) for name, cost in COSTS.items() if cost.loss(2.0) != 2.0} == {
        "throughput": -2.0
    }


@pytest.mark.parametrize(
    "text",
    [
        *("20ms", "<= ", "<= fast", "<= 1.2.3", "== 3", "<= 20 parsecs"),
        *("<= 0ms", "<= -5ms", "<= 1e999"),
    ],
)
def test_what_is_no_bound_is_one_line(text):
    with pytest.raises(SettingsError, match="latency") as caught:
        Constraint.parse("latency", text)
    assert "\n" not in str(caught.value)


def test_a_metric_may_be_negative_but_not_without_bound():
    assert Constraint.parse("score", ">= -1").bound == -1
    with pytest.raises(SettingsError, match="finite bound"):
        Constraint.parse("score", "<= 1e999")


def test_a_metric_has_no_unit():
    with pytest.raises(SettingsError, match="'ms' .* none"):
        Constraint.parse("c2st", "<= 3ms")


def test_what_breaks_is_told_in_words_and_what_is_not_known_breaks_nothing():
    bounds = parse_constraints({"latency": "<= 20ms", "fluency": ">= 3", "params": "<= 1e6"})
    assert broken(bounds, {"latency": 20.0, "fluency": 3.0}) == ""
    told = broken(bounds, {"latency": 25.13, "fluency": 2.5, "params": 1.5e6})
    assert told == (
        "latency 25.1 ms breaks latency <= 20 ms; fluency 2.5 breaks fluency >= 3; "
        "params 1,500,000 breaks params <= 1,000,000"
    )
