"""Scores of samples on the terminal: a table of metrics, the copy test, and what to keep in mind."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autogen.metrics.memorization.gate import Memorisation
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
    console.print(_copies(scores.memorisation), soft_wrap=True)
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


def _copies(gate: Memorisation | None) -> str:
    if gate is None:
        return "copies of train: not known; give --train the rows that the generator was fitted on"
    verdict = "passed" if gate.passed else "REFUSED: the samples copy train"
    return (
        f"copies of train: {verdict} (share nearer to train {gate.share:.3f}, p = {gate.p_value:.2g}; "
        f"copied {max(0.0, gate.copied):.1%}, p = {gate.copied_p_value:.2g})"
    )
