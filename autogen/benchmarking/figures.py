"""Figures of a benchmark: quality by data set, critical differences, quality against cost, scaling."""

from collections.abc import Callable, Sequence
from statistics import fmean, median

from autogen.benchmarking.cells import Role
from autogen.benchmarking.outcome import BEST_BASELINE, Outcome
from autogen.benchmarking.ranks import Ranks
from autogen.benchmarking.tables import Mean
from autogen.report.figures.plot import COLORS, GRAY, OTHERS, Plot, Trace, dots, label, lines, scale

#: Left end of the axis of normalized scores; lower scores are drawn there.
LEAST = -0.5
_WORDS = {"rows": "training rows", "steps": "training steps"}


def shades(outcome: Outcome) -> dict[str, str]:
    """Choose a color for each model: that of its family, or another if the family has several models."""
    found: dict[str, str] = {}
    rest = [*OTHERS, *COLORS.values()]
    for model in outcome.plan.models:
        own = COLORS.get(model.family, "")
        taken = not own or own in found.values()
        found[model.name] = rest[len(found) % len(rest)] if taken else own
    return found | {BEST_BASELINE: GRAY}


def quality(outcome: Outcome) -> Plot | None:
    """Plot normalized scores by data set, with their intervals."""
    full = [m for m in outcome.means if m.full and m.role is Role.MODEL and m.calibrated]
    best = [outcome.best_baseline(data) for data in outcome.scales]
    if not full:
        return None
    colors = shades(outcome)
    groups = {name: [m for m in full if m.model == name] for name in dict.fromkeys(m.model for m in full)}
    groups[BEST_BASELINE] = [mean for mean in best if mean and mean.calibrated]
    places = {data: place for place, data in enumerate(outcome.scales)}
    traces = []
    for number, (name, means) in enumerate(groups.items()):
        aside = 0.7 * ((number + 0.5) / len(groups) - 0.5)  # so that intervals do not overlap
        if means:
            traces.append(_intervals(name, means, [places[m.data] + aside for m in means], colors[name]))
    caption = (
        "0: the best trivial baseline; 1: as good as real rows. Lines are 95 % intervals. Gray: the best "
        f"baseline that is no copy. Scores below {LEAST} are drawn there; lines may leave the frame."
    )
    x = {"title": "normalized score", "range": [LEAST - 0.05, 1.25]}
    named = {"tickvals": list(places.values()), "ticktext": [label(data) for data in places]}
    y = named | {"range": [len(places) - 0.4, -0.6]}
    return Plot(_best_most_often(outcome), caption, traces, x, y, 110 + 12 * len(groups) * len(places))


def critical_differences(ranks: Ranks) -> Plot | None:
    """Plot the critical difference diagram (Demsar 2006): a bar joins models that do not differ."""
    if ranks.critical_difference is None:
        return None
    count = len(ranks.names)
    half = (count + 1) // 2
    traces = [_line([(1, 0), (count, 0)], GRAY, 1.2)]
    for place, (name, mean) in enumerate(zip(ranks.names, ranks.means, strict=True)):
        left = place < half
        depth = -0.9 - (0.5 * place if left else 0.5 * (count - 1 - place)) - 0.25 * len(ranks.cliques)
        edge = 0.7 if left else count + 0.3
        path = [(mean, 0), (mean, depth), (edge, depth)]
        traces.append(_line(path, GRAY, 1.2))
        traces.append(_text(edge, depth, f"{name} {mean:.2f}", "top right" if left else "top left"))
    for number, clique in enumerate(ranks.cliques):
        ends = [ranks.means[ranks.names.index(name)] for name in (clique[0], clique[-1])]
        height = -0.3 - 0.25 * number
        traces.append(_line([(ends[0] - 0.03, height), (ends[1] + 0.03, height)], OTHERS[1], 5))
    difference = ranks.critical_difference
    traces.append(_line([(1, 0.7), (1 + difference, 0.7)], GRAY, 3))
    traces.append(_text(1 + difference / 2, 0.7, f"critical difference {difference:.2f}", "top center"))
    x = {"side": "top", "range": [0.6, count + 0.4], "dtick": 1, "title": "mean rank, 1 is best"}
    y = {"visible": False, "range": [-1.6 - 0.5 * half - 0.25 * len(ranks.cliques), 1.4]}
    caption = (
        f"Ranks over {len(ranks.sets)} data sets, normalized scores averaged over seeds. A thick bar joins "
        f"models whose mean ranks differ by less than Nemenyi's critical difference at .05."
    )
    return Plot(_ranking(ranks), caption, traces, x, y, 190 + 28 * half, {"showlegend": False})


def against_cost(outcome: Outcome, what: str) -> Plot | None:
    """Plot normalized scores against a cost, one point for each model and data set.

    Args:
        outcome: Outcome of the benchmark.
        what: Name of the cost: ``latency``, ``memory`` or ``training``.
    """
    title, cost = _COSTS[what]
    full = [m for m in outcome.means if m.full and m.role is Role.MODEL and m.calibrated and cost(m)]
    if not full:
        return None
    colors, traces, middles = shades(outcome), [], {}
    for name in dict.fromkeys(mean.model for mean in full):
        own = [mean for mean in full if mean.model == name]
        costs = [float(cost(mean) or 0) for mean in own]
        middles[name] = median(costs)
        points = dots(costs, [_shown(mean) for mean in own], name, color=colors[name])
        traces.append(points | {"text": [label(m.data) for m in own], "hoverinfo": "text+x+y+name"})
    least = min(middles, key=lambda name: middles[name])
    heading = f"Least {title[0]}: {least}, median {middles[least]:.3g} {title[1]}"
    x = {"title": f"{title[2]} ({title[1]})"} | scale([cost(mean) or 0.0 for mean in full])
    y = {"title": "normalized score", "range": [LEAST - 0.05, 1.25]}
    return Plot(heading, "One point for each data set; up and left is better.", traces, x, y, 320)


