"""Figures of the verdict: finalists and baselines, normalized scores, trade-offs, distances from train."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from autogen.errors import agreed
from autogen.hpo.objective import Objective
from autogen.report.contents import Nearest
from autogen.report.figures.plot import (
    GRAY,
    MODEL,
    Plot,
    Trace,
    bars,
    color_of,
    dots,
    label,
    lines,
    scale,
    score_axis,
)
from autogen.report.result import Result
from autogen.report.schema import Baseline, Finalist, FrontEntry, Interval
from autogen.report.scores import number
from autogen.report.verdict import beaten, called, no_finalist_can_win, trial_called

#: Share of samples equal to a training sample, beyond that of unseen ones, from which on it is told.
EQUAL = 0.05
#: Name and record of a finalist or baseline.
Entry = tuple[str, Finalist | Baseline]


def finalists(result: Result, objective: Objective) -> Plot | None:
    """Test scores with intervals of finalists, a returned baseline, and of baselines with similar scores."""
    models = [(called(entry), entry) for entry in result.finalists if entry.mean is not None]
    others = [(called(entry), entry) for entry in result.baselines if entry.mean is not None]
    if not models:
        return None
    # A returned baseline is what the verdict is about: the frame has room for it.
    returned = [entry for entry in others if result.best.trial is None and entry[0] == called(result.best)]
    near, far = _near([*models, *returned], others)
    if len(models) + len(near) < 2:  # one dot
        return None
    entries: list[Entry] = sorted([*models, *near], key=lambda entry: -objective.loss(entry[1].mean or 0.0))
    traces = [_interval(name, entry, _shade(entry)) for name, entry in entries]
    for name, entry in models:
        rows = [name] * len(entry.scores)
        shade = color_of(entry.family)
        traces.append(dots(entry.scores, rows, color=shade, symbol="circle-open", size=6, opacity=0.8))
    caption = (
        "Mean on the test split with its 95 % interval. Rings are single draws of samples, or single "
        "training seeds; gray is a baseline. Models with overlapping intervals may still differ, since they "
        "are compared on the same test samples."
    )
    if far:
        listed = ", ".join(f"{name} ({number(entry.mean)})" for name, entry in far)
        caption += f" Outside the frame: {listed}."
    x = {"title": score_axis(objective)}
    return Plot(_headline(result), caption, traces, x, height=90 + 34 * len(entries))


def normalized(result: Result) -> Plot | None:
    """Finalists and baselines between the best trivial baseline (0) and real data (1)."""
    entries: list[Entry] = [(called(entry), entry) for entry in result.finalists if entry.mean is not None]
    entries += [(called(entry), entry) for entry in result.baselines]
    known = [(e.calibrated, name, e) for name, e in entries if e.calibrated is not None]
    if not known or result.test.calibrated is None:
        return None
    known.sort(key=lambda item: item[0])
    traces = [_interval(name, _rescaled(entry), _shade(entry)) for _, name, entry in known]
    low = min(-0.1, *(max(-0.6, place) for place, _, _ in known)) - 0.05
    title = f"{called(result.best)} has a normalized score of {result.test.calibrated:.2f}"
    caption = (
        "0: best trivial baseline; 1: real data. Gray: baselines. Scores far below 0 are outside the frame."
    )
    x = {"title": "normalized score", "range": [low, 1.15]}
    return Plot(_capital(title), caption, traces, x, height=90 + 34 * len(known))


def pareto(result: Result) -> Plot | None:
    """Finalists by the first two of several objectives."""
    names = list(dict.fromkeys(name for entry in result.pareto for name in entry.scores))[:2]
    drawn = [entry for entry in result.pareto if all(_known(entry, name) for name in names)]
    if len(names) < 2 or len(drawn) < 2:
        return None
    families = {entry.trial: entry.family for entry in result.finalists}
    traces = [_crossing(entry, names, families.get(entry.trial, "")) for entry in drawn]
    front = sorted((e for e in drawn if e.on_front), key=lambda entry: _mean(entry, names[1]))
    ways = {one.name: str(one.direction) for one in result.objectives}
    best = [entry for entry in front if not any(_ahead(other, entry, names, ways) for other in drawn)]
    steps = [(_mean(entry, names[1]), _mean(entry, names[0])) for entry in best]
    if len(steps) > 1:
        traces.insert(0, lines([steps], "", GRAY, 1.2) | {"mode": "lines", "showlegend": False})
    listed = ", ".join(str(entry.trial) for entry in front)
    title = (
        f"No finalist is shown to be better in all objectives than {agreed(len(front), 'trial', 'trials')} "
        f"{listed}"
    )
    if len(front) == 1:
        title = f"Trial {listed} is at least as good as every other finalist in all objectives"
    caption = (
        "Means with 95 % intervals. Filled points are the Pareto front: no other finalist is as good in "
        "every objective and better in one beyond chance. The line joins those whose means are not "
        "dominated."
    )
    axes = [{"title": label(_axis_name(result, name))} | scale(_reach(drawn, name)) for name in names]
    return Plot(title, caption, traces, axes[1], axes[0], 360)


def _ahead(other: FrontEntry, entry: FrontEntry, names: list[str], ways: Mapping[str, str]) -> bool:
    """Tell if another finalist's means are not worse in any objective, and better in one."""
    signs = [-1 if ways.get(name) == "maximize" else 1 for name in names]
    pairs = [
        (sign * _mean(other, name), sign * _mean(entry, name))
        for sign, name in zip(signs, names, strict=True)
    ]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def latency(result: Result, by: str = "batch") -> Plot | None:
    """Time of sampling over the batch size or the length.

    Args:
        result: Outcome of the study.
        by: ``batch`` for the samples drawn at once, ``length`` for the tokens of one sequence.
    """
    entries = [(one, _latencies(one, by)) for one in result.finalists]
    paths = [
        (entry, sorted((int(size), ms) for size, ms in measured.items() if ms is not None))
        for entry, measured in entries
    ]
    paths = [(entry, path) for entry, path in paths if len(path) > 1 and path[0][1] > 0]
    if not paths:
        return None
    traces = [lines([path], called(entry), color_of(entry.family), 2.0) for entry, path in paths]
    first, path = min(paths, key=lambda item: item[1][-1][1])
    unit = "samples at once" if by == "batch" else "tokens"
    fastest = " is the fastest and" if len(paths) > 1 else ""
    title = (
        f"{_capital(called(first))}{fastest} takes {number(path[-1][1])} ms for {path[-1][0]} {unit} and "
        f"{number(path[0][1])} ms for {path[0][0]}"
    )
    x = {"title": unit, "type": "log", "tickvals": [size for size, _ in path]}
    y = {"title": "milliseconds"} | scale([ms for _, path in paths for _, ms in path])
    return Plot(title, "", traces, x, y, 280)


