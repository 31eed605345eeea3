"""The report: one self-contained page that opens anywhere, with no network and no server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from autogen.objective import Objective
from autogen.report import figures
from autogen.report.evidence import comparison, copying, score_bar
from autogen.report.leaderboard import Trial, leaderboard
from autogen.report.markup import (
    Content,
    Markup,
    facts,
    folded,
    join,
    picture,
    section,
    settings,
    table,
    tag,
)
from autogen.report.plots import Plot, library
from autogen.report.verdict import FAMILIES, Result, copies, explanation, headline, number

#: Rows of the leaderboard that show at once, and that the page holds at all.
SHOWN, HELD = 15, 1000


@dataclass(frozen=True)
class Rows:
    """A few rows of a table, or texts as a table of one column."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


#: A PNG of a grid of images, or rows.
Preview = bytes | Rows


@dataclass(frozen=True)
class ReportData:
    """All that the page shows, as plain values.

    Attributes:
        data: The data set, as the user named it.
        result: What ``result.json`` holds. Of each of ``finalists``: ``trial``, ``family``, ``config``,
            ``mean``, ``low``, ``high``, ``calibrated``, ``scores`` (one a seed), ``excluded``, and, but
            for the leader, ``separated`` and ``p_value``. Of each of ``baselines``: ``name``, ``role``,
            ``mean``, ``low``, ``high``, ``calibrated``, ``memorisation``, and, where the leader has to
            beat it, ``separated`` and ``p_value``.
        trials: One dict a trial: ``number``, ``family``, ``config``, ``state``, ``curve`` (pairs of
            step and score), ``score`` (``None`` unless complete), ``reason``, ``seconds``.
        notes: Decisions of reading and splitting the data, one a sentence.
        real: Samples of the test split.
        fake: As many samples of the best model.
        provenance: Versions, hashes, seed, command: whatever makes the run repeatable.
    """

    data: str
    result: Result
    trials: Sequence[Trial]
    notes: Sequence[str] = ()
    real: Preview | None = None
    fake: Preview | None = None
    provenance: Mapping[str, Content] = field(default_factory=dict)


def render(page: ReportData) -> str:
    """The page as text, to be written to ``report.html``."""
    objective = _objective(page.result)
    body = join(
        [
            _top(page, objective),
            section("Samples beside real data", _samples(page)),
            section("How sure is it?", _figure(figures.finalists(page.result, objective), "finalists"),
                    comparison(page.result)),
            section("Does it copy?", copying(page.result)),
            section("The search", *_search(page, objective)),
            section("What mattered", *_mattered(page, objective)),
            section("Leaderboard", *_leaderboard(page, objective)),
            section("The data", _list(page.notes)),
            section("What failed, and why", _failures(page.trials)),
            section("To repeat it", facts(page.provenance, "provenance") if page.provenance else None),
        ]
    )  # fmt: skip
    style = files("autogen.report").joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            tag("title", f"autogen: {page.data}").html,
            f"<style>{style}</style>",
            f"<script>{library()}</script>",
            "</head><body><main>",
            body.html,
            "</main></body></html>\n",
        ]
    )


def _objective(result: Result) -> Objective:
    told = result["objective"]
    return Objective(told["name"], told["version"], told["direction"])


def _top(page: ReportData, objective: Objective) -> Markup:
    result, test = page.result, page.result["test"]
    pill = tag("span", result["verdict"], class_=f"pill {_mood(result)}")
    said = [tag("p", sentence, class_="lead") for sentence in explanation(result)]
    counted = result["trials"]
    ended = f"{counted['complete']} complete, {counted['pruned']} stopped early, {counted['failed']} failed"
    told = {
        "Metric": f"{objective.name}, version {objective.version}",
        "Test rows": _rows(result),
        "Training seeds": test["seeds"],
        "Configurations tried": result["configurations_tried"],
        "Trials": f"{counted['total']}: {ended}",
        "Time": duration(result["seconds"]),
    }
    return tag(
        "header",
        tag("p", "autogen · ", page.data, " ", pill, class_="crumb"),
        tag("h1", headline(result)),
        *said,
        score_bar(result),
        tag("aside", tag("strong", "Mind"), _list(result["warnings"])) if result["warnings"] else None,
        facts(told),
        folded("The winner's settings", facts(_settings(result["best"]["config"]), "provenance")),
    )


