"""Grades of the finalists' texts by judges, from 1 to 5, for the page and for the card."""

from autogen.report.markup import Content, join, table, tag
from autogen.report.result import Result
from autogen.report.schema import Judge
from autogen.report.scores import between, mean_of
from autogen.report.verdict import called

SCALE = (
    "Mean grades of single generated texts from 1 to 5, besides the objective. Intervals count training "
    "seeds and texts, not the uncertainty of the judge."
)


def judged(result: Result) -> Content:
    """A table for each judge, with remarks; ``None`` without judges."""
    if not result.judging:
        return None
    return join([tag("p", SCALE), *(_judge(judge, result) for judge in result.judging)])


def judging_lines(result: Result) -> list[str]:
    """Mean grades of the delivered model as lines of Markdown; empty without judges."""
    best = result.best
    return [
        f"- {judge.metric}: {mean_of(found)} ({between(found)}), real texts {judge.real:.2f}; "
        f"{'; '.join(remarks(judge))}."
        for judge in result.judging
        for found in judge.means
        if found.trial == best.trial and (found.trial is not None or found.name == best.name)
    ]


def remarks(judge: Judge) -> list[str]:
    """Remarks on a judge, doubts first."""
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
    notes = tag("ul", *(tag("li", remark) for remark in remarks(judge)))
    head = tag("h3", f"{judge.metric}, version {judge.version}")
    return tag("div", head, notes, table(("", "Mean grade", "95 % interval"), rows, numbers=(1,)))
