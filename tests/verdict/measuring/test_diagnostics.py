"""What else is said of finalists: every other metric, likelihoods where they are exact, means over seeds."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.engine.plan import goals_of
from autogen.engine.settings import Settings
from autogen.errors import MetricError
from autogen.metrics.lookup import metric_names
from autogen.verdict.measuring.diagnostics import FinalDiagnostics
from autogen.verdict.measuring.evaluations import FromSamples


@dataclass(frozen=True)
class Flat:
    """A model that gives each byte of a text, or a whole row of a table, so many nats."""

    nats: float

    def log_likelihood(self, samples):
        lengths = (
            [len(one.encode()) for one in samples] if isinstance(samples, list) else np.ones(len(samples))
        )
        return -self.nats * np.asarray(lengths, float)


@pytest.fixture(scope="module")
def wine():
    return open_data("wine")


@pytest.fixture(scope="module")
def found(wine):
    goals = goals_of(Settings(data="wine"), "tabular")
    diagnostics = FinalDiagnostics(wine, goals, "wine")
    measured = [diagnostics.scoring(FromSamples(wine.split(name)))() for name in ("tune", "select")]
    return [diagnostics.of(measured, nats) for nats in ([diagnostics.nats_per_unit(Flat(2.0))] * 2, [])]


def test_every_other_metric_is_told_but_those_that_need_more_rows(found):
    told = {name.split("[")[0] for name in found[1]}
    evidence = {"authenticity", "authenticity of real rows"}
    assert told == set(metric_names("tabular")) - {"c2st", "fd_inf"} | evidence


def test_means_lie_in_their_intervals(found):
    for entry in found[1].values():
        assert entry["low"] <= entry["mean"] <= entry["high"]


def test_one_seed_has_a_mean_and_no_interval(wine):
    diagnostics = FinalDiagnostics(wine, goals_of(Settings(data="wine"), "tabular"), "wine")
    told = diagnostics.of([{"a": 0.5}])["a"]
    assert told == {"mean": 0.5, "low": None, "high": None, "seeds": 1}


def test_a_likelihood_is_told_where_it_is_exact(found):
    assert found[0]["nats per row"]["mean"] == pytest.approx(2.0)
    assert "nats per row" not in found[1]


class Lossy:
    """A model whose codes do not keep a sample."""

    def log_likelihood(self, samples):
        raise MetricError(f"sample 1 of {len(samples)} is changed")


def test_no_likelihood_is_told_where_codes_do_not_keep_samples(wine):
    diagnostics = FinalDiagnostics(wine, goals_of(Settings(data="wine"), "tabular"), "wine")
    assert diagnostics.nats([Flat(2.0), Lossy()]) == []
    assert len(diagnostics.nats([Flat(2.0), Flat(3.0)])) == 2


def test_evidence_of_copying_is_not_told_of_rows_that_may_be_of_train(wine):
    diagnostics = FinalDiagnostics(wine, goals_of(Settings(data="wine"), "tabular"), "wine")
    told = diagnostics.of([{"authenticity": 0.4, "recall": 0.9}], real=False)
    assert set(diagnostics.of_real(told)) == {"recall"}


@pytest.mark.parametrize("tokens", ["characters", "bpe"])
def test_bits_a_byte_are_the_same_whatever_the_tokens(tokens):
    names = ["anna", "otto", "bob", "eva", "zoë", "leo"] * 40
    data = open_data(names, options={"tokens": tokens})
    diagnostics = FinalDiagnostics(data, goals_of(Settings(data="names"), "text"), "names")
    bits = diagnostics.of([], [diagnostics.nats_per_unit(Flat(1.0))] * 2)["bits per byte"]["mean"]
    assert bits == pytest.approx(1 / math.log(2), rel=1e-3)
