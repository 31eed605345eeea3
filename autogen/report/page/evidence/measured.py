"""Further measurements on the page: diagnostics beside real data and the best trivial baseline, and costs."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from autogen.errors import agreed, listed
from autogen.report.markup import Content, facts, folded, table, tag
from autogen.report.result import Result
from autogen.report.schema import Baseline, Contender, Efficiency, Finalist
from autogen.report.scores import number
from autogen.report.verdict import called

#: Costs in words, with their units.
COSTS = {
    "parameters": "parameters",
    "flops_per_sample": "FLOPs per sample",
    "latency_ms": "latency of one sample, ms",
    "throughput_per_s": "throughput, samples per second",
    "peak_memory_mb": "peak memory, MB",
    "train_seconds": "training, s",
    "threads": "torch threads",
}
#: Words before real samples in the name of their value, which stands among those of a model too.
_OF_REAL = " of real "


def diagnostics(result: Result) -> Content:
    """A table of further metrics: the returned model, real data, the best trivial baseline, other models."""
    models = [one for one in result.finalists if one.diagnostics]
    models.sort(key=lambda one: one.trial != result.best.trial)
    names = list(dict.fromkeys(name for one in models for name in one.diagnostics if _OF_REAL not in name))
    if not names:
        return None
    instead = result.best.name if result.best.trial is None else ""
    returned = [one for one in result.baselines if one.name == instead and one.diagnostics]
    beside = [one for one in result.baselines if one.role == "ceiling" or (one.trivial and one.diagnostics)]
    beside = [one for one in sorted(beside, key=lambda one: one.trivial) if one not in returned]
    entries: list[tuple[str, Contender]] = [(called(one), one) for one in models]
    entries[not returned : not returned] = [
        *((f"{one.name} (returned)", one) for one in returned),
        *((f"{called(one)}{' (trivial)' * one.trivial}", one) for one in beside),
    ]
    real = [one for one in beside if one.role == "ceiling"]
    cells = [[_value(one, name, models[0]) for _, one in entries] for name in names]
    kept = [i for i in range(len(entries)) if any(row[i] != "–" for row in cells)]
    header = ("Metric", *(entries[i][0] for i in kept), "Better is")
    rows = [
        (_spoken(name), *(row[i] for i in kept), _better(result, name))
        for name, row in zip(names, cells, strict=True)
    ]
    about = (
        "Further metrics on the test split, as means over the draws of samples; they never select a model."
    )
    about += " Compare a model with the real data beside it." * any(entries[i][1] in real for i in kept)
    known = {_spoken(name): result.about[name] for name in names if result.about.get(name)}
    return tag(
        "div",
        tag("h3", "Diagnostics"),
        tag("p", about, class_="caption"),
        table(header, rows, numbers=range(1, 1 + len(kept))),
        folded("What each of them measures", facts(known, "glossary")) if known else None,
        class_="measured",
    )


def not_returned(result: Result, what: str, measured: Sequence[Finalist]) -> Content:
    """Say of which models some figures are where the returned baseline has none; ``None`` where it has.

    Args:
        result: Result of the study.
        what: Name of the figures: ``diagnostics`` or ``costs``.
        measured: Finalists that have such figures.
    """
    best = result.best
    own = next((one for one in result.baselines if best.trial is None and one.name == best.name), None)
    has = own is not None and what == "diagnostics" and own.diagnostics
    if best.trial is not None or has or not measured:
        return None
    names = listed([called(one) for one in measured])
    which = agreed(len(measured), "which is", "which are")
    words = f"The {what} below are of {names}, {which} not returned: the baseline {called(best)} is."
    return tag("p", tag("strong", words))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _value(entry: Contender, name: str, first: Finalist) -> str:
    """Mean of a diagnostic; of real data also where it stands among the values of the first model."""
    found = entry.diagnostics.get(name)
    if found is None and isinstance(entry, Baseline) and entry.role == "ceiling":
        found = next((one for key, one in first.diagnostics.items() if key.startswith(name + _OF_REAL)), None)
    return "–" if found is None else number(found.mean)


def _better(result: Result, name: str) -> str:
    way = result.directions.get(name, "")
    return {"minimize": "lower", "maximize": "higher"}.get(way, "")


def costs(result: Result) -> Content:
    """A table of the costs of each finalist."""
    entries = [(one, _costs(one)) for one in result.finalists if one.efficiency]
    rows = [
        (words, *(_format(found.get(name)) or "–" for _, found in entries))
        for name, words in COSTS.items()
        if any(_format(found.get(name)) for _, found in entries)
    ]
    if not rows:
        return None
    figures = table(("", *(called(one) for one, _ in entries)), rows, numbers=range(1, 1 + len(entries)))
    return tag("div", tag("p", "Costs of each finalist.", class_="caption"), figures, class_="measured")


def _costs(entry: Finalist) -> Mapping[str, object]:
    found = entry.efficiency
    return {one.name: getattr(found, one.name) for one in fields(Efficiency)} if found else {}


def _format(value: object) -> str:
    """Format a number; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return f"{value:,}" if isinstance(value, int) else number(value)
