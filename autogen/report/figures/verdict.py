"""Figures of the verdict: finalists and baselines, the calibrated score, trade-offs, distances from train."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from autogen.hpo.objective import Objective
from autogen.report.contents import Nearest
from autogen.report.figures.plot import (
    GREY,
    MODEL,
    Plot,
    Trace,
    bars,
    colour,
    dots,
    label,
    lines,
    scale,
    score_axis,
)
from autogen.report.verdict import Result, called, number

#: Name and record of a finalist or baseline.
Entry = tuple[str, Mapping[str, Any]]


def finalists(result: Result, objective: Objective) -> Plot | None:
    """Test scores of finalists with their intervals, and of the baselines that come near."""
    models = _models(result)
    others = [(str(entry["name"]), entry) for entry in result["baselines"] if entry.get("mean") is not None]
    if not models:
        return None
    near, far = _near(models, others)
    entries = sorted([*models, *near], key=lambda entry: -objective.loss(entry[1]["mean"]))
    traces = [_interval(name, entry) for name, entry in entries]
    for name, entry in models:
        scores, shade = entry.get("scores") or [], colour(str(entry["family"]))
        rows = [name] * len(scores)
        traces.append(dots(scores, rows, color=shade, symbol="circle-open", size=6, opacity=0.8))
    caption = (
        "Mean on the test split with its 95 % interval; rings are single draws of samples, or single "
        "training seeds, grey is a baseline. Models whose intervals overlap may still differ: they are "
        "compared on the same rows."
    )
    if far:
        listed = ", ".join(f"{name} ({number(entry['mean'])})" for name, entry in far)
        caption += f" Outside the frame: {listed}."
    x = {"title": score_axis(objective)}
    return Plot(_standing(result), caption, traces, x, height=90 + 34 * len(entries))


def calibrated(result: Result) -> Plot | None:
    """Finalists and baselines between the best trivial baseline (0) and real data (1)."""
    entries = [*_models(result), *((str(b["name"]), b) for b in result["baselines"])]
    known = [(name, entry) for name, entry in entries if entry.get("calibrated") is not None]
    if not known or result["test"].get("calibrated") is None:
        return None
    known.sort(key=lambda item: item[1]["calibrated"])
    traces = [_interval(name, _rescaled(entry)) for name, entry in known]
    low = min(-0.1, *(max(-0.6, entry["calibrated"]) for _, entry in known)) - 0.05
    title = f"{called(result['best'])} reaches {result['test']['calibrated']:.2f} of the way to real data"
    caption = (
        "0: the best trivial baseline; 1: as good as real data. Grey: baselines. What lies far below 0 is "
        "outside the frame."
    )
    x = {"title": "calibrated score", "range": [low, 1.15]}
    return Plot(_capital(title), caption, traces, x, height=90 + 34 * len(known))


def pareto(result: Result) -> Plot | None:
    """What several objectives cost each other: the finalists by the first two of them."""
    entries = result.get("pareto") or []
    names = list(dict.fromkeys(name for entry in entries for name in entry["scores"]))[:2]
    drawn = [entry for entry in entries if all(_known(entry, name) for name in names)]
    if len(names) < 2 or len(drawn) < 2:
        return None
    families = {entry["trial"]: str(entry["family"]) for entry in result["finalists"]}
    traces = [_crossing(entry, names, families.get(entry["trial"], "")) for entry in drawn]
    front = sorted((e for e in drawn if e["on_front"]), key=lambda entry: entry["scores"][names[1]]["mean"])
    ways = {told["name"]: told["direction"] for told in result.get("objectives") or []}
    best = [entry for entry in front if not any(_ahead(other, entry, names, ways) for other in drawn)]
    steps = [tuple(entry["scores"][name]["mean"] for name in names[::-1]) for entry in best]
    if len(steps) > 1:
        traces.insert(0, lines([steps], "", GREY, 1.2) | {"mode": "lines", "showlegend": False})
    listed = ", ".join(str(entry["trial"]) for entry in front)
    title = f"No finalist is shown to be better in all respects than trial{'s' * (len(front) != 1)} {listed}"
    if len(front) == 1:
        title = f"Trial {listed} is at least as good as every other finalist in all respects"
    caption = (
        "Means with 95 % intervals; hollow points are beaten in every respect beyond chance, filled ones are "
        "not. The line joins those whose means are not beaten either."
    )
    axes = [{"title": label(_axis_name(result, name))} | scale(_reach(drawn, name)) for name in names]
    return Plot(title, caption, traces, axes[1], axes[0], 360)


def _ahead(other: Mapping[str, Any], entry: Mapping[str, Any], names: list[str], ways: Result) -> bool:
    """Whether another finalist's means are nowhere worse, and somewhere better."""
    signs = [-1 if ways.get(name) == "maximize" else 1 for name in names]
    pairs = [
        (sign * other["scores"][name]["mean"], sign * entry["scores"][name]["mean"])
        for sign, name in zip(signs, names, strict=True)
    ]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def latency(result: Result, by: str = "batch") -> Plot | None:
    """How the time of sampling grows.

    Args:
        result: What result.json holds.
        by: With the samples drawn at once (``batch``), or with the tokens of one sequence (``length``).
    """
    entries = [(e, (e.get("efficiency") or {}).get(f"latency_by_{by}") or {}) for e in result["finalists"]]
    paths = [
        (entry, sorted((int(size), ms) for size, ms in told.items() if ms is not None))
        for entry, told in entries
    ]
    paths = [(entry, path) for entry, path in paths if len(path) > 1 and path[0][1] > 0]
    if not paths:
        return None
    traces = [lines([path], called(entry), colour(str(entry["family"])), 2.0) for entry, path in paths]
    first, path = min(paths, key=lambda item: item[1][-1][1])
    times = path[-1][1] / path[0][1]
    what = "samples at once" if by == "batch" else "tokens"
    title = (
        f"For {path[-1][0]} {what}, {called(first)} is the fastest: {number(path[-1][1])} ms, "
        f"{times:.1f} times as long as for {path[0][0]}"
    )
    x = {"title": what, "type": "log", "tickvals": [size for size, _ in path]}
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
        bars(places, _histogram(near.unseen, step), "real, unseen by the model", GREY, opacity=0.7),
        bars(places, _histogram(near.generated, step), "generated", MODEL, opacity=0.7),
    ]
    nearer = _nearer(near.generated, near.unseen)
    title = "Generated samples lie about as far from the training data as unseen real ones do"
    if not 0.4 <= nearer <= 0.6:
        word = "nearer to" if nearer > 0.5 else "farther from"
        title = f"Generated samples lie {word} the training data than unseen real ones do"
    caption = (
        "Distance to the nearest training sample. Of a generated and an unseen real one, drawn at random, "
        f"the generated is the nearer in {100 * nearer:.0f} % of cases. Copies would stand at the left, at 0."
    )
    y = {"title": "share", "tickformat": ".0%"}
    return Plot(title, caption, traces, {"title": "distance"}, y, 260, {"barmode": "overlay", "bargap": 0.05})


