"""What is wrong with the samples, as far as checks see it, and what to do next: at the top of the page."""

from pathlib import PurePath

from autogen.errors import agreed, command, listed, option
from autogen.report.columns import rule_option
from autogen.report.contents import ReportData
from autogen.report.markup import Content, sentences, shell, tag
from autogen.report.page.faults import broken_rules, faults
from autogen.report.result import Result

#: Words of warnings that more time would mend.
MORE_TIME = "give more time"
#: Number of samples that ``autogen sample`` writes if nothing else is asked for.
DRAWN = 100
#: Most rules of one command, and most columns that give the target away.
_RULES, _LEAKS = 12, 3


def findings(page: ReportData, result: Result) -> Content:
    """Two short lists: faults of the samples, and next steps."""
    found = sentences(faults(page, result))
    parts = [("What is wrong with the samples", found), ("What to do next", _steps(page, result))]
    shown = [tag("div", tag("strong", title), lines) for title, lines in parts if lines is not None]
    return tag("div", *shown, class_="findings") if shown else None


def _steps(page: ReportData, result: Result) -> Content:
    """Commands for the next step, what helps most first: binding rules, more time, samples."""
    steps: list[Content] = []
    again = _again(page)
    if again is not None and not result.privacy:  # which has no rules, and one training
        steps.append(again)
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


def _again(page: ReportData) -> Content:
    """The command of a new run without the columns that give the target away, and with the broken rules."""
    utility = (page.relations.utility if page.relations else None) or {}
    leaked = [str(name) for name in utility.get("leaked") or ()][:_LEAKS]
    kept = [rule for rule in broken_rules(page) if not set(rule.get("columns", ())) & set(leaked)]
    rules = [rule_option(rule["binding"]) for rule in kept if rule.get("binding")][:_RULES]
    if not leaked and not rules:
        return None
    parts = []
    if leaked:
        give = agreed(len(leaked), "gives", "give")
        parts.append(f"without {listed(leaked)}, which {give} {utility.get('target')} away")
    if rules:
        parts.append(f"with {agreed(len(rules), 'a rule', 'rules')} that every sample keeps")
    drops = [option("column", f"{name}=drop") for name in leaked]
    run = command("autogen", "run", str(PurePath(page.run) / "study.toml"))
    return tag("span", f"Run again {', and '.join(parts)}: ", shell(" ".join([run, *drops, *rules])))


def sample_command(run: str, file: str) -> str:
    """Write the command that draws samples, the same on the page, in the terminal and on the model card."""
    return command("autogen", "sample", run, "-n", str(DRAWN), "-o", file)
