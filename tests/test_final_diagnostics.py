"""What else is said of finalists: every other metric, likelihoods where they are exact, means over seeds."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.final_diagnostics import FinalDiagnostics
from autogen.goals import Goals
from autogen.metrics import metric_names
from autogen.settings import Settings


@pytest.fixture(scope="module")
def wine():
    return open_data("wine")


@pytest.fixture(scope="module")
def found(wine):
    goals = Goals.of(Settings(data="wine"), "tabular")
    exact = SimpleNamespace(exact=True, log_likelihood=lambda rows: np.full(len(rows), -2.0))
    bound = SimpleNamespace(exact=False)
    diagnostics = FinalDiagnostics(wine, goals)
    samples = [wine.split("tune"), wine.split("select")]
    return [diagnostics.of([model, model], samples) for model in (exact, bound)]


def test_every_other_metric_is_told_but_those_that_need_more_rows(found):
    told = {name.split("[")[0] for name in found[1]}
    evidence = {"authenticity", "authenticity of real rows"}
    assert told == set(metric_names("tabular")) - {"c2st", "fd_inf"} | evidence


def test_means_lie_in_their_intervals(found):
    for entry in found[1].values():
        assert entry["low"] <= entry["mean"] <= entry["high"]


def test_a_likelihood_is_told_where_it_is_exact(found):
    assert found[0]["nats a row"]["mean"] == pytest.approx(2.0)
    assert "nats a row" not in found[1]


@pytest.mark.parametrize("tokens", ["characters", "bpe"])
def test_bits_a_byte_are_the_same_whatever_the_tokens(tokens):
    names = ["anna", "otto", "bob", "eva", "zoë", "leo"] * 40
    data = open_data(names, options={"tokens": tokens})
    model = SimpleNamespace(
        exact=True, log_likelihood=lambda rows: -np.array([len(row.encode()) for row in rows])
    )
    goals = Goals.of(Settings(data="names"), "text")
    samples = [data.split("tune")] * 2
    bits = FinalDiagnostics(data, goals).of([model, model], samples)["bits a byte"]["mean"]
    assert bits == pytest.approx(1 / math.log(2), rel=1e-3)
