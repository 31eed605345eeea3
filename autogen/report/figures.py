"""The report's figures, each with a title that says what there is to see in these very data."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import median
from typing import Any

from autogen.objective import Objective
from autogen.report.leaderboard import Trial, last_score
from autogen.report.plots import (
    FAINT,
    GREY,
    Plot,
    Trace,
    colour,
    dots,
    frame,
    label,
    lines,
    scale,
    score_axis,
)
from autogen.report.sensitivity import having, numeric, places, telling
from autogen.report.verdict import FAMILIES, Result, called, number

#: Curves drawn one by one; a study of many thousands would make a page that no browser opens.
CURVES = 400
#: Name and record of a finalist or baseline.
Entry = tuple[str, Mapping[str, Any]]


def history(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Scores of all trials in the order they were asked for, and the best so far."""
    trials = sorted(trials, key=lambda trial: trial["number"])
    done = [trial for trial in trials if trial["state"] == "complete"]
    if not done:
        return None
    last = trials[-1]["number"]
    best = list(accumulate((trial["score"] for trial in done), min if _low(objective) else max))
    steps = list(zip([trial["number"] for trial in done] + [last], [*best, best[-1]], strict=True))
    incumbent = lines([steps], "best so far", GREY, 2.0) | {"mode": "lines"}
    incumbent["line"] = incumbent["line"] | {"shape": "hv"}
    stopped = [trial for trial in trials if trial["state"] == "pruned" and trial["curve"]]
    traces = [_points(stopped, "stopped early", FAINT, "circle-open")] if stopped else []
    traces += [_points(group, _named(family), colour(family)) for family, group in _families(done)]
    y, outside = frame([score for trial in [*done, *stopped] for _, score in trial["curve"][-1:]], objective)
    found = next(trial["number"] for trial in done if trial["score"] == best[-1])
    later = last - found
    title = f"Trial {found} found the best score; {later} later trial{'s' * (later != 1)} did not better it"
    caption = (
        "Each point is a trial, coloured by its family; hollow points were stopped early, their scores "
        "are of half-trained models. All are scores on the tune split, which steered the search: the "
        "figure to quote is the one on test data."
    )
    return Plot(title, caption + outside, [*traces, incumbent], {"title": "trial"}, y)


