"""The normalized score on its scale, and the score that it was made of."""

from collections.abc import Sequence
from dataclasses import replace

from autogen.report.markup import Content, Markup, at, folded, table, tag
from autogen.report.result import Result
from autogen.report.schema import Baseline, Scores, Test
from autogen.report.scores import GRADES, LOWEST, about, between, end_of, mean_of, number
from autogen.report.verdict import called

#: Ends of the drawn scale, beyond 0 and 1 for scores that are worse than trivial or better than real.
LEFT, RIGHT = -0.1, 1.1
#: Share of the bar that a letter of a mark's name takes where the bar is narrow.
_LETTER = 0.02
#: Most letters of a mark's name on the bar; the whole name shows when the pointer is on it.
_LETTERS = 16


def score_bar(result: Result) -> Content:
    """The normalized score with its interval on a bar with the grades as zones, or the reason for none."""
    test = result.test
    if test.calibrated is None:
        words = tag("p", tag("span", "No normalized score"), class_="score")
        why = tag("p", unplaced(test), class_="caption")
        return tag("div", words, why, raw_score(result), class_="normalized")
    known = [(one.calibrated, one) for one in result.baselines if one.calibrated is not None]
    known.sort(key=lambda pair: pair[0])
    marks = [_mark("tick", place, called(one)) for place, one in known]
    drawn: list[Markup] = [*_zones(), *marks]
    interval = "no interval"
    low, high = test.calibrated_low, test.calibrated_high
    if low is not None and high is not None:
        width = f"{_place(low)};right:{100 * (1 - _share(high)):.2f}%"
        drawn.append(tag("span", class_="range", style=width))
        interval = f"95 % interval {end_of(low)} to {end_of(high)}"
    drawn.append(_mark("needle", test.calibrated, "the delivered model"))
    exact = f"normalized score {test.calibrated:.3g}"
    figure = tag("p", tag("strong", about(test), title=exact), " ", tag("span", interval), class_="score")
    names = _names([(place, one) for place, one in known if one.role != "ceiling"])
    spoken = f"{exact} on a scale from 0 to 1, {interval}; grades: {_spoken_zones()}"
    bar = tag("div", *drawn, class_="bar", role="img", aria_label=spoken)
    ends = [
        tag("span", "0", tag("small", "best trivial baseline"), style=_place(0.0)),
        tag("span", "1", tag("small", "real data"), style=_place(1.0)),
    ]
    scale = (_zone_names(result.grade), tag("div", *ends, class_="ends"))
    inside = (figure, names, bar, *scale, _legend(result), raw_score(result))
    return tag("div", *inside, class_="normalized")


def raw_score(result: Result) -> Content:
    """What the metric measures, and its values for the model, real data and baselines, folded."""
    test, objective = result.test, result.objective
    meaning = result.about.get(objective.name, "")
    ends = [("the returned model", test.mean), ("real data", test.ceiling)]
    ends += [("the best trivial baseline", test.floor)]
    known = [(name, mean_of(replace(test, mean=value))) for name, value in ends if value is not None]
    if not meaning and len(known) < 2:
        return None
    better = "Lower" if objective.direction == "minimize" else "Higher"
    words = f" {meaning} {better} is better."
    told = [tag("p", tag("strong", objective.name), ":" * bool(meaning), words, class_="metric")]
    if known:
        told.append(table(("", objective.name), known, numbers=(1,)))
    if test.calibrated is not None and test.low is not None:
        told.append(tag("p", _intervals(test), class_="caption"))
    if (placed_baselines := _baselines(result)) is not None:
        told.append(placed_baselines)
    if test.calibrated is None:
        return tag("div", *told)
    return folded(f"What was measured: {objective.name} {mean_of(test)}", *told)


def _intervals(test: Test) -> str:
    """Say why the interval of the normalized score is not that of the raw score on another scale."""
    return (
        f"95 % interval: {between(test)}, for chance in test samples and in draws; that of the normalized "
        "score also counts chance in both ends of its scale."
    )


def _zones() -> list[Markup]:
    """The grades as parts of the bar, the worst first."""
    edges = _edges()
    return [
        tag("span", class_=f"zone zone-{i}", title=name, style=f"{_place(low)};right:{_right(high)}")
        for i, (name, low, high) in enumerate(edges)
    ]


def _edges() -> list[tuple[str, float, float]]:
    """Each grade with the ends of its zone on the drawn scale, the worst first."""
    bounds = sorted(GRADES.values())
    names = [LOWEST, *sorted(GRADES, key=lambda name: GRADES[name])]
    return list(zip(names, [LEFT, *bounds], [*bounds, RIGHT], strict=True))


