"""The documented record of a study's outcome, result.json: one function a section."""

from dataclasses import asdict
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.engine.settings import Settings
from autogen.hpo.objective import Objective, unit_of
from autogen.hpo.study.events import Finalists
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import State
from autogen.metrics.base import HasSelfCheck, Metric
from autogen.metrics.lookup import metric_for, metric_names
from autogen.report.verdict import explanation, headline
from autogen.verdict.contenders import FinalVerdict, Standing
from autogen.verdict.goals import Goals
from autogen.verdict.statistics import Interval, interval

SCHEMA = 1
Section = dict[str, Any]


def compose(
    data: DataModule,
    goals: Goals,
    settings: Settings,
    state: StudyState,
    verdict: FinalVerdict,
    *,
    parameters: int,
    test_reads: int,
    confirmation: Finalists,
    times: Times,
) -> Section:
    """Make the record that result.json holds; docs/result.md tells of each entry.

    Args:
        data: The data, split.
        goals: What was optimised.
        settings: Of the study.
        state: Of the search.
        verdict: Of the finals.
        parameters: Of the delivered model.
        test_reads: How often this study has read the test split, this time included.
        confirmation: What the journal says of who was confirmed.
        times: Where the study's seconds went.
    """
    chosen = verdict.chosen
    record: Section = {
        "schema": SCHEMA,
        "verdict": verdict.kind,
        "tied": [s.trial for s in verdict.standings if verdict.verdict and s.name in verdict.verdict.tied],
        "objective": _objective(data, goals.metric),
        "objectives": [_told(objective) for objective in goals.objectives],
        "directions": _directions(data, goals),
        "constraints": [str(bound) for bound in goals.constraints],
        "best": _best(verdict, chosen, parameters),
        "test": _test(verdict, chosen) | _scale(data, verdict),
        "finalists": [_finalist(verdict, s) for s in verdict.standings if s.role == "finalist"],
        "pareto": pareto(verdict, goals) if goals.several else [],
        "baselines": [_baseline(verdict, s) for s in verdict.standings if s.role != "finalist"]
        + [_real_rows(verdict)],
        "tune": verdict.tune_scores,
        **_gate(chosen),
        "judging": _judging(verdict),
        "trials": _trials(state),
        "configurations_tried": len(state.trials),
        "left_out": list(confirmation.left_out),
        "cut": state.cut(),
        "seconds": times.seconds,
        "evaluation_share": times.evaluation_share,
        "time": times.to_json(),
        "optimism": _optimism(state, verdict, goals.metric),
        "test_reads": test_reads,
        "data": _data(data),
        "settings": {"seed": settings.seed, "space": settings.space, "sampler": settings.sampler}
        | {"pruner": settings.pruner, "budget": settings.budget, "families": list(settings.families)},
    }
    record["statement"] = " ".join([headline(record), *explanation(record)])
    caveats = goals.metric.caveats() if isinstance(goals.metric, HasSelfCheck) else ()
    return record | {"warnings": warnings(record, data, verdict) + list(caveats)}


def warnings(record: Section, data: DataModule, verdict: FinalVerdict) -> list[str]:
    """What a reader must know before trusting the numbers."""
    found = []
    if data.small:
        found.append(
            "the data is too small for a select split of its own: finalists were ranked on tune rows"
        )
    if record["test_reads"] > 1:
        found.append(
            f"the test split has been read {record['test_reads']} times, so its figures are optimistic"
        )
    calibrated = record["test"]["calibrated"]
    if calibrated is None:
        why = record["test"]["uncalibrated"] or "the model has no score on test data"
        found.append(f"{why}: no calibrated score is given")
    elif calibrated < 0:
        found.append("the delivered model is worse than the best trivial baseline")
    found += _of_time(record)
    failed = record["trials"]["failed"]
    if failed:
        found.append(f"{failed} of {record['trials']['total']} trials failed; the report gives the reasons")
    if record["constraints"] and all(s.excluded for s in verdict.standings if s.role == "finalist"):
        found.append("no finalist may be delivered: the table of finalists says why each is excluded")
    controls = [s for s in verdict.standings if s.role == "control" and s.gate and s.gate.memorisation.passed]
    found += [
        f"the control {s.name} was not caught: the memorization test has no power here" for s in controls
    ]
    return found


def _of_time(record: Section) -> list[str]:
    """What the budget had no time for, and by how much it was overrun."""
    found, time = [], record["time"]
    if record["cut"]:
        shares = ", ".join(f"{100 * share:.0f} % ({family})" for family, share in record["cut"].items())
        found.append(
            f"to keep the budget, trials had as little as {shares} of their steps; more time serves better"
        )
    if record["left_out"]:
        trials = ", ".join(map(str, record["left_out"]))
        named = f"trial{'s' * (len(record['left_out']) > 1)} {trials}"
        found.append(
            f"the budget had no time to confirm {named} too: nothing is claimed of what was left out"
        )
    if not time["kept"]:
        found.append(
            f"the study took {time['seconds']:.0f} s, more than its budget of {time['budget']:.0f} s"
        )
    return found


def _judging(verdict: FinalVerdict) -> list[Section]:
    """Mean grades of each judge beside the objective; empty where none was asked for."""
    return [
        judge
        | {
            "means": [
                {"name": s.name, "role": s.role, "trial": s.trial} | asdict(s.judged[judge["name"]])
                for s in verdict.standings
                if judge["name"] in s.judged
            ]
        }
        for judge in verdict.judges
    ]


