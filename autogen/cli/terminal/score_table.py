"""Scores of samples on the terminal: a table of metrics, the hard tests, relations and notes."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autogen.cli.terminal.width import widen
from autogen.metrics.memorization.diversity import Diversity
from autogen.metrics.memorization.gate import Memorization
from autogen.metrics.tables.relations import Relations
from autogen.report.hard_tests import noticed
from autogen.verdict.external import Scored, Scores

#: Most rules and pairs of columns that are printed; ``--json`` has all of them.
RULES, PAIRS = 10, 6


def print_scores(scores: Scores) -> None:
    """Print scores as tables and sentences."""
    console = Console(highlight=False)
    table = _table("metric", "score", "95 % interval", "better", "trivial", "real rows", "normalized")
    for name, scored in scores.metrics.items():
        table.add_row(Text(name), *_cells(scored))
    widen(console, table)
    console.print(table)
    console.print()
    console.print(
        "normalized: 0 is the best trivial baseline, 1 is real rows; none if chance explains their gap",
        style="dim",
    )
    for line in (*_copies(scores.memorisation), *_repeats(scores.diversity)):
        console.print(line, soft_wrap=True)
    for name, found in scores.evidence.items():
        values = f"{_short(found['samples'])}, of unseen real ones {_short(found['unseen'])}"
        console.print(f"{name.replace('_', ' ')}: {values}", soft_wrap=True)
    if scores.relations is not None:
        _print_relations(console, scores.relations)
    for note in scores.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _print_relations(console: Console, found: Relations) -> None:
    """Print the rules, the pairs of columns that differ most, and the utility."""
    if found.binding:
        given = _table("rules as given", "samples that break it", "real rows that break it")
        for binding in found.binding:
            shares = (
                "no such rows" if one is None else f"{one:.1%}"
                for one in (binding.synthetic, binding.holdout)
            )
            given.add_row(Text(binding.rule.text), *shares)
        console.print()
        console.print(given)
    if found.rules:
        rules = _table("rules of the real rows", "samples that break it", "real rows that break it")
        for check in found.rules[:RULES]:
            share = "no such rows" if check.synthetic is None else f"{check.synthetic:.1%}"
            rules.add_row(Text(check.rule.text), share, f"{check.holdout:.1%}")
        console.print()
        console.print(rules)
    pairs = _table("most different pairs (association)", "train", "real rows", "samples", "excess")
    for pair in found.pairs.pairs[:PAIRS]:
        numbers = (f"{value:.2f}" for value in (pair.real, pair.holdout, pair.synthetic, pair.excess))
        pairs.add_row(Text(" and ".join(pair.columns)), *numbers)
    if pairs.rows:
        console.print()
        console.print(pairs)
        console.print(
            "excess: by how much more samples differ from train than real rows do; the largest first",
            style="dim",
        )
    console.print()
    if found.utility is not None:
        console.print(f"utility: {found.utility}", markup=False, soft_wrap=True)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(scored: Scored) -> list[str]:
    score, interval, better, place = scored.cells()
    return [score, interval, better, _short(scored.floor), _short(scored.ceiling), place]


def _short(value: float) -> str:
    return f"{value:.4g}"


def _copies(gate: Memorization | None) -> list[str]:
    """Lines of the memorization test: result, power, and distances to the closest training records."""
    if gate is None:
        return ["memorization test: not done; give --train the rows that the generator was fitted on"]
    verdict = "passed" if gate.passed else "REFUSED: the samples copy train"
    return [
        f"memorization test: {verdict} (share nearer to train {gate.share:.3f}, p = {gate.p_value:.2g}; "
        f"copied {max(0.0, gate.copied):.1%}, p = {gate.copied_p_value:.2g})",
        f"it would refuse {noticed(gate.found_from)}",
        *(
            f"{label}: median {_short(own[1])}, 5th percentile {_short(own[0])}; "
            f"of unseen real ones {_short(real[1])}, {_short(real[0])}"
            for label, own, real in (
                (
                    "distance to the closest training record (DCR)",
                    (gate.dcr_p5, gate.dcr_median),
                    (gate.holdout_dcr_p5, gate.holdout_dcr_median),
                ),
                (
                    "nearest-neighbor distance ratio (NNDR)",
                    (gate.nndr_p5, gate.nndr_median),
                    (gate.holdout_nndr_p5, gate.holdout_nndr_median),
                ),
            )
        ),
    ]


def _repeats(found: Diversity) -> list[str]:
    """Line of the diversity test."""
    verdict = "passed" if found.passed else "REFUSED: the samples repeat each other"
    return [
        f"diversity test: {verdict} ({found.near_duplicates} near duplicates among {found.samples} samples, "
        f"{found.real_near_duplicates} among as many real ones, p = {found.p_value:.2g})"
    ]
