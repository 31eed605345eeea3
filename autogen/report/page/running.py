"""The top of the page of a study without a verdict: its state and its best trial so far."""

from autogen.errors import command, counted
from autogen.hpo.objective import Objective
from autogen.hpo.study.state import suspicion
from autogen.report.contents import Progress, ReportData
from autogen.report.leaderboard import Trial, shown_state, suspected
from autogen.report.markup import Content, Markup, duration, facts, shell, tag
from autogen.report.markup import sentence as sentence_of
from autogen.report.scores import number
from autogen.report.verdict import trial_called


def standing(page: ReportData, progress: Progress) -> Markup:
    """State of the study in a sentence and a few figures."""
    word = "running" if progress.running else "stopped"
    pill = tag("span", word, class_="pill fair" if progress.running else "pill bad")
    return tag(
        "header",
        tag("p", "autogen · ", page.data, " ", pill, class_="crumb"),
        tag("h1", sentence(page, progress)),
        tag("p", _next(progress), class_="lead"),
        _drawn(page, progress),
        facts(_figures(page, progress)),
        tag("p", progress.about, class_="caption") if progress.about else None,
    )


def sentence(page: ReportData, progress: Progress) -> str:
    """The state of the study and its incumbent in one sentence."""
    word = "Running" if progress.running else "Stopped"
    count = sum(trial["state"] != "running" for trial in page.trials)
    text = f"{word}: {counted(count, 'trial')}"
    best = incumbent(page)
    if best is None:
        return f"{text}, none trained to the end yet"
    name = trial_called(best["number"], str(best["family"]))
    note = f", {suspicion(best['reason']).removeprefix('is ')}" if suspected(best) else ""
    return f"{text}, best so far {number(best['score'])} by {name}{note} (tune split, not a verdict)"


def incumbent(page: ReportData) -> Trial | None:
    """Best trial that was trained to the end, a suspected copy only without others; ``None`` without any."""
    done = [trial for trial in page.trials if trial["state"] == "complete"]
    return min(done, key=lambda trial: (suspected(trial), page.objective.loss(trial["score"])), default=None)


def _next(progress: Progress) -> Content:
    """Current chapter of the study, or the command to resume it."""
    doing = {
        "search": "It is searching.",
        "compare": "It compares the finalists.",
        "test": "It is reading the test split.",
    }
    reached = {
        "search": "It was searching",
        "compare": "It was comparing the finalists",
        "test": "It was reading the test split",
    }
    if progress.planned:
        trained = f"{progress.confirmed} of {progress.planned}"
        doing["compare"] = f"It trains the finalists on fresh seeds: {trained}."
        reached["compare"] = f"It had trained {trained} finalists on fresh seeds"
    if progress.running:
        return f"{doing[progress.chapter]} The verdict comes at the end; this page reloads itself."
    text = f"{reached[progress.chapter]} when it stopped. {_why(progress)} Resume it with "
    return tag("span", text, tag("code", progress.resume), ".")


def _drawn(page: ReportData, progress: Progress) -> Content:
    """The command that draws from the best trial of a stopped study; ``None`` without one."""
    if progress.running or incumbent(page) is None:
        return None
    line = command("autogen", "sample", page.run, "-n", "100", "-o", page.file)
    return tag("p", "Look at samples of the best trial so far, which is untested: ", shell(line))


def _why(progress: Progress) -> str:
    """Give the reason why a study stopped, as far as its journal tells it."""
    if progress.why:
        return sentence_of(f"Reason: {progress.why}")
    spent = f"after {duration(progress.seconds)}"
    if progress.limit:
        spent += f" of a budget of {duration(progress.limit)}"
    return (
        f"No reason was recorded: its process ended {spent} without a word, as if it was killed, ran out of "
        "memory, or its machine went down."
    )


def _figures(page: ReportData, progress: Progress) -> dict[str, Content]:
    objective, states = page.objective, [shown_state(trial) for trial in page.trials]
    names = {name: name for name in ("complete", "pruned", "out of time", "failed", "infeasible")}
    names["running"] = "running" if progress.running else "not ended"
    limit = f" of {duration(progress.limit)}" if progress.limit else ""
    return {
        "Metric": f"{objective.name}, version {objective.version}; {better(objective)} is better",
        "Trials": ", ".join(f"{states.count(s)} {word}" for s, word in names.items() if s in states) or "0",
        "Time": f"{duration(progress.seconds)}{limit}",
    }


def better(objective: Objective) -> str:
    """``lower`` or ``higher``: the better direction of scores."""
    return "lower" if objective.direction == "minimize" else "higher"
