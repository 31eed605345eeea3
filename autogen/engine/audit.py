"""Reads a run's journal and says what is wrong with it: trials lost, or counted twice."""

from collections import Counter
from pathlib import Path

from autogen.engine.run_folder import RunFolder
from autogen.hpo.study.journal import Record, read


def audit(run: Path) -> list[str]:
    """Check that every trial was asked once and ended once.

    Args:
        run: Folder of a run.

    Returns:
        One sentence a finding; none for a sound journal.

    Raises:
        RunError: no run there, or no journal that can be read.
    """
    records = read(RunFolder.open(run).journal)
    asked = [record["n"] for record in records if record["e"] == "ask"]
    ended = Counter(record["n"] for record in records if record["e"] == "end")
    known = set(asked)
    findings = (
        [] if asked == list(range(len(asked))) else ["trials are not numbered 0, 1, 2 ... in the order asked"]
    )
    findings += [f"trial {n} has not ended" for n in asked if not ended[n]]
    findings += [f"trial {n} ended {count} times" for n, count in ended.items() if count > 1]
    findings += [f"trial {n} ended but was never asked" for n in ended if n not in known]
    return findings + _rungs(records)


def _rungs(records: list[Record]) -> list[str]:
    """Rungs that were measured twice, but for trials that were begun anew with fewer steps."""
    cuts = Counter[int]()
    measured = Counter[tuple[int, int, int]]()
    for record in records:
        if record["e"] == "cut":
            cuts[record["n"]] += 1
        elif record["e"] == "rung":
            measured[record["n"], record["step"], cuts[record["n"]]] += 1
    return [f"trial {n} was measured {c} times at step {s}" for (n, s, _), c in measured.items() if c > 1]
