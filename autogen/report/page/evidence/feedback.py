"""What marks of users did: in sentences, on the page and on the card."""

from autogen.errors import counted, listed
from autogen.report.contents import ReportData
from autogen.report.hard_tests import Feedback, Rejection
from autogen.report.markup import Content, table, tag
from autogen.report.result import Result
from autogen.report.scores import chance, number
from autogen.report.verdict import called


def feedback_line(result: Result) -> str:
    """Say in a sentence or two what users rejected and how much of it is left; empty without feedback."""
    found = result.feedback
    if found is None:
        return ""
    parts = []
    if found.generated:
        parts.append(f"{found.rejected:g} of {counted(found.generated, 'generated sample')}{_before(found)}")
    if found.dropped:
        parts.append(f"{counted(found.dropped, 'training row')}, which left the train split")
    said = [f"Users rejected {listed(parts)}."] if parts else []
    if found.train > found.dropped:
        who, rows = "They" if said else "Users", counted(found.train - found.dropped, "training row")
        said.append(f"{who} marked {rows} as kept, or weighed.")
    if found.bound is None:
        if found.generated:
            said.append("Rejected samples cannot be told from kept ones, so no model was refused for them.")
        return " ".join(said)
    now = "not tested" if result.rejection is None else _now(result.rejection)
    return " ".join([*said, f"Share of this model's samples that they would reject: {now}."])


def _before(found: Feedback) -> str:
    """Share of the last file that was rejected; empty without generated samples in it."""
    return "" if found.before is None else f" ({_percent(found.before)} of the last file)"


def _now(found: Rejection) -> str:
    return f"about {_percent(found.share)} (at most {_percent(found.bound)} are allowed)"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def feedback_of(page: ReportData) -> list[Content]:
    """What the marks of users did; empty for a run without feedback."""
    result = page.result
    if result is None or result.feedback is None:
        return []
    found = result.feedback
    rows: list[tuple[Content, ...]] = []
    for name, share in (
        ("marked samples, last file", found.before),
        ("training rows", found.real),
        ("training rows with their weights: a perfect model", found.weighted),
        ("largest share allowed", found.bound),
    ):
        rows += [(name, _percent(share), "", "")] if share is not None else []
    if result.rejection:
        rows.append(("the delivered model", *_tested(result.rejection)))
    others = [(called(one), one.rejection) for one in result.finalists if one.trial != result.best.trial]
    others += [(one.name, one.rejection) for one in result.baselines]
    rows += [(name, *_tested(one)) for name, one in others if one]
    return [
        tag("p", feedback_line(result), class_="lead"),
        table(("", "Users would reject", "p", "Test on rejected samples"), rows, numbers=(1, 2))
        if rows
        else None,
        tag("p", _method(found), class_="caption"),
    ]


def _tested(found: Rejection) -> tuple[Content, ...]:
    word, mood = ("passed", "good") if found.passed else ("refused", "bad")
    return _percent(found.share), chance(found.p_value), tag("span", word, class_=f"pill {mood}")


def _method(found: Feedback) -> str:
    """Say how the shares are estimated, and what the feedback leaves alone."""
    told = "" if found.auc is None else f" It tells them apart with an AUC of {number(found.auc)}."
    return (
        f"Marks: {', '.join(found.source)}. Shares are mean probabilities of a classifier that was fitted on "
        f"rejected and kept samples.{told} Training rows weigh as much as users would keep rows like them "
        f"({found.effective:,.0f} rows of equal weight), for models and baselines, and so for 0 of the "
        "normalized score; nothing is trained on generated samples. Splits that score models are untouched: "
        "test scores are about real data, also where users reject some of it."
    )
