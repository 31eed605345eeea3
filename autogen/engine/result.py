"""Composes result.json: one function for each section."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.engine.settings import Settings
from autogen.hpo.objective import Objective, unit_of
from autogen.hpo.study.events import Finalists
from autogen.hpo.study.state import COPIES, StudyState, doubted
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import State
from autogen.metrics.base import HasSelfCheck, Metric
from autogen.metrics.lookup import about, about_metrics, metric_for, metric_names
from autogen.privacy.guarantee import Guarantee
from autogen.report.hard_tests import Feedback
from autogen.report.page.evidence.feedback import feedback_line
from autogen.report.page.start import of_start
from autogen.report.result import Result
from autogen.report.schema import VERSION
from autogen.report.verdict import explanation, headline
from autogen.verdict.contenders import ContenderResult, Measured
from autogen.verdict.finals import REAL_ROWS
from autogen.verdict.goals import Goals
from autogen.verdict.outcome import FinalVerdict
from autogen.verdict.statistics import Interval, interval
from autogen.verdict.warnings import warnings

Section = dict[str, Any]


def compose(
    data: DataModule,
    goals: Goals,
    settings: Settings,
    state: StudyState,
    verdict: FinalVerdict,
    *,
    parameters: int,
    confirmation: Finalists,
    times: Times,
    start: Section | None = None,
    feedback: Feedback | None = None,
    guarantee: Guarantee | None = None,
    rules: Sequence[Section] = (),
) -> Result:
    """Compose result.json; docs/result.md documents each entry.

    Args:
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
        settings: Settings of the study.
        state: State of the search.
        verdict: Outcome of the finals.
        parameters: Number of parameters of the delivered model.
        confirmation: Event that named the finalists.
        times: Seconds of the study by what they were spent on.
        start: Earlier models that training could start from; default none.
        feedback: What the marks of users did; default none.
        guarantee: Differential privacy of the delivered model; default none.
        rules: Binding rules, checked on samples of the delivered model.
    """
    chosen = verdict.chosen
    record: Section = {
        "schema": VERSION,
        "verdict": verdict.kind,
        "claim": verdict.claim,
        "grade": verdict.grade,
        "tied": [
            one.entry.trial
            for one in verdict.finalists
            if verdict.verdict and one.name in verdict.verdict.tied
        ],
        "given_up": _given_up(verdict),
        "refit": len(data.raw.samples) if settings.refit else None,
        "rules": list(rules),
        "objective": _objective(data, goals.metric),
        "objectives": [_objective_unit(objective) for objective in goals.objectives],
        "directions": directions_of(data.kind.name, goals.target),
        "about": about_metrics(data.kind.name, goals.target) | about(goals.metric),
        "constraints": [str(bound) for bound in goals.constraints],
        "best": _best(verdict, chosen, parameters, state),
        "test": _test(chosen) | _scale(data, verdict),
        "finalists": [_finalist(one, state) for one in verdict.finalists],
        "pareto": pareto(verdict, goals) if goals.multi_objective else [],
        "baselines": [_baseline(one) for one in verdict.baselines] + [_real_rows(verdict)],
        "tune": verdict.tune_scores,
        **_gate(chosen),
        "judging": _judging(verdict),
        "trials": _trials(state),
        "configurations_tried": sum(bool(trial.curve) for trial in state.trials),
        "left_out": _left_out(verdict, confirmation),
        "cut": state.cut(),
        "seconds": times.seconds,
        "evaluation_share": times.evaluation_share,
        "time": times.to_json(),
        "optimism": _optimism(state, verdict, goals.metric),
        "test_reads": verdict.look,
        "draws": {"select": verdict.draws[0], "test": verdict.draws[1]},
        "alpha": verdict.verdict.alpha if verdict.verdict else None,
        "data": _data(data),
        "settings": {"seed": settings.seed, "space": settings.space, "sampler": settings.sampler}
        | {"pruner": settings.pruner, "budget": settings.budget, "families": list(settings.families)},
    }
    record |= {"start": start} if start else {}
    record |= {"feedback": asdict(feedback)} if feedback else {}
    record |= {"privacy": asdict(guarantee)} if guarantee else {}
    result = Result.from_json(record)
    told = (headline(result), *explanation(result), *of_start(result), feedback_line(result))
    result = replace(result, statement=" ".join(filter(None, told)))
    caveats = goals.metric.warnings() if isinstance(goals.metric, HasSelfCheck) else ()
    doubt = untested_suspect(result, state)
    found = (*([doubt] if doubt else []), *caveats, *warnings(result, data, verdict))
    if len(state.looks) > 1 and state.looks[-1] == state.looks[-2]:
        more = "the added time was too short for a further trial: it went into comparing more finalists"
        found = (*found, f"{more}; give more time")
    if rest := state.untried(settings.families):
        found = (*found, f"no trial of {', '.join(rest)} was scored in this budget; give more time")
    return replace(result, warnings=found)


def untested_suspect(result: Result, state: StudyState) -> str:
    """Say that a suspect has the best score of the search; empty if the memorization test looked at it."""
    told = [doubted(state.trials[one.trial]) for one in result.finalists
            if one.trial is not None and one.suspected and one.memorisation]  # fmt: skip
    doubt = state.doubt()
    return "" if not doubt or doubt in told else f"{doubt}, on the tune split: it was not tested at the end"


def _left_out(verdict: FinalVerdict, confirmation: Finalists) -> list[int]:
    """List the trials that there was no time to compare on test."""
    late = [one.entry.trial for one in verdict.finalists if one.tested.ranked.late]
    return [*(trial for trial in late if trial is not None), *confirmation.left_out]


def _judging(verdict: FinalVerdict) -> list[Section]:
    """Mean grades of each judge besides the objective; empty without judges."""
    return [
        judge
        | {
            "means": [
                {"name": one.name, "role": one.entry.role, "trial": one.entry.trial}
                | asdict(one.tested.ranked.judged[judge["name"]])
                for one in verdict.results
                if judge["name"] in one.tested.ranked.judged
            ]
        }
        for judge in verdict.judges
    ]


def pareto(verdict: FinalVerdict, goals: Goals) -> list[Section]:
    """Means and intervals of each finalist in each objective, with the Pareto front."""
    entries = []
    for one in verdict.finalists:
        if not one.tested.losses:
            continue
        scores = {}
        for objective, (each, left_out) in zip(goals.objectives, one.tested.losses, strict=True):
            sign = objective.loss(1.0)
            scores[objective.name] = _finite(interval(sign * each, sign * left_out))
        entries.append({"trial": one.entry.trial, "scores": scores, "on_front": one.on_front})
    return entries


def _objective_unit(objective: Objective) -> Section:
    about = {"name": objective.name, "version": objective.version, "direction": objective.direction}
    return about | {"unit": unit_of(objective.name)}


def directions_of(kind: str, target: str = "") -> dict[str, str]:
    """Direction of every metric of a kind of data, by name."""
    found = [metric_for(name, kind, target=target).objective for name in metric_names(kind, target)]
    return {objective.name: objective.direction for objective in found}


def _objective(data: DataModule, metric: Metric) -> Section:
    name = metric.objective.name
    space = name[name.find("[") + 1 : -1] if name.endswith("]") else ""
    return {
        "name": name,
        "version": metric.objective.version,
        "direction": metric.objective.direction,
        "feature_space": space,
        "split_sha256": data.split_sha256,
    }


def _best(verdict: FinalVerdict, chosen: ContenderResult, parameters: int, state: StudyState) -> Section:
    model = verdict.delivered.model
    return {
        "trial": chosen.entry.trial,
        "family": chosen.entry.config.get("family", chosen.name),
        "baseline": chosen.name if chosen.entry.trial is None and chosen.entry.config else "",
        "config": dict(chosen.entry.config),
        "model": f"{model.parent.name}/{model.name}" if model else "",
        "withheld": verdict.delivered.withheld,
        "select_score": verdict.delivered.select_score,
        "test_score": verdict.delivered.test_score,
        "parameters": parameters,
        "steps_share": None if (trial := chosen.entry.trial) is None else state.trials[trial].steps_share,
    }


def _given_up(verdict: FinalVerdict) -> Section | None:
    """Loss against the leader if a cheaper model is returned; ``None`` for the leader."""
    found = verdict.verdict.given_up if verdict.verdict else None
    return None if found is None else _finite(found)


def _finalist(one: ContenderResult, state: StudyState) -> Section:
    return {
        "trial": one.entry.trial,
        "family": one.entry.config["family"],
        "config": dict(one.entry.config),
        "seconds": one.entry.seconds,
        "dropped": one.tested.ranked.dropped,
        "efficiency": _efficiency(one),
        "suspected": one.entry.trial is not None and COPIES in state.trials[one.entry.trial].suspect,
    } | _contender(one)


def _efficiency(one: ContenderResult) -> Section | None:
    """Costs of a finalist; ``None`` if they were not measured."""
    if one.efficiency is None:
        return None
    seconds = None if one.entry.seconds is None else round(one.entry.seconds, 3)
    return one.efficiency.to_json() | {"train_seconds": seconds}


def _baseline(one: ContenderResult) -> Section:
    return {"name": one.name, "role": one.entry.role, "trivial": one.entry.trivial} | _contender(one)


def _real_rows(verdict: FinalVerdict) -> Section:
    """Record of real rows, the ceiling, among the baselines."""
    section = {"name": REAL_ROWS, "role": "ceiling"} | _finite(verdict.ceiling)
    more = {"calibrated": 1.0 if verdict.scaled else None, "diagnostics": dict(verdict.real_diagnostics)}
    return section | more


def _contender(one: ContenderResult) -> Section:
    """Entries that finalists and baselines share; without a comparison for the leader."""
    ranked = one.tested.ranked
    section: Section = {"select": ranked.select.mean if ranked.select else None, "excluded": one.excluded}
    section |= _test(one) | _gate(one) | {"diagnostics": dict(one.diagnostics)}
    if one.comparison is None:
        return section
    return section | {
        "difference": _finite(one.comparison.difference),
        "p_value": one.comparison.difference.p_value,
        "separated": one.comparison.separated,
        "relation": one.comparison.relation,
    }


def _test(one: ContenderResult) -> Section:
    """Scores on the test split; ``None`` for missing ones."""
    test: Measured | None = one.tested.test
    if test is None or one.interval is None:
        names = ("mean", "low", "high", "calibrated", "calibrated_low", "calibrated_high")
        return dict.fromkeys(names) | {"scores": [], "seeds": 0}
    scale = {"mean": None, "low": None, "high": None}
    scale |= _finite(one.normalized) if one.normalized else {}
    return _finite(one.interval) | {
        "calibrated": scale["mean"],
        "calibrated_low": scale["low"],
        "calibrated_high": scale["high"],
        "scores": [float(score) for score in test.scores],
        "seeds": len(test.scores),
    }


def _scale(data: DataModule, verdict: FinalVerdict) -> Section:
    """Floor and ceiling, and the reason why there is no scale between them."""
    why = ""
    if not verdict.scaled:
        why = (
            f"real rows do not score better than the best trivial baseline by more than chance explains on "
            f"{len(data.rows['test'])} test rows"
        )
    return {"floor": verdict.floor, "ceiling": verdict.ceiling.mean, "uncalibrated": why}


def _finite(found: Interval) -> Section:
    """Convert an interval to JSON; an infinite end is null."""
    low, high = (bound if np.isfinite(bound) else None for bound in (found.low, found.high))
    return {"mean": found.mean, "low": low, "high": high}


def _gate(one: ContenderResult) -> Section:
    """Results of the memorization test and of the diversity test."""
    gate = one.tested.ranked.gate
    return {"memorisation": None, "diversity": None} if gate is None else gate.to_json()


def _trials(state: StudyState) -> Section:
    counts = {
        str(kind): state.ended[kind]
        for kind in (State.COMPLETE, State.PRUNED, State.FAILED, State.INFEASIBLE)
    }
    return counts | {"out_of_time": state.timeouts, "total": len(state.trials)}


def _optimism(state: StudyState, verdict: FinalVerdict, metric: Metric) -> float | None:
    """Test loss minus tune loss of the returned config; ``None`` for a baseline."""
    trial, test = verdict.chosen.entry.trial, verdict.chosen.tested.test
    if trial is None or test is None:
        return None
    return metric.objective.loss(test.mean) - state.trials[trial].losses[-1]


def _data(data: DataModule) -> Section:
    return {
        "source": data.source,
        "kind": data.kind.name,
        "sha256": data.sha256,
        "rows": {name: len(rows) for name, rows in data.rows.items()},
        "notes": list(data.notes),
    }
