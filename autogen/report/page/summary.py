"""The top of the page: grade, verdict, score, samples, faults, next steps, warnings, figures of the study."""

from collections.abc import Sequence

from autogen.errors import agreed, capital, command, listed
from autogen.report.contents import ReportData
from autogen.report.markup import Content, Markup, duration, facts, folded, sentence, sentences, shell, tag
from autogen.report.page.evidence.scale import score_bar
from autogen.report.page.findings import findings
from autogen.report.page.samples import strip
from autogen.report.page.start import of_start
from autogen.report.result import Result, TrialCounts
from autogen.report.scores import number
from autogen.report.verdict import copies, details, objections, reached, reasons, title

#: Most warnings that show at once.
MOST_WARNINGS = 4
#: Most columns of personal data that are named.
_MOST_NAMED = 5
#: Words of verdicts that are not their names.
_WORDS = {"unrivaled": "only one model compared"}


def top(page: ReportData, result: Result) -> Markup:
    """Grade, verdict, normalized score, samples, faults, next steps, warnings, figures of the study."""
    mood, word = _mood(result), _WORDS.get(result.verdict, result.verdict)
    heading: list[Content] = [capital(title(result))]
    if result.grade:
        heading = [tag("span", capital(result.grade), class_=mood), ": ", title(result)]
    lead = [*objections(result), reached(result)]
    more = [*details(result), *of_start(result), *reasons(result)]
    settings: dict[str, Content] = {
        name: number(value) if isinstance(value, float) else str(value)
        for name, value in result.best.config.items()
    }
    pill = tag("span", word, class_="pill" if result.grade else f"pill {mood}")
    return tag(
        "header",
        guarantee(result),
        tag("p", "autogen · ", page.data, " ", pill, class_="crumb"),
        tag("h1", *heading),
        tag("div", tag("p", " ".join(lead), class_="lead"), score_bar(result), strip(page), class_="top"),
        findings(page, result),
        tag("p", " ".join(more)) if more else None,
        _warned(result.warnings),
        facts(_figures(result)),
        tag("p", *held, class_="caption") if (held := _held(page)) else None,
        folded("Settings of the delivered model", facts(settings, "provenance")),
    )


def _warned(warnings: Sequence[str]) -> Content:
    """Warnings, those first that touch trust most, as the record has them; all but a few are folded."""
    if not warnings:
        return None
    lines = [sentence(one) for one in warnings]
    rest = len(lines) - MOST_WARNINGS
    more = folded(agreed(rest, "One more warning", f"{rest} more warnings"), sentences(lines[MOST_WARNINGS:]))
    return tag(
        "aside", tag("strong", "Warnings"), sentences(lines[:MOST_WARNINGS]), more if rest > 0 else None
    )


def guarantee(result: Result) -> Content:
    """Differential privacy of ``best/``, and that this page has none; ``None`` without ``--epsilon``."""
    found = result.privacy
    if found is None:
        return None
    words = (
        "Do not publish this page: its scores, figures and rows were computed without noise and are for the "
        "owner of the data alone. Publish "
    )
    own = tag("p", words, tag("code", "best/"), f": {found.headline()}.")
    return tag("aside", tag("strong", "Privacy"), own, folded("The guarantee", sentences(found.lines())))


def _figures(result: Result) -> dict[str, Content]:
    split, gate, time = result.objective.split_sha256["test"], result.memorisation, result.time
    figures: dict[str, Content] = {
        "Test split": f"{result.data.rows['test']:,} samples (sha256 {split[:8]}…)",
        ("Fresh seeds" if result.claim == "recipe" else "Draws of samples"): result.test.seeds,
        f"Trials: {result.trials.total:,}": _trials(result.trials),
        "Time": duration(result.seconds),
    }
    if time and time.budget is not None:
        word = "of" if time.kept else "more than"
        figures["Time"] = f"{duration(result.seconds)}, {word} a budget of {duration(time.budget)}"
    if gate:
        verb = "passed" if gate.passed else "REFUSED"
        figures["Memorization test"] = (
            f"{verb}: {100 * gate.share:.0f} % nearer to train (50 %, give or take chance, if nothing is "
            "copied)"
        )
    if repeats := result.diversity:
        verb = "passed" if repeats.passed else "REFUSED"
        figures["Diversity test"] = (
            f"{verb}: {repeats.near_duplicates} of {repeats.samples} near duplicates (real samples: "
            f"{repeats.real_near_duplicates})"
        )
    return figures


def _trials(counted: TrialCounts) -> str:
    """Number of trials in each state; the numbers add up to all trials."""
    counts = {
        "complete": counted.complete,
        "pruned": counted.pruned - counted.out_of_time,
        "out of time": counted.out_of_time,
        "failed": counted.failed,
        "infeasible": counted.infeasible,
    }
    counts["not ended"] = max(0, counted.total - sum(counts.values()))
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def _held(page: ReportData) -> list[Content]:
    """Say what the page shows of the data itself."""
    personal = [one.name for one in page.columns if one.personal]
    if not page.shows_real:
        why = f", since {_named(personal)}" if personal else ""
        return [
            f"This page shows no real samples{why}; it does show distributions, and single cells of the "
            "other columns. To show real samples: ",
            shell(command("autogen", "report", page.run, "--real-rows")),
        ]
    if page.real is None and page.nearest is None:
        return []
    warned = f" {capital(_named(personal))}." if personal else ""
    return [
        "This page shows real samples: a few of the test split, and the training samples nearest to "
        f"generated ones.{warned} To leave them out before you share it: ",
        shell(command("autogen", "report", page.run, "--no-real-rows")),
    ]


def _named(personal: Sequence[str]) -> str:
    """Name columns that look like personal data."""
    more = len(personal) - _MOST_NAMED
    names = [*personal[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return f"{listed(names)} {agreed(len(personal), 'looks', 'look')} like personal data"


def _mood(result: Result) -> str:
    """Color of the grade, the same on all pages; of the verdict where there is no grade."""
    if copies(result):
        return "bad"
    grades = {"close to real": "good", "usable": "good", "weak": "fair", "not usable": "bad"}
    verdicts = {"winner": "good", "unrivaled": "fair", "tie": "fair"}
    return grades.get(result.grade or "", "bad") if result.grade else verdicts.get(result.verdict, "bad")
