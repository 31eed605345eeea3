"""Faults of the samples as far as checks see them, in plain words, the terms of the field in brackets."""

from collections.abc import Iterator, Mapping
from typing import Any

from autogen.errors import counted
from autogen.report.contents import ReportData
from autogen.report.figures.differences import direction
from autogen.report.figures.verdict import EQUAL, equal_shares
from autogen.report.page.evidence.relations import MARKED, excess, percent
from autogen.report.result import Result
from autogen.report.schema import Contender, Interval, Test
from autogen.report.scores import GRADES, about, end_of, number

#: Overlap of a distribution with the real one, difference of an association, and share of the skill of real
#: rows from which on they are not worth a line.
OVERLAP, ASSOCIATION, SKILL = 0.8, 0.1, 0.9
#: Most lines about one sort of fault.
_MOST = 3
_UNLIKE = "Too many of them look unlike any real sample"
_POOR = "They lack part of the variety of real samples"
_APART = "As a whole they can be told from real samples"
_LEARNED = "A model that learns from them predicts real samples worse than one that learns from real ones"
#: What a low diagnostic means, by the name of the metric without its variant.
_MEANINGS = {
    **dict.fromkeys(("precision", "alpha_precision", "density", "nn_ratio"), _UNLIKE),
    **dict.fromkeys(("recall", "beta_recall", "coverage"), _POOR),
    **dict.fromkeys(("kd", "fd", "fd_inf", "c2st", "c2st_v1", "linear_c2st"), _APART),
    **dict.fromkeys(("reverse_ngram", "reverse_notes", "tstr"), _LEARNED),
    "column_shapes": "Values of single columns are not as frequent as in real rows",
    "pair_trends": "Columns do not go together as in real rows",
    "distinct_n": "They do not vary their phrases as real texts do",
    "repetition": "They do not repeat themselves as real texts do",
    "overlap_area": "Pitches, lengths and pauses of notes are not as frequent as in real pieces",
}


def faults(page: ReportData, result: Result) -> list[str]:
    """One sentence for each fault, the plainest first; one that says so where no check found any."""
    found = [
        *_equal(page),
        *_broken_rules(page, result),
        *_lost_pairs(page),
        *_distributions(page),
        *_skill(page),
    ]
    return found or [*_diagnosed(result)] or [_unnamed(page, result)]


def _equal(page: ReportData) -> Iterator[str]:
    """Samples that equal a training sample more often than unseen real ones do; trust comes first."""
    if page.nearest and page.nearest.generated and page.nearest.unseen:
        share, unseen = equal_shares(page.nearest)
        if share - unseen >= EQUAL:
            yield (
                f"{100 * share:.0f} % of them equal a training sample (unseen real ones: "
                f"{100 * unseen:.0f} %). Short or common samples do so by chance; the memorization test "
                "below tells more."
            )


def broken_rules(page: ReportData) -> list[Mapping[str, Any]]:
    """The rules that samples clearly break more often than real rows, the most broken first."""
    rules = [rule for rule in (page.relations.rules if page.relations else ()) if excess(rule) > MARKED]
    return sorted(rules, key=lambda rule: -excess(rule))


def _both_ways(rules: list[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], bool]]:
    """Each rule, and whether it holds in both directions; the weaker one of the two is left out."""
    told: dict[frozenset[str] | str, tuple[Mapping[str, Any], bool]] = {}
    for rule in rules:
        key = _joined(rule) or str(rule["rule"])
        told[key] = (told[key][0], True) if key in told else (rule, False)
    return list(told.values())


def _joined(rule: Mapping[str, Any]) -> frozenset[str]:
    """The columns of which one determines the other; empty for other rules, and in earlier versions."""
    names = rule.get("columns", ()) if rule.get("kind") == "determines" else ()
    return frozenset(names)


def _broken_rules(page: ReportData, result: Result) -> Iterator[str]:
    rules = _both_ways(broken_rules(page))
    for rule, both in rules[:_MOST]:
        # the share leaves out samples that the rule does not apply to, as those with an empty cell
        whole = rule["support"] >= result.data.rows["train"]
        of = "of them" if whole else "of those that the rule applies to"
        yield f"{percent(rule['synthetic'])} {of} {_break(rule, both)}."
    if len(rules) > _MOST:
        yield f"They break {counted(len(rules) - _MOST, 'more rule')}."