def _nearer(ours: Sequence[float], others: Sequence[float]) -> float:
    """Chance that one of ours is below one of the others; ties count half (Mann and Whitney 1947)."""
    ordered = sorted(others)
    above = sum(2 * len(ordered) - bisect_left(ordered, a) - bisect_right(ordered, a) for a in ours)
    return above / (2 * len(ours) * len(ordered))


def _histogram(values: Sequence[float], step: float) -> list[float]:
    """Shares of the values in 31 bins of this width."""
    places = [min(30, int(value / step)) for value in values]
    return [places.count(i) / max(1, len(places)) for i in range(31)]


def _models(result: Result) -> list[Entry]:
    return [(called(entry), entry) for entry in result["finalists"] if entry.get("mean") is not None]


def _rescaled(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with its calibrated figures in place of the scores."""
    told = {"mean": entry["calibrated"]}
    told |= {end: entry.get(f"calibrated_{end}") for end in ("low", "high")}
    return told | ({"family": entry["family"]} if "family" in entry else {})


def _reach(entries: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """All that is drawn along the axis of an objective, ends of intervals too."""
    told = [entry["scores"][name].get(end) for entry in entries for end in ("low", "mean", "high")]
    return [float(value) for value in told if value is not None]


def _known(entry: Mapping[str, Any], name: str) -> bool:
    return (entry["scores"].get(name) or {}).get("mean") is not None


def _axis_name(result: Result, name: str) -> str:
    """An objective's name with what is better, where the record says it."""
    for told in result.get("objectives") or []:
        if isinstance(told, Mapping) and told.get("name") == name and told.get("direction"):
            return f"{name} ({'lower' if told['direction'] == 'minimize' else 'higher'} is better)"
    return name.replace("_", " ")


def _crossing(entry: Mapping[str, Any], names: Sequence[str], family: str) -> Trace:
    """A finalist as a point with an interval each way."""
    up, across = (entry["scores"][name] for name in names)
    shade = colour(family) if family else GREY
    symbol = "circle" if entry["on_front"] else "circle-open"
    name = called({"trial": entry["trial"], "family": family}) if family else f"trial {entry['trial']}"
    trace = dots([across["mean"]], [up["mean"]], name, color=shade, size=11, symbol=symbol)
    for axis, told in (("error_x", across), ("error_y", up)):
        if told.get("low") is not None and told.get("high") is not None:
            trace[axis] = _ends(told["mean"], told["low"], told["high"], shade)
    return trace


def _ends(mean: float, low: float, high: float, shade: str) -> dict[str, Any]:
    ends = {"array": [high - mean], "arrayminus": [mean - low], "symmetric": False, "type": "data"}
    return ends | {"color": shade}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _standing(result: Result) -> str:
    if result["verdict"] == "winner":
        return f"T{called(result['best'])[1:]} is ahead of every rival and baseline it had to beat"
    if result["verdict"] == "tie":
        return "The leading finalists lie too close together to be told apart"
    return "The best model does not stand clear of the best baseline"


def _near(models: Sequence[Entry], others: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Baselines that can be drawn to the finalists' scale, and those that would flatten it."""
    ends = [end for _, entry in models for end in (entry.get("low"), entry.get("high"), entry["mean"])]
    known = [float(end) for end in ends if end is not None]
    low, high = min(known), max(known)
    reach = 2 * (high - low)
    near = [entry for entry in others if low - reach <= entry[1]["mean"] <= high + reach]
    return near, [entry for entry in others if entry not in near]


def _interval(name: str, entry: Mapping[str, Any]) -> Trace:
    mean, low, high = entry["mean"], entry.get("low"), entry.get("high")
    shade = colour(str(entry["family"])) if "family" in entry else GREY
    trace = dots([mean], [name], color=shade, size=11, symbol="diamond")
    if low is not None and high is not None:
        trace["error_x"] = _ends(mean, low, high, shade)
    return trace
