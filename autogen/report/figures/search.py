"""Figures of the search: its history, its rungs, the curves of its trials, its families."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from statistics import median

from autogen.errors import agreed, counted, listed
from autogen.hpo.objective import Objective
from autogen.hpo.study.state import COPIES
from autogen.report.figures.plot import (
    CLEAR,
    FAINT,
    GRAY,
    RED,
    Plot,
    Trace,
    bars,
    color_of,
    dots,
    frame,
    label,
    lines,
    scale,
    score_axis,
)
from autogen.report.leaderboard import Trial, last_score, shown_state, suspected
from autogen.report.scores import number
from autogen.report.verdict import FAMILIES

#: Most curves; a page with many thousands opens in no browser.
CURVES = 400
#: Fewest trials of each family to compare families, and to draw a box.
FEWEST = 4
#: Lines of trials that the pruner or the budget stopped.
DASHES = {"pruned": "solid", "out of time": "dot"}
#: Symbols of trials that the pruner or the budget stopped.
#: Colors of what happened to trials at a rung.
SHADES = {
    "went on": "#3b82d6",
    "pruned": "#a9b1bc",
    "out of time": "#6b7684",
    "failed": RED,
    "running": "#e0a93e",
}
STOPPED = {"pruned": "circle-open", "out of time": "triangle-down-open"}
#: Words of states that are not their names; whether the study still runs is said at the top.
_ENDS = {"running": "not ended"}
#: Largest ratio of two shares of the training steps that are shown as one.
SAME_RUNG = 1.08


def history(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Scores of all trials in the order in which they were asked, and the best so far."""
    trials = sorted(trials, key=lambda trial: trial["number"])
    done = [trial for trial in trials if trial["state"] == "complete"]
    stopped = [trial for trial in trials if trial["state"] == "pruned" and trial["curve"]]
    if not done or len(done) + len(stopped) < 2:
        return None
    last = trials[-1]["number"]
    honest = [trial for trial in done if not suspected(trial)] or done
    best = list(accumulate((trial["score"] for trial in honest), min if _low(objective) else max))
    steps = list(zip([trial["number"] for trial in honest] + [last], [*best, best[-1]], strict=True))
    incumbent = lines([steps], "best so far", GRAY, 2.0) | {"mode": "lines"}
    incumbent["line"] = incumbent["line"] | {"shape": "hv"}
    traces = [_points(group, name, FAINT, STOPPED[name]) for name, group in _stopped(stopped)]
    traces += [_points(group, _named(family), color_of(family)) for family, group in _families(honest)]
    if doubted := [trial for trial in done if trial not in honest]:
        copying = all(COPIES in trial["reason"] for trial in doubted)
        traces.append(_points(doubted, "suspected" + " of copying" * copying, RED, "diamond-open"))
    traces += _crosses([trial for trial in trials if trial["state"] == "failed"])
    y, outside = frame([score for trial in [*done, *stopped] for _, score in trial["curve"][-1:]], objective)
    found = next(trial["number"] for trial in honest if trial["score"] == best[-1])
    later = sum(trial["number"] > found for trial in honest)
    cut = sum(trial["number"] > found for trial in stopped)
    counts = [f"{counted(later, 'later score')} {agreed(later, 'was', 'were')} not better"] * bool(later)
    counts += [f"{counted(cut, 'later trial')} {agreed(cut, 'was', 'were')} stopped early"] * bool(cut)
    title = f"Trial {found} found the best score; {', '.join(counts)}"
    if not counts:
        title = f"Trial {found}, the newest with a score, found the best one so far"
    caption = (
        "Each point is a trial, with the color of its family. Hollow points were stopped before their end, "
        "by the pruner or by the budget: their scores are of partly trained models. Crosses failed. All are "
        "scores on the tune split, which steered the search; quote the score on test."
    )
    return Plot(
        title,
        caption + outside,
        [*traces, incumbent],
        {"title": "trial"} | ({"dtick": 1} if last < 10 else {}),
        y,
    )


def rungs(trials: Sequence[Trial]) -> Plot | None:
    """Number of trials that reached each rung, by what happened to them there.

    Rungs are counted in each trial: families measure at different shares of their steps.
    """
    reached = [(trial, _shares(trial)) for trial in trials if trial["curve"]]
    most = max((len(shares) for _, shares in reached), default=0)
    if most < 2 or len(reached) < 2 or not any(trial["state"] == "pruned" for trial in trials):
        return None
    counts: dict[str, list[int]] = {name: [] for name in SHADES}
    places = []
    for rung in range(most):
        there = [(trial, shares) for trial, shares in reached if len(shares) > rung]
        fates = [_fate(trial, len(shares) > rung + 1) for trial, shares in there]
        for name, column in counts.items():
            column.append(fates.count(name))
        places.append(f"rung {rung + 1}: {_between([shares[rung] for _, shares in there])}")
    traces = [bars(places, column, name, SHADES[name]) for name, column in counts.items() if any(column)]
    done = sum(trial["state"] == "complete" for trial, _ in reached)
    title = (
        f"Of {len(reached)} trials that were measured, {_were(counts['pruned'][0])} pruned at the first rung "
        f"and {_were(done)} trained to the end"
    )
    caption = (
        "Trials that reached their first, second, ... rung, which is a share of their training steps. All "
        f"trials together did the steps of {counted(round(sum(s[-1] for _, s in reached)), 'full training')}."
    )
    x = {"title": "rung, with its share of the training steps", "type": "category"}
    return Plot(title, caption, traces, x, {"title": "trials"}, 280, {"barmode": "stack"})


def _were(count: int) -> str:
    return f"{count} {agreed(count, 'was', 'were')}"