def _break(rule: Mapping[str, Any], both: bool) -> str:
    """Say what is wrong with samples that break a rule: ``have a value of city that ...``."""
    names, words = rule.get("columns", ()), rule["rule"]
    if rule.get("kind") == "determines" and len(names) == 2:
        other = ", and the other way round" if both else ""
        fits = f"does not go with their {names[0]}"
        return f"have a value of {names[1]} that {fits} (rule: {words}{other})"
    if rule.get("kind") == "ordered" and len(names) == 2:
        return f"have a value of {names[0]} above that of {names[1]} (rule: {words})"
    return f"break the rule {words}"


def _lost_pairs(page: ReportData) -> Iterator[str]:
    measure = ", as adjusted mutual information"  # said once
    known = {_joined(rule) for rule in broken_rules(page)}  # these say the same
    for pair in (page.relations.pairs if page.relations else ())[:_MOST]:
        gap = pair["synthetic"] - pair["real"]
        if abs(gap) > ASSOCIATION and frozenset(pair["columns"]) not in known:
            yield (
                f"{' and '.join(pair['columns'])} go together {'less' if gap < 0 else 'more'} than in real "
                f"data (association {pair['synthetic']:.2f}, real {pair['real']:.2f}{measure})."
            )
            measure = ""


def _distributions(page: ReportData) -> Iterator[str]:
    worst = sorted(page.marginals, key=lambda entry: -entry.difference)[:_MOST]
    for entry in worst:
        if entry.difference > 1 - OVERLAP:
            overlap = 100 * (1 - entry.difference)
            how = direction(entry) or "differs"
            yield f"{entry.name} {how}; its distribution overlaps with the real one by {overlap:.0f} %."


def _skill(page: ReportData) -> Iterator[str]:
    found = page.relations.utility if page.relations else None
    kept = found.get("above_chance") if found else None
    if found and kept is not None and kept < SKILL:
        share = 100 * max(0.0, kept)
        yield f"What they teach about {found['target']} is {share:.0f} % of what real rows teach."


def _diagnosed(result: Result) -> Iterator[str]:
    """Diagnostics of what is delivered that are less than OVERLAP of the way from trivial to real."""
    model: Contender | None = next((one for one in result.finalists if one.trial == result.best.trial), None)
    if result.best.trial is None:
        model = next((one for one in result.baselines if one.name == result.best.name), None)
    real = next((one for one in result.baselines if one.role == "ceiling"), None)
    trivial = next((one for one in result.baselines if one.trivial and one.diagnostics), None)
    if model is None or real is None or trivial is None:
        return
    reached: dict[str, float] = {}
    for name in model.diagnostics.keys() & real.diagnostics.keys() & trivial.diagnostics.keys():
        if _overlap(real.diagnostics[name], trivial.diagnostics[name]):
            continue  # it does not tell even the trivial baseline from real data
        own, best, worst = (one.diagnostics[name].mean for one in (model, real, trivial))
        if own is not None and best is not None and worst is not None and best != worst:
            reached[name] = (own - worst) / (best - worst)
    for name in sorted(reached, key=lambda name: reached[name])[:_MOST]:
        if reached[name] < OVERLAP:
            values = [number(one.diagnostics[name].mean) for one in (model, real, trivial)]
            base = name.partition("[")[0]
            measured = (
                f"{base.replace('_', ' ')} {values[0]}; real data {values[1]}, {trivial.name} {values[2]}"
            )
            meaning = _MEANINGS.get(base)
            yield f"{meaning} ({measured})." if meaning else f"They fall short of real data: {measured}."


def _overlap(one: Interval, other: Interval) -> bool:
    """Tell if two intervals have a value in common; False where one of them is not known."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def _unnamed(page: ReportData, result: Result) -> str:
    """What to say where no check found a fault: how far the score is from real data all the same."""
    test = result.test
    score = test.calibrated_low if test.calibrated_low is not None else test.calibrated
    if score is not None and score >= GRADES["close to real"]:
        return "No check found a fault."
    look = (
        "look at the samples below" if page.real is None else "compare the samples with the real ones below"
    )
    if test.calibrated is None or score is None:
        return f"No check names a fault, but there is no normalized score to confirm that: {look}."
    if test.calibrated_high is not None and test.calibrated_high >= 1:
        return f"No check names a fault, but the score is too uncertain to confirm that: {look}."
    return (
        f"The score itself says that the samples differ from real data: {_spread(test)}, where real data "
        f"has 1. No check names what differs: {look}."
    )


def _spread(test: Test) -> str:
    """A normalized score with its interval, as the scale above has them."""
    if test.calibrated_low is None or test.calibrated_high is None:
        return about(test)
    return f"{about(test)} ({end_of(test.calibrated_low)} to {end_of(test.calibrated_high)})"
