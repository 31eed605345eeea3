"""What result.json says that follows from the data, the metrics and the verdict alone."""

import json
from dataclasses import replace

import pytest

from autogen.engine.result import compose, directions_of
from autogen.engine.settings import Settings
from autogen.hpo.study.events import Ask, End, Finalists, Rung
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import State
from autogen.metrics.memorization.constraints import Constraints
from autogen.report.result import Result
from autogen.verdict.measuring.evaluations import constraints_of
from tests.verdict.field import Field

pytestmark = pytest.mark.usefixtures("words_registered")

KINDS = {"image": "recall[random_conv-v1]", "tabular": "tstr[hgb-v1]"}
KINDS |= {"text": "distinct_n[char-v1]", "music": "overlap_area[music-v1]"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_of_every_metric_which_way_is_better(kind):
    found = directions_of(kind, "class" if kind == "tabular" else "")
    assert found[KINDS[kind]] == "maximize"
    assert "minimize" in found.values()


def composed(folder, chances, monkeypatch, looks=()):
    """A result of finals with such chances of a real word, and the record that it was made of."""
    made = Field(folder, chances)
    verdict = made.models(*chances)
    state = StudyState(made.goals.metric.objective)
    for number in chances:
        state.apply(Ask(number, {"family": "writer"}, 0, (9,)))
        state.apply(Rung(number, 9, 0.5, True, 1.0))
        state.apply(End(number, State.COMPLETE))
        for _ in range(looks.count(number)):
            state.apply(Finalists(tuple(chances), 0, look=1 + len(state.looks)))
    records, as_type = [], Result.from_json
    monkeypatch.setattr(Result, "from_json", lambda record: records.append(record) or as_type(record))
    found = compose(
        made.data,
        made.goals,
        Settings(data="words", families=("writer", "other")),
        state,
        verdict,
        parameters=3,
        confirmation=Finalists(tuple(chances), 0),
        times=Times.of([], 1.0, None),
    )
    return found, records[0]


def lost(record, document, place=""):
    """Places of what a record holds that the document does not hold alike."""
    if isinstance(record, dict) and isinstance(document, dict):
        return [
            each
            for name in record
            for each in (
                lost(record[name], document[name], f"{place}.{name}")
                if name in document
                else [f"{place}.{name}"]
            )
        ]
    if isinstance(record, list) and isinstance(document, list) and len(record) == len(document):
        return [each for at, one in enumerate(record) for each in lost(one, document[at], f"{place}[{at}]")]
    return [] if record == document else [place]


@pytest.mark.slow
@pytest.mark.parametrize("chances", [{0: 0.6, 1: 0.9}, {0: 0.3}], ids=["model", "baseline"])
def test_everything_that_is_composed_is_in_the_document(tmp_path, chances, monkeypatch):
    found, record = composed(tmp_path, chances, monkeypatch)
    document = json.loads(json.dumps(found.to_json()))
    assert lost(json.loads(json.dumps(record)), document | {"warnings": [], "statement": ""}) == []
    assert set(document) - set(record) == {"warnings", "statement"}


def test_families_without_a_scored_trial_are_warned_of(tmp_path, monkeypatch):
    found, _ = composed(tmp_path, {0: 0.6}, monkeypatch)
    assert "no trial of other was scored in this budget; give more time" in found.warnings


@pytest.mark.slow
def test_a_baseline_that_is_returned_has_no_trial_and_says_what_it_is(tmp_path, monkeypatch):
    found, _ = composed(tmp_path, {0: 0.3}, monkeypatch)
    assert (found.verdict, found.best.trial, found.best.family, found.best.model) == (
        "baseline",
        None,
        "half",
        "",
    )
    assert found.statement.startswith("half is better than the best model, trial 0 (writer)")
    assert "; it is returned; grade: weak." in found.statement


@pytest.mark.slow
@pytest.mark.parametrize("diverse", [True, False])
def test_a_control_that_passes_for_no_copy_is_warned_of_whatever_else_refuses_it(
    tmp_path, monkeypatch, diverse
):
    def unseen(measured):
        gate = constraints_of(measured)
        own = replace(gate.memorisation, passed=True)
        return Constraints(own, replace(gate.diversity, passed=diverse))

    monkeypatch.setattr("autogen.verdict.admission.constraints_of", unseen)
    found, _ = composed(tmp_path, {0: 0.9}, monkeypatch)
    assert any("control train_copy passed the memorization test" in warning for warning in found.warnings)


def test_a_control_that_is_caught_is_not_warned_of(tmp_path, monkeypatch):
    found, _ = composed(tmp_path, {0: 0.9}, monkeypatch)
    assert not any("passed the memorization test" in warning for warning in found.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(("looks", "said"), [([1], False), ([0, 1], False), ([1, 1], True)])
def test_it_is_said_that_more_time_brought_no_further_trial(tmp_path, looks, said, monkeypatch):
    found, _ = composed(tmp_path, {0: 0.6, 1: 0.9}, monkeypatch, looks)
    assert (
        any("added time was too short for a further trial" in warning for warning in found.warnings) == said
    )