def scaling(outcome: Outcome, by: str) -> Plot | None:
    """Plot normalized scores by the share of rows or steps, one thick line for each model.

    Args:
        outcome: Outcome of the benchmark.
        by: Name of the share: ``rows`` or ``steps``.
    """
    shares = sorted(getattr(outcome.plan, by))
    if len(shares) < 2:
        return None
    colors, traces, gains, sets = shades(outcome), [], {}, 0
    for model in outcome.plan.models:
        curves = _curves(outcome, model.name, by, shares)
        if not curves:
            continue
        sets = max(sets, len(curves))
        faint = [list(zip(shares, curve, strict=True)) for curve in curves]
        traces.append(lines(faint, "", colors[model.name], 0.8) | {"opacity": 0.3, "showlegend": False})
        middle = [fmean(values) for values in zip(*curves, strict=True)]
        gains[model.name] = middle[-1] - middle[0]
        traces.append(lines([list(zip(shares, middle, strict=True))], model.name, colors[model.name], 3))
    if not gains:
        return None
    most = max(gains, key=lambda name: gains[name])
    title = f"From {shares[0]:.0%} to all of the {_WORDS[by]}, {most} gains most ({gains[most]:+.2f})"
    caption = f"Thick: mean over {sets} data sets; thin: each of them. Values below {LEAST} count as {LEAST}."
    x = {"title": f"share of the {_WORDS[by]}", "type": "log", "tickformat": ".0%", "tickvals": shares}
    return Plot(title, caption, traces, x, {"title": "normalized score"}, 320)


def _curves(outcome: Outcome, model: str, by: str, shares: Sequence[float]) -> list[list[float]]:
    """Collect the normalized scores of a model by share, for each data set that has all shares."""
    other = "steps" if by == "rows" else "rows"
    found: dict[str, dict[float, float]] = {}
    for mean in outcome.means:
        if (
            mean.model == model
            and mean.role is Role.MODEL
            and getattr(mean, other) == 1.0
            and mean.calibrated
        ):
            found.setdefault(mean.data, {})[getattr(mean, by)] = _shown(mean)
    return [[curve[share] for share in shares] for curve in found.values() if len(curve) == len(shares)]


def _latency(mean: Mean) -> float | None:
    return mean.cost.latency_ms if mean.cost else None


def _memory(mean: Mean) -> float | None:
    return mean.cost.peak_memory_mb if mean.cost else None


def _seconds(mean: Mean) -> float | None:
    return mean.seconds


_COSTS: dict[str, tuple[tuple[str, str, str], Callable[[Mean], float | None]]] = {
    "latency": (("latency of a sample", "ms", "latency"), _latency),
    "memory": (("memory for 64 samples", "MB", "memory"), _memory),
    "training": (("training time", "s", "training time"), _seconds),
}


def _shown(mean: Mean) -> float:
    """Return the normalized score, clipped to the left end of the axis."""
    assert mean.calibrated is not None
    return max(LEAST, mean.calibrated[0])


def _intervals(name: str, means: Sequence[Mean], heights: Sequence[float], shade: str) -> Trace:
    """Draw means with their intervals, one for each data set."""
    points = dots([_shown(mean) for mean in means], heights, name, color=shade, size=8)
    ends = [mean.calibrated or (0.0, 0.0, 0.0) for mean in means]
    more = [min(high, 9.0) - max(LEAST, middle) for middle, _, high in ends]
    less = [max(LEAST, middle) - max(low, -9.0) for middle, low, _ in ends]
    bars = {"type": "data", "symmetric": False, "array": more, "arrayminus": [max(0.0, x) for x in less]}
    texts = [
        f"{label(mean.data)}, {label(mean.model)}: {middle:.2f}"
        for mean, (middle, _, _) in zip(means, ends, strict=True)
    ]
    return points | {
        "error_x": bars | {"color": shade, "thickness": 1.2, "width": 0},
        "text": texts,
        "hoverinfo": "text",
    }


def _best_most_often(outcome: Outcome) -> str:
    """Name the model with the best rank on most data sets, as a title."""
    wins = dict.fromkeys(outcome.ranks.names, 0.0)
    for ranks in outcome.ranks.by_set:
        first = [n for n, value in zip(outcome.ranks.names, ranks, strict=True) if value == min(ranks)]
        for name in first:
            wins[name] += 1 / len(first)
    name = max(wins, key=lambda name: wins[name])
    count = f"{wins[name]:g}" if wins[name] % 1 == 0 else f"{wins[name]:.1f}"
    return f"Best on most data sets: {name}, {count} of {len(outcome.scales)}"


def _ranking(ranks: Ranks) -> str:
    """Name the model with the best mean rank, as a title."""
    first = next((clique for clique in ranks.cliques if ranks.names[0] in clique), ranks.names[:1])
    best = f"Best mean rank: {ranks.names[0]}, {ranks.means[0]:.2f}"
    return f"{best}; no significant difference from {', '.join(first[1:])}" if len(first) > 1 else best


def _line(path: Sequence[tuple[float, float]], shade: str, width: float) -> Trace:
    return lines([path], "", shade, width) | {"mode": "lines", "showlegend": False, "hoverinfo": "skip"}


def _text(x: float, y: float, words: str, where: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x],
        "y": [y],
        "text": [label(words)],
        "textposition": where,
        "showlegend": False,
        "hoverinfo": "skip",
    }
