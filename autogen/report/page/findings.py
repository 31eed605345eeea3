"""What is wrong with the samples, as far as checks see it, and what to do next: at the top of the page."""

from collections.abc import Iterator
from pathlib import PurePath

from autogen.errors import command, counted
from autogen.report.columns import rule_option
from autogen.report.contents import ReportData
from autogen.report.figures.differences import direction
from autogen.report.markup import Content, sentences, shell, tag
from autogen.report.page.evidence.relations import MARKED, excess, percent
from autogen.report.result import Result
from autogen.report.schema import Contender, Interval, Test
from autogen.report.scores import GRADES, about, end_of, number

#: Overlap of a distribution with the real one, difference of an association, and share of the skill of real
#: rows from which on they are not worth a line.
OVERLAP, ASSOCIATION, SKILL = 0.8, 0.1, 0.9
#: Words of warnings that more time would mend.
MORE_TIME = "give more time"
#: Number of samples that ``autogen sample`` writes if nothing else is asked for.
DRAWN = 100
#: Most lines about one sort of fault.
_MOST = 3


def findings(page: ReportData, result: Result) -> Content:
    """Two short lists: faults of the samples, and next steps."""
    faults = [*_broken_rules(page, result), *_lost_pairs(page), *_distributions(page), *_skill(page)]
    faults = faults or [*_diagnosed(result)] or [_unnamed(page, result)]
    parts = [("What is wrong with the samples", sentences(faults)), ("What to do next", _steps(page, result))]
    shown = [tag("div", tag("strong", title), lines) for title, lines in parts if lines is not None]
    return tag("div", *shown, class_="findings") if shown else None


def _broken_rules(page: ReportData, result: Result) -> Iterator[str]:
    rules = [rule for rule in (page.relations.rules if page.relations else ()) if excess(rule) > MARKED]
    for rule in sorted(rules, key=lambda rule: -excess(rule))[:_MOST]:
        # the share leaves out samples that the rule does not apply to, as those with an empty cell
        whole = rule["support"] >= result.data.rows["train"]
        share, name = percent(rule["synthetic"]), f"the rule {rule['rule']}"
        partly = f"The rule {rule['rule']} is broken by {share} of the samples that it applies to."
        yield f"{share} of them break {name}." if whole else partly
    if len(rules) > _MOST:
        yield f"They break {counted(len(rules) - _MOST, 'more rule')}."


def _lost_pairs(page: ReportData) -> Iterator[str]:
    measure = " (adjusted mutual information)"  # said once
    for pair in (page.relations.pairs if page.relations else ())[:_MOST]:
        if abs(pair["real"] - pair["synthetic"]) > ASSOCIATION:
            yield (
                f"The association of {' and '.join(pair['columns'])} is {pair['synthetic']:.2f}; in real "
                f"data it is {pair['real']:.2f}{measure}."
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
            measure = name.partition("[")[0].replace("_", " ")
            yield f"Their {measure} is {values[0]}; real data has {values[1]}, {trivial.name} {values[2]}."


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


def _steps(page: ReportData, result: Result) -> Content:
    """Commands for the next step, what helps most first: binding rules, more time, samples."""
    steps: list[Content] = []
    rules = [rule for rule in (page.relations.rules if page.relations else ()) if excess(rule) > MARKED]
    options = " ".join(rule_option(rule["binding"]) for rule in rules[:_MOST] if rule.get("binding"))
    if options and not result.privacy:  # which has no rules, and one training
        again = f"{command('autogen', 'run', str(PurePath(page.run) / 'study.toml'))} {options}"
        steps.append(tag("span", "Run again with rules that every sample keeps: ", shell(again)))
    short = bool(result.cut or result.left_out) or result.verdict == "baseline"
    good = result.grade in ("usable", "close to real")
    if (short or not good or any(MORE_TIME in warning for warning in result.warnings)) and result.privacy:
        steps.append("Bring more rows, or give a larger epsilon; a further run on these rows adds its own.")
    elif short or not good or any(MORE_TIME in warning for warning in result.warnings):
        more = shell(command("autogen", "resume", page.run, "--budget", "+10m"))
        refused = result.finalists and all(one.excluded for one in result.finalists)
        why = ", since every finalist was refused (more training data helps, too)" if refused else ""
        steps.append(tag("span", f"Give the search more time{why}: ", more))
    if good or not short or result.privacy:
        steps.append(tag("span", "Draw samples: ", shell(sample_command(page.run, page.file))))
    return tag("ol", *(tag("li", step) for step in steps)) if steps else None


def sample_command(run: str, file: str) -> str:
    """Write the command that draws samples, the same on the page, in the terminal and on the model card."""
    return command("autogen", "sample", run, "-n", str(DRAWN), "-o", file)
