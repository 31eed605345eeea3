"""The report: one self-contained page that needs no network and no server."""

from collections.abc import Sequence

from autogen.report.columns import columns_table
from autogen.report.contents import ReportData
from autogen.report.figures import parameters as parameter_figures
from autogen.report.figures import search as search_figures
from autogen.report.figures import verdict as final_figures
from autogen.report.markup import Content, Markup, anchor, facts, folded, section, sentences, tag
from autogen.report.page.document import document
from autogen.report.page.evidence.comparison import comparison
from autogen.report.page.evidence.copying import copying
from autogen.report.page.evidence.drift import drift_of
from autogen.report.page.evidence.feedback import feedback_of
from autogen.report.page.evidence.judging import judged
from autogen.report.page.evidence.measured import costs, diagnostics, not_returned
from autogen.report.page.evidence.relations import relations
from autogen.report.page.evidence.utility import utility
from autogen.report.page.figure import drawn
from autogen.report.page.running import incumbent, standing
from autogen.report.page.samples import samples
from autogen.report.page.spent import spent
from autogen.report.page.summary import top
from autogen.report.page.trials import failures, ranking
from autogen.report.result import Result
from autogen.report.verdict import FAMILIES

#: Sections in their order, with their names in the line of links.
SECTIONS = {
    "New data beside older data": "New data",
    "Feedback": "Feedback",
    "Usefulness for training models": "Usefulness",
    "Samples": "Samples",
    "Samples beside real data": "Samples",
    "Relations between columns": "Relations",
    "Finalists and baselines on test data": "Test scores",
    "Grades by judges": "Judges",
    "Leaderboard": "Leaderboard",
    "The search": "Search",
    "Importance of parameters": "Parameters",
    "Families": "Families",
    "Trade-offs": "Trade-offs",
    "Memorization and diversity": "Memorization",
    "The data": "Data",
    "Failures": "Failures",
    "Time": "Time",
    "Reproduction": "Reproduction",
}


def render(page: ReportData) -> str:
    """Render the page, the content of ``report.html``."""
    progress = page.progress
    refresh = progress.refresh if progress and progress.running else None
    first = [standing(page, progress)] if progress else [top(page, page.result)] if page.result else []
    sections = [
        *(_judged(page, page.result) if page.result and not progress else []),
        section("Leaderboard", *ranking(page)),
        section("The search", *_search(page)),
        section("Importance of parameters", *_parameters(page)),
        section("Families", drawn(search_figures.families(page.trials, page.objective), "families")),
        section("Trade-offs", *_trades(page)),
        section("Memorization and diversity", *copying(page)),
        section("The data", *columns_table(page.columns, cells=page.shows_real), sentences(_notes(page))),
        section("Failures", failures(page.trials)),
        section("Time", spent(page.result.time) if page.result and page.result.time else None),
        section("Reproduction", *_reproduction(page)),
    ]
    return document(f"autogen: {page.data}", [_navigation(sections), *first, *sections], refresh)


def _navigation(sections: Sequence[Markup]) -> Content:
    """Links to the sections that the page has; they stay in sight. ``None`` for a single section."""
    shown = "".join(section.html for section in sections)
    links = [
        tag("a", short, href=f"#{anchor(title)}")
        for title, short in SECTIONS.items()
        if f'<section id="{anchor(title)}">' in shown
    ]
    return tag("nav", *links, aria_label="Sections of this page") if len(links) > 1 else None


def _judged(page: ReportData, result: Result) -> list[Markup]:
    """Sections of a study with a verdict."""
    finalists = drawn(final_figures.finalists(result, page.objective), "finalists")
    return [
        section("New data beside older data", *drift_of(page)),
        section("Feedback", *feedback_of(page)),
        section("Usefulness for training models", *utility(page)),
        section(_samples_title(page), *samples(page)),
        section("Relations between columns", *relations(page)),
        section(
            "Finalists and baselines on test data",
            not_returned(result, "diagnostics", [one for one in result.finalists if one.diagnostics]),
            finalists,
            comparison(result),
            diagnostics(result),
        ),
        section("Grades by judges", judged(result)),
    ]


def _notes(page: ReportData) -> list[str]:
    """Notes on the data that do not stand among the warnings at the top."""
    return list(page.notes) if page.result is None else page.result.not_warned(page.notes)


def _samples_title(page: ReportData) -> str:
    return "Samples beside real data" if page.shows_real else "Samples"


def _reproduction(page: ReportData) -> list[Content]:
    """The command that repeats the study; versions, hashes and settings are folded."""
    rest = dict(page.provenance)
    repeat = rest.pop("repeat", None)
    shown = tag("p", "Repeat the study, in the folder of the run: ", tag("code", repeat)) if repeat else None
    if shown and page.result and page.result.privacy:
        words = (
            "A repetition draws other noise and spends epsilon again: publish only one of them. The command: "
        )
        shown = tag("p", words, tag("code", repeat))
    return [shown, folded("Versions, hashes and settings", facts(rest, "provenance")) if rest else None]


def _search(page: ReportData) -> list[Content]:
    if len(page.trials) < 2:
        return []
    return [
        drawn(search_figures.history(page.trials, page.objective), "history"),
        drawn(search_figures.rungs(page.trials), "rungs"),
        folded("Curves of all trials", drawn(search_figures.curves(page.trials, page.objective), "curves")),
    ]


def _parameters(page: ReportData) -> list[Content]:
    """Importance, parallel coordinates and slices of the leading family."""
    found = incumbent(page)
    family = page.result.best.family if page.result else str(found["family"]) if found else ""
    if not family:
        return []
    name = FAMILIES.get(family, family)
    importance = parameter_figures.importance(page.trials, family)
    slices = parameter_figures.slices(page.trials, family, page.objective)
    grid = tag("div", *(drawn(plot, f"slice-{i}") for i, plot in enumerate(slices)), class_="grid")
    return [
        drawn(importance, "importance"),
        drawn(parameter_figures.parallel(page.trials, family, page.objective), "parallel"),
        folded(f"Score over each parameter of the {name} family", grid) if slices else None,
    ]


def _trades(page: ReportData) -> list[Content]:
    if page.result is None:
        return []
    costly = [one for one in page.result.finalists if one.efficiency]
    return [
        not_returned(page.result, "costs", costly),
        drawn(final_figures.pareto(page.result), "pareto"),
        *(drawn(final_figures.latency(page.result, by), f"latency-{by}") for by in ("batch", "length")),
        costs(page.result),
    ]
