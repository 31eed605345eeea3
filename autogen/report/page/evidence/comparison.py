"""Evidence for the verdict on the page: the normalized score and the comparisons."""

from dataclasses import replace

from autogen.report.markup import Content, Markup, at, table, tag
from autogen.report.result import Result
from autogen.report.schema import Baseline, Contender, Finalist, Test
from autogen.report.verdict import between, called, chance, mean_of, number

#: Ends of the drawn scale, beyond 0 and 1 for scores that are worse than trivial or better than real.
LEFT, RIGHT = -0.1, 1.1


def score_bar(result: Result) -> Content:
    """The normalized score with its interval on a bar from floor to ceiling, or the reason for none."""
    test = result.test
    if test.calibrated is None:
        words = tag("p", tag("span", "No normalized score"), class_="score")
        return tag("div", words, tag("p", unplaced(test), class_="caption"), class_="normalized")
    drawn: list[Markup] = [
        _mark("tick", baseline.calibrated, baseline.name)
        for baseline in result.baselines
        if baseline.calibrated is not None
    ]
    interval = "no interval"
    low, high = test.calibrated_low, test.calibrated_high
    if low is not None and high is not None:
        width = f"{_place(low)};right:{100 * (1 - _share(high)):.2f}%"
        drawn.append(tag("span", class_="range", style=width))
        interval = f"95 % interval {low:.2f} to {high:.2f}"
    drawn.append(_mark("needle", test.calibrated, "the delivered model"))
    ends = [
        tag("span", "0", tag("small", "best trivial baseline"), style=_place(0.0)),
        tag("span", "1", tag("small", "real data"), style=_place(1.0)),
    ]
    figure = tag("p", tag("strong", f"{test.calibrated:.2f}"), " ", tag("span", interval), class_="score")
    spoken = f"normalized score {test.calibrated:.2f} between 0 and 1, {interval}"
    bar = tag("div", *drawn, class_="bar", role="img", aria_label=spoken)
    scale = tag("div", *ends, class_="ends")
    return tag("div", figure, bar, scale, _legend(result), class_="normalized")


def _legend(result: Result) -> Content:
    """Names of the thin marks, with a note on scores beyond the bar."""
    known = [
        (one.calibrated, one)
        for one in result.baselines
        if one.calibrated is not None and one.role != "ceiling"
    ]
    known.sort(key=lambda pair: pair[0])
    marks = "; ".join(f"{one.name} {place:.2f}{_remark(one)}" for place, one in known)
    test = result.test
    ends = [end or 0.0 for end in (test.calibrated, test.calibrated_low, test.calibrated_high)]
    ends += [place for place, _ in known]
    clipped = min(ends) < LEFT or max(ends) > RIGHT
    more = f" The bar ends at {LEFT:g} and {RIGHT:g}; scores beyond are drawn at its ends." * clipped
    return tag("p", f"Thin marks: {marks}.{more}" if marks else more, class_="caption")


def explained(result: Result) -> Content:
    """What the metric measures, and its values for the model, real data and the best trivial baseline."""
    test, objective = result.test, result.objective
    about = result.about.get(objective.name, "")
    ends = [("the returned model", test.mean), ("real data", test.ceiling)]
    ends += [("the best trivial baseline", test.floor)]
    known = [f"{mean_of(replace(test, mean=value))} for {name}" for name, value in ends if value is not None]
    if not about and len(known) < 2:
        return None
    values = ", ".join(known)
    better = "Lower" if objective.direction == "minimize" else "Higher"
    words = f" {about} {better} is better{f'; here it is {values}' if values else ''}."
    return tag("p", tag("strong", objective.name), ":" * bool(about), words, class_="metric")


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


def comparison(result: Result) -> Content:
    """A table of finalists and baselines with their comparison with the leader."""
    header = ("", "Test score", "95 % interval", "Normalized", "p", "Compared with the leader")
    rows = [(called(entry), *_scores(entry), _relation(entry, result)) for entry in result.finalists]
    rows += [
        (f"{entry.name}{' (trivial)' * entry.trivial}", *_scores(entry), _of_baseline(entry, result))
        for entry in result.baselines
    ]
    better = "lower" if result.objective.direction == "minimize" else "higher"
    text = f"{result.objective.name}: {better} is better. "
    if trivial := [entry.name for entry in result.baselines if entry.trivial]:
        text += (
            f"Trivial baselines: {', '.join(trivial)}. The best of them is 0 of the normalized score. A "
            "model has to beat the best of all baselines, trivial or not. "
        )
    if result.optimism is not None:
        word = "better" if result.optimism > 0 else "worse"
        text += (
            f"On the tune split, trial {result.best.trial} scored {word} by {number(abs(result.optimism))} "
            "than on test. The search picked its best trials by their scores on tune, so those scores are "
            "too good on average: quote the score on test."
        )
    note = tag("p", text, class_="caption")
    return tag("div", table(header, rows, numbers=(1, 2, 3, 4)), note) if rows else None


def _of_baseline(entry: Baseline, result: Result) -> Content:
    """Relation of a baseline to the leader, with a mark on the one that is returned."""
    relation = _relation(entry, result)
    if result.best.trial is not None or entry.name != result.best.name:
        return relation
    return tag("strong", "returned" if relation == "not compared" else f"{relation}; returned")


def _scores(entry: Contender) -> tuple[Content, ...]:
    scaled = "–" if entry.calibrated is None else f"{entry.calibrated:.2f}"
    interval = "–" if entry.mean is None else between(entry)
    return mean_of(entry), interval, scaled, chance(entry.p_value)


def _relation(entry: Finalist | Baseline, result: Result) -> Content:
    """Relation of a contender to the leader, or the reason why they were not compared."""
    if entry.excluded:
        return f"cannot win: {entry.excluded}"
    if isinstance(entry, Finalist) and entry.trial in result.left_out:
        return "worse on the select split: no time to compare it on test"
    if isinstance(entry, Finalist) and entry.dropped:
        return "clearly worse on the select split: not compared on test"
    if entry.separated is not None:
        shown = {"worse": "worse beyond chance", "better": "better beyond chance"}
        relation = entry.relation or ("worse" if entry.separated else "")
        return shown.get(relation, "not shown to differ")
    if isinstance(entry, Finalist):
        return tag("strong", "leader")
    roles = {"control": "control: a copy of the training data", "ceiling": "1 of the normalized score"}
    words = roles.get(entry.role, "not compared")
    if entry.mean is not None:
        return words
    return f"{words}, no time to test it" if entry.role == "control" else "no time to test it"


def unmeasured(entry: Finalist | Baseline, result: Result) -> str:
    """Say in a few words why a contender has no score on test; empty for one that has."""
    if entry.mean is not None:
        return ""
    if entry.excluded:
        tests = entry.memorisation, entry.diversity
        return "refused before test" if any(one and not one.passed for one in tests) else "excluded"
    if isinstance(entry, Finalist):
        if entry.trial in result.left_out:
            return "worse on select, no time"
        return "clearly worse on select" if entry.dropped else "not tested"
    return "control, no time to test" if entry.role == "control" else "no time to test"


def _share(score: float) -> float:
    return min(max((score - LEFT) / (RIGHT - LEFT), 0.0), 1.0)


def _place(score: float) -> str:
    return at(_share(score))


def _mark(kind: str, score: float, name: str) -> Markup:
    return tag("span", class_=kind, style=_place(score), title=f"{name}: {score:.2f}")