def pareto(verdict: FinalVerdict, goals: Goals) -> list[Section]:
    """Each finalist in each objective, with intervals over the fresh seeds, and who is on the front."""
    entries = []
    for standing in verdict.standings:
        if standing.role != "finalist" or not standing.losses:
            continue
        scores = {}
        for objective, (each, left_out) in zip(goals.objectives, standing.losses, strict=True):
            sign = objective.loss(1.0)
            scores[objective.name] = _finite(interval(sign * each, sign * left_out))
        front = standing.name in verdict.front
        entries.append({"trial": standing.trial, "scores": scores, "on_front": front})
    return entries


def _told(objective: Objective) -> Section:
    about = {"name": objective.name, "version": objective.version, "direction": objective.direction}
    return about | {"unit": unit_of(objective.name)}


def _directions(data: DataModule, goals: Goals) -> dict[str, str]:
    """Whether lower or higher values are better, of every metric of the kind."""
    kind, target = data.kind.name, goals.target
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


def _best(verdict: FinalVerdict, chosen: Standing, parameters: int) -> Section:
    index = chosen.models.index(verdict.model)
    return {
        "trial": chosen.trial,
        "family": chosen.config["family"],
        "config": dict(chosen.config),
        "model": verdict.model,
        "select_score": float(chosen.select[index]),
        "test_score": float(chosen.test[index]),
        "parameters": parameters,
    }


def _finalist(verdict: FinalVerdict, standing: Standing) -> Section:
    return {
        "trial": standing.trial,
        "family": standing.config["family"],
        "config": dict(standing.config),
        "seconds": standing.seconds,
        "efficiency": _efficiency(standing),
        "diagnostics": standing.diagnostics,
    } | _standing(verdict, standing)


def _efficiency(standing: Standing) -> Section | None:
    """What a finalist costs; nothing where none of its trainings ended."""
    if standing.efficiency is None:
        return None
    seconds = None if standing.seconds is None else round(standing.seconds, 3)
    return standing.efficiency.to_json() | {"train_seconds": seconds}


def _baseline(verdict: FinalVerdict, standing: Standing) -> Section:
    return {"name": standing.name, "role": standing.role} | _standing(verdict, standing)


def _real_rows(verdict: FinalVerdict) -> Section:
    """The ceiling, as a line among the baselines."""
    return {
        "name": "real rows",
        "role": "ceiling",
        "mean": verdict.ceiling,
        "low": None,
        "high": None,
        "calibrated": verdict.calibrated(verdict.ceiling),
    }


def _standing(verdict: FinalVerdict, standing: Standing) -> Section:
    """What finalists and baselines have in common; no comparison where the leader itself stands."""
    section: Section = {"select": _mean(standing.select), "excluded": standing.excluded}
    section |= _test(verdict, standing) | _gate(standing)
    comparison = verdict.comparison(standing.name)
    if comparison is None:
        return section
    return section | {
        "difference": _finite(comparison.difference),
        "p_value": comparison.adjusted_p,
        "separated": comparison.separated,
    }


def _test(verdict: FinalVerdict, standing: Standing) -> Section:
    """Scores on the test split; nulls where there are none."""
    if not len(standing.test):
        names = ("mean", "low", "high", "calibrated", "calibrated_low", "calibrated_high")
        return dict.fromkeys(names) | {"scores": [], "seeds": 0}
    found = verdict.intervals[standing.name]
    bounds = [verdict.calibrated(bound) for bound in (found.low, found.high) if np.isfinite(bound)]
    sound = [bound for bound in bounds if bound is not None]
    return _finite(found) | {
        "calibrated": verdict.calibrated(found.mean),
        "calibrated_low": min(sound, default=None),
        "calibrated_high": max(sound, default=None),
        "scores": [float(score) for score in standing.test],
        "seeds": len(standing.test),
    }


def _scale(data: DataModule, verdict: FinalVerdict) -> Section:
    """Floor and ceiling, and why there is no scale between them; empty where there is one."""
    why = ""
    if verdict.calibrated(verdict.floor) is None:
        why = (
            f"real rows do not score better than the best trivial baseline by more than chance explains on "
            f"{len(data.rows['test'])} test rows"
        )
    return {"floor": verdict.floor, "ceiling": verdict.ceiling, "uncalibrated": why}


def _finite(found: Interval) -> Section:
    """An interval as JSON; an endless bound is null."""
    low, high = (bound if np.isfinite(bound) else None for bound in (found.low, found.high))
    return {"mean": found.mean, "low": low, "high": high}


def _gate(standing: Standing) -> Section:
    """Results of the memorization test and of the diversity test."""
    gate = standing.gate
    return {"memorisation": None, "diversity": None} if gate is None else gate.to_json()


def _trials(state: StudyState) -> Section:
    counts = {
        str(kind): state.ended[kind]
        for kind in (State.COMPLETE, State.PRUNED, State.FAILED, State.INFEASIBLE)
    }
    return counts | {"total": len(state.trials)}


def _optimism(state: StudyState, verdict: FinalVerdict, metric: Metric) -> float | None:
    """How much better the winner's score looked in the search than it is: losses, test minus tune."""
    trial, test = verdict.chosen.trial, verdict.chosen.test
    if trial is None or not len(test):
        return None
    loss = metric.objective.loss
    return loss(float(np.mean(test))) - state.trials[trial].losses[-1]


def _data(data: DataModule) -> Section:
    return {
        "source": data.source,
        "kind": data.kind.name,
        "sha256": data.sha256,
        "rows": {name: len(rows) for name, rows in data.rows.items()},
        "notes": list(data.notes),
    }


def _mean(scores: np.ndarray) -> float | None:
    return float(np.mean(scores)) if len(scores) else None
