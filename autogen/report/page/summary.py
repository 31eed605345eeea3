"""The top of the page: the verdict, its explanation, the normalized score and the figures of the study."""

from autogen.report.contents import ReportData
from autogen.report.markup import Content, Markup, duration, facts, folded, sentences, tag
from autogen.report.page.evidence import score_bar
from autogen.report.page.running import better
from autogen.report.result import Result, TimeSpent, TrialCounts
from autogen.report.verdict import copies, explanation, headline, number


def top(page: ReportData, result: Result) -> Markup:
    """The verdict, the normalized score, warnings, and the figures of the study."""
    graded = f": {result.grade}" if result.grade else ""
    pill = tag("span", f"{result.verdict}{graded}", class_=f"pill {_mood(result)}")
    first, *more = explanation(result)
    warnings = None
    if result.warnings:
        warnings = tag("aside", tag("strong", "Warnings"), sentences(result.warnings))
    settings: dict[str, Content] = {
        name: number(value) if isinstance(value, float) else str(value)
        for name, value in result.best.config.items()
    }
    return tag(
        "header",
        tag("p", "autogen · ", page.data, " ", pill, class_="crumb"),
        tag("h1", headline(result)),
        tag("p", first, class_="lead"),
        score_bar(result),
        *(tag("p", sentence) for sentence in more),
        warnings,
        facts(_figures(page, result)),
        folded("Settings of the delivered model", facts(settings, "provenance")),
    )


def _figures(page: ReportData, result: Result) -> dict[str, Content]:
    counted, objective = result.trials, page.objective
    split = result.objective.split_sha256["test"]
    share, time, gate = result.evaluation_share, result.time, result.memorisation
    figures: dict[str, Content] = {
        "Metric": f"{objective.name}, version {objective.version}; {better(objective)} is better",
        "Test rows": f"{result.data.rows['test']:,} (sha256 {split[:8]}…)",
        ("Fresh seeds" if result.claim == "recipe" else "Draws of samples"): result.test.seeds,
        "Configurations tried": result.configurations_tried,
        "Trials": _trials(counted),
        "Time": duration(result.seconds),
    }
    if gate:
        verb = "passed" if gate.passed else "REFUSED"
        figures["Memorization test"] = f"{verb}, share nearer to train {gate.share:.2f}"
    if repeats := result.diversity:
        verb = "passed" if repeats.passed else "REFUSED"
        figures["Diversity test"] = f"{verb}, {repeats.near_duplicates} of {repeats.samples} near duplicates"
    if share is not None:
        figures["Evaluation"] = f"{100 * share:.0f} % of the work{_of_search(time)}"
    if time:
        figures["Seconds of work"] = spent(time)
        if time.budget is not None:
            figures["Budget"] = f"{duration(time.budget)}, {'kept' if time.kept else 'overrun'}"
    return figures


def _trials(counted: TrialCounts) -> str:
    """Number of trials in each final state."""
    counts = {
        "complete": counted.complete,
        "pruned": counted.pruned - counted.out_of_time,
        "out of time": counted.out_of_time,
        "failed": counted.failed,
        "infeasible": counted.infeasible,
    }
    always = ("complete", "pruned", "failed")
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count or name in always)


def _of_search(time: TimeSpent | None) -> str:
    """Share of evaluation within the search, if it is known."""
    both = time.search_training + time.search_evaluation if time else 0.0
    return f", {100 * time.search_evaluation / both:.0f} % of the search's" if time and both else ""


def spent(time: TimeSpent) -> str:
    """Seconds of a study by what they were spent on, summed over the workers."""
    return (
        f"search {time.search_training:.0f} training + {time.search_evaluation:.0f} evaluation, "
        f"finalists {time.confirmation_training:.0f} + {time.confirmation_evaluation:.0f}, "
        f"baselines {time.baselines:.0f}, test {time.test:.0f}, costs of models {time.costs:.0f}"
    )


def _mood(result: Result) -> str:
    if copies(result):
        return "bad"
    if result.grade in ("weak", "not usable"):
        return "bad" if result.grade == "not usable" else "fair"
    return {"winner": "good", "unrivaled": "good", "tie": "fair"}.get(result.verdict, "bad")
