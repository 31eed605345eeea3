"""Scores of samples on the terminal: a table of metrics, the copy test, and what to keep in mind."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autogen.metrics.memorization.gate import Memorisation
from autogen.metrics.tables.relations import Relations
from autogen.verdict.external import Scored, Scores

#: Rules and pairs of columns that are printed; all of them stand in --json and in the report.
RULES, PAIRS = 10, 6


def print_scores(scores: Scores) -> None:
    """Print scores for people."""
    console = Console(highlight=False)
    console.width = max(console.width, 100)  # a narrow terminal wraps the table, nothing cuts it
    table = _table("metric", "score", "95 % interval", "better", "trivial", "real rows", "calibrated")
    for name, scored in scores.metrics.items():
        table.add_row(Text(name), *_cells(scored))
    console.print(table)
    console.print()
    console.print(
        "calibrated: 0 is the best trivial baseline, 1 as good as real rows; none where chance explains what "
        "lies between these two",
        style="dim",
    )
    console.print(_copies(scores.memorisation), soft_wrap=True)
    for name, found in scores.evidence.items():
        told = f"{_short(found['samples'])}, of unseen real ones {_short(found['unseen'])}"
        console.print(f"{name.replace('_', ' ')}: {told}", soft_wrap=True)
    if scores.relations is not None:
        _print_relations(console, scores.relations)
    for note in scores.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _print_relations(console: Console, found: Relations) -> None:
    """Print the rules, the pairs of columns that are most off, and the utility."""
    if found.rules:
        rules = _table("rules of the real rows", "samples that break it", "real rows that do")
        for check in found.rules[:RULES]:
            share = "none to judge" if check.synthetic is None else f"{check.synthetic:.1%}"
            rules.add_row(Text(check.rule.text), share, f"{check.holdout:.1%}")
        console.print()
        console.print(rules)
    pairs = _table("pairs most off (association)", "train", "real rows", "samples")
    for pair in found.pairs.pairs[:PAIRS]:
        numbers = (f"{value:.2f}" for value in (pair.real, pair.holdout, pair.synthetic))
        pairs.add_row(Text(" and ".join(pair.columns)), *numbers)
    if pairs.rows:
        console.print()
        console.print(pairs)
    console.print()
    if found.utility is not None:
        told = found.utility
        console.print(
            f"utility: {told.measure} for {told.target} on real rows {told.synthetic:.3f} trained on "
            f"samples, {told.real:.3f} trained on real rows ({told.ratio:.0%})",
            markup=False,
            soft_wrap=True,
        )


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(scored: Scored) -> list[str]:
    place = "none" if scored.calibrated is None else f"{scored.calibrated:.3f}"
    better = "lower" if scored.direction == "minimize" else "higher"
    numbers = [_short(scored.floor), _short(scored.ceiling)]
    return [_short(scored.mean), f"{_short(scored.low)} .. {_short(scored.high)}", better, *numbers, place]


def _short(value: float) -> str:
    return f"{value:.4g}"


def _copies(gate: Memorisation | None) -> str:
    if gate is None:
        return "copies of train: not known; give --train the rows that the generator was fitted on"
    verdict = "passed" if gate.passed else "REFUSED: the samples copy train"
    return (
        f"copies of train: {verdict} (share nearer to train {gate.share:.3f}, p = {gate.p_value:.2g}; "
        f"copied {max(0.0, gate.copied):.1%}, p = {gate.copied_p_value:.2g})"
    )