def _zone_names(grade: str) -> Markup:
    """Names of the grades below their zones, that of the model in bold; the lowest zone is short."""
    names = [
        tag(
            "strong" if name == grade else "span",
            name,
            style="left:0" if name == LOWEST else f"{_place(low)};right:{_right(high)}",
        )
        for name, low, high in _edges()
    ]
    return tag("div", *names, class_="zones")


def _spoken_zones() -> str:
    return ", ".join(
        f"{name} from {bound:g}" for name, bound in sorted(GRADES.items(), key=lambda one: one[1])
    )


def _names(known: Sequence[tuple[float, Baseline]]) -> Content:
    """Names of thin marks above them, in as many lines as they need not to overlap; ``None`` without any."""
    lanes: list[float] = []  # where the last name of each line ends, as a share of the bar
    shown: list[Markup] = []
    for place, one in known:
        name = one.name if len(one.name) <= _LETTERS else f"{one.name[: _LETTERS - 1]}…"
        width, at_mark = _LETTER * len(name), _share(place)
        start = min(max(at_mark - width / 2, 0.0), 1.0 - width)
        lane = next((i for i, end in enumerate(lanes) if end <= start), len(lanes))
        lanes[lane : lane + 1] = [start + width + _LETTER]
        free = 0.0 < start < 1.0 - width
        edge = at(at_mark) if free else "left:0" if start == 0.0 else "right:0"
        style = f"{edge};bottom:{1.05 * lane:.2f}rem"
        centered = {"class_": "centered"} if free else {}
        shown.append(tag("span", name, style=style, title=f"{one.name}: {place:.2f}", **centered))
    return tag("div", *shown, class_="names", style=f"height:{1.05 * len(lanes):.2f}rem") if shown else None


def _legend(result: Result) -> Content:
    """How to read the bar, with a note on scores beyond it."""
    test = result.test
    places = [one.calibrated for one in result.baselines if one.calibrated is not None]
    ends = [end or 0.0 for end in (test.calibrated, test.calibrated_low, test.calibrated_high)] + places
    clipped = min(ends) < LEFT or max(ends) > RIGHT
    words = "The grade is the zone of the interval's lower end." if result.grade else ""
    real = any(one.role == "ceiling" and one.calibrated is not None for one in result.baselines)
    words += f" Thin marks: baselines{'; at 1: real data' * real}." * bool(places)
    words += f" The bar ends at {LEFT:g} and {RIGHT:g}; scores beyond are drawn at its ends." * clipped
    return tag("p", words.strip(), class_="caption") if words else None


def _baselines(result: Result) -> Markup | None:
    """Baselines with their normalized scores and what each is; ``None`` without any."""
    known = [one for one in result.baselines if one.calibrated is not None and one.role != "ceiling"]
    rows = [
        (f"{one.name}{_remark(one)}", placed(one))
        for one in sorted(known, key=lambda one: one.calibrated or 0.0)
    ]
    return table(("Baseline", "Normalized score"), rows, numbers=(1,)) if rows else None


def placed(entry: Scores) -> Content:
    """A normalized score as a cell; one below 0 shows its number when the pointer is on it."""
    words = about(entry)
    if entry.calibrated is None or entry.calibrated >= 0:
        return words
    return tag("span", words, title=f"{entry.calibrated:.2f}")


def unplaced(test: Test) -> str:
    """Give the reason why there is no normalized score."""
    if test.mean is None:
        return "The model has no score on test data."
    floor, ceiling = number(test.floor), number(test.ceiling)
    why = (
        f"the metric does not distinguish the best trivial baseline ({floor}) from real data ({ceiling}) here"
    )
    reason = test.uncalibrated or why
    return f"{reason[:1].upper()}{reason[1:]}, so there is no scale."


def _remark(baseline: Baseline) -> str:
    """Remark on a baseline in brackets: excluded, control or trivial; empty otherwise."""
    if baseline.role == "control":
        return " (a copy of the training data: control)"
    if baseline.excluded:
        return " (refused by a hard test)"
    return " (trivial)" if baseline.trivial else ""


def _share(score: float) -> float:
    return min(max((score - LEFT) / (RIGHT - LEFT), 0.0), 1.0)


def _place(score: float) -> str:
    return at(_share(score))


def _right(score: float) -> str:
    return f"{100 * (1 - _share(score)):.2f}%"


def _mark(kind: str, score: float, name: str) -> Markup:
    return tag("span", class_=kind, style=_place(score), title=f"{name}: {score:.2f}")