def _rows(result: Result) -> str:
    split = result["objective"]["split_sha256"]["test"]
    return f"{result['data']['rows']['test']:,}, split {split[:8]}"


def _mood(result: Result) -> str:
    if copies(result):
        return "bad"
    return {"winner": "good", "tie": "fair"}.get(result["verdict"], "bad")


def _settings(config: Mapping[str, Any]) -> dict[str, Content]:
    return {name: number(v) if isinstance(v, float) else str(v) for name, v in config.items()}


def _samples(page: ReportData) -> Content:
    shown = [("Generated", page.fake), ("Real, from the test split", page.real)]
    drawn = [_preview(name, preview) for name, preview in shown if preview is not None]
    wide = isinstance(page.fake, Rows)
    return tag("div", *drawn, class_="rows" if wide else "pair") if drawn else None


def _preview(name: str, preview: Preview) -> Markup:
    if isinstance(preview, bytes):
        return tag("figure", picture(preview, f"{name} samples"), tag("figcaption", name))
    rows = [[number(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in preview.rows]
    return tag("figure", tag("figcaption", name), table(preview.header, rows))


def _search(page: ReportData, objective: Objective) -> list[Content]:
    made = (figures.history, figures.curves, figures.families)
    return [_figure(make(page.trials, objective), make.__name__) for make in made]


def _mattered(page: ReportData, objective: Objective) -> list[Content]:
    family = str(page.result["best"]["family"])
    told = figures.slices(page.trials, family, objective)
    if not told:
        return []
    small = [_figure(plot, f"slice-{i}") for i, plot in enumerate(told)]
    about = (
        f"Trials of the {FAMILIES.get(family, family)} family alone, trained to the end; the parameters "
        "whose ranks go with the score's come first. Going together is not causing."
    )
    lines = _figure(figures.parallel(page.trials, family, objective), "parallel")
    return [tag("p", about), tag("div", *small, class_="grid"), lines]


def _figure(plot: Plot | None, name: str) -> Content:
    if plot is None:
        return None
    caption = tag("p", plot.caption, class_="caption") if plot.caption else None
    return tag("figure", tag("h3", plot.title), Markup(plot.to_html(name)), caption, class_="plot")


def _leaderboard(page: ReportData, objective: Objective) -> list[Content]:
    configs = {trial["number"]: trial["config"] for trial in page.trials}
    rows = leaderboard(page.trials, objective.direction)
    done = [row for row in rows if row["state"] == "complete"]
    header = ("", "Trial", "Family", "Tune score", "Seconds", "Settings")
    top = [
        (
            r["rank"],
            r["trial"],
            r["family"],
            number(r["score"]),
            f"{r['seconds']:.1f}",
            settings(configs[r["trial"]]),
        )
        for r in done[:SHOWN]
    ]
    every = [
        (
            r["trial"],
            r["family"],
            r["state"],
            number(r["last_score"]),
            r["steps"],
            f"{r['seconds']:.1f}",
            r["reason"],
        )
        for r in rows[:HELD]
    ]
    columns = ("Trial", "Family", "State", "Last score", "Steps", "Seconds", "Why it ended early")
    told = f"All {len(rows)} trials" if len(rows) <= HELD else f"The first {HELD} of {len(rows)} trials"
    return [
        tag("p", "Scores on the tune split, at full fidelity: only these could win."),
        table(header, top, numbers=(0, 1, 3, 4)),
        folded(told, table(columns, every, numbers=(0, 3, 4, 5))),
    ]


def _failures(trials: Sequence[Trial]) -> Content:
    reasons: dict[str, list[int]] = {}
    for trial in trials:
        if trial["state"] == "failed":
            reasons.setdefault(str(trial["reason"]), []).append(trial["number"])
    rows = [(reason, len(which), ", ".join(map(str, which[:20]))) for reason, which in reasons.items()]
    return table(("Reason", "Trials", "Which"), rows, numbers=(1,)) if rows else None


def _list(sentences: Sequence[str]) -> Content:
    return tag("ul", *(tag("li", sentence) for sentence in sentences)) if sentences else None


def duration(seconds: float) -> str:
    """A time as a person says it: ``48 s``, ``12 min 5 s``, ``3 h 20 min``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