def distances(near: Nearest) -> Plot | None:
    """Distances to the nearest training sample, of generated and of unseen real samples."""
    ends = [value for column in (near.generated, near.unseen) for value in column]
    if not near.generated or not near.unseen or max(ends) <= 0:
        return None
    step = max(ends) / 30
    places = [round((i + 0.5) * step, 9) for i in range(31)]
    traces = [
        bars(places, _histogram(near.unseen, step), "real, unseen by the model", GRAY, opacity=0.7),
        bars(places, _histogram(near.generated, step), "generated", MODEL, opacity=0.7),
    ]
    nearer = _nearer(near.generated, near.unseen)
    equal, chance = equal_shares(near)
    title = "Generated samples lie about as far from the training data as unseen real ones do"
    if equal - chance >= EQUAL:  # equal samples lie in one split, so unseen ones have hardly any
        title = f"{100 * equal:.0f} % of samples equal a training sample (unseen: {100 * chance:.0f} %)"
    elif not 0.4 <= nearer <= 0.6:
        word = "nearer to" if nearer > 0.5 else "farther from"
        title = f"Generated samples lie {word} the training data than unseen real ones do"
    caption = (
        "Distance to the nearest training sample (DCR). A random generated sample is nearer than a random "
        f"unseen real one in {100 * nearer:.0f} % of cases. Copies are at 0, at the left. The memorization "
        "test asks something else of each sample: if a training or an unseen real sample is nearest to it."
    )
    if equal - chance >= EQUAL:
        caption += (
            " Equal real samples lie in one split, so unseen ones hardly ever equal a training sample; short "
            "or common samples do by chance. This alone does not show copying."
        )
    y = {"title": "share", "tickformat": ".0%"}
    return Plot(title, caption, traces, {"title": "distance"}, y, 260, {"barmode": "overlay", "bargap": 0.05})


def equal_shares(near: Nearest) -> tuple[float, float]:
    """Shares of generated, and of unseen real, samples that equal a training sample."""
    return _equal(near.generated), _equal(near.unseen)


