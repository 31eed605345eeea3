"""The model card that is delivered with the best model."""

from collections.abc import Sequence
from typing import Any

from autogen.data.declaration import Declaration, declared
from autogen.report.hard_tests import Memorization
from autogen.report.page.evidence import unplaced
from autogen.report.page.judging import judging_lines
from autogen.report.result import Result
from autogen.report.schema import Efficiency, Scores
from autogen.report.verdict import FAMILIES, between, chance, compared, copies, mean_of, noticed, number

SCALE = "Normalized: 0 is the best trivial baseline, 1 as good as real data."


def card(result: Result) -> str:
    """The card as Markdown, from what ``result.json`` holds."""
    settings = (f"`{name}`: {value}" for name, value in result.best.config.items())
    parts = [
        f"# {_title(result)}",
        result.statement,
        _section("Intended use", _use(result)),
        _section("How to sample", _sampling(result)),
        _section("Rules that every sample keeps", *_rules(result)),
        _section("How good it is", *_scores(result)),
        _section("What judges think of its texts", "\n".join(judging_lines(result))),
        _section("Does it copy?", _copying(result)),
        _section("What it costs", _costs(result)),
        _section("Data", _data(result), _listed(result.data.notes)),
        _section("Limits", _listed(_limits(result))),
        _section("Settings", _listed(settings)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _declared(result: Result) -> Declaration:
    return declared(result.data.kind)


def _title(result: Result) -> str:
    family = result.best.family
    source = result.data.source.rstrip("/").rpartition("/")[2] or "data given in memory"
    return f"{source}: {FAMILIES.get(family, family)} generator"


def _section(title: str, *contents: str) -> str:
    """A heading and paragraphs; nothing where all are empty."""
    filled = [content for content in contents if content]
    return "\n\n".join([f"## {title}", *filled]) if filled else ""


def _listed(points: Any) -> str:
    return "\n".join(f"- {point}" for point in points)


def _use(result: Result) -> str:
    unit = _declared(result).plural
    if copies(result):
        return "**Do not use it**: its samples copy the training data."
    told = f"Draws new {unit} like those of the data below. It says nothing about other data"
    told += ", and no sample is the record of a real thing or person."
    if result.verdict == "baseline":
        better = " and ".join(compared(result, separated=False)) or "the best baseline"
        if result.best.trial is None:
            return f"{told} It is a baseline: no searched model was shown to beat {better}."
        told += f" It was not shown to be better than {better}."
    return told


def _sampling(result: Result) -> str:
    file = _declared(result).file
    shell = f"autogen sample RUN -n 1000 -o {file} --seed 0"
    python = 'import autogen\n\nautogen.load("RUN").sample(1000, seed=0)'
    return (
        f"RUN is the folder of the run, or this folder by itself from Python.\n\n"
        f"```sh\n{shell}\n```\n\n```python\n{python}\n```\n\nEqual seeds give equal samples."
    )


def _rules(result: Result) -> list[str]:
    """Binding rules of a table, with what a count on samples says."""
    if not result.rules:
        return []
    lines = [
        f"- `{one.rule}`: {'none' if not one.synthetic else f'**{100 * one.synthetic:.2g} %**'} of "
        f"{one.rows:,} samples that it speaks of break it"
        for one in result.rules
    ]
    about = "Samples keep them by construction: a column is looked up, or its distance from another is drawn."
    return ["\n".join(lines), about]


def _scores(result: Result) -> list[str]:
    """The score of the config with its interval, beside what bounds it, and what it rests on."""
    best, test, objective = result.best, result.test, result.objective
    better = "lower" if objective.direction == "minimize" else "higher"
    name = "this configuration" if result.claim == "recipe" else "this model"
    rows: list[tuple[str, Scores]] = [(name, test)]
    rows += [
        (one.name + " (it copies)" * bool(one.excluded), one)
        for one in result.baselines
        if one.role in ("baseline", "ceiling")
    ]
    head = f"| | {objective.name} | 95 % interval | calibrated |\n|---|---|---|---|"
    lines = [
        f"| {name} | {mean_of(e)} | {between(e)} | {_scaled(e)} |" for name, e in rows if e.mean is not None
    ]
    unit = _declared(result).plural
    about = (
        f"`{objective.name}`, version {objective.version}, {better} is better, on "
        f"{result.data.rows['test']:,} test {unit} that neither training nor search has seen. "
        + (f"No normalized score: {unplaced(test)}" if test.calibrated is None else SCALE)
    )
    if result.claim == "recipe":
        rests = (
            f"The mean is over {test.seeds} trainings with fresh seeds; the model in this folder is one "
            f"of them, its own score is {number(best.test_score)}."
        )
    else:
        rests = f"The score is that of the model in this folder, over {test.seeds} draws of samples."
    rests += f" {result.configurations_tried} configurations were tried to find it."
    return [about, "\n".join([head, *lines]), rests]


def _scaled(entry: Scores) -> str:
    value, low, high = entry.calibrated, entry.calibrated_low, entry.calibrated_high
    if value is None:
        return "–"
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _copying(result: Result) -> str:
    gate = result.memorisation
    if not gate:
        return "Not tested."
    verb = "passes" if gate.passed else "**fails**"
    return (
        f"{100 * gate.share:.0f} % of its samples lie nearer to training samples than to equally many "
        f"unseen ones (50 % is what chance gives, p {chance(gate.p_value)} for more than 55 %): it {verb} "
        f"the memorization test. {_power(gate)}That is a check, not a guarantee of privacy."
        f"{_diversity(result)}"
    )


def _power(gate: Memorization) -> str:
    """What the memorization test would have found, where the record tells."""
    if gate.samples is None:
        return ""
    return f"With a probability of .8 it would have noticed {noticed(gate.found_from)}. "


def _diversity(result: Result) -> str:
    """Result of the diversity test, where there is one."""
    found = result.diversity
    if found is None:
        return ""
    verb = "passes" if found.passed else "**fails**"
    return (
        f" {found.near_duplicates} of {found.samples} samples are near duplicates of other samples, "
        f"against {found.real_near_duplicates} of as many real ones: it {verb} the diversity test."
    )


def _costs(result: Result) -> str:
    """Size and speed, as far as they were measured."""
    own = [one.efficiency for one in result.finalists if one.trial == result.best.trial]
    costs = (own[0] if own else None) or Efficiency()
    parts = [f"{result.best.parameters:,} parameters"]
    forms = {"latency_ms": "{:.3g} ms a sample", "throughput_per_s": "{:,.0f} samples a second at best"}
    forms |= {"peak_memory_mb": "{:.3g} MB at most", "train_seconds": "{:.3g} s of training"}
    parts += [
        form.format(found) for name, form in forms.items() if (found := getattr(costs, name)) is not None
    ]
    where = f", measured on {costs.device} with {costs.threads} thread" if costs.device else ""
    return f"{'; '.join(parts)}{where}{'s' * (bool(where) and costs.threads != 1)}."


def _data(result: Result) -> str:
    data = result.data
    trained = f"{data.rows['train']:,} {_declared(result).plural}"
    return f"{data.source} ({data.kind}), trained on {trained}; sha256 `{data.sha256}`."


def _limits(result: Result) -> Sequence[str]:
    known = _declared(result).limits
    general = "The score is one metric on one data set; it is no promise for the use you have in mind."
    return [*(w[:1].upper() + w[1:] + "." * (not w.endswith(".")) for w in result.warnings),
            *([known] if known else []), general]  # fmt: skip
