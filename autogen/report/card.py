"""The model card that is delivered with the best model."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from autogen.data.declaration import Declaration, declared
from autogen.errors import agreed, counted
from autogen.privacy.guarantee import Guarantee
from autogen.report.hard_tests import Memorization, noticed
from autogen.report.markup import sentence
from autogen.report.page.evidence.judging import judging_lines
from autogen.report.page.evidence.scale import unplaced
from autogen.report.page.findings import DRAWN, sample_command
from autogen.report.result import Result
from autogen.report.schema import Efficiency, Scores
from autogen.report.scores import between, chance, mean_of, normalized, number
from autogen.report.verdict import FAMILIES, called, compared, copies

#: Setting that names the base of a model, ``autogen.families.based.BASE``: families are no lower layer.
_BASE = "model.base"

SCALE = "Normalized: 0 is the best trivial baseline, 1 is real data."


def card(result: Result, *, real_rows: bool = True) -> str:
    """Write the card as Markdown.

    Args:
        result: Result of the study.
        real_rows: False for a card of a folder that no file with real samples is put into.
    """
    settings = (f"`{name}`: {value}" for name, value in result.best.config.items())
    if result.privacy:
        return _private(result, result.privacy, settings)
    parts = [
        f"# {_title(result)}",
        result.statement,
        _section("Intended use", _use(result)),
        _section("How to sample", _sampling(result)),
        _section("Rules that every sample keeps", *_rules(result)),
        _section("How good it is", *_scores(result)),
        _section("Grades by judges", "\n".join(judging_lines(result))),
        _section("Memorization and diversity", f"{_copying(result)} {_preview(real_rows)}"),
        _section("What it costs", _costs(result)),
        _section("Data", _data(result), _listed(map(_plain, result.not_warned(result.data.notes)))),
        _section("Limits", _listed(_limits(result))),
        _section("Settings", _listed(settings)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _private(result: Result, guarantee: Guarantee, settings: Iterable[str]) -> str:
    """Write the card of a model with a guarantee, without scores and notes: these have no noise."""
    lines = guarantee.lines()
    about = (
        "This folder may be published under this guarantee, and no other file of the run. How good the model "
        "is stands in `report.html` of the run, which is for the owner of the data alone."
    )
    parts = [
        f"# {_title(result)}",
        _section("Privacy", f"**{_plain(guarantee.headline())}.** {about}", _listed(map(_plain, lines))),
        _section("How to sample", _sampling(result)),
        _section("Limits", _listed([_declared(result).limits] if _declared(result).limits else [])),
        _section("Settings", _listed(settings)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _declared(result: Result) -> Declaration:
    return declared(result.data.kind)


def _title(result: Result) -> str:
    family = result.best.family
    source = result.data.source.rstrip("/").rpartition("/")[2] or "data given in memory"
    return f"{_plain(source)}: {_plain(FAMILIES.get(family, family))} generator"


def _section(title: str, *contents: str) -> str:
    """A heading and paragraphs; empty if all are."""
    filled = [content for content in contents if content]
    return "\n\n".join([f"## {title}", *filled]) if filled else ""


def _listed(points: Any) -> str:
    return "\n".join(f"- {point}" for point in points)


def _use(result: Result) -> str:
    unit = _declared(result).plural
    if copies(result):
        return "**Do not use it**: its samples copy the training data."
    knows = "It knows no other data."
    if _BASE in result.best.config:
        knows = "It adapts a pre-trained model and may write what that one was trained on."
    use = f"Draws new {unit} like those of the data below. {knows}"
    if result.verdict == "baseline":
        if result.best.baseline and result.start is not None:
            return (
                f"{use} It is the model of the earlier run {_plain(result.start.source)}, which the update "
                "keeps: no newly trained model was shown to beat it."
            )
        better = " and ".join(compared(result, separated=False)) or "the best baseline"
        if result.best.trial is None:
            return f"{use} It is a baseline: no searched model was shown to beat {better}."
        use += f" It was not shown to be better than {better}."
    return use


def _sampling(result: Result) -> str:
    file = _declared(result).file
    shell = f"{sample_command('RUN', file)} --seed 0"
    python = f'import autogen\n\nautogen.load("RUN").sample({DRAWN}, seed=0)'
    needs = ""
    if _BASE in (config := result.best.config):
        needs = (
            f"It needs its base model {_code(PurePath(str(config[_BASE])).name)} with sha256 "
            f"`{str(config.get('model.sha256', ''))[:12]}` (as autogen counts it), and autogen's extra `hf` "
            "(transformers, peft). Name the folder of the base model, or its parent folder, if it is not "
            "at the place that it was trained from: `export AUTOGEN_PRETRAINED=FOLDER`.\n\n"
        )
    return (
        f"RUN is the folder of the run, or this folder alone.\n\n{needs}"
        f"```sh\n{shell}\n```\n\n```python\n{python}\n```\n\nEqual seeds give equal samples."
    )


def _rules(result: Result) -> list[str]:
    """Binding rules of a table, with what a count on samples says."""
    if not result.rules:
        return []
    lines = [
        f"- {_code(one.rule)}: {f'**{number(100 * one.synthetic)} %**' if one.synthetic else 'none'} of "
        f"{counted(one.rows, 'sample')} that it applies to break it"
        for one in result.rules
    ]
    about = "Samples keep them by construction: a column is looked up, or its distance from another is drawn."
    return ["\n".join(lines), about]


def _plain(text: str) -> str:
    """Write a text in one line that Markdown and HTML show as it is."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", " ".join(text.splitlines()))