def curves(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Scores over training steps: what was stopped early and what went on."""
    measured = [trial for trial in trials if trial["curve"]]
    measured = sorted(measured, key=lambda trial: trial["state"] == "complete")[-CURVES:]
    stopped = [trial for trial in measured if trial["state"] == "pruned"]
    done = [trial for trial in measured if trial["state"] == "complete"]
    if not any(len(trial["curve"]) > 1 for trial in done):
        return None
    traces = [lines([trial["curve"] for trial in stopped], "stopped early", FAINT, 1.0)] if stopped else []
    for family, group in _families(done):
        traces.append(lines([trial["curve"] for trial in group], _named(family), colour(family)))
    y, outside = frame([score for trial in measured for _, score in trial["curve"]], objective)
    title = (
        f"{len(stopped)} of {len(stopped) + len(done)} trials were stopped early, the others went all the way"
    )
    caption = "The score at each rung; a grey line ends where its trial was stopped. Colour: family."
    return Plot(title, caption + outside, traces, {"title": "steps"}, y)


def families(trials: Sequence[Trial], objective: Objective) -> Plot | None:
    """Full-fidelity scores of each family."""
    groups = _families([trial for trial in trials if trial["state"] == "complete"])
    if not groups:
        return None
    scores = {family: [trial["score"] for trial in group] for family, group in groups}
    ahead = min(scores, key=lambda family: objective.loss(median(scores[family])))
    typical = number(median(scores[ahead]))
    name = _named(ahead)
    title = f"{name[:1].upper()}{name[1:]} is ahead of the other families, with a median score of {typical}"
    if len(groups) == 1:
        title = f"Only one family was trained to the end: {name}, median score {typical}"
    caption = (
        "Each point is a trial that was trained to the end; a box holds the middle half of its family's."
    )
    traces = [_box(family, scores[family]) for family, _ in reversed(groups)]
    x = {"title": score_axis(objective)} | scale([s for group in scores.values() for s in group])
    return Plot(title, caption, traces, x, height=90 + 75 * len(groups))


def slices(trials: Sequence[Trial], family: str, objective: Objective, most: int = 6) -> list[Plot]:
    """Score against each parameter of one family, the parameters that tell most first."""
    done = _complete(trials, family)
    told = list(telling(done).items())[:most]
    return [_slice(name, having(name, done), objective, strength) for name, strength in told]


def parallel(trials: Sequence[Trial], family: str, objective: Objective, most: int = 6) -> Plot | None:
    """One line a trial through the values of its parameters: the best fifth against the rest."""
    done = sorted(_complete(trials, family), key=lambda trial: objective.loss(trial["score"]))
    names = [name for name in telling(done) if len(having(name, done)) == len(done)][:most]
    if len(done) < 15 or len(names) < 2:
        return None
    columns = {name: [trial["config"][name] for trial in done] for name in names}
    placed = [places(columns[name]) for name in names]
    paths = [[(x, column[i]) for x, column in enumerate(placed)] for i in range(len(done))]
    cut = len(done) // 5
    traces = [
        lines(paths[cut:], "the rest", FAINT, 1.0),
        lines(paths[:cut], "best fifth", colour(family), 2.2),
    ]
    spread = [max(column[:cut]) - min(column[:cut]) for column in placed]
    title = f"No parameter has one value that the best {cut} trials share"
    if min(spread) < 0.4:
        title = f"The best {cut} trials agree most on {names[spread.index(min(spread))]}"
    caption = (
        "Each line is a trial. A parameter's values stand in order of size, evenly spaced; choices in "
        "alphabetical order."
    )
    y = {"tickvals": [0, 0.5, 1], "ticktext": ["low", "middle", "high"], "range": [-0.05, 1.05]}
    x = {"tickvals": list(range(len(names))), "ticktext": [_ends(name, columns[name]) for name in names]}
    return Plot(title, caption, traces, x, y, 300)


def finalists(result: Result, objective: Objective) -> Plot | None:
    """Test scores of finalists with their intervals, and of the baselines that come near."""
    models = [(called(entry), entry) for entry in result["finalists"] if entry.get("mean") is not None]
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
        "Mean on the test split with its 95 % interval; rings are single training seeds, grey is a "
        "baseline. Intervals that overlap may still differ, since comparisons are paired by seed and rows."
    )
    if far:
        listed = ", ".join(f"{name} ({number(entry['mean'])})" for name, entry in far)
        caption += f" Outside the frame: {listed}."
    x = {"title": score_axis(objective)}
    return Plot(_standing(result), caption, traces, x, height=90 + 34 * len(entries))


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
        ends = {"array": [high - mean], "arrayminus": [mean - low], "symmetric": False, "type": "data"}
        trace["error_x"] = ends | {"color": shade}
    return trace


def _box(family: str, scores: Sequence[float]) -> Trace:
    return {
        "type": "box",
        "orientation": "h",
        "x": scores,
        "name": label(f"{_named(family)} ({len(scores)})"),
        "boxpoints": "all",
        "jitter": 0.6,
        "pointpos": 0,
        "marker": {"color": colour(family), "size": 6, "opacity": 0.75},
        "line": {"color": colour(family), "width": 1.2},
        "fillcolor": "rgba(128,136,148,0.10)",
        "showlegend": False,
    }


def _slice(name: str, trials: Sequence[Trial], objective: Objective, strength: float) -> Plot:
    values = [trial["config"][name] for trial in trials]
    number_like = numeric(values)
    shades = [colour(trial["family"]) for trial in trials]
    points = dots(
        values if number_like else [str(value) for value in values],
        [trial["score"] for trial in trials],
        color=shades,
        opacity=0.75,
    )
    best = min(trials, key=lambda trial: objective.loss(trial["score"]))["config"][name]
    # Under no trend at all, strength times this root is about a standard normal's absolute value.
    seen = strength * (len(trials) - 1) ** 0.5
    trend = "a clear trend" if seen > 3 else "some trend" if seen > 2 else "no clear trend"
    x = scale(values) if number_like else {"type": "category"}
    y, outside = frame([trial["score"] for trial in trials], objective)
    title = f"{name}: {trend}; best at {_value(best)}"
    return Plot(title, outside.strip(), [points], x, y | {"title": ""}, 230)


def _points(trials: Sequence[Trial], name: str, shade: str, symbol: str = "circle") -> Trace:
    numbers = [trial["number"] for trial in trials]
    return dots(numbers, [last_score(trial) for trial in trials], name, color=shade, symbol=symbol)


def _complete(trials: Sequence[Trial], family: str) -> list[Trial]:
    return [trial for trial in trials if trial["state"] == "complete" and trial["family"] == family]


def _families(trials: Sequence[Trial]) -> list[tuple[str, list[Trial]]]:
    """Families by name, each with its trials."""
    names = sorted({str(trial["family"]) for trial in trials})
    return [(name, [trial for trial in trials if trial["family"] == name]) for name in names]


def _named(family: str) -> str:
    return FAMILIES.get(family, family)


def _ends(name: str, values: Sequence[Any]) -> str:
    """A parameter's name without its section over its lowest and highest value, to stand under an axis."""
    ordered = sorted(set(values), key=None if numeric(values) else str)
    ends = f"{_value(ordered[0])} … {_value(ordered[-1])}"
    return f"{label(name.partition('.')[2] or name)}<br>{label(ends)}"


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _low(objective: Objective) -> bool:
    return objective.direction == "minimize"
