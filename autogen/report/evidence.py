"""The parts of the page that carry the claim: the calibrated score, the comparisons, the copying."""

from collections.abc import Callable, Mapping
from math import isclose
from typing import Any

from autogen.report.markup import Content, Markup, at, table, tag
from autogen.report.verdict import Result, between, called, chance, mean_of, number

#: Share of samples nearer to train above which copying is no longer excused as small.
GATE = 0.55
#: Ends of the drawn scale: some room beyond 0 and 1 for what is worse than trivial or better than real.
LEFT, RIGHT = -0.1, 1.1


def calibration(result: Result) -> Callable[[float], float] | None:
    """Scores to the scale from the best trivial generator (0) to real data (1).

    Returns:
        The linear map through the two baselines that mark the ends, or ``None`` where they are unknown.
    """
    ends: dict[int, float] = {}
    for baseline in result["baselines"]:
        for end in (0, 1):
            if baseline.get("calibrated") is not None and isclose(baseline["calibrated"], end, abs_tol=1e-9):
                ends.setdefault(end, float(baseline["mean"]))
    if len(ends) < 2 or ends[0] == ends[1]:
        return None
    return lambda score: (score - ends[0]) / (ends[1] - ends[0])


def score_bar(result: Result) -> Content:
    """The calibrated score with its interval on a bar from floor to ceiling."""
    test = result["test"]
    if test.get("calibrated") is None:
        return None
    to_scale = calibration(result)
    drawn: list[Markup] = [
        _mark("tick", baseline["calibrated"], str(baseline["name"]))
        for baseline in result["baselines"]
        if baseline.get("calibrated") is not None
    ]
    said = ""
    if to_scale and test.get("low") is not None and test.get("high") is not None:
        low, high = sorted((to_scale(test["low"]), to_scale(test["high"])))
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
    rows = [_compared(called(entry), entry, leads="separated" not in entry) for entry in result["finalists"]]
    rows += [_compared(str(entry["name"]), entry, leads=False) for entry in result["baselines"]]
    note = None
    if result.get("optimism") is not None:
        text = (
            "The score that steered the search differed from the one on test data by "
            f"{number(result['optimism'])} (tune minus test): why only the latter is quoted."
        )
        note = tag("p", text, class_="caption")
    return tag("div", table(header, rows, numbers=(1, 2, 3, 4)), note) if rows else None


def copying(result: Result) -> Content:
    """The evidence of memorisation of the winner, and of the baselines that bound it."""
    found = result["memorisation"]
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


def _compared(name: str, entry: Mapping[str, Any], *, leads: bool) -> tuple[Content, ...]:
    standing = {True: "worse beyond chance", False: "not told apart"}.get(entry.get("separated"), "–")  # type: ignore[arg-type]
    calibrated = entry.get("calibrated")
    return (
        name,
        mean_of(entry),
        between(entry),
        "–" if calibrated is None else f"{calibrated:.2f}",
        chance(entry.get("p_value")),
        tag("strong", "leader") if leads else standing,
    )


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