def _shares(trial: Trial) -> list[float]:
    """Rungs at which a trial was measured, as shares of its steps."""
    return [round(step / trial["steps"], 3) for step, _ in trial["curve"]]


def _between(shares: Sequence[float]) -> str:
    """Range of the shares of a rung; one share where they differ only by rounding to steps."""
    low, high = min(shares), max(shares)
    return f"{low:.0%}" if high <= SAME_RUNG * low else f"{low:.0%} to {high:.0%}"


def _fate(trial: Trial, further: bool) -> str:
    """Name what happened to a trial at a rung, beyond which it was (``further``) or was not measured."""
    if further or trial["state"] == "complete":
        return "went on"
    state = shown_state(trial)
    return {"infeasible": "failed"}.get(state, state)


def _crosses(failed: Sequence[Trial]) -> list[Trace]:
    """Failed trials, along the bottom of the frame on any scale."""
    if not failed:
        return []
    numbers = [trial["number"] for trial in failed]
    trace = dots(numbers, [0.02] * len(failed), "failed", color=RED, symbol="x", size=8)
    return [trace | {"yaxis": "y2", "hovertext": [label(str(trial["reason"])) for trial in failed],
                     "hoverinfo": "x+text"}]  # fmt: skip


def curves(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Scores over training steps, of stopped and of complete trials."""
    measured = [trial for trial in trials if trial["curve"]]
    measured = sorted(measured, key=lambda trial: trial["state"] == "complete")[-CURVES:]
    stopped = [trial for trial in measured if trial["state"] == "pruned"]
    done = [trial for trial in measured if trial["state"] == "complete"]
    if not any(len(trial["curve"]) > 1 for trial in done):
        return None
    traces = [
        lines([trial["curve"] for trial in group], name, FAINT, 1.0, dash=DASHES[name])
        for name, group in _stopped(stopped)
    ]
    for family, group in _families(done):
        traces.append(lines([trial["curve"] for trial in group], _named(family), color_of(family)))
    y, outside = frame([score for trial in measured for _, score in trial["curve"]], objective)
    states = Counter(shown_state(trial) for trial in trials)
    ended = states.pop("complete")
    names = [*STOPPED, *sorted(states.keys() - set(STOPPED))]
    others = [f"{states[name]:,} {_ENDS.get(name, name)}" for name in names if states[name]]
    title = (
        f"{ended:,} of {counted(len(trials), 'trial')} {agreed(ended, 'was', 'were')} trained to the end, "
        f"{listed(others) if others else 'none stopped'}"
    )
    caption = "The score at each rung; a gray line ends where its trial was stopped. Color: family."
    return Plot(title, caption + outside, traces, {"title": "steps"}, y)


def families(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Scores of each family's complete trials."""
    groups = _families([trial for trial in trials if trial["state"] == "complete"])
    if sum(len(group) for _, group in groups) < 2:
        return None
    scores = {family: [trial["score"] for trial in group] for family, group in groups}
    ahead = min(scores, key=lambda family: objective.loss(median(scores[family])))
    typical = number(median(scores[ahead]))
    name = _named(ahead)
    title = f"{name[:1].upper()}{name[1:]} has the best median score of the families, {typical}"
    if len(groups) > 1 and min(len(group) for _, group in groups) < FEWEST:
        best, family = min((objective.loss(s), f) for f, group in scores.items() for s in group)
        found = number(objective.loss(best))
        title = f"The best trial is of family {_named(family)} ({found}); too few to compare families"
    if len(groups) == 1:
        title = f"Only one family was trained to the end: {name}, median score {typical}"
    caption = (
        "Each point is a trial that was trained to the end; a box spans the middle half of a family with "
        f"{FEWEST} trials or more."
    )
    traces = [_box(family, scores[family]) for family, _ in reversed(groups)]
    x = {"title": score_axis(objective)} | scale([s for group in scores.values() for s in group])
    return Plot(title, caption, traces, x, height=90 + 75 * len(groups))


def _box(family: str, scores: Sequence[float]) -> Trace:
    boxed = len(scores) >= FEWEST
    return {
        "type": "box",
        "orientation": "h",
        "x": scores,
        "name": label(f"{_named(family)} ({len(scores)})"),
        "boxpoints": "all",
        "jitter": 0.6 if boxed else 0,
        "pointpos": 0,
        "marker": {"color": color_of(family), "size": 6, "opacity": 0.75},
        "line": {"color": color_of(family) if boxed else CLEAR, "width": 1.2},
        "fillcolor": "rgba(128,136,148,0.10)" if boxed else CLEAR,
        "showlegend": False,
    }


def _points(trials: Sequence[Trial], name: str, shade: str, symbol: str = "circle") -> Trace:
    numbers = [trial["number"] for trial in trials]
    return dots(numbers, [last_score(trial) for trial in trials], name, color=shade, symbol=symbol)


def _stopped(trials: Sequence[Trial]) -> list[tuple[str, list[Trial]]]:
    """Stopped trials by what stopped them, the pruner or the budget."""
    groups = [(name, [trial for trial in trials if shown_state(trial) == name]) for name in STOPPED]
    return [(name, group) for name, group in groups if group]


def _families(trials: Sequence[Trial]) -> list[tuple[str, list[Trial]]]:
    """Trials of each family, by its name in alphabetical order."""
    names = sorted({str(trial["family"]) for trial in trials})
    return [(name, [trial for trial in trials if trial["family"] == name]) for name in names]


def _named(family: str) -> str:
    return FAMILIES.get(family, family)


def _low(objective: Objective) -> bool:
    return objective.direction == "minimize"
