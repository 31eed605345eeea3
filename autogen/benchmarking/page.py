"""The page of a benchmark: tables and figures in one file that needs no network."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from autogen.benchmarking.cells import REAL_ROWS, Role
from autogen.benchmarking.figures import against_cost, critical_differences, quality, scaling
from autogen.benchmarking.outcome import BEST_BASELINE, Outcome
from autogen.benchmarking.ranks import ALPHA, Ranks
from autogen.benchmarking.tables import Mean, Scale
from autogen.errors import agreed, counted
from autogen.report.markup import (
    Content,
    Markup,
    duration,
    facts,
    folded,
    join,
    section,
    sentences,
    table,
    tag,
)
from autogen.report.page.document import document
from autogen.report.page.figure import drawn
from autogen.report.schema import Interval
from autogen.report.scores import between, mean_of, number


def render(outcome: Outcome, about: Mapping[str, Any]) -> str:
    """Render the page as HTML.

    Args:
        outcome: Outcome of the benchmark.
        about: ``versions`` by name and ``written``, the time in ISO 8601.
    """
    title = f"Benchmark {outcome.plan.name}"
    contents = [
        tag("p", f"autogen benchmark · {outcome.plan.name} · {_minute(about['written'])}", class_="crumb"),
        tag("h1", _headline(outcome)),
        tag("p", outcome.plan.about, class_="lead") if outcome.plan.about else None,
        _at_a_glance(outcome),
        _missing(outcome),
        section("Ranking", *_ranking(outcome.ranks)),
        section("Quality", drawn(quality(outcome), "quality"), _matrix(outcome), _reading()),
        section("Scores", *(_set(outcome, data, scale) for data, scale in outcome.scales.items())),
        section("Quality against cost", *_costs(outcome)),
        section("Scaling", *_scaling(outcome)),
        section("Failures", _failures(outcome)),
        section("The data", _data(outcome)),
        section("Versions", facts({name: str(v) for name, v in about["versions"].items()}, "provenance")),
    ]
    return document(title, contents)


def _minute(written: str) -> str:
    """Format a time in ISO 8601 for readers."""
    return f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M %Z}".strip()


def _headline(outcome: Outcome) -> str:
    """State the best model, and whether the difference is significant."""
    ranks = outcome.ranks
    if not set(ranks.names) - {BEST_BASELINE}:
        return "No model has scores on every data set"
    count = len(ranks.sets)
    best = f"Best mean rank over {counted(count, 'data set')}: {ranks.names[0]}"
    if ranks.p_value is None:
        return f"{best} (too few models or data sets for a test)"
    if ranks.p_value > ALPHA:
        return f"{best} (not significant)"
    near = next((clique[1:] for clique in ranks.cliques if clique[0] == ranks.names[0]), ())
    return f"{best} (no significant difference from {', '.join(near)})" if near else best


def _at_a_glance(outcome: Outcome) -> Markup:
    """Summarize the benchmark in a few figures."""
    entries = outcome.entries
    done = sum(entry.state == "complete" for entry in entries)
    return facts(
        {
            "Data sets": len(outcome.scales),
            "Models": ", ".join(model.name for model in outcome.plan.models),
            "Seeds": outcome.plan.seeds,
            "Cells completed": f"{done} of {len(entries)}",
            "Training": duration(sum(entry.scored.seconds for entry in entries if entry.scored)),
            "Data sets left out": len(outcome.absent),
        }
    )


def _missing(outcome: Outcome) -> Content:
    """Name the data sets that are left out and the cells that have not ended."""
    lines = [f"{name}: {reason}." for name, reason in outcome.absent.items()]
    if count := outcome.waiting:
        cells = f"{counted(count, 'cell')} {agreed(count, 'has', 'have')}"
        lines.insert(0, f"{cells} not run yet; the same command resumes the benchmark.")
    return tag("aside", tag("strong", "Not complete"), sentences(lines)) if lines else None


def _ranking(ranks: Ranks) -> Iterable[Content]:
    yield drawn(critical_differences(ranks), "ranks")
    if not ranks.names:
        return
    yield table(
        ("", "Mean rank", *(() if len(ranks.sets) > 6 else ranks.sets)),
        [
            (name, f"{mean:.2f}", *(() if len(ranks.sets) > 6 else (f"{r[i]:g}" for r in ranks.by_set)))
            for i, (name, mean) in enumerate(zip(ranks.names, ranks.means, strict=True))
        ],
        numbers=(1, *(() if len(ranks.sets) > 6 else range(2, 2 + len(ranks.sets)))),
    )
    words = [
        "Ranks are of normalized scores, averaged over seeds, of models trained on all rows for all steps. A "
        "model that failed on a seed, or that a hard test refused on most seeds, ranks last.",
        f"«{BEST_BASELINE}» is the best of each data set, chosen by the same test scores, which favors it.",
    ]
    yield tag("p", _tested(ranks))
    yield tag("p", " ".join(words), class_="caption")
    if ranks.pairs:
        rows = [
            (pair.better, pair.worse, f"{pair.wins:g} of {len(ranks.sets)}", f"{pair.adjusted_p:.3f}")
            for pair in ranks.pairs
        ]
        header = ("Better rank", "Than", "Better on", "p (Wilcoxon, Holm)")
        yield folded("Pairs of models", table(header, rows, numbers=(2, 3)))


def _tested(ranks: Ranks) -> str:
    if ranks.p_value is None:
        return f"There is no test of ranks. {ranks.note}"
    verdict = (
        "mean ranks differ significantly"
        if ranks.p_value <= ALPHA
        else "mean ranks do not differ significantly"
    )
    chance = "below .001" if ranks.p_value < 0.001 else f"{ranks.p_value:.3f}"
    return (
        f"Friedman's test over {len(ranks.sets)} data sets: chi-square {ranks.statistic:.2f}, p {chance} "
        f"(Iman-Davenport correction): {verdict}."
    )


def _matrix(outcome: Outcome) -> Content:
    """Build the table of normalized scores: data sets down, models across."""
    models = [model.name for model in outcome.plan.models]
    full = {(m.data, m.model): m for m in outcome.means if m.full and m.role is Role.MODEL}
    rows = []
    for data in outcome.scales:
        best = outcome.best_baseline(data)
        cells = [_calibrated(full.get((data, model))) for model in models]
        rows.append((data, *cells, _calibrated(best), best.model if best else ""))
    header = ("Normalized score", *models, BEST_BASELINE, "Which baseline")
    return table(header, rows, numbers=range(1, len(models) + 2))


def _reading() -> Markup:
    return tag(
        "p",
        "0 is the best trivial baseline, 1 as good as an equal number of real rows. Intervals are at 95 %, "
        "over training seeds and test rows. «refused»: refused by a hard test on most seeds.",
        class_="caption",
    )


def _set(outcome: Outcome, data: str, scale: Scale) -> Markup:
    """Build the table of a data set: models and baselines, the best first, and real rows."""
    loss = scale.objective.loss
    means = [mean for mean in outcome.means if mean.data == data and mean.full]
    means.sort(key=lambda mean: loss(mean.score.mean) if mean.score else float("inf"))
    rows: list[tuple[Content, ...]] = [_line(mean) for mean in means]
    rows.append((REAL_ROWS, number(scale.ceiling), "", "1.00", "", "", "", ""))
    header = ("", "Mean score", "95 % interval", "Normalized", "Seeds", "Copies?", "Train s", "Latency ms")
    better = "lower" if scale.objective.direction == "minimize" else "higher"
    heading = tag("h3", f"{data}: {scale.objective.name}, {better} is better")
    return tag("div", heading, table(header, rows, numbers=range(1, 8)), class_="measured")


def _line(mean: Mean) -> tuple[Content, ...]:
    name = mean.model if mean.role is Role.MODEL else f"{mean.model} ({mean.role})"
    seeds = f"{mean.seeds}" + (f", {mean.failed} failed" if mean.failed else "")
    found = mean.score
    score = None if found is None else Interval(mean=found.mean, low=found.low, high=found.high)
    return (
        tag("strong", name) if mean.role is Role.MODEL else name,
        "" if score is None else mean_of(score),
        "" if score is None else between(score),
        "" if mean.calibrated is None else f"{mean.calibrated[0]:.2f}",
        seeds,
        mean.copies,
        "" if mean.seconds is None else f"{mean.seconds:.1f}",
        "" if not mean.cost else f"{mean.cost.latency_ms:.2f}",
    )


def _calibrated(mean: Mean | None) -> str:
    """Format a normalized score with its interval."""
    if mean is None or mean.score is None:
        return "" if mean is None or not mean.failed else "failed"
    if mean.calibrated is None:
        return "no scale"
    text = f"{mean.calibrated[0]:.2f} ({mean.calibrated[1]:.2f} to {mean.calibrated[2]:.2f})"
    return f"{text} refused" if mean.refused else text


def _costs(outcome: Outcome) -> Iterable[Content]:
    for what in ("latency", "memory", "training"):
        yield drawn(against_cost(outcome, what), what)


def _scaling(outcome: Outcome) -> Iterable[Content]:
    for by in ("rows", "steps"):
        yield drawn(scaling(outcome, by), f"scaling-{by}")


def _failures(outcome: Outcome) -> Content:
    failed = [entry for entry in outcome.entries if entry.state not in ("complete", "waiting")]
    if not failed:
        return None
    rows = [(e.cell.data, e.cell.model, e.cell.seed, e.cell.rows, e.cell.steps, e.reason) for e in failed]
    return table(("Data", "Model", "Seed", "Rows", "Steps", "Reason"), rows, numbers=(2, 3, 4))


def _data(outcome: Outcome) -> Content:
    rows = [
        (name, scale.kind, *(outcome.facts[name]["rows"][split] for split in ("train", "test")),
         number(scale.floor), number(scale.ceiling), tag("code", outcome.facts[name]["sha256"][:16]))
        for name, scale in outcome.scales.items()
    ]  # fmt: skip
    header = ("", "Kind", "Train rows", "Test rows", "Floor", "Ceiling", "Sha256")
    return join([table(header, rows, numbers=(2, 3, 4, 5))])