def _nearer(ours: Sequence[float], others: Sequence[float]) -> float:
    """Probability that one of ours is below one of the others; ties count half (Mann and Whitney 1947)."""
    ordered = sorted(others)
    above = sum(2 * len(ordered) - bisect_left(ordered, a) - bisect_right(ordered, a) for a in ours)
    return above / (2 * len(ours) * len(ordered))


def _equal(distances: Sequence[float]) -> float:
    """Share of distances that are 0."""
    return sum(value <= 0 for value in distances) / len(distances)


def _histogram(values: Sequence[float], step: float) -> list[float]:
    """Shares of the values in 31 bins of this width."""
    places = [min(30, int(value / step)) for value in values]
    return [places.count(i) / max(1, len(places)) for i in range(31)]


def _latencies(entry: Finalist, by: str) -> Mapping[str, float | None]:
    """Milliseconds of a finalist by batch size or by length; empty if they were not measured."""
    if entry.efficiency is None:
        return {}
    return entry.efficiency.latency_by_batch if by == "batch" else entry.efficiency.latency_by_length


def _rescaled(entry: Finalist | Baseline) -> Interval:
    """Normalized score of an entry with its interval."""
    return Interval(mean=entry.calibrated, low=entry.calibrated_low, high=entry.calibrated_high)


def _reach(entries: Sequence[FrontEntry], name: str) -> list[float]:
    """Values along the axis of an objective, with the ends of intervals."""
    scores = [entry.scores[name] for entry in entries]
    return [end for score in scores for end in (score.low, score.mean, score.high) if end is not None]


def _known(entry: FrontEntry, name: str) -> bool:
    return name in entry.scores and entry.scores[name].mean is not None


def _mean(entry: FrontEntry, name: str) -> float:
    mean = entry.scores[name].mean
    assert mean is not None  # the others are not drawn
    return mean


def _axis_name(result: Result, name: str) -> str:
    """Name of an objective with its better direction."""
    for one in result.objectives:
        if one.name == name:
            return f"{name} ({'lower' if one.direction == 'minimize' else 'higher'} is better)"
    return name.replace("_", " ")


def _crossing(entry: FrontEntry, names: Sequence[str], family: str) -> Trace:
    """A finalist as a point with an interval along both axes."""
    up, across = (entry.scores[name] for name in names)
    shade = color_of(family) if family else GRAY
    symbol = "circle" if entry.on_front else "circle-open"
    name = trial_called(entry.trial, family) if family else f"trial {entry.trial}"
    trace = dots([across.mean], [up.mean], name, color=shade, size=11, symbol=symbol)
    for axis, score in (("error_x", across), ("error_y", up)):
        if ends := _ends(score, shade):
            trace[axis] = ends
    return trace


def _ends(score: Interval, shade: str) -> Trace:
    """Error bars of a point; empty without an interval."""
    if score.mean is None or score.low is None or score.high is None:
        return {}
    ends = {"array": [score.high - score.mean], "arrayminus": [score.mean - score.low]}
    return ends | {"symmetric": False, "type": "data", "color": shade}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _headline(result: Result) -> str:
    if result.verdict == "winner":
        rivals = "finalist that was compared with it" if result.left_out else "other finalist"
        return f"{_capital(called(result.best))} beats every {rivals} and the {beaten(result)}"
    if result.verdict == "tie":
        return "The leading finalists are not shown to differ"
    if result.verdict == "unrivaled":
        return f"Only one model could be compared; it beats the {beaten(result)}"
    if barred := no_finalist_can_win(result):
        return _capital(barred)
    if better := [one.name for one in result.baselines if one.relation == "better"]:
        return f"{better[0]} is better than the best model, by more than chance explains"
    return "The best model is not shown to beat the best baseline"


def _near(models: Sequence[Entry], others: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Split baselines into those on the scale of the finalists and those that would flatten it."""
    ends = [end for _, entry in models for end in (entry.low, entry.high, entry.mean)]
    known = [end for end in ends if end is not None]
    low, high = min(known), max(known)
    reach = 2 * (high - low)
    near = [entry for entry in others if low - reach <= (entry[1].mean or 0.0) <= high + reach]
    return near, [entry for entry in others if entry not in near]


def _shade(entry: Finalist | Baseline) -> str:
    return color_of(entry.family) if isinstance(entry, Finalist) else GRAY


def _interval(name: str, entry: Interval, shade: str) -> Trace:
    trace = dots([entry.mean], [name], color=shade, size=11, symbol="diamond")
    ends = _ends(entry, shade)
    return trace | {"error_x": ends} if ends else trace
