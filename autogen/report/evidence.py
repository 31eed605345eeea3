"""The parts of the page that carry the claim: the calibrated score, the comparisons, the copying."""

from collections.abc import Mapping
from typing import Any

from autogen.report.markup import Content, Markup, at, table, tag
from autogen.report.verdict import Result, between, called, chance, mean_of, number

#: Share of samples nearer to train above which copying is no longer excused as small.
GATE = 0.55
#: Ends of the drawn scale: some room beyond 0 and 1 for what is worse than trivial or better than real.
LEFT, RIGHT = -0.1, 1.1


def score_bar(result: Result) -> Content:
    """The calibrated score with its interval on a bar from floor to ceiling."""
    test = result["test"]
    if test.get("calibrated") is None:
        return None
    drawn: list[Markup] = [
        _mark("tick", baseline["calibrated"], str(baseline["name"]))
        for baseline in result["baselines"]
        if baseline.get("calibrated") is not None
    ]
    said = ""
    low, high = test.get("calibrated_low"), test.get("calibrated_high")
    if low is not None and high is not None:
        width = f"{_place(low)};right:{100 * (1 - _share(high)):.2f}%"
        drawn.append(tag("span", class_="range", style=width))
        said = f"95 % interval {low:.2f} to {high:.2f}"
    drawn.append(_mark("needle", test["calibrated"], "the best model"))
    ends = [
        tag("span", "0", tag("small", "best trivial generator"), style=_place(0.0)),
        tag("span", "1", tag("small", "real data"), style=_place(1.0)),
    ]
    figure = tag("p", tag("strong", f"{test['calibrated']:.2f}"), " ", tag("span", said), class_="score")
    bar = tag("div", *drawn, class_="bar", role="img", aria_label=f"{test['calibrated']:.2f} {said}")
    scale = tag("div", *ends, class_="ends")
    ticks = tag("p", "Thin marks are baselines.", class_="caption")
    return tag("div", figure, bar, scale, ticks, class_="calibrated")


def comparison(result: Result) -> Content:
    """Finalists, then baselines, with what the comparison with the leader says of each."""
    header = ("", "Test score", "95 % interval", "Calibrated", "p (Holm)", "Compared with the leader")
    rows = [(called(entry), *_scores(entry), _standing(entry)) for entry in result["finalists"]]
    rows += [(str(entry["name"]), *_scores(entry), _standing(entry)) for entry in result["baselines"]]
    note = None
    if result.get("optimism") is not None:
        text = (
            f"In the search, trial {result['best']['trial']} looked better than it is on test data by "
            f"{number(result['optimism'])} (below zero: worse); this is why only the latter is quoted."
        )
        note = tag("p", text, class_="caption")
    return tag("div", table(header, rows, numbers=(1, 2, 3, 4)), note) if rows else None


def copying(result: Result) -> Content:
    """The evidence of memorisation of the winner, and of the baselines that bound it."""
    found = result["memorisation"]
    if found is None:
        return "Not tested."
    verb = "passes" if found["passed"] else "fails"
    share, p_value = 100 * found["share"], chance(found["p_value"])
    text = (
        f"{share:.0f} % of the generated samples lie nearer to a training sample than to any of equally "
        f"many real samples that no model has seen. A generator that copies nothing has about 50 %, the "
        f"mark on the bars; above {100 * GATE:.0f} %, and beyond chance (p {p_value} here, limit 0.01), "
        f"it is refused. This one {verb}."
    )
    entries = [("the best model", found)]
    entries += [(str(b["name"]), b["memorisation"]) for b in result["baselines"] if b.get("memorisation")]
    rows = [_copied(name, entry) for name, entry in entries if entry.get("share") is not None]
    header = ("", "Share nearer to train", "", "p", "Gate")
    return tag("div", tag("p", text), table(header, rows, numbers=(1, 3)))


def _scores(entry: Mapping[str, Any]) -> tuple[Content, ...]:
    calibrated = entry.get("calibrated")
    scaled = "–" if calibrated is None else f"{calibrated:.2f}"
    return mean_of(entry), between(entry), scaled, chance(entry.get("p_value"))


def _standing(entry: Mapping[str, Any]) -> Content:
    """What the comparison with the leader says of a contender, or why there is none."""
    if entry.get("excluded"):
        return f"cannot win: {entry['excluded']}"
    if entry.get("separated") is not None:
        return "worse beyond chance" if entry["separated"] else "not told apart"
    if "trial" in entry:
        return tag("strong", "leader")
    return {"control": "a control of the measure", "ceiling": "as good as it can get"}.get(entry["role"], "–")


def _copied(name: str, entry: Mapping[str, Any]) -> tuple[Content, ...]:
    bar = tag("span", tag("i", style=f"width:{100 * entry['share']:.0f}%"), class_="share")
    gate = (
        tag("span", "passed", class_="pill good")
        if entry["passed"]
        else tag("span", "refused", class_="pill bad")
    )
    return name, f"{entry['share']:.2f}", bar, chance(entry.get("p_value")), gate


def _share(calibrated: float) -> float:
    return min(max((calibrated - LEFT) / (RIGHT - LEFT), 0.0), 1.0)


def _place(calibrated: float) -> str:
    return at(_share(calibrated))


def _mark(kind: str, calibrated: float, name: str) -> Markup:
    return tag("span", class_=kind, style=_place(calibrated), title=f"{name}: {calibrated:.2f}")