def _code(text: str) -> str:
    """Write a text as code, whatever backticks and ends of line it holds."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " * (text[:1] == "`" or text[-1:] == "`")
    return f"{fence}{space}{' '.join(text.splitlines())}{space}{fence}"


def _scores(result: Result) -> list[str]:
    """The score with its interval beside baselines and real rows, and the number of draws or seeds."""
    best, test, objective = result.best, result.test, result.objective
    better = "lower" if objective.direction == "minimize" else "higher"
    name = "this configuration" if result.claim == "recipe" else "this model"
    rows: list[tuple[str, Scores]] = [(name, test)]
    rows += [
        (f"{called(one)}{' (refused)' * bool(one.excluded)}{' (trivial)' * one.trivial}", one)
        for one in result.baselines
        if one.role in ("baseline", "ceiling")
    ]
    head = f"| | {objective.name} | 95 % interval | normalized |\n|---|---|---|---|"
    lines = [
        f"| {name} | {mean_of(e)} | {between(e)} | {normalized(e)} |"
        for name, e in rows
        if e.mean is not None
    ]
    unit = _declared(result).plural
    about = (
        f"`{objective.name}`, version {objective.version}, {better} is better, on "
        f"{result.data.rows['test']:,} test {unit} that neither training nor search has seen. "
        + (f"No normalized score: {unplaced(test)}" if test.calibrated is None else SCALE)
    )
    if result.claim == "recipe":
        basis = (
            f"The mean is over {test.seeds} trainings on fresh seeds; the model in this folder is one of "
            f"them and scores {number(best.test_score)}."
        )
    else:
        basis = (
            f"The score is that of the model in this folder, over {counted(test.seeds, 'draw')} of samples."
        )
    tried, whole = result.configurations_tried, result.trials.complete
    basis += f" {counted(tried, 'configuration')} {agreed(tried, 'was', 'were')} tried to find it"
    basis += f", {whole} of them to the end." if whole < tried else "."
    measures = _plain(result.about.get(objective.name, ""))
    return [about, measures, "\n".join([head, *lines]), basis]


def _copying(result: Result) -> str:
    gate = result.memorisation
    if not gate:
        return "Not tested."
    verb = "passes" if gate.passed else "**fails**"
    copied = ""
    if gate.copied is not None:
        share = 100 * max(0.0, gate.copied)
        copied = f", and {share:.0f} % are nearly equal to one (p {chance(gate.copied_p_value)})"
    return (
        f"{100 * gate.share:.0f} % of its samples lie nearer to training samples than to equally many unseen "
        f"ones (50 % by chance; p {chance(gate.p_value)} for more than 55 %){copied}: it {verb} the "
        f"memorization test. {_power(gate)}This is a test, not a guarantee of privacy.{_diversity(result)}"
    )


def _preview(real_rows: bool) -> str:
    """Say what to do with the preview of real samples, if there may be one."""
    if not real_rows:
        return "No real samples are in this folder."
    return (
        "Files `real.*` in this folder, if there are any, hold real samples of the test split: remove them "
        "where the data must not be passed on."
    )


def _power(gate: Memorization) -> str:
    """Sentence on the power of the memorization test; empty for files of the first autogen."""
    if gate.samples is None:
        return ""
    return f"Power: with a probability of 80 % it would refuse {noticed(gate.found_from)}. "


def _diversity(result: Result) -> str:
    """Sentence on the diversity test; empty if it was not done."""
    found = result.diversity
    if found is None:
        return ""
    verb = "passes" if found.passed else "**fails**"
    return (
        f" {found.near_duplicates} of {found.samples} samples "
        f"{agreed(found.near_duplicates, 'is a near duplicate', 'are near duplicates')} of other samples, "
        f"against {found.real_near_duplicates} of as many real ones: it {verb} the diversity test."
    )


def _costs(result: Result) -> str:
    """Size and speed, if they were measured."""
    own = [one.efficiency for one in result.finalists if one.trial == result.best.trial]
    costs = (own[0] if own else None) or Efficiency()
    parts = [f"{result.best.parameters:,} parameters"]
    forms = {"latency_ms": "{:.3g} ms per sample", "throughput_per_s": "{:,.0f} samples per second"}
    forms |= {"peak_memory_mb": "{:.3g} MB peak memory", "train_seconds": "{:.3g} s of training"}
    parts += [
        form.format(found) for name, form in forms.items() if (found := getattr(costs, name)) is not None
    ]
    where = (
        f", measured on {costs.device} with {counted(costs.threads or 1, 'thread')}" if costs.device else ""
    )
    return f"{'; '.join(parts)}{where}."


def _data(result: Result) -> str:
    data = result.data
    trained = f"{data.rows['train']:,} {_declared(result).plural}"
    return (
        f"{_plain(PurePath(data.source).name)} ({data.kind}), trained on {trained}. SHA-256 of the content "
        "of all rows, whatever their order (not that of the file, so `sha256sum` gives another one): "
        f"`{data.sha256}`."
    )


def _limits(result: Result) -> Sequence[str]:
    known = _declared(result).limits
    general = "The score is one metric on one data set, and no promise for another use."
    return [*(_plain(sentence(w)) for w in result.warnings),
            *([known] if known else []), general]  # fmt: skip
