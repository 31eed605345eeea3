"""What judges think of the finalists' texts: mean grades from 1 to 5, for the page and for the card."""

from autogen.report.markup import Content, join, table, tag
from autogen.report.result import Result
from autogen.report.schema import Judge
from autogen.report.verdict import between, called, mean_of

SCALE = (
    "Mean grades from 1 to 5 of single generated texts, beside the objective; intervals are over training "
    "seeds and texts, not over judges."
)


def judged(result: Result) -> Content:
    """One table a judge, with what is to be known of it; nothing where no judge was asked for."""
    if not result.judging:
        return None
    return join([tag("p", SCALE), *(_judge(judge, result) for judge in result.judging)])


def judging_lines(result: Result) -> list[str]:
    """The means of what is delivered as lines of Markdown; none where no judge was asked for."""
    best = result.best
    return [
        f"- {judge.metric}: {mean_of(found)} ({between(found)}), real texts {judge.real:.2f}; "
        f"{'; '.join(remarks(judge))}."
        for judge in result.judging
        for found in judge.means
        if found.trial == best.trial and (found.trial is not None or found.name == best.family)
    ]


def remarks(judge: Judge) -> list[str]:
    """What is to be known of a judge, what speaks against it first."""
    doubt = [f"UNRELIABLE here: {judge.unreliable}"] if judge.unreliable else []
    least = judge.least
    kept = [f"a winner needs at least {least:g} on the select split"] if least is not None else []
    return [*doubt, *kept, *judge.caveats]


def _judge(judge: Judge, result: Result) -> Content:
    finalists = {finalist.trial: called(finalist) for finalist in result.finalists}
    rows = [
        (
            found.name if found.trial is None else finalists.get(found.trial, found.name),
            mean_of(found),
            between(found) if found.mean is not None else found.reason,
        )
        for found in judge.means
    ]
    rows.append(("real texts", f"{judge.real:.2f}", "–"))
    told = tag("ul", *(tag("li", remark) for remark in remarks(judge)))
    head = tag("h3", f"{judge.metric}, version {judge.version}")
    return tag("div", head, told, table(("", "Mean grade", "95 % interval"), rows, numbers=(1,)))
