"""The parts of the page that carry the claim: the calibrated score, the comparisons, other measures."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Literal

from autogen.report.markup import Content, Markup, at, table, tag
from autogen.report.result import Result
from autogen.report.schema import Baseline, Contender, Efficiency, Finalist, Interval, Test
from autogen.report.verdict import between, called, chance, mean_of, number

#: What is measured of a finalist besides its score.
Group = Literal["diagnostics", "efficiency"]
#: Ends of the drawn scale: some room beyond 0 and 1 for what is worse than trivial or better than real.
LEFT, RIGHT = -0.1, 1.1
#: Costs in words, with their units.
COSTS = {
    "threads": "torch threads",
    "flops_per_sample": "FLOPs of one sample",
    "latency_ms": "one sample, ms",
    "throughput_per_s": "samples a second at best",
    "peak_memory_mb": "memory at most, MB",
    "train_seconds": "training, s",
}


def score_bar(result: Result) -> Content:
    """The calibrated score with its interval on a bar from floor to ceiling, or why there is none."""
    test = result.test
    if test.calibrated is None:
        words = tag("p", tag("span", "No calibrated score"), class_="score")
        return tag("div", words, tag("p", unplaced(test), class_="caption"), class_="calibrated")
    drawn: list[Markup] = [
        _mark("tick", baseline.calibrated, baseline.name)
        for baseline in result.baselines
        if baseline.calibrated is not None
    ]
    said = "no interval"
    low, high = test.calibrated_low, test.calibrated_high
    if low is not None and high is not None:
        width = f"{_place(low)};right:{100 * (1 - _share(high)):.2f}%"
        drawn.append(tag("span", class_="range", style=width))
        said = f"95 % interval {low:.2f} to {high:.2f}"
    drawn.append(_mark("needle", test.calibrated, "the best model"))
    ends = [
        tag("span", "0", tag("small", "best trivial generator"), style=_place(0.0)),
        tag("span", "1", tag("small", "real data"), style=_place(1.0)),
    ]
    figure = tag("p", tag("strong", f"{test.calibrated:.2f}"), " ", tag("span", said), class_="score")
    spoken = f"calibrated score {test.calibrated:.2f} between 0 and 1, {said}"
    bar = tag("div", *drawn, class_="bar", role="img", aria_label=spoken)
    scale = tag("div", *ends, class_="ends")
    return tag("div", figure, bar, scale, _legend(result), class_="calibrated")


def _legend(result: Result) -> Content:
    """The thin marks by name, and what the bar has no room for."""
    known = [
        (one.calibrated, one)
        for one in result.baselines
        if one.calibrated is not None and one.role != "ceiling"
    ]
    known.sort(key=lambda pair: pair[0])
    told = "; ".join(f"{one.name} {place:.2f}{_why_not(one)}" for place, one in known)
    test = result.test
    ends = [end or 0.0 for end in (test.calibrated, test.calibrated_low, test.calibrated_high)]
    ends += [place for place, _ in known]
    clipped = min(ends) < LEFT or max(ends) > RIGHT
    more = f" The bar ends at {LEFT:g} and {RIGHT:g}: what lies beyond is drawn at its end." * clipped
    return tag("p", f"Thin marks: {told}.{more}" if told else more, class_="caption")


def unplaced(test: Test) -> str:
    """Why a score has no place between floor and ceiling."""
    if test.mean is None:
        return "The model has no score on test data."
    floor, ceiling = number(test.floor), number(test.ceiling)
    why = f"this metric does not tell the best trivial baseline ({floor}) from real data ({ceiling}) here"
    told = test.uncalibrated or why
    return f"{told[:1].upper()}{told[1:]}: its scale would say nothing."


def _why_not(baseline: Baseline) -> str:
    """Why a baseline near the ceiling is none to fear, in brackets."""
    return " (copies, cannot win)" if baseline.excluded or baseline.role == "control" else ""


def comparison(result: Result) -> Content:
    """Finalists, then baselines, with what the comparison with the leader says of each."""
    header = ("", "Test score", "95 % interval", "Calibrated", "p", "Compared with the leader")
    rows = [(called(entry), *_scores(entry), _standing(entry)) for entry in result.finalists]
    rows += [(entry.name, *_scores(entry), _standing(entry)) for entry in result.baselines]
    note = None
    if result.optimism is not None:
        word = "better" if result.optimism > 0 else "worse"
        text = (
            f"In the search, trial {result.best.trial} looked {word} than it is on test data, by "
            f"{number(abs(result.optimism))}: this is why only the score on test data is quoted."
        )
        note = tag("p", text, class_="caption")
    return tag("div", table(header, rows, numbers=(1, 2, 3, 4)), note) if rows else None


def measured(result: Result, group: Group) -> Content:
    """A table of what was measured of each finalist besides its score.

    Args:
        result: What result.json holds.
        group: ``diagnostics`` or ``efficiency``.
    """
    entries = [(entry, found) for entry in result.finalists if (found := _figures(entry, group))]
    names = list(dict.fromkeys(name for _, found in entries for name in found))
    names = [name for name in names if any(_told(found.get(name)) for _, found in entries)]
    if not names:
        return None
    about = {
        "diagnostics": "What is wrong with the samples, by other measures: to look at, never to select by.",
        "efficiency": "What each finalist costs.",
    }
    rows: list[tuple[str, ...]]
    rows = [(COSTS.get(name) or name.replace("_", " "),
             *(_told(found.get(name)) or "–" for _, found in entries))
            for name in names]  # fmt: skip
    header: tuple[str, ...] = ("", *(called(entry) for entry, _ in entries))
    better = {n: "lower" if way == "minimize" else "higher" for n, way in _directions(result, group).items()}
    if better:
        header = (*header, "Better is")
        rows = [(*row, better.get(name, "")) for row, name in zip(rows, names, strict=True)]
    words = tag("p", about[group], class_="caption")
    told = table(header, rows, numbers=range(1, 1 + len(entries)))
    return tag("div", words, told, class_="measured")


def _directions(result: Result, group: str) -> Mapping[str, str]:
    return result.directions if group == "diagnostics" else {}


def _figures(entry: Finalist, group: Group) -> Mapping[str, object]:
    """What was measured of a finalist, by name."""
    if group == "diagnostics":
        return entry.diagnostics
    costs = entry.efficiency
    return {one.name: getattr(costs, one.name) for one in fields(Efficiency)} if costs else {}


def _told(value: object) -> str:
    """A value, with its interval where there is one; empty for none, and for what is no figure."""
    if isinstance(value, Interval):
        if value.mean is None:
            return ""
        apart = value.low is not None and value.low != value.high
        return f"{mean_of(value)} ({between(value)})" if apart else mean_of(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return f"{value:,}" if isinstance(value, int) else number(value)


def _scores(entry: Contender) -> tuple[Content, ...]:
    scaled = "–" if entry.calibrated is None else f"{entry.calibrated:.2f}"
    return mean_of(entry), between(entry), scaled, chance(entry.p_value)


def _standing(entry: Finalist | Baseline) -> Content:
    """What the comparison with the leader says of a contender, or why there is none."""
    if entry.excluded:
        return f"cannot win: {entry.excluded}"
    if isinstance(entry, Finalist) and entry.dropped:
        return "clearly worse on the select split: not compared on test"
    if entry.separated is not None:
        shown = {"worse": "worse beyond chance", "better": "better beyond chance"}
        relation = entry.relation or ("worse" if entry.separated else "")
        return shown.get(relation, "not shown to differ")
    if isinstance(entry, Finalist):
        return tag("strong", "leader")
    return {"control": "a control of the measure", "ceiling": "as good as it can get"}.get(entry.role, "–")


def _share(calibrated: float) -> float:
    return min(max((calibrated - LEFT) / (RIGHT - LEFT), 0.0), 1.0)


def _place(calibrated: float) -> str:
    return at(_share(calibrated))


def _mark(kind: str, calibrated: float, name: str) -> Markup:
    return tag("span", class_=kind, style=_place(calibrated), title=f"{name}: {calibrated:.2f}")
