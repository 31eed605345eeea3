"""Scores of samples on the terminal: a table of metrics, the copy test, and what to keep in mind."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autogen.metrics.memorization.diversity import Diversity
from autogen.metrics.memorization.gate import Memorisation
from autogen.report.verdict import noticed
from autogen.verdict.external import Scored, Scores


def print_scores(scores: Scores) -> None:
    """Print scores for people."""
    console = Console(highlight=False)
    console.width = max(console.width, 100)  # a narrow terminal wraps the table, nothing cuts it
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric", overflow="fold")
    for name in ("score", "95 % interval", "better", "trivial", "real rows", "calibrated"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, scored in scores.metrics.items():
        table.add_row(Text(name), *_cells(scored))
    console.print(table)
    console.print()
    console.print(
        "calibrated: 0 is the best trivial baseline, 1 as good as real rows; none where chance explains what "
        "lies between these two",
        style="dim",
    )
    for line in (*_copies(scores.memorisation), *_repeats(scores.diversity)):
        console.print(line, soft_wrap=True)
    for name, found in scores.evidence.items():
        told = f"{_short(found['samples'])}, of unseen real ones {_short(found['unseen'])}"
        console.print(f"{name.replace('_', ' ')}: {told}", soft_wrap=True)
    for note in scores.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _cells(scored: Scored) -> list[str]:
    place = "none" if scored.calibrated is None else f"{scored.calibrated:.3f}"
    better = "lower" if scored.direction == "minimize" else "higher"
    numbers = [_short(scored.floor), _short(scored.ceiling)]
    return [_short(scored.mean), f"{_short(scored.low)} .. {_short(scored.high)}", better, *numbers, place]


def _short(value: float) -> str:
    return f"{value:.4g}"


def _copies(gate: Memorisation | None) -> list[str]:
    """Result of the memorization test, its power, and the distances to the closest training records."""
    if gate is None:
        return ["copies of train: not known; give --train the rows that the generator was fitted on"]
    verdict = "passed" if gate.passed else "REFUSED: the samples copy train"
    return [
        f"copies of train: {verdict} (share nearer to train {gate.share:.3f}, p = {gate.p_value:.2g}; "
        f"copied {max(0.0, gate.copied):.1%}, p = {gate.copied_p_value:.2g})",
        f"the test would notice {noticed(gate.found_from)}",
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
    """Result of the diversity test."""
    verdict = "passed" if found.passed else "REFUSED: the samples repeat each other"
    return [
        f"repeats: {verdict} ({found.near_duplicates} near duplicates among {found.samples} samples, "
        f"{found.real_near_duplicates} among as many real ones, p = {found.p_value:.2g})"
    ]
